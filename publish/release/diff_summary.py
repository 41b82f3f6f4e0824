"""What all formats of a diff share: a summary, the release it requires, and the changed rows as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from luminaldb.curation.column_changes import ColumnChange
from luminaldb.curation.diff import Diff, TableDiff

from ..labels import count_in_words
from .version_rule import Bump, required_bump

KEY = "::key"


def diff_heading(diff: Diff) -> str:
    """Name the two states."""
    return " to ".join(label if version in ("", label) else f"{label} ({version})" for label, version in pair(diff))


def pair(diff: Diff) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the label and version of each state."""
    return diff.old, diff.new


def summary(diff: Diff) -> str:
    """Summarize in one line how much changed."""
    if not diff:
        return "Nothing changed."
    tables = diff.changed_tables
    counts = {
        "added": sum(t.added.height for t in tables) + sum(diff.tables_added.values()),
        "revised": sum(t.revised_rows for t in tables),
        "removed": sum(t.removed.height for t in tables) + sum(diff.tables_removed.values()),
    }
    renamed = sum(t.renamed.height for t in tables)
    counts_text = ", ".join(f"{n:,} {what}" for what, n in counts.items())
    changed_tables = len(tables) + len(diff.tables_added) + len(diff.tables_removed)
    return (
        f"{count_in_words(changed_tables, 'table')} changed; rows: {counts_text}"
        + (f"; {count_in_words(renamed, 'id')} renamed" if renamed else "")
        + "."
    )


def required_release(diff: Diff) -> str:
    """Return which part of the version number the change raises."""
    bump = required_bump(diff)
    return "" if bump == Bump.none else f"The version rule requires a {bump.name} release."


def column_changes(table: TableDiff) -> Iterator[str]:
    """List what changed in the columns of a table, a line each."""
    if table.key_changed:
        yield "primary key: " + " -> ".join("|".join(key) or "none" for key in table.key_changed)
    yield from (f"column {c} removed" for c in table.columns_removed)
    yield from (f"column {old} renamed to {new}" for old, new in table.columns_renamed)
    yield from (f"column {c} added" for c in table.columns_added)
    yield from (_describe_column(c) for c in table.columns_changed)


def _describe_column(change: ColumnChange) -> str:
    what = f"column {change.column}: {change.what.replace('_', ' ')}"
    return f"{what} {change.old or 'none'} -> {change.new or 'none'}"


def cells(row: dict[str, str], key: Sequence[str]) -> dict[str, str]:
    """Return the filled cells of an added or removed row, without those of its key."""
    return {c: v for c, v in row.items() if not c.startswith("::") and v and c not in key}


def revisions(table: TableDiff, limit: int = 0) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Yield the key and the changed fields (column, old, new) of each revised row."""
    keys = table.revised["key"].unique(maintain_order=True)
    rows_to_show = table.revised.filter(pl.col("key").is_in((keys.head(limit) if limit else keys).implode()))
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for key, column, old, new in rows_to_show.iter_rows():
        rows.setdefault(key, []).append((column, old, new))
    yield from rows.items()


def counts_table(diff: Diff) -> list[tuple[str, int | None, int | None]]:
    """Return table, rows then, rows now; None where the state doesn't hold the table."""
    rows: list[tuple[str, int | None, int | None]] = [(t.table, *t.rows) for t in diff.tables]
    rows += [(name, None, n) for name, n in diff.tables_added.items()]
    rows += [(name, n, None) for name, n in diff.tables_removed.items()]
    return sorted(rows)
