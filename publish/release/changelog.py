"""The changelog's section on the data, written from the diff: counts per table; ids are for `luminaldb diff`."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.curation.diff import Diff, TableDiff

from ..labels import count_in_words
from .diff_markdown import escape, lines
from .diff_summary import column_changes, counts_table


def data_section(diff: Diff, old: str, new: str) -> str:
    """Write what changed in the data between two versions: rows then and now, then Added, Revised and Removed.

    Args:
        diff: between the two.
        old: the earlier version.
        new: the later version.
    """
    parts = [f"### Data since {old}"]
    if not diff:
        return f"{parts[0]}\n\nThe tables are those of {old}.\n"
    changed = {t.table: t for t in diff.tables}
    parts.append("\n".join(lines(("table", old, new, "added", "revised", "removed"), _counts(diff, changed))))
    sections = {"Added": _added_lines(diff), "Revised": _revised_lines(diff), "Removed": _removed_lines(diff)}
    for title, entries in sections.items():
        if items := list(entries):
            parts.append(f"#### {title}\n\n" + "\n".join(f"- {item}" for item in items))
    parts.append(f"Field by field: `luminaldb diff {old} {new}`.")
    return "\n\n".join(parts) + "\n"


def _counts(diff: Diff, changed: dict[str, TableDiff]) -> Iterator[list[str]]:
    for name, old, new in counts_table(diff):
        t = changed.get(name)
        numbers = (t.added.height, t.revised_rows, t.removed.height) if t is not None else (new or 0, 0, old or 0)
        yield [name, *("" if n is None else f"{n:,}" for n in (old, new)), *(f"{n:,}" if n else "" for n in numbers)]


def _added_lines(diff: Diff) -> Iterator[str]:
    for name, rows in diff.tables_added.items():
        yield f"Table `{name}`, {count_in_words(rows, 'row')}."
    for t in diff.changed_tables:
        yield from (f"`{t.table}`: column `{c}`." for c in t.columns_added)
        if t.added.height:
            yield f"`{t.table}`: {count_in_words(t.added.height, 'row')}."


def _revised_lines(diff: Diff) -> Iterator[str]:
    for t in diff.changed_tables:
        for change in column_changes(t):
            if not change.endswith((" added", " removed")) and " renamed to " not in change:
                yield f"`{t.table}`: {escape(change)}."
        if t.revised.height:
            fields = t.revised.group_by("column", maintain_order=True).len()
            counts = ", ".join(f"`{c}` {n:,}" for c, n in fields.sort("len", "column", descending=[True, False]).rows())
            yield f"`{t.table}`: {count_in_words(t.revised_rows, 'row')} ({counts})."


def _removed_lines(diff: Diff) -> Iterator[str]:
    for name, rows in diff.tables_removed.items():
        yield f"Table `{name}`, {count_in_words(rows, 'row')}."
    for t in diff.changed_tables:
        yield from (f"`{t.table}`: column `{c}`." for c in t.columns_removed)
        yield from (f"`{t.table}`: column `{a}`, now `{b}`." for a, b in t.columns_renamed)
        if t.renamed.height:
            yield f"`{t.table}`: {count_in_words(t.renamed.height, 'id')} renamed; `retired_ids` lists them."
        if t.removed.height:
            yield f"`{t.table}`: {count_in_words(t.removed.height, 'row')}."
