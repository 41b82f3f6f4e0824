"""Text: one line per finding, as a linter prints it."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.issues import Report
from luminaldb.schemas.issue_columns import IssueColumns

from .finding_columns import FindingColumns, join_texts


def chunks(report: Report) -> Iterator[bytes]:
    """Yield one line per finding; nothing where there is none."""
    findings = IssueColumns.of(report.findings)
    columns = FindingColumns(findings)
    yield from columns.write(findings, join_texts(columns.one_line, "\n"))
