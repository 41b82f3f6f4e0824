"""GitHub: workflow commands, which a run shows beside the lines of a pull request.

Source of the escapes: github.com/actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.issue_columns import IssueColumns

from ..labels import count_in_words
from .finding_columns import FindingColumns, join_texts, text_where
from .finding_text import describe_checks, omitted_note, title
from .locations import file_of

_ESCAPES = {"%": "%25"}


def chunks(report: Report) -> Iterator[str | bytes]:
    """Yield one command per finding and per note, and a notice of what was checked."""
    findings = IssueColumns.of(report.findings)
    columns = FindingColumns(findings, _ESCAPES)
    yield from columns.write(findings, _command(columns))
    omitted_text = omitted_note(report)
    summary = f"{count_in_words(report.total, 'finding')} in {describe_checks(report)}"
    failing = set(report.failing_notes)
    for note in (*report.notes, *([omitted_text] if omitted_text else []), summary):
        yield f"::{'error' if note in failing else 'notice'} title=luminaldb::{_data(printable(note))}\n"


def _command(columns: FindingColumns) -> pl.Expr:
    line, character = columns.line, columns.character
    return join_texts(
        columns.of_kind(lambda k: f"::{'error' if k.severity == 'error' else 'warning'} file={_printable(file_of(k))}"),
        text_where(columns.has_text_line, ",line=", line.cast(pl.String)),
        text_where(columns.has_line_and(character.is_not_null()), ",col=", character.cast(pl.String)),
        columns.of_kind(lambda k: ",title=" + _printable(f"{k.code} {title(k.code)}".strip()) + "::"),
        columns.of_kind(lambda k: _data(f"{printable(k.column)}: ") if k.column else ""),
        columns.row_before_message,
        columns.message_and_hint,
        "\n",
    )


def _printable(text: str) -> str:
    return _property(printable(text))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
