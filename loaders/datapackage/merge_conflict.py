"""What git leaves in a file where two sides of a merge differ."""

from __future__ import annotations

from luminaldb.issue_codes import MERGE_CONFLICT
from luminaldb.issues import Issue, Place


def merge_conflict(data: bytes) -> Issue | None:
    """Return one issue for the conflicts in a file, at the first; None where there is none.

    A single line that starts like a mark may be a cell: all three marks must be there, in git's order.
    """
    start = data.find(b"\n<<<<<<< ")
    middle = data.find(b"\n=======", start) if start >= 0 else -1
    if middle < 0 or b"\n>>>>>>> " not in data[middle:]:
        return None
    return Issue(
        MERGE_CONFLICT,
        "the file holds a merge conflict that nobody has resolved",
        "Keep one side of each conflict, and delete the lines with <<<<<<<, ======= and >>>>>>>.",
        place=Place(line=data[: start + 1].count(b"\n") + 1),
    )
