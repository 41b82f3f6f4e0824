"""The columns of the frame that checks run on: cells as written, row numbers, and columns joined by foreign keys."""

from __future__ import annotations

import narwhals as nw

TEXT = "::text"
ROW = "::row"


def text_of(column: str) -> nw.Expr:
    """Select a column's cells as written; null where empty."""
    return nw.col(column + TEXT)


def joined_column(key: str, column: str) -> str:
    """Name the column that a foreign key joins from the table it refers to."""
    return f"{key}::{column}"
