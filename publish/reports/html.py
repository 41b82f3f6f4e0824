"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader's system."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from importlib.metadata import version

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.issue_columns import IssueColumns

from ..html_page import page_chunks
from ..labels import count_in_words
from .finding_columns import FindingColumns, join_texts, text_where
from .finding_text import counts, describe_checks, omitted_note, title
from .locations import by_file, is_of_line

# Stands for the rows of a table in the rendered template: millions of rows through Jinja would be copied several times.
_ROWS_PLACEHOLDER = "\0"
# The escapes of `markupsafe`.
_HTML_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}


def chunks(report: Report) -> Iterator[str | bytes]:
    """Yield a whole page: the result, the counts per rule, then a table per file and rule."""
    pending: deque[IssueColumns] = deque()

    def rows_placeholder(findings: IssueColumns) -> str:
        pending.append(findings)
        return _ROWS_PLACEHOLDER

    page = page_chunks(
        "validation",
        title=_title(report),
        checked=describe_checks(report),
        version=version("luminaldb"),
        counts=counts(report),
        notes=[*report.notes, *([omitted_note(report)] if report.omitted else [])],
        files=by_file(report),
        by_rule=_by_rule,
        line_heading=_line_heading,
        rows_placeholder=rows_placeholder,
        count_in_words=count_in_words,
        rule_title=title,
        severity_word=_severity_word,
        failing=set(report.failing_notes),
    )
    for text in page:
        before, *others = text.split(_ROWS_PLACEHOLDER)
        yield before
        for after in others:
            yield from _table_rows(pending.popleft())
            yield after


def _title(report: Report) -> str:
    if report.total:
        return count_in_words(report.total, "finding")
    if not report.tables:
        return "Nothing checked"
    if report.failing_notes:
        return "Not everything was checked"
    return "No findings in what was checked" if report.unchecked else "No findings"


def _by_rule(findings: IssueColumns) -> Iterator[tuple[tuple[str, str], IssueColumns]]:
    groups: dict[tuple[str, str], list[int]] = {}
    counts_by_kind = findings.kind_counts()
    for number, kind in enumerate(findings.kinds):
        if kind in counts_by_kind:
            groups.setdefault((kind.code, kind.severity), []).append(number)
    for rule in sorted(groups):
        yield rule, findings.of_kinds(groups[rule])


def _line_heading(findings: IssueColumns) -> str:
    """Name what the numbers of findings count: lines of a text file, or rows of a frame, a sheet, a database."""
    return "Line" if any(map(is_of_line, findings.kind_counts())) else "Row"


def _table_rows(findings: IssueColumns) -> Iterator[bytes]:
    """Yield the rows of a table of findings, many per chunk, every cell escaped."""
    columns = FindingColumns(findings, _HTML_ESCAPES)
    row = join_texts(
        f'<tr role="row"><td role="cell" class="number" data-name="{_line_heading(findings)}">',
        text_where(columns.has_number, columns.line.cast(pl.String)),
        '</td><td role="cell" data-name="Column">',
        _code(columns.of_kind(lambda k: columns.replace_special_characters_in(printable(k.column)))),
        '</td><td role="cell" data-name="Row with key">',
        _code(columns.printable("row_key")),
        '</td><td role="cell" data-name="Cell">',
        _code(columns.printable("value")),
        '</td><td role="cell" data-name="What is wrong">',
        columns.printable("message"),
        '</td><td role="cell" data-name="What to do">',
        columns.printable("hint"),
        "</td></tr>\n",
    )
    yield from columns.write(findings, row)


def _code(text: pl.Expr) -> pl.Expr:
    return text_where(text != "", "<code>", text, "</code>")


def _severity_word(severity: str) -> str:
    return "error" if severity == "error" else "warning"
