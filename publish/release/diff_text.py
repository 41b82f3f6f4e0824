"""A diff for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from luminaldb.curation.diff import Diff, TableDiff
from luminaldb.issues import printable

from ..labels import count_in_words
from .diff_summary import KEY, cells, column_changes, diff_heading, required_release, revisions, summary

_WIDTH = 160


def render(diff: Diff, limit: int) -> str:
    """Return the tables that changed, a line per row: + added, - removed, > renamed, ~ revised field by field.

    Args:
        diff: the two versions compared.
        limit: rows per table and kind of change; 0 prints all.
    """
    parts = [diff_heading(diff), " ".join(filter(None, (summary(diff), required_release(diff))))]
    parts += [f"\n- table {name}: {count_in_words(n, 'row')}" for name, n in diff.tables_removed.items()]
    parts += [f"\n+ table {name}: {count_in_words(n, 'row')}" for name, n in diff.tables_added.items()]
    for table in diff.changed_tables:
        parts.append(f"\n{table.table}: {table.rows[0]:,} -> {count_in_words(table.rows[1], 'row')}")
        parts += [f"  {line}" for line in _table_lines(table, limit)]
    return "\n".join(printable(line) for part in parts for line in part.split("\n")) + "\n"


def _table_lines(table: TableDiff, limit: int) -> Iterator[str]:
    yield from column_changes(table)
    yield from _rows("-", table.removed, table.key, limit)
    renamed = table.renamed.head(limit) if limit else table.renamed
    yield from (f"> {old} -> {new}" for old, new in renamed.iter_rows())
    yield from _note_on_hidden_rows(table.renamed.height, limit, "renamed")
    yield from _rows("+", table.added, table.key, limit)
    for key, fields in revisions(table, limit):
        yield f"~ {key}"
        yield from (f"    {column}: {old or '(empty)'} -> {new or '(empty)'}" for column, old, new in fields)
    yield from _note_on_hidden_rows(table.revised_rows, limit, "revised")


def _rows(sign: str, frame: pl.DataFrame, key: Sequence[str], limit: int) -> Iterator[str]:
    for row in (frame.head(limit) if limit else frame).iter_rows(named=True):
        values = "; ".join(f"{c}={v}" for c, v in cells(row, key).items())
        yield f"{sign} {row[KEY]}: {values if len(values) <= _WIDTH else values[: _WIDTH - 1] + '…'}"
    yield from _note_on_hidden_rows(frame.height, limit, "removed" if sign == "-" else "added")


def _note_on_hidden_rows(total: int, limit: int, what: str) -> Iterator[str]:
    if limit and total > limit:
        yield f"… {total - limit:,} more {what}; --limit 0 shows all"
