"""A diff for a changelog, a pull request or a mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from luminaldb.curation.diff import Diff, TableDiff
from luminaldb.issues import printable

from .diff_summary import KEY, cells, column_changes, counts_table, diff_heading, required_release, revisions, summary

# Within a word an underscore is one; at either end it would begin or end an emphasis.
_EMPHASIS = re.compile(r"(?<!\w)_|_(?!\w)")


def render(diff: Diff, limit: int) -> str:
    """Return the counts, then a section per table that changed, under Removed, Renamed, Added and Revised."""
    parts = [f"# {escape(diff_heading(diff))}", escape(" ".join(filter(None, (summary(diff), required_release(diff)))))]
    if diff:
        parts.append(counts(diff))
    for table in diff.changed_tables:
        parts.append(f"## {escape(table.table)}")
        parts += _sections(table, limit)
    return "\n\n".join(parts) + "\n"


def counts(diff: Diff) -> str:
    """Return the table of rows then and now, and of what changed."""
    changed = {t.table: t for t in diff.tables}
    rows = []
    for name, old, new in counts_table(diff):
        t = changed.get(name)
        numbers = (t.added.height, t.revised_rows, t.removed.height) if t is not None else (new or 0, 0, old or 0)
        rows.append([name, *("" if n is None else f"{n:,}" for n in (old, new)), *(f"{n:,}" for n in numbers)])
    return "\n".join(lines(("table", "rows then", "rows now", "added", "revised", "removed"), rows))


def lines(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    titles = list(headings)
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows:
        yield "| " + " | ".join(escape(cell) for cell in row) + " |"


def escape(text: str) -> str:
    """Keep a cell from ending its column, its line, or its paragraph's plainness."""
    escaped = printable(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")
    return _EMPHASIS.sub(r"\\\g<0>", escaped.replace("*", "\\*").replace("[", "\\["))


def _sections(table: TableDiff, limit: int) -> Iterator[str]:
    if section_lines := list(column_changes(table)):
        yield "### Columns\n\n" + "\n".join(f"- {escape(line)}" for line in section_lines)
    for title, frame in (("Removed", table.removed), ("Added", table.added)):
        if frame.height:
            rows_to_show = (frame.head(limit) if limit else frame).iter_rows(named=True)
            rows = ([row[KEY], "; ".join(f"{c}={v}" for c, v in cells(row, table.key).items())] for row in rows_to_show)
            yield f"### {title}\n\n" + "\n".join(
                [*lines(("row", "fields"), rows), *_note_on_hidden_rows(frame.height, limit)]
            )
    if table.renamed.height:
        pairs = (table.renamed.head(limit) if limit else table.renamed).iter_rows()
        section_lines = [*lines(("from", "to"), pairs), *_note_on_hidden_rows(table.renamed.height, limit)]
        yield "### Renamed\n\n" + "\n".join(section_lines)
    if table.revised.height:
        fields = ([key, *field] for key, result in revisions(table, limit) for field in result)
        section_lines = [
            *lines(("row", "field", "then", "now"), fields),
            *_note_on_hidden_rows(table.revised_rows, limit),
        ]
        yield "### Revised\n\n" + "\n".join(section_lines)


def _note_on_hidden_rows(total: int, limit: int) -> Iterator[str]:
    if limit and total > limit:
        yield f"\n{total - limit:,} more rows are not shown."
