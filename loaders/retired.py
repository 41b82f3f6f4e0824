"""Replace an id of a former release by its successor."""

from __future__ import annotations

import warnings

import polars as pl

from luminaldb.errors import LuminaldbError, RetiredIdWarning

from .database import Database
from .frames import DataSource
from .suggestions import refuse_unknown


def current_id(table: str, row_id: str, *, version: str | None = None, path: DataSource = None) -> str:
    """Return the id in use: the one given, or the successor of a retired one, with a RetiredIdWarning.

    Args:
        table: name of the table.
        row_id: an id of it, parts of a composite key joined by a bar.
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Raises:
        UnknownTableError: no table has that name.
        LuminaldbError: no row has that id; or it was retired and nothing took its place.
    """
    database = Database.find(path, version=version)
    key = [pl.col(c).cast(pl.String) for c in database.resource(table).schema.primary_key]
    id_in_use = resolve_id(table, row_id, database)
    if id_in_use == row_id:
        all_ids = database.frame(table).select(pl.concat_str(key, separator="|"))[:, 0].to_list()
        refuse_unknown(f"row of {table} called", row_id, all_ids, table=table)
    return id_in_use


def resolve_id(table: str, row_id: str, database: Database) -> str:
    """Do what `current_id` does, but give back what was never an id: it may be a name.

    Args:
        table: name of the table.
        row_id: an id of it, or anything.
        database: whose retired ids count.

    Raises:
        LuminaldbError: the id was retired and nothing took its place.
    """
    successors = database.retired_ids
    visited: list[str] = []
    current = row_id
    while (table, current) in successors and current not in visited:
        visited.append(current)
        successor = successors[table, current]
        if successor is None:
            raise LuminaldbError(f"{table}: {row_id} was retired and nothing took its place; see table retired_ids")
        current = successor
    if visited:
        warnings.warn(f"{table}: {row_id} was retired; {current} took its place", RetiredIdWarning, stacklevel=3)
    return current
