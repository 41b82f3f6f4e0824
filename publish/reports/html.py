"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.issue_columns import IssueColumns

from ..html_page import page_chunks
from ..labels import count_of
from .finding_columns import findings_in_parts, join_rows, join_texts, text_where
from .finding_text import counts, format_checked, omitted_note, title
from .locations import by_file

# As `markupsafe` escapes them.
_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}


def chunks(report: Report) -> Iterator[str]:
    """Yield a whole page: the result, the counts per rule, then a table per file and rule."""
    yield from page_chunks(
        "validation",
        title=_title(report),
        checked=format_checked(report),
        version=version("luminaldb"),
        counts=counts(report),
        notes=[*report.notes, *([omitted_note(report)] if report.omitted else [])],
        files=by_file(report),
        by_rule=_by_rule,
        table_rows=_table_rows,
        count_of=count_of,
        rule_title=title,
        severity_word=_severity_word,
    )


def _title(report: Report) -> str:
    if report.total:
        return count_of(report.total, "finding")
    if not report.ok:
        return "Nothing checked"
    return "No findings in what was checked" if report.unchecked else "All is well"


def _by_rule(findings: IssueColumns) -> Iterator[tuple[tuple[str, str], IssueColumns]]:
    groups: dict[tuple[str, str], list[int]] = {}
    counted = findings.kind_counts()
    for number, kind in enumerate(findings.kinds):
        if kind in counted:
            groups.setdefault((kind.code, kind.severity), []).append(number)
    for rule in sorted(groups):
        yield rule, findings.of_kinds(groups[rule])


def _table_rows(findings: IssueColumns) -> Iterator[str]:
    """Yield the rows of a table of findings, many in a text, every cell escaped."""
    for part in findings_in_parts(findings, _MARKS):
        texts = join_texts(
            '<tr role="row"><td role="cell" class="number" data-name="Line">',
            text_where(part.frame["line"] != 0, part.frame["line"].cast(pl.String)),
            '</td><td role="cell" data-name="Column">',
            _code(part.replace_marks(part.of_kind(lambda k: printable(k.column)))),
            '</td><td role="cell" data-name="Row">',
            _code(part.printable("row_key")),
            '</td><td role="cell" data-name="Cell">',
            _code(part.printable("value")),
            '</td><td role="cell" data-name="What is wrong">',
            part.printable("message"),
            '</td><td role="cell" data-name="What to do">',
            part.printable("hint"),
            "</td></tr>\n",
        )
        yield join_rows(texts)


def _code(texts: pl.Series) -> pl.Series:
    return text_where(texts != "", "<code>", texts, "</code>")


def _severity_word(severity: str) -> str:
    return "error" if severity == "error" else "warning"
