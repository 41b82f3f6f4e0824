"""Every released bundle, byte for byte, and the index of them; no code."""
