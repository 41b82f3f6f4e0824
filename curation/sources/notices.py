"""A notice on a paper: that it was corrected, retracted, or is in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# The graver first.
KINDS = ("retraction", "expression_of_concern", "correction")
_DOI = re.compile(r"10\.\d{4,9}/[^\s;,()<>]+(?:\([^\s;()]*\)[^\s;,()<>]*)*")
_PMID = re.compile(r"(?<![\d./-])[1-9]\d{6,8}(?![\d./-])")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice on a paper.

    Attributes:
        kind: retraction, expression_of_concern or correction.
        ids: its DOI in lower case, its PMID, or both; empty where the service names neither.
        date: ISO 8601, as precise as the service knows it; empty where it doesn't.
        sources: who says so.
    """

    kind: str
    ids: frozenset[str]
    date: str
    sources: frozenset[str]

    def message(self) -> str:
        """Describe what is noted and where."""
        what = self.kind.replace("_", " ")
        return " ".join(filter(None, (what, ", ".join(sorted(self.ids)), f"of {self.date}" if self.date else "")))


def find_ids(text: str) -> frozenset[str]:
    """Find the DOIs, in lower case, and the PMIDs in a text."""
    dois = {d.rstrip(".").lower() for d in _DOI.findall(text)}
    text_without_dois = _DOI.sub(" ", text)
    return frozenset(dois | set(_PMID.findall(text_without_dois)))


def merge_notices(notices: Iterable[Notice]) -> list[Notice]:
    """Make one of the notices of a kind that share an id, as when both services know it."""
    result: list[Notice] = []
    for notice in notices:
        matching_notices = [n for n in result if n.kind == notice.kind and (n.ids & notice.ids or n.ids == notice.ids)]
        for n in matching_notices:
            result.remove(n)
        notices_to_merge = [*matching_notices, notice]
        result.append(
            Notice(
                notice.kind,
                frozenset().union(*(n.ids for n in notices_to_merge)),
                min((n.date for n in notices_to_merge if n.date), default=""),
                frozenset().union(*(n.sources for n in notices_to_merge)),
            )
        )
    return sorted(result, key=lambda n: (KINDS.index(n.kind), n.date, sorted(n.ids)))
