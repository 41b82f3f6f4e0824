"""The codebook as one HTML page: every table, every column, what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..html_page import page, table
from .content import Content, Sheet
from .dataset_metadata import Facts, facts

_HEAD = ("Column", "Type", "Unit", "Needed", "Key", "Allowed", "What it holds", "Example")


def render(content: Content) -> str:
    """Give the page."""
    said = facts(content)
    return page(f"{said.name} {said.version}: codebook", [*_front(content, said), *_tables(content)])


def _front(content: Content, said: Facts) -> Iterator[str]:
    yield f"<h1>{escape(said.title)}</h1>"
    yield f"<p>{escape(said.description)}</p>"
    data, code = (_link(licence.url, licence.name) for licence in (said.data_licence, said.code_licence))
    yield f"<p>Version {escape(said.version)} of {escape(said.date)}. Data under {data}, code under {code}.</p>"
    yield f"<p>How to cite: {escape(said.citation)} Cite the papers behind the rows, too: each row names its own.</p>"
    sources = (_link(s.path, s.title) if s.path else escape(s.title) for s in said.sources)
    yield f"<p>Sources: {'; '.join(sources)}.</p>"
    rows = [
        [f'<a href="#{s.name}"><code>{s.name}</code></a>', escape(s.resource.description), f"{s.frame.height:,}"]
        for s in content.sheets
    ]
    yield from table("Tables", ("Table", "What it holds", "Rows"), rows, numbers=(2,))


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def _tables(content: Content) -> Iterator[str]:
    names = {sheet.name for sheet in content.sheets}
    for sheet in content.sheets:
        yield f'<section aria-labelledby="{sheet.name}">'
        yield f'<h2 id="{sheet.name}"><code>{sheet.name}</code></h2>'
        yield f"<p>{escape(sheet.resource.description)}</p>"
        caption = f"{escape(sheet.resource.title)}: {sheet.frame.height:,} rows, {sheet.frame.width} columns"
        yield from table(caption, _HEAD, list(_columns(sheet, names)))
        yield "</section>"


def _columns(sheet: Sheet, names: set[str]) -> Iterator[list[str]]:
    for row in sheet.codebook.iter_rows(named=True):
        limits = [
            f"{word} {row[name]:g}" for name, word in (("minimum", "from"), ("maximum", "to")) if row[name] is not None
        ]
        allowed = escape(row["values"] or " ".join(limits))
        if row["pattern"]:
            allowed += f" <code>{escape(row['pattern'])}</code>"
        keys = ", ".join(_key(key, names) for key in (row["key"] or "").split(", ") if key)
        yield [
            f"<code>{escape(row['column'])}</code>",
            escape(row["type"]),
            escape(row["unit"] or ""),
            "yes" if row["required"] else "",
            keys,
            allowed.strip(),
            escape(row["description"] or ""),
            f"<code>{escape(row['example'])}</code>" if row["example"] else "",
        ]


def _key(key: str, names: set[str]) -> str:
    name = key.partition(".")[0]
    return f'<a href="#{name}"><code>{escape(key)}</code></a>' if name in names else escape(key)
