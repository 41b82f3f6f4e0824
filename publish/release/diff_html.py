"""A diff as one HTML file to mail."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from luminaldb.curation.diff import Diff, TableDiff
from luminaldb.issues import printable

from ..html_page import page, table
from ..reports.finding_text import number
from .diff_summary import KEY, cells, columns_told, counts_table, demand, heading, revisions, sum_of


def render(diff: Diff, limit: int) -> str:
    """Give a page: the counts, then each table that changed with its rows, field by field."""
    body = [
        f"<h1>{text(heading(diff))}</h1>",
        f"<p><strong>{text(sum_of(diff))}</strong> {text(demand(diff))}</p>",
        *(_counts(diff) if diff else ()),
        *(part for n, t in enumerate(diff.changed, 1) for part in _table(n, t, limit)),
    ]
    return page(printable(heading(diff)), body)


def _counts(diff: Diff) -> Iterator[str]:
    rows = [[f"<code>{text(n)}</code>", *("" if x is None else f"{x:,}" for x in x)] for n, *x in counts_table(diff)]
    yield from table("Rows per table", ("Table", "Then", "Now"), rows, numbers=(1, 2))


def _table(place: int, t: TableDiff, limit: int) -> Iterator[str]:
    yield f'<section aria-labelledby="table-{place}">'
    yield f'<h2 id="table-{place}"><code>{text(t.table)}</code></h2>'
    if told := list(columns_told(t)):
        yield from ("<ul>", *(f"<li>{text(line)}</li>" for line in told), "</ul>")
    for title, frame in (("Removed", t.removed), ("Added", t.added)):
        if frame.height:
            shown = (frame.head(limit) if limit else frame).iter_rows(named=True)
            rows = ([_code(row[KEY]), _fields(cells(row, t.key))] for row in shown)
            yield from table(f"{title} ({_count(frame.height, limit)})", ("Row", "Fields"), rows)
    if t.renamed.height:
        pairs = (t.renamed.head(limit) if limit else t.renamed).iter_rows()
        rows = ([_code(a), _code(b)] for a, b in pairs)
        yield from table(f"Renamed ({_count(t.renamed.height, limit)})", ("From", "To"), rows)
    if t.revised.height:
        fields = ((key, *field) for key, found in revisions(t, limit) for field in found)
        rows = ([_code(key), _code(column), text(a), text(b)] for key, column, a, b in fields)
        yield from table(f"Revised ({_count(t.revised_rows, limit)})", ("Row", "Field", "Then", "Now"), rows)
    yield "</section>"


def _code(value: str) -> str:
    return f"<code>{text(value)}</code>"


def _fields(row: dict[str, str]) -> str:
    return "<br>".join(f"{_code(c)} {text(v)}" for c, v in row.items())


def _count(total: int, limit: int) -> str:
    told = number(total, "row")
    return f"{told}, the first {limit:,} shown" if limit and total > limit else told


def text(value: str) -> str:
    """Escape a text for a page."""
    return escape(printable(value), quote=True)
