"""An error as a report, so that every report format can print it on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminaldb.errors import LuminaldbError
    from luminaldb.issues import Report


def error_report(error: LuminaldbError) -> Report:
    """Return a report whose findings are the issues of an error."""
    from dataclasses import replace

    from luminaldb.issue_codes import NOT_VALIDATED
    from luminaldb.issues import Report

    findings = []
    for issue in error.issues:
        place = issue.place if issue.place.file else replace(issue.place, file=error.subject)
        findings.append(replace(issue, code=issue.code or NOT_VALIDATED, place=place))
    return Report(findings, 0, 0, [])
