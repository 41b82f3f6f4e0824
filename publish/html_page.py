"""One self-contained HTML page: no script, nothing from elsewhere, light or dark as the reader has it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root {
  color-scheme: light dark; --paper: #fff; --ink: #14191d;
  --line: #c9d3da; --head: #eef3f6; --error: #a4133c; --warning: #7a4f00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12171b; --ink: #eef2f4;
    --line: #43505a; --head: #232c33; --error: #ff8fa8; --warning: #f2c46d;
  }
}
html { background: var(--paper); color: var(--ink); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 90rem; margin: 0 auto; padding: 1rem; }
h1 { margin-top: 0.5rem; }
h2 { margin-top: 2.5rem; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { border: 1px solid var(--line); padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; }
th { background: var(--head); }
td { overflow-wrap: anywhere; }
td:first-child code { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 0.95em ui-monospace, monospace; }
.stacked { table-layout: fixed; }
.w6 { width: 6%; }
.w14 { width: 14%; }
.w16 { width: 16%; }
.w18 { width: 18%; }
.w22 { width: 22%; }
.w24 { width: 24%; }
@media (max-width: 50rem) {
  .stacked thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .stacked, .stacked caption, .stacked tbody, .stacked tr, .stacked td { display: block; }
  .stacked tr { border: 1px solid var(--line); margin-bottom: 0.75rem; }
  .stacked td { border: 0; padding: 0.15rem 0.6rem; text-align: left; }
  .stacked td:empty { display: none; }
  .stacked td::before { content: attr(data-name); display: block; font-size: 0.85em; font-weight: 600; }
  .stacked td:first-child { background: var(--head); }
}
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
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    widths: Sequence[int] = (),
) -> Iterable[str]:
    """Give the lines of a table.

    Args:
        caption: its caption, escaped.
        head: names of its columns, escaped.
        rows: its cells, escaped.
        numbers: places of the columns that hold numbers.
        widths: widths of the columns in percent, for tables that should look alike; on a phone their cells
            stand one below the other. The browser decides where omitted.
    """
    # A table that may be wider than its place scrolls, by keyboard too.
    yield '<div class="table">' if widths else '<div class="table" tabindex="0">'
    # Said aloud: cells that stand one below the other are no table to a browser unless it is told.
    roles = [f' role="{r}"' if widths else "" for r in ("table", "rowgroup", "row", "columnheader", "cell")]
    whole, group, line, header, cell = roles
    yield f"<table{whole}{_attribute('class', 'stacked' if widths else '')}><caption>{caption}</caption>"
    if widths:
        yield "<colgroup>" + "".join(f'<col class="w{width}">' for width in widths) + "</colgroup>"
    classes = ["number" if n in numbers else "" for n in range(len(head))]
    names = (
        f'<th scope="col"{header}{_attribute("class", c)}>{name}</th>' for c, name in zip(classes, head, strict=True)
    )
    yield f"<thead{group}><tr{line}>{''.join(names)}</tr></thead>"
    yield f"<tbody{group}>"
    labels = [_attribute("data-name", name) if widths else "" for name in head]
    opened = [f"<td{cell}{_attribute('class', c)}{label}>" for c, label in zip(classes, labels, strict=True)]
    for row in rows:
        yield f"<tr{line}>" + "".join(f"{start}{c}</td>" for start, c in zip(opened, row, strict=True)) + "</tr>"
    yield "</tbody></table></div>"


def _attribute(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""
