"""GitHub: workflow commands, which a run shows beside the lines of a pull request.

Source of the escapes: github.com/actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from luminaldb.issues import Report, printable

from .finding_columns import FindingColumns, findings_in_parts, join_rows, join_texts
from .finding_text import count_of, format_checked, omitted_note, title
from .locations import Places, file_of


def chunks(report: Report) -> Iterator[str]:
    """Yield one command per finding and per note, and a notice of what was checked."""
    places = Places()
    for part in findings_in_parts(report.findings):
        yield join_rows(_commands(part, places), "\n") + "\n"
    more = omitted_note(report)
    summary = f"{count_of(report.total, 'finding')} in {format_checked(report)}"
    for note in (*report.notes, *([more] if more else []), summary):
        yield f"::notice title=luminaldb::{_data(printable(note))}\n"


def _commands(part: FindingColumns, places: Places) -> pl.Series:
    line, character = part.frame["line"].replace(0, None), places.characters(part.issues)
    return join_texts(
        part.of_kind(lambda k: f"::{'error' if k.severity == 'error' else 'warning'} file={_printable(file_of(k))}"),
        _property_of(",line=", line),
        _property_of(",col=", character),
        part.of_kind(lambda k: ",title=" + _printable(f"{k.code} {title(k.code)}".strip()) + "::"),
        part.of_kind(lambda k: _data(f"{printable(k.column)}: ") if k.column else ""),
        part.message_and_hint.str.replace_all("%", "%25", literal=True),
    )


def _property_of(name: str, numbers: pl.Series) -> pl.Series:
    return (name + numbers.cast(pl.String)).fill_null("")


def _printable(text: str) -> str:
    return _property(printable(text))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
