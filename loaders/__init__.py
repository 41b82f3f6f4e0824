"""Descriptor to polars frame; joined views; search. Imports neither pandera nor any room above it."""
