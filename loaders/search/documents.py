"""The documents that a search ranks: each states a row, or a group of rows, in words, with its topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .tables import Row


@dataclass(frozen=True, slots=True)
class Document:
    """One row, or group of rows, that a search can find.

    Attributes:
        kind: what it is, as results label it, for instance `Trial`.
        table: the table of its row.
        key: the row's primary key, its parts joined by a bar.
        title: the answer, in words.
        detail: what is shown next to the title.
        base_weight: its weight for any query.
        topics: what it is about.
        compared: topics of the control arm or other comparator.
        mentions: topics that it mentions without being about them.
        words: its own names and title words, which weigh more than `text`.
        text: other words on its row, such as a summary.
        names: names and identifiers that mean this row and no other.
    """

    kind: str
    table: str
    key: str
    title: str
    detail: str = ""
    base_weight: float = 1.0
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
    """Group rows by their values in some columns, in the order of first appearance."""
    result: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        result[tuple(row.get(c, "") for c in columns)].append(row)
    return result
