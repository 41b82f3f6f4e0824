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
    wanted, unwanted = tuple(select) or ("",), tuple(ignore)

    def is_chosen(code: str) -> bool:
        return code.startswith(wanted) and not code.startswith(unwanted)

    issues = report.findings
    chosen: Sequence[Issue]
    if isinstance(issues, IssueColumns):
        chosen = issues.of_kinds([n for n, kind in enumerate(issues.kinds) if is_chosen(kind.code)])
    else:
        chosen = [issue for issue in issues if is_chosen(issue.code)]
    return replace(report, findings=chosen, omitted={k: n for k, n in report.omitted.items() if is_chosen(k[0])})


def selects_warning_rule(select: Sequence[str]) -> bool:
    """Return whether the selected codes include that of a rule with severity `warning`."""
    # Imports every rule, which a package of another project doesn't need.
    from .codes import known_codes

    codes = known_codes()
    return any(word in codes and codes[word].severity == "warning" for word in select)
