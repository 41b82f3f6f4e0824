"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from luminaldb.issues import Issue, Report

from ..html_page import render_page
from .finding_text import counts, format_checked, number, title
from .locations import by_file


def render(report: Report) -> str:
    """Render a whole page: the result, the counts per rule, then a table per file and rule."""
    return render_page(
        "validation",
        title=number(len(report.findings), "finding") if report.findings else "All is well",
        checked=format_checked(report),
        version=version("luminaldb"),
        counts=counts(report),
        notes=report.notes,
        files=by_file(report),
        by_rule=_by_rule,
        number=number,
        rule_title=title,
        severity_word=_severity_word,
    )


def _by_rule(findings: Sequence[Issue]) -> Iterator[tuple[tuple[str, str], list[Issue]]]:
    for rule, severity in sorted({(f.code, f.severity) for f in findings}):
        yield (rule, severity), [f for f in findings if (f.code, f.severity) == (rule, severity)]


def _severity_word(severity: str) -> str:
    return "error" if severity == "error" else "warning"
