"""Data frames of every kind that is validated, and the findings that do not depend on the kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl

from luminaldb.issues import Report

KINDS: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "arrow": lambda frame: frame.to_arrow(),
    "duckdb": lambda frame: duckdb.from_arrow(frame.to_arrow()),
}


def findings_of(report: Report) -> list[tuple[str, str, str, str, str]]:
    """What a report finds, but for the lines that an engine doesn't know."""
    return sorted((f.table, f.code, f.row_key, f.column, f.value) for f in report.findings)
