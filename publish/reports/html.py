"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version

from luminaldb.issues import Issue, Report, printable

from ..html_page import page, table
from .finding_text import checked, counts, number, title
from .locations import by_file

_COLUMNS = ("Line", "Column", "Row", "Cell", "What is wrong", "What to do")
_WIDTHS = (6, 14, 18, 16, 22, 24)


def render(report: Report) -> str:
    """Give a whole page: the verdict, the counts per rule, then a table per file and rule."""
    body = [
        "<h1>Validation</h1>",
        f"<p><strong>{_verdict(report)}</strong>: {checked(report)}, by luminaldb {_text(version('luminaldb'))}.</p>",
        *_summary(report),
        *_notes(report.notes),
        *(part for n, (file, findings) in enumerate(by_file(report).items(), 1) for part in _file(n, file, findings)),
    ]
    return page(_verdict(report), body)


def _text(value: str) -> str:
    return escape(printable(value), quote=True)


def _verdict(report: Report) -> str:
    return number(len(report.findings), "finding") if report.findings else "All is well"


def _summary(report: Report) -> Iterable[str]:
    if report.findings:
        rows = [
            [_rule(str(c["rule"]), str(c["severity"])), _text(str(c["title"])), f"{c['findings']:,}"]
            for c in counts(report)
        ]
        yield from table("Findings per rule", ("Rule", "What should hold", "Findings"), rows, numbers=(2,))


def _notes(notes: Sequence[str]) -> Iterable[str]:
    if notes:
        yield from ("<h2>Notes</h2>", "<ul>", *(f"<li>{_text(note)}</li>" for note in notes), "</ul>")


def _file(place: int, file: str, findings: Sequence[Issue]) -> Iterable[str]:
    yield f'<section aria-labelledby="file-{place}">'
    yield f'<h2 id="file-{place}"><code>{_text(file)}</code>, {number(len(findings), "finding")}</h2>'
    for rule, severity in sorted({(f.code, f.severity) for f in findings}):
        own = [f for f in findings if (f.code, f.severity) == (rule, severity)]
        caption = f"{_rule(rule, severity)} {_text(title(rule))} ({len(own):,})"
        yield from table(caption, _COLUMNS, [_row(f) for f in own], numbers=(0,), widths=_WIDTHS)
    yield "</section>"


def _rule(code: str, severity: str) -> str:
    shown = "error" if severity == "error" else "warning"
    return f'<code>{_text(code)}</code> <span class="{shown}">{shown}</span>'


def _row(finding: Issue) -> list[str]:
    codes = (finding.column, finding.row_key, finding.value)
    shown = [f"<code>{_text(text)}</code>" if text else "" for text in codes]
    return [f"{finding.line}" if finding.line else "", *shown, _text(finding.message), _text(finding.hint)]
