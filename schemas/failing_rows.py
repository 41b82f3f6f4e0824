"""From the rows that break a check to issues, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from luminaldb.issue_codes import BLANK_ROW, REPEATED_PRIMARY_KEY, REPEATED_UNIQUE_KEY, REPEATED_VALUE
from luminaldb.issues import Severity

from .check_columns import TEXT
from .check_frame import check_frame
from .check_results import Failures
from .checks import Check
from .issue_columns import IssueColumns, IssueKind
from .table_to_check import TableToCheck
from .text_columns import change_cells, fill_template

MAX_VALUE_CHARACTERS = 80
# Of the 64 bits by which issues are sorted.
_COLUMN_BITS, _ROW_BITS = 15, 36
_RANK = "::rank"
_POSITION = "::place"
# Whether another character can be printed, only Python's `str.isprintable` tells.
_NOT_ASCII = r"[^ -~]"
_UNIQUENESS_CODES = (REPEATED_VALUE, REPEATED_PRIMARY_KEY, REPEATED_UNIQUE_KEY)

Locate = Callable[[pl.Series], pl.Series]
Limit = Callable[[str, Severity, int], int]


def value_for_report(value: str) -> str:
    """Return a cell as a report shows it: a long one is cut, an unprintable one escaped."""
    text = value if len(value) <= MAX_VALUE_CHARACTERS else value[: MAX_VALUE_CHARACTERS - 1] + "…"
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def issues_of_failures(table: TableToCheck, failures: Sequence[Failures], locate: Locate, limit: Limit) -> IssueColumns:
    """Return an issue per failing row and check, by row, then by column.

    Args:
        table: whose rows they are.
        failures: the rows.
        locate: gives the lines of rows by their numbers.
        limit: says how many issues of a code, of so many, are listed, and counts the others.
    """
    order = {name: n for n, name in enumerate(table.resource.schema.names)}
    kinds: dict[IssueKind, int] = {}
    frames = []
    for number, part in enumerate(failures):
        for n, check in enumerate(part.checks):
            failing_positions = (~part.passes[str(n)]).arg_true()
            listed_positions = failing_positions.head(limit(check.code, check.severity, failing_positions.len()))
            if not listed_positions.len():
                continue
            column = "" if check.code == BLANK_ROW else check.columns[0]
            kind = IssueKind(table.package, table.name, table.file, column, check.code, check.severity, table.in_frame)
            kind_number = kinds.setdefault(kind, len(kinds))
            rows = None if part.row_numbers is None else part.row_numbers.gather(listed_positions)
            # Where rows have no order, each part is sorted on its own.
            part_rank = (number if rows is None else 0) << _ROW_BITS
            ranks = (
                (listed_positions if rows is None else rows).cast(pl.Int64) + part_rank
            ) * 2**_COLUMN_BITS + order.get(column, 0)
            lines = pl.repeat(0, listed_positions.len(), dtype=pl.UInt32, eager=True) if rows is None else locate(rows)
            issues = _issue_frame(table, check, part.cells, listed_positions, kind_number, lines, ranks)
            if check.code in _UNIQUENESS_CODES:
                others = _name_other_rows(table, check, part, failing_positions, listed_positions.len(), locate)
                issues = issues.with_columns(message=pl.col("message") + others)
            frames.append(issues)
    if not frames:
        return IssueColumns.of([])
    frame = pl.concat(frames) if len(frames) > 1 else frames[0]
    if not frame[_RANK].is_sorted():
        frame = frame.sort(_RANK, maintain_order=True)
    return IssueColumns(tuple(kinds), frame.drop(_RANK))


def _issue_frame(
    table: TableToCheck,
    check: Check,
    cells: pl.DataFrame,
    positions: pl.Series,
    kind: int,
    lines: pl.Series,
    ranks: pl.Series,
) -> pl.DataFrame:
    """Return the issues of one check as a frame."""
    texts = {c: cells[c + TEXT].gather(positions).fill_null("") for c in check.columns}
    first_cells = texts[check.columns[0]]
    # Python's `len` and Rust's count of characters are the same; only few cells are long or odd.
    value = change_cells(first_cells, rf"{_NOT_ASCII}|(?s)\A.{{{MAX_VALUE_CHARACTERS + 1}}}", value_for_report)
    count = positions.len()
    return pl.DataFrame(
        {
            "kind": pl.repeat(kind, count, dtype=pl.UInt32, eager=True),
            "line": lines.cast(pl.UInt32),
            "row_key": _row_keys(cells, positions, table),
            "value": value,
            "message": fill_template(check.message, texts, count),
            "hint": _hints(check, first_cells),
            _RANK: ranks,
        }
    )


def _name_other_rows(
    table: TableToCheck, check: Check, part: Failures, failing_positions: pl.Series, count: int, locate: Locate
) -> pl.Series:
    """Write which row has the same key: the first one, and for the first one the next.

    Args:
        table: whose rows they are.
        check: that no two rows share something.
        part: the rows that break checks.
        failing_positions: the places of those that break this check.
        count: how many of them are listed.
        locate: gives the lines of rows by their numbers.
    """
    schema = table.resource.schema
    keys = check_frame(
        part.cells.select(pl.col(c + TEXT).gather(failing_positions).fill_null("").alias(c) for c in check.columns),
        replace(schema, fields=tuple(f for f in schema.fields if f.name in check.columns)),
    )
    position = pl.col(_POSITION)
    first, second = (position.slice(n, 1).first().over(check.compared_columns) for n in (0, 1))
    other_positions = keys.with_row_index(_POSITION).select(
        is_first=first == position, other=pl.when(first == position).then(second).otherwise(first)
    )
    other_positions = other_positions.head(count).with_columns(pl.col("other").fill_null(0))
    others = failing_positions.gather(other_positions["other"])
    if part.row_numbers is not None:
        lines = locate(part.row_numbers.gather(others)).cast(pl.String)
        # The rows of some frames have no lines.
        other_rows = pl.select(pl.when(lines != "0").then(("row " if table.in_frame else "line ") + lines)).to_series()
    elif check.code != REPEATED_PRIMARY_KEY and schema.primary_key:
        other_rows = "the row with key " + _row_keys(part.cells, others, table)
    else:
        return pl.repeat("", count, dtype=pl.String, eager=True)
    connector = pl.when(other_positions["is_first"]).then(pl.lit(": again in ")).otherwise(pl.lit(": as in "))
    return pl.select((connector + other_rows).fill_null("")).to_series()


def _row_keys(cells: pl.DataFrame, positions: pl.Series, table: TableToCheck) -> pl.Series:
    """Return the primary key of some rows, its parts joined by a bar."""
    names = [c + TEXT for c in table.resource.schema.primary_key if c + TEXT in cells.columns]
    if not names:
        return pl.repeat("", positions.len(), dtype=pl.String, eager=True)
    parts = [cells[name].gather(positions).fill_null("") for name in names]
    return pl.select(pl.concat_str([pl.lit(part) for part in parts], separator="|")).to_series()


def _hints(check: Check, cells: pl.Series) -> pl.Series:
    if check.cell_hint is None:
        return pl.repeat(check.hint, cells.len(), dtype=pl.String, eager=True)
    distinct = cells.unique()
    hints = pl.Series([check.hint_for(cell) for cell in distinct], dtype=pl.String)
    return cells.replace_strict(distinct, hints, return_dtype=pl.String)
