"""Text: one line per finding, as a linter prints it."""

from __future__ import annotations

from luminaldb.issues import Report, printable


def render(report: Report) -> str:
    """Give one line per finding; nothing where there is none."""
    return "".join(printable(str(finding)) + "\n" for finding in report.findings)
