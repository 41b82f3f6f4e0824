"""Text: one line per finding, as a linter prints it."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.issues import Report

from .finding_columns import findings_in_parts, join_rows


def chunks(report: Report) -> Iterator[str]:
    """Yield one line per finding; nothing where there is none."""
    for part in findings_in_parts(report.findings):
        yield join_rows(part.one_line, "\n") + "\n"
