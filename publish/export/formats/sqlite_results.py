"""The joined results of the SQLite file: the rows of `luminaldb.trial_results`, as tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from luminaldb.loaders.views import RESULT_TABLES, join_results, read_with_current_columns

from ..content import ExportContent

# Tables that the joined results are made of; an export that leaves one out has none.
NEEDED = frozenset(RESULT_TABLES)
_TYPES = {pl.Int64: "INTEGER", pl.Float64: "REAL", pl.Boolean: "INTEGER"}


def add_joined_results(database: sqlite3.Connection, content: ExportContent) -> None:
    """Add trial_results, trial_results_all (with superseded results) and trial_results_latest.

    Without the tables that they are made of nothing is added.
    """
    if not {table.name for table in content.tables} >= NEEDED:
        return
    read = read_with_current_columns(content.tables[0].database, RESULT_TABLES)
    for name, results in (
        ("trial_results_all", join_results(read, include_superseded=True)),
        ("trial_results", join_results(read)),
        ("trial_results_latest", join_results(read, analysis="latest")),
    ):
        columns = ", ".join(f"{column} {_TYPES.get(type(kind), 'TEXT')}" for column, kind in results.schema.items())
        database.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY (result_type, result_id)) STRICT")
        placeholders = ", ".join("?" * results.width)
        database.executemany(f"INSERT INTO {name} VALUES ({placeholders})", _rows(results))


def _rows(frame: pl.DataFrame) -> Iterator[list[Any]]:
    for row in frame.iter_rows():
        yield [value.isoformat() if isinstance(value, date) else value for value in row]
