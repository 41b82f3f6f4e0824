"""How sure a number is: where it was read, how often, the status of its source; not how good the trial was."""

from __future__ import annotations

from dataclasses import dataclass

# What was opened, by how much it can be relied on, and what a reader calls it.
_LEVELS = {
    "full_text": (3, "full text"),
    "registry": (3, "registry"),
    "label": (3, "drug label"),
    "abstract": (2, "abstract"),
    "secondary": (1, "somebody else's report"),
}
_RESULTS_OF_SECOND_READS = ("agreed", "corrected", "incomplete")
_RETRACTED_OR_IN_DOUBT = {
    "retracted": "source retracted",
    "retracted_republished": "source retracted, published again",
    "expression_of_concern": "the journal voiced concern",
}
_NOT_PEER_REVIEWED = {"preprint": "not peer reviewed", "conference_only": "seen at a conference only"}
GRADES = ("very low", "low", "moderate", "good", "high")


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a number is.

    Attributes:
        grade: 0 (its source was retracted or is in doubt) to 4 (read twice in the full text, registry or label).
        reasons: what it was graded by, in words.
    """

    grade: int
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """The grade's name: very low, low, moderate, good or high."""
        return GRADES[self.grade]

    @property
    def text(self) -> str:
        """The grade and its reasons: `good: abstract, read twice`."""
        return f"{self.name}: {', '.join(self.reasons)}"


def certainty(source_level: str | None, second_read: str | None, publication_status: str | None) -> Certainty:
    """Grade a number.

    A number read in a full text, a registry or a drug label starts at 3, in an abstract at 2, in somebody else's report
    at 1. A second reader who read the source adds 1. A source that is not peer reviewed, or was seen at a conference
    only, stays at 2 or below; one that was retracted or is in doubt is 0.

    Args:
        source_level: what was opened, as in the tables.
        second_read: the result of the second read; empty or `not_yet` without one.
        publication_status: of the source.

    Example:
        >>> certainty("abstract", "agreed", "published").text
        'good: abstract, read twice'
    """
    level, name = _LEVELS.get(source_level or "", (1, "not stated what was read"))
    is_read_twice = second_read in _RESULTS_OF_SECOND_READS
    reasons = [name, "read twice" if is_read_twice else "read once"]
    if second_read == "corrected":
        reasons.append("corrected by the second reader")
    if second_read == "source_conflict":
        reasons.append("sources differ")
    status = publication_status or ""
    grade = level + is_read_twice
    if status == "corrected":
        reasons.append("paper was corrected")
    if status in _NOT_PEER_REVIEWED:
        reasons.append(_NOT_PEER_REVIEWED[status])
        grade = min(grade, 2)
    if status in _RETRACTED_OR_IN_DOUBT:
        return Certainty(0, (*reasons, _RETRACTED_OR_IN_DOUBT[status]))
    return Certainty(grade, tuple(reasons))
