"""`luminaldb show TABLE`: rows of a table or of a joined view."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from .data_options import DataFolder, DataVersion

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

VIEWS = ("trial_results",)


def command(
    table: Annotated[str, typer.Argument(help="Name of a table, or trial_results.")],
    where: Annotated[
        str | None, typer.Option(help="SQL condition, for instance \"endpoint_id = 'os' AND ci_high < 1\".")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Columns to show, separated by commas.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many rows at most; 0 for all.")] = 20,
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show rows of a table, or of trial_results: every result joined with trial, arms and source."""
    from .output import print_frame

    # JSON has numbers; a person is shown them as the file prints them: 0.60 and not 0.6.
    typed_rows = _load(table, version, folder)
    with warnings.catch_warnings():
        # Reading the typed rows gave them already.
        warnings.simplefilter("ignore")
        printed_rows = typed_rows if as_json else _load(table, version, folder, as_printed=True)
    frame = _select_columns(printed_rows[_matching_rows(typed_rows, where, table)], columns, table)
    total = frame.height
    frame = frame.head(limit) if limit else frame
    print_frame(frame, as_json=as_json, title=table)
    if frame.height < total:
        typer.echo(f"{frame.height} of {total} rows; --limit 0 shows all", err=True)


def _load(table: str, version: str | None, path: Path | None, *, as_printed: bool = False) -> pl.DataFrame:
    from luminaldb.loaders.frames import load
    from luminaldb.loaders.views import trial_results

    if table in VIEWS:
        return trial_results(version=version, path=path, as_printed=as_printed)
    return load(table, version=version, path=path, as_printed=as_printed)


def _matching_rows(frame: pl.DataFrame, condition: str | None, table: str) -> list[int]:
    """Return the positions of the rows that meet a condition; all where there is none."""
    if condition is None:
        return list(range(frame.height))
    import polars as pl

    from luminaldb.errors import LuminaldbError

    _refuse_query(condition, table)
    text = frame.with_columns(pl.col(pl.Enum).cast(pl.String))
    try:
        return text.with_row_index("::row").filter(pl.sql_expr(condition))["::row"].to_list()
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0].replace('"::row", ', "")
        raise LuminaldbError(
            f"--where {condition!r} doesn't work on {table}: {reason}; see luminaldb describe {table}"
        ) from None


def _refuse_query(where: str, table: str) -> None:
    """Refuse a sub-query, which could read any file of this machine, and functions that fill its memory.

    Raises:
        LuminaldbError: the condition has one of them.
    """
    import re

    from luminaldb.errors import LuminaldbError

    # Text in quotes is no query. Where a comment or an escape could make a quote mean something else, all is looked at.
    may_hide_quotes = any(mark in where for mark in ("--", "/*", "\\", "$", "`", "#"))
    condition = where if may_hide_quotes else re.sub(r"'[^']*'|\"[^\"]*\"", "''", where)
    # A comment may be between the parenthesis and what makes it a query.
    from_pattern = r"\bfrom\b" if may_hide_quotes else r"\(\s*from\b"
    if re.search(rf"\b(select|with|values|table)\b|{from_pattern}", condition, re.IGNORECASE):
        raise LuminaldbError(f"--where {where!r} is a query; give a condition on the columns of {table}")
    # What these make is as large as a number in the condition says, whatever the table holds.
    function = re.search(
        r"\b(range|generate_series|lpad|rpad)\s*(/\*.*?\*/\s*|--.*?\n\s*)*\(", condition, re.IGNORECASE | re.DOTALL
    )
    function = function or re.search(r"[\"`](range|generate_series|lpad|rpad)[\"`]\s*\(", where, re.IGNORECASE)
    if function:
        raise LuminaldbError(f"--where has {function[1]}(), which isn't for conditions; compare the columns of {table}")


def _select_columns(frame: pl.DataFrame, columns: str | None, table: str) -> pl.DataFrame:
    if columns is None:
        return frame
    from luminaldb.errors import LuminaldbError

    names = [name.strip() for name in columns.split(",") if name.strip()]
    if unknown := [name for name in names if name not in frame.columns]:
        raise LuminaldbError(f"{table} has no column {unknown[0]!r}; it has {', '.join(frame.columns)}")
    return frame.select(list(dict.fromkeys(names)))
