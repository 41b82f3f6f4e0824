"""A release: its artifacts, its metadata, and the folder that holds them."""
