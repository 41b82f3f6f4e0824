"""What a table on a page is made of: parts of text with a link, a mark or a drawing, cells, rows, sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .interval_drawing import Interval
from .summary_parts import Summary

BREAK = "break"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of text.

    Attributes:
        text: what it says; the templates escape it.
        href: address from the site's root, or one elsewhere.
        css_class: the class of a badge; empty for plain text.
        title: what the text stands for.
        drawing: an interval drawn instead.
    """

    text: str
    href: str = ""
    css_class: str = ""
    title: str = ""
    drawing: Interval | None = None

    @property
    def is_external(self) -> bool:
        """Whether the link leaves the site."""
        return self.href.startswith(("https://", "http://"))


Cell = Sequence[TextPart]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table, with its id in the page, the key of its row and a note below it."""

    anchor: str
    cells: Sequence[Cell]
    key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table of a page.

    Attributes:
        id: its id in the page.
        title: its title.
        columns: headings.
        lines: its rows, as far as the page shows them.
        intro: a sentence above them.
        total: how many rows there are.
        all_rows_address: of a page with all of them, where this one shows some.
        all_rows_text: what that page is.
        collapsed: shown on request.
    """

    id: str
    title: str
    columns: Sequence[str]
    lines: Sequence[TableRow]
    intro: str = ""
    total: int = 0
    all_rows_address: str = ""
    all_rows_text: str = "in the table"
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """A labelled value at the head of a page."""

    name: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one thing."""

    kind: str
    key: str
    address: str
    title: str
    lead: str
    labelled_values: Sequence[LabelledValue]
    sections: Sequence[Section]
    notices: Sequence[Cell] = ()
    timeline: Sequence[tuple[str, Sequence[Cell]]] = field(default=())
    summary: Summary | None = None
    actions: Sequence[tuple[str, str]] = ()
    without_results: Cell = ()
    """Of a trial without results: where to look for them."""


def stack(cells: Sequence[Cell]) -> Cell:
    """Put cells below one another in one."""
    parts: list[TextPart] = []
    for cell in cells:
        if cell:
            # A drawing takes a line of its own without a break.
            needs_break = parts and not (parts[-1].drawing or cell[0].drawing)
            parts += [*([TextPart("", css_class=BREAK)] if needs_break else []), *cell]
    return tuple(parts)


def text(value: str) -> Cell:
    """Return a cell of plain text."""
    return (TextPart(value),) if value else ()


def external_link(url: str, label: str = "") -> Cell:
    """Return a link elsewhere; an address that is no web address stays text."""
    href = url if url.startswith(("https://", "http://")) else ""
    return (TextPart(label or url, href),)
