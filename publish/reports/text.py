"""Text: one line per finding, as a linter prints it."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.issues import Report, printable


def pieces(report: Report) -> Iterator[str]:
    """Give one line per finding; nothing where there is none."""
    for finding in report.findings:
        yield printable(str(finding)) + "\n"
