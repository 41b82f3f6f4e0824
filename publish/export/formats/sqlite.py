"""SQLite: STRICT tables with keys, an index per foreign key, joined results, and what the columns mean."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError

from ..content import LICENCE, ExportContent, ExportTable
from ..dataset_metadata import CODE_LICENCE
from ..export import Progress
from .sqlite_results import add_joined_results

# The oldest SQLite that knows STRICT tables. A file names the version that wrote it, which would differ by machine.
_SQLITE_VERSION = 3_037_000
_TYPES = {pl.Int64: "INTEGER", pl.Float64: "REAL", pl.Boolean: "INTEGER"}


def write(content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one database with every table, a codebook and the dataset's metadata.

    Raises:
        LuminaldbError: the database doesn't pass SQLite's own integrity or foreign key check.
        OSError: the file can't be written.
    """
    del excel
    try:
        _fill(content, out, progress)
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from None
    with out.open("r+b") as file:
        file.seek(96)
        file.write(_SQLITE_VERSION.to_bytes(4, "big"))


def _fill(content: ExportContent, out: Path, progress: Progress) -> None:
    names = {table.name for table in content.tables}
    with closing(sqlite3.connect(out)) as database:
        database.execute("PRAGMA page_size = 4096")
        database.execute("PRAGMA user_version = 1")
        with database:
            for table in content.tables:
                progress(table.name)
                database.execute(create(table, names))
                placeholders = ", ".join("?" * len(table.frame.columns))
                rows = ([_sqlite_value(v) for v in row] for row in table.frame.iter_rows())
                database.executemany(f"INSERT INTO {quote(table.name)} VALUES ({placeholders})", rows)
            for table in content.tables:
                for statement in indices(table, names):
                    database.execute(statement)
            add_joined_results(database, content)
            _add_metadata_tables(database, content)
        for check in ("integrity_check", "foreign_key_check"):
            result = database.execute(f"PRAGMA {check}").fetchall()
            if result not in ([], [("ok",)]):
                raise LuminaldbError(f"the SQLite file fails {check}: {result[0]}", hint="run luminaldb validate")
        database.execute("VACUUM")


def quote(name: str) -> str:
    """Quote an SQL name."""
    return '"' + name.replace('"', '""') + '"'


def create(table: ExportTable, names: set[str]) -> str:
    """Return the statement that makes a table."""
    schema = table.resource.schema
    lines = []
    for field in schema.fields:
        kind = _TYPES.get(type(table.frame.schema[field.name]), "TEXT")
        needed = field.constraints.get("required") or field.name in schema.primary_key
        unique = " UNIQUE" if field.constraints.get("unique") else ""
        lines.append(f"{quote(field.name)} {kind}{' NOT NULL' if needed else ''}{unique}")
    lines.append(f"PRIMARY KEY ({', '.join(map(quote, schema.primary_key))})")
    for columns, target, target_columns in _keys(table, names):
        lines.append(f"FOREIGN KEY ({columns}) REFERENCES {quote(target)} ({target_columns})")
    return f"CREATE TABLE {quote(table.name)} (\n  " + ",\n  ".join(lines) + "\n) STRICT"


def _keys(table: ExportTable, names: set[str]) -> Iterator[tuple[str, str, str]]:
    for key in table.resource.schema.all_references():
        target = key.reference.table or table.name
        if target in names:
            yield ", ".join(map(quote, key.columns)), target, ", ".join(map(quote, key.reference.columns))


def indices(table: ExportTable, names: set[str]) -> Iterator[str]:
    """Yield a statement per foreign key that makes its index."""
    for columns, _, _ in _keys(table, names):
        name = f"{table.name}_{columns.replace(chr(34), '').replace(', ', '_')}"
        yield f"CREATE INDEX {quote(name)} ON {quote(table.name)} ({columns})"


def _sqlite_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def _add_metadata_tables(database: sqlite3.Connection, content: ExportContent) -> None:
    database.execute("CREATE TABLE luminaldb_about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    metadata = {
        "version": content.version,
        "date": content.date,
        "license": LICENCE,
        "code_license": CODE_LICENCE.name,
        "citation": content.citation,
    }
    database.executemany("INSERT INTO luminaldb_about VALUES (?, ?)", metadata.items())
    database.execute(
        "CREATE TABLE luminaldb_codebook (table_name TEXT, column_name TEXT, type TEXT, unit TEXT, "
        "description TEXT, PRIMARY KEY (table_name, column_name)) STRICT"
    )
    rows = [
        (s.name, f.name, f.type, f.unit or None, f.description)
        for s in content.tables
        for f in s.resource.schema.fields
    ]
    database.executemany("INSERT INTO luminaldb_codebook VALUES (?, ?, ?, ?, ?)", rows)
