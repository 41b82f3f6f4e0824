"""From an id that a former release held to the id that took its place."""

from __future__ import annotations

import warnings

from .errors import LuminaldbError, RetiredIdWarning
from .frames import load
from .package import Package


def successors(package: Package | None = None) -> dict[tuple[str, str], str | None]:
    """Map table and retired id to the id that took its place, None where none did.

    Args:
        package: one that holds the table `retired_ids`; the shipped ones where omitted.
    """
    frame = load("retired_ids") if package is None else package.load("retired_ids")
    return {(table, old): new for table, old, new in frame.select("table_name", "old_id", "successor_id").iter_rows()}


def current_id(table: str, row_id: str) -> str:
    """Give the id in use: the one given, or the successor of a retired one, with a RetiredIdWarning.

    Args:
        table: name of the table.
        row_id: an id of it, parts of a composite key joined by a bar.

    Raises:
        LuminaldbError: the id was retired and nothing took its place.
    """
    known = successors()
    seen: list[str] = []
    step = row_id
    while (table, step) in known and step not in seen:
        seen.append(step)
        successor = known[table, step]
        if successor is None:
            raise LuminaldbError(f"{table}: {row_id} was retired and nothing took its place; see table retired_ids")
        step = successor
    if seen:
        warnings.warn(f"{table}: {row_id} was retired; {step} took its place", RetiredIdWarning, stacklevel=3)
    return step
