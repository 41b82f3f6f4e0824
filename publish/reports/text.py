"""Text: one line per finding, as a linter prints it."""

from __future__ import annotations

from ...schemas.findings import Report
from .words import plain


def render(report: Report) -> str:
    """Give one line per finding; nothing where there is none."""
    return "".join(plain(str(finding)) + "\n" for finding in report.findings)
