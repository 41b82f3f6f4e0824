"""What a table on a page is made of: parts of text with a link, a mark or a drawing, cells, rows, sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .interval_drawing import Interval

_FEW_WORDS = 28
_SENTENCES = 160


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text.

    Attributes:
        text: what it says; the templates escape it.
        href: place from the site's root, or an address elsewhere.
        mark: the class of a badge; empty for plain text.
        title: what the text stands for.
        drawing: an interval drawn instead.
    """

    text: str
    href: str = ""
    mark: str = ""
    title: str = ""
    drawing: Interval | None = None

    @property
    def outside(self) -> bool:
        """Whether the link leaves the site."""
        return self.href.startswith(("https://", "http://"))


Cell = Sequence[Part]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table, with its id in the page."""

    anchor: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table of a page."""

    id: str
    title: str
    columns: Sequence[str]
    lines: Sequence[Line]
    intro: str = ""

    @property
    def wide(self) -> set[int]:
        """The columns that hold more than a few words, and so need room."""
        return self._beyond(_FEW_WORDS)

    @property
    def long(self) -> set[int]:
        """The columns that hold sentences: narrow ones would make rows tall."""
        return self._beyond(_SENTENCES)

    def _beyond(self, letters: int) -> set[int]:
        return {
            n for line in self.lines for n, cell in enumerate(line.cells) if sum(len(p.text) for p in cell) > letters
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value at the head of a page."""

    name: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one thing."""

    kind: str
    key: str
    place: str
    title: str
    lead: str
    facts: Sequence[Fact]
    sections: Sequence[Section]
    row_source: str = ""
    notices: Sequence[Cell] = ()
    timeline: Sequence[tuple[str, Sequence[Cell]]] = field(default=())


def text(value: str) -> Cell:
    """Give a cell of plain text."""
    return (Part(value),) if value else ()


def web(url: str, shown: str = "") -> Cell:
    """Give a link elsewhere; an address that is no web address stays text."""
    safe = url if url.startswith(("https://", "http://")) else ""
    return (Part(shown or url, safe),)
