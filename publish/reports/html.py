"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from luminaldb.issues import Issue, Report

from ..html_page import page_pieces
from .finding_text import count_of, counts, format_checked, omitted_note, title
from .locations import by_file


def pieces(report: Report) -> Iterator[str]:
    """Give a whole page: the result, the counts per rule, then a table per file and rule."""
    yield from page_pieces(
        "validation",
        title=count_of(report.total, "finding") if report.total else "All is well" if report.ok else "Nothing checked",
        checked=format_checked(report),
        version=version("luminaldb"),
        counts=counts(report),
        notes=[*report.notes, *([omitted_note(report)] if report.omitted else [])],
        files=by_file(report),
        by_rule=_by_rule,
        count_of=count_of,
        rule_title=title,
        severity_word=_severity_word,
    )


def _by_rule(findings: Sequence[Issue]) -> Iterator[tuple[tuple[str, str], list[Issue]]]:
    groups: dict[tuple[str, str], list[Issue]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.severity), []).append(finding)
    for key in sorted(groups):
        yield key, groups[key]


def _severity_word(severity: str) -> str:
    return "error" if severity == "error" else "warning"
