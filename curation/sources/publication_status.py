"""Compare the publication status in `citations` with the notices of Crossref and PubMed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .notices import KINDS, Notice, find_ids, merge_notices

# The statuses of a citation that are right for each kind of notice, its own first; a more serious one covers it.
_FITTING_STATUSES = {
    "retraction": ("retracted", "retracted_republished"),
    "expression_of_concern": ("expression_of_concern", "retracted", "retracted_republished"),
    "correction": ("corrected", "expression_of_concern", "retracted", "retracted_republished"),
}
_EXACT_STATUS_COUNTS = {"retraction": 2, "expression_of_concern": 1, "correction": 1}


@dataclass(frozen=True, slots=True)
class SourceIssue:
    """Something that a curator must look at.

    Attributes:
        table: of the row.
        row_key: its primary key.
        message: what is wrong.
        hint: what to do.
    """

    table: str
    row_key: str
    message: str
    hint: str


def compare_notices(citation: Mapping[str, Any], notices: Iterable[Notice]) -> Iterator[SourceIssue]:
    """Compare a row of citations with the notices on its paper.

    Args:
        citation: a row, with citation_id, publication_status and notice.
        notices: of all services.
    """
    status, named_ids = str(citation["publication_status"]), find_ids(str(citation["notice"] or ""))
    merged_notices = merge_notices(notices)
    for kind in KINDS:
        group = [n for n in merged_notices if n.kind == kind]
        if not group:
            continue
        sources = sorted(frozenset().union(*(n.sources for n in group)))
        services = f"{' and '.join(sources)} {'know' if len(sources) > 1 else 'knows'}"
        if status not in _FITTING_STATUSES[kind]:
            message = f"{services} of: {_join(group)}; the table says {status}"
            hint = "Read the notice, fix the rows that it changes, and set publication_status and notice."
            yield SourceIssue("citations", str(citation["citation_id"]), message, hint)
        elif status in _FITTING_STATUSES[kind][: _EXACT_STATUS_COUNTS[kind]] and (
            unnamed := _unnamed_notices(group, named_ids)
        ):
            message = f"{services} of: {_join(unnamed)}, which notice doesn't name"
            yield SourceIssue("citations", str(citation["citation_id"]), message, "Read it, and name it there.")


def _join(notices: list[Notice]) -> str:
    return "; ".join(n.message() for n in notices)


def _unnamed_notices(group: list[Notice], named_ids: frozenset[str]) -> list[Notice]:
    """Return the notices that the row should name: all where it names none, else those after the last it names."""
    named_notices = [n for n in group if n.ids & named_ids]
    unnamed_notices = [n for n in group if n.ids and not n.ids & named_ids]
    if not named_notices:
        return unnamed_notices
    last = max(n.date for n in named_notices)
    return [n for n in unnamed_notices if last and n.date > last]
