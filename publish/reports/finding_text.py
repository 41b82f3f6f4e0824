"""What all report formats share: the text of an issue, and counts."""

from __future__ import annotations

from collections import Counter

from luminaldb.issues import Issue, Report, printable
from luminaldb.schemas.issue_columns import IssueColumns

from ..labels import count_in_words


def message_and_hint(finding: Issue) -> str:
    """Return message, value and hint of an issue in one line."""
    value = f" [{finding.value}]" if finding.value else ""
    return printable(f"{finding.message}{value}. {finding.hint}".rstrip())


def title(code: str) -> str:
    """Return a code's title; empty for a code that no registry knows."""
    from luminaldb.schemas.codes import known_codes

    entry = known_codes().get(code)
    return entry.title if entry else ""


def describe_checks(report: Report) -> str:
    """Describe how much was checked, by which rules, and how many notes say what was not."""
    rules = [f"the {name} rules" for name in report.rule_sets]
    amount = f"{count_in_words(report.rows, 'row')} in {count_in_words(report.tables, 'table')}"
    text = f"{amount}, checked by {' and '.join(['the standards', *rules])}"
    return (
        f"{text}; {count_in_words(len(report.unchecked), 'note')} on what was not checked" if report.unchecked else text
    )


def omitted_note(report: Report) -> str:
    """Return how many findings are counted and not listed; empty where all are."""
    omitted = report.total - len(report.findings)
    return (
        f"{count_in_words(omitted, 'more finding')} counted and not listed; --max-findings 0 lists all"
        if omitted
        else ""
    )


def counts(report: Report) -> list[dict[str, str | int]]:
    """Count the findings of each rule, most frequent first."""
    per_rule: Counter[tuple[str, str]] = Counter()
    for kind, count in IssueColumns.of(report.findings).kind_counts().items():
        per_rule[kind.code, kind.severity] += count
    for (code, severity, _), count in report.omitted.items():
        per_rule[code, severity] += count
    ranked = sorted(per_rule.items(), key=lambda item: (-item[1], item[0]))
    return [{"rule": r, "severity": s, "findings": n, "title": title(r)} for (r, s), n in ranked]
