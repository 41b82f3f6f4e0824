"""What a worksheet of Excel holds at most."""

MAX_ROWS = 1_048_576
MAX_CELL = 32_767
