"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.issue_columns import IssueColumns

from ..html_page import page_chunks
from .finding_columns import escape_xml, findings_in_parts, join_rows, join_texts
from .finding_text import count_of, counts, format_checked, omitted_note, title
from .locations import by_file


def chunks(report: Report) -> Iterator[str]:
    """Yield a whole page: the result, the counts per rule, then a table per file and rule."""
    yield from page_chunks(
        "validation",
        title=count_of(report.total, "finding") if report.total else "All is well" if report.ok else "Nothing checked",
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
    for part in findings_in_parts(findings):
        texts = join_texts(
            '<tr role="row"><td role="cell" class="number" data-name="Line">',
            part.frame["line"].cast(pl.String).replace("0", ""),
            '</td><td role="cell" data-name="Column">',
            _code(_escape(part.of_kind(lambda k: printable(k.column)))),
            '</td><td role="cell" data-name="Row">',
            _code(_escape(part.printable("row_key"))),
            '</td><td role="cell" data-name="Cell">',
            _code(_escape(part.printable("value"))),
            '</td><td role="cell" data-name="What is wrong">',
            _escape(part.printable("message")),
            '</td><td role="cell" data-name="What to do">',
            _escape(part.printable("hint")),
            "</td></tr>\n",
        )
        yield join_rows(texts)


def _escape(texts: pl.Series) -> pl.Series:
    """Escape as `markupsafe` does."""
    return escape_xml(texts, ("'", "&#39;"), ('"', "&#34;"))


def _code(texts: pl.Series) -> pl.Series:
    return pl.select(pl.when(texts != "").then("<code>" + texts + "</code>").otherwise(pl.lit(""))).to_series()


def _severity_word(severity: str) -> str:
    return "error" if severity == "error" else "warning"
