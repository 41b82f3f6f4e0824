"""The share of patients with a side effect, as a number and in words, and whether it leaves deaths out."""

from __future__ import annotations

import re

from .evidence import Row

ANY_EVENT = "any adverse event"
_GRADES_3_AND_4 = re.compile(r"\bgrades? 3 (to|and|or) 4\b", re.IGNORECASE)


def share_of_patients(row: Row) -> float | None:
    """Return the percentage of patients with a side effect; None where it can't be known."""
    if row["percent"]:
        return float(row["percent"])
    if row["events"] and row["n"] and float(row["n"]):
        return 100 * float(row["events"]) / float(row["n"])
    return None


def share_in_words(row: Row) -> str:
    """Write the share of patients with a side effect; empty where it isn't printed."""
    if row["percent"]:
        return f"{row['percent']} %"
    if row["events"] and row["n"]:
        return f"{row['events']} of {row['n']}"
    return ""


def excludes_deaths(row: Row) -> bool:
    """Return whether a share of grade 3 or worse is of grades 3 and 4 alone, as its note says."""
    return row["grade"] == "3_plus" and _GRADES_3_AND_4.search(row["note"]) is not None


def note_excluded_deaths(row: Row) -> str:
    """Return the grades of a share that leaves deaths out, as a suffix; else an empty text."""
    return " (grade 3 or 4)" if excludes_deaths(row) else ""
