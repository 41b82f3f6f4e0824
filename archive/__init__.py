"""The zip of every release, byte for byte, and the index of them; no code."""
