"""From an id that a former release held to the id that took its place."""

from __future__ import annotations

import warnings

import polars as pl

from luminaldb.errors import LuminaldbError, RetiredIdWarning

from .datapackage.package import Package
from .frames import load
from .installed import owner
from .suggestions import refuse_unknown


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
        UnknownTableError: no table has that name.
        LuminaldbError: no row has that id; or it was retired and nothing took its place.
    """
    holder = owner(table)
    step = follow(table, row_id)
    if step == row_id:
        key = [pl.col(c).cast(pl.String) for c in holder.resource(table).schema.primary_key]
        known = holder.load(table).select(pl.concat_str(key, separator="|"))[:, 0].to_list()
        refuse_unknown(f"row of {table} called", row_id, known, table=table)
    return step


def follow(table: str, row_id: str) -> str:
    """Do what `current_id` does, but give back what was never an id: it may be a name.

    Args:
        table: name of the table.
        row_id: an id of it, or anything.

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
