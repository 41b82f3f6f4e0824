"""The largest number of rows of an Excel worksheet, and of characters in a cell."""

MAX_ROWS = 1_048_576
MAX_CELL = 32_767
