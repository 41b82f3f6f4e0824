"""What the search looks through: every row that answers something, in words, with the topics it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .tables import Row


@dataclass(frozen=True, slots=True)
class Document:
    """One row, or group of rows, that a search can find.

    Attributes:
        kind: what a reader calls it.
        table: where its row is.
        key: the row's primary key, its parts joined by a bar.
        title: the answer, in words.
        detail: what is shown next to the title.
        prior: its weight before the query.
        topics: what it is about.
        compared: topics of what it is compared with.
        mentions: topics it touches.
        words: text that it is known by.
        text: text that mentions it.
        names: names and identifiers that mean this row and no other.
    """

    kind: str
    table: str
    key: str
    title: str
    detail: str = ""
    prior: float = 1.0
    topics: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    words: str = ""
    text: str = ""
    names: tuple[str, ...] = ()
    compared: frozenset[str] = frozenset()


def join_parts(*parts: str) -> str:
    """Join the parts of a sentence that aren't empty."""
    return ", ".join(p for p in parts if p)


def group(rows: Sequence[Row], columns: Sequence[str]) -> Mapping[tuple[str, ...], list[Row]]:
    """Group rows by what they hold in some columns, in the order of the first of each."""
    result: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        result[tuple(row.get(c, "") for c in columns)].append(row)
    return result
