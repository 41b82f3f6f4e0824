"""Select issues by code or by the beginning of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from luminaldb.issues import Issue, Report

from .issue_columns import IssueColumns


def select_codes(report: Report, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Report:
    """Keep the issues with selected codes.

    Args:
        report: of a validation.
        select: codes or beginnings of codes to keep; all where there are none.
        ignore: codes or beginnings of codes to leave out, also of those selected.
    """
    selected_prefixes, ignored_prefixes = tuple(select) or ("",), tuple(ignore)

    def is_selected(code: str) -> bool:
        return code.startswith(selected_prefixes) and not code.startswith(ignored_prefixes)

    issues = report.findings
    selected_issues: Sequence[Issue]
    if isinstance(issues, IssueColumns):
        selected_issues = issues.of_kinds([n for n, kind in enumerate(issues.kinds) if is_selected(kind.code)])
    else:
        selected_issues = [issue for issue in issues if is_selected(issue.code)]
    return replace(
        report, findings=selected_issues, omitted={k: n for k, n in report.omitted.items() if is_selected(k[0])}
    )


def selects_warning_rule(select: Sequence[str]) -> bool:
    """Return whether the selected codes include that of a rule with severity `warning`."""
    # Imports every rule, which a package of another project doesn't need.
    from .codes import known_codes

    codes = known_codes()
    return any(code in codes and codes[code].severity == "warning" for code in select)
