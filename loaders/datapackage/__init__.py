"""Read any data package: its descriptor, its files, and the text and types of their cells."""
