"""Tables that are neither CSV nor JSON: sheets, JSON Lines, Parquet, tables of a database; each as text."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError, TableError
from luminaldb.issue_codes import MALFORMED_FILE, WRONG_ENCODING
from luminaldb.issues import Issue, Place

from .bounded_json import read_json
from .descriptor import Resource
from .field_types import as_text
from .json_rows import CellRows, rows_of_list
from .other_format_names import LINES
from .spreadsheets import read_sheet


def read_rows(data: bytes, resource: Resource) -> CellRows:
    """Return the rows of a file in one of `other_format_names.FORMATS`, but for sheets.

    Raises:
        TableError: the file can't be read as its format says.
        MissingExtraError: the library that reads the format isn't installed.
    """
    format_name = resource.format
    if format_name in LINES:
        return _json_lines(data, resource)
    if format_name == "parquet":
        return _parquet(data)
    return _database(data, "duckdb" if format_name == "duckdb" else "sqlite", resource.dialect.table)


def sheet_rows(data: bytes, resource: Resource) -> list[list[str]]:
    """Return the rows of a worksheet; see `read_sheet`."""
    return read_sheet(data, resource.format, resource.dialect)


def _json_lines(data: bytes, resource: Resource) -> CellRows:
    values, line_numbers = [], []
    issues: list[Issue] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                values.append(read_json(line, f"line {number}"))
            except LuminaldbError as error:
                code = MALFORMED_FILE if _is_utf8(line) else WRONG_ENCODING
                issues.append(Issue(code, error.issue.message, "Fix the line.", place=Place(line=number)))
                continue
            line_numbers.append(number)
    rows = rows_of_list(values, resource, line_numbers)
    if (
        values
        and isinstance(values[0], list)
        and resource.dialect.header
        and issues
        and issues[0].line < line_numbers[0]
    ):
        # The broken line may be the header.
        return CellRows(issues=issues)
    rows.issues = sorted([*issues, *rows.issues], key=lambda issue: issue.line)
    return rows


def _is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parquet(data: bytes) -> CellRows:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise TableError(f"not readable as parquet ({' '.join(str(error).split())[:200]})") from None
    return _rows_of_frame(frame)


def _rows_of_frame(frame: pl.DataFrame) -> CellRows:
    texts = frame.select(text_expression(name, kind) for name, kind in frame.schema.items())
    return CellRows(tuple(frame.columns), [list(row) for row in texts.iter_rows()])


def text_expression(name: str, kind: pl.DataType) -> pl.Expr:
    """Return a typed column as the text of a CSV's cells."""
    cell = pl.col(name)
    if isinstance(kind, pl.Datetime):
        return cell.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
    if isinstance(kind, pl.Struct):
        return cell.struct.json_encode()
    if isinstance(kind, pl.List | pl.Array | pl.Object):
        return cell.map_elements(lambda v: json.dumps(list(v), default=str), return_dtype=pl.String)
    if kind.is_float():
        # A whole number has no point: nobody knows how many zeros were printed.
        return cell.cast(pl.String).str.strip_suffix(".0").str.replace("inf", "INF", literal=True)
    if isinstance(kind, pl.Binary):
        return cell.bin.encode("base64")
    return cell.cast(pl.String)


def _database(data: bytes, kind: str, table: str | None) -> CellRows:
    """Read a table of a database file; a copy of it is opened, so that nothing can write to the original."""
    with tempfile.TemporaryDirectory(prefix="luminaldb-") as folder:
        file = Path(folder) / f"copy.{kind}"
        file.write_bytes(data)
        return read_database(file, kind, table)


def read_database(file: Path, kind: str, table: str | None) -> CellRows:
    """Read a table or view of a SQLite or DuckDB file, without writing to it.

    Raises:
        TableError: no such table, or the file is no database.
        MissingExtraError: DuckDB isn't installed.
    """
    tables, select, errors = (_duckdb if kind == "duckdb" else _sqlite)(file)
    try:
        names = tables()
        if table is None and len(names) != 1:
            names_shown = ", ".join(names[:10])
            raise TableError(
                f"{len(names)} tables", hint=f"name one by ?table= or the table of the dialect: {names_shown}"
            )
        table_name = names[0] if table is None else table
        if table_name not in names:
            raise TableError(f"no table {table_name!r}", hint=f"there are {', '.join(names[:10])}")
        header, rows = select('SELECT * FROM "' + table_name.replace('"', '""') + '"')
    except errors as error:
        raise TableError(f"not readable as {kind} ({str(error).splitlines()[0][:200]})") from None
    return CellRows(tuple(header), [[None if v is None else _database_text(v) for v in row] for row in rows])


def _database_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return as_text(value) if isinstance(value, list | dict | str) else str(value).removesuffix(".0")


_OpenedDatabase = tuple[Callable[[], list[str]], Callable[[str], tuple[Sequence[str], list[Any]]], type[Exception]]


def _sqlite(file: Path) -> _OpenedDatabase:
    import sqlite3

    def run(query: str) -> tuple[list[str], list[Any]]:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        try:
            cursor = connection.execute(query)
            return [d[0] for d in cursor.description], cursor.fetchall()
        finally:
            connection.close()

    query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return (lambda: [name for (name,) in run(query)[1]]), run, sqlite3.Error


def _duckdb(file: Path) -> _OpenedDatabase:
    try:
        import duckdb
    except ModuleNotFoundError:
        raise MissingExtraError("duckdb is not installed", hint="run: pip install 'luminaldb[duckdb]'") from None

    def run(query: str) -> tuple[list[str], list[Any]]:
        with duckdb.connect(str(file), read_only=True, config={"enable_external_access": "false"}) as connection:
            cursor = connection.execute(query)
            return [d[0] for d in cursor.description or ()], cursor.fetchall()

    query = "SELECT table_name FROM information_schema.tables ORDER BY table_name"
    return (lambda: [name for (name,) in run(query)[1]]), run, duckdb.Error
