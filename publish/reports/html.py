"""HTML: one file that a curator can mail; no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version

from ...schemas.findings import Finding, Report
from .places import by_file
from .words import checked, counts, number, plain, title

_STYLE = """
:root { color-scheme: light dark; --line: #c9d3da; --head: #eef3f6; --error: #a4133c; --warning: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --line: #43505a; --head: #232c33; --error: #ff8fa8; --warning: #f2c46d; }
}
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 90rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { border: 1px solid var(--line); padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; }
th { background: var(--head); }
td { overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 0.95em ui-monospace, monospace; }
.error { color: var(--error); }
.warning { color: var(--warning); }
@media print { body { max-width: none; } }
"""
_COLUMNS = ("Line", "Column", "Row", "Cell", "What is wrong", "What to do")


def render(report: Report) -> str:
    """Give a whole page: the verdict, the counts per rule, then a table per file and rule."""
    # The policy allows this one style sheet by its hash, and nothing else: no script, image, font or request.
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_verdict(report)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        "<h1>Validation</h1>",
        f"<p><strong>{_verdict(report)}</strong>: {checked(report)}, by luminaldb {_text(version('luminaldb'))}.</p>",
        *_summary(report),
        *_notes(report.notes),
        *(part for n, (file, findings) in enumerate(by_file(report).items(), 1) for part in _file(n, file, findings)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _text(value: str) -> str:
    return escape(plain(value), quote=True)


def _verdict(report: Report) -> str:
    return number(len(report.findings), "finding") if report.findings else "All is well"


def _summary(report: Report) -> Iterable[str]:
    if report.findings:
        rows = [
            [_rule(str(c["rule"]), str(c["severity"])), _text(str(c["title"])), f"{c['findings']:,}"]
            for c in counts(report)
        ]
        yield from _table("Findings per rule", ("Rule", "What should hold", "Findings"), rows, numbers=(2,))


def _notes(notes: Sequence[str]) -> Iterable[str]:
    if notes:
        yield from ("<h2>Notes</h2>", "<ul>", *(f"<li>{_text(note)}</li>" for note in notes), "</ul>")


def _file(place: int, file: str, findings: Sequence[Finding]) -> Iterable[str]:
    yield f'<section aria-labelledby="file-{place}">'
    yield f'<h2 id="file-{place}"><code>{_text(file)}</code>, {number(len(findings), "finding")}</h2>'
    for rule, severity in sorted({(f.rule, f.severity) for f in findings}):
        own = [f for f in findings if (f.rule, f.severity) == (rule, severity)]
        caption = f"{_rule(rule, severity)} {_text(title(rule))} ({len(own):,})"
        yield from _table(caption, _COLUMNS, [_row(f) for f in own], numbers=(0,))
    yield "</section>"


def _rule(code: str, severity: str) -> str:
    shown = "error" if severity == "error" else "warning"
    return f'<code>{_text(code)}</code> <span class="{shown}">{shown}</span>'


def _row(finding: Finding) -> list[str]:
    codes = (finding.column, finding.row_key, finding.value)
    shown = [f"<code>{_text(text)}</code>" if text else "" for text in codes]
    return [f"{finding.line}" if finding.line else "", *shown, _text(finding.message), _text(finding.cure)]


def _table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()
) -> Iterable[str]:
    yield '<div class="table">'
    yield f"<table><caption>{caption}</caption>"
    yield "<thead><tr>" + "".join(f'<th scope="col">{name}</th>' for name in head) + "</tr></thead>"
    yield "<tbody>"
    for row in rows:
        cells = (f'<td class="number">{c}</td>' if n in numbers else f"<td>{c}</td>" for n, c in enumerate(row))
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"
