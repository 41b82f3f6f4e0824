"""One self-contained HTML page: no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
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
td:first-child code { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 0.95em ui-monospace, monospace; }
.error { color: var(--error); }
.warning { color: var(--warning); }
@media print { body { max-width: none; } }
"""


def page(title: str, body: Iterable[str]) -> str:
    """Give a whole page.

    Args:
        title: its title, plain text.
        body: the lines of HTML of its main part, everything in them escaped.
    """
    # The policy allows this one style sheet by its hash, and nothing else: no script, image, font or request.
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        *body,
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()
) -> Iterable[str]:
    """Give the lines of a table.

    Args:
        caption: its caption, escaped.
        head: names of its columns.
        rows: its cells, escaped.
        numbers: places of the columns that hold numbers.
    """
    yield '<div class="table">'
    yield f"<table><caption>{caption}</caption>"
    yield "<thead><tr>" + "".join(f'<th scope="col">{name}</th>' for name in head) + "</tr></thead>"
    yield "<tbody>"
    for row in rows:
        cells = (f'<td class="number">{c}</td>' if n in numbers else f"<td>{c}</td>" for n, c in enumerate(row))
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"
