"""Writes the tables for other programs and for people who do not program."""
