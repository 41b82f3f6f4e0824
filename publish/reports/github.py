"""GitHub: workflow commands, which a run shows beside the lines of a pull request.

Source of the escapes: github.com/actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.issues import Issue, Report, printable

from .finding_text import count_of, format_checked, message_and_hint, omitted_note, title
from .locations import Places, file_of


def pieces(report: Report) -> Iterator[str]:
    """Give one command per finding and per note, and a notice of what was checked."""
    places = Places()
    for finding in report.findings:
        yield f"{_command(finding, places)}\n"
    more = omitted_note(report)
    summary = f"{count_of(report.total, 'finding')} in {format_checked(report)}"
    for note in (*report.notes, *([more] if more else []), summary):
        yield f"::notice title=luminaldb::{_data(printable(note))}\n"


def _command(finding: Issue, places: Places) -> str:
    level = "error" if finding.severity == "error" else "warning"
    properties = {
        "file": file_of(finding),
        "line": finding.line or None,
        "col": places.character(finding),
        "title": f"{finding.code} {title(finding.code)}".strip(),
    }
    shown = ",".join(f"{name}={_property(printable(str(v)))}" for name, v in properties.items() if v is not None)
    column = f"{printable(finding.column)}: " if finding.column else ""
    return f"::{level} {shown}::{_data(column + message_and_hint(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
