"""Load tables as data frames of polars, pandas, Arrow or DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import polars as pl

from .convert import FrameType
from .database import Database

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

# A folder or zip, or an open database; None for the installed tables.
DataSource = str | Path | Database | None


@overload
def load(
    table: str,
    *,
    to: Literal["polars"] = "polars",
    version: str | None = None,
    path: DataSource = None,
    as_printed: bool = False,
) -> pl.DataFrame: ...
@overload
def load(
    table: str, *, to: Literal["pandas"], version: str | None = None, path: DataSource = None, as_printed: bool = False
) -> pd.DataFrame: ...
@overload
def load(
    table: str, *, to: Literal["arrow"], version: str | None = None, path: DataSource = None, as_printed: bool = False
) -> pa.Table: ...
@overload
def load(
    table: str, *, to: Literal["duckdb"], version: str | None = None, path: DataSource = None, as_printed: bool = False
) -> duckdb.DuckDBPyRelation: ...
def load(
    table: str,
    *,
    to: FrameType = "polars",
    version: str | None = None,
    path: DataSource = None,
    as_printed: bool = False,
) -> Any:
    """Load a table: the installed one, that of a release, or one from a folder or zip.

    Args:
        table: its name, for instance `effects`; `tables()` lists them.
        to: what to return: a polars or pandas data frame, an Arrow table or a DuckDB relation.
        version: a release, for instance `0.1.0`; `versions()` lists them. One that isn't on this machine is
            fetched from LUMINALDB_RELEASES (a URL or a folder), verified by its SHA-256, and stored in a cache.
        path: a folder of data packages, one package, or a zip of it, in place of the installed tables.
        as_printed: return numbers as text, as the file prints them: `0.60` and not 0.6.

    Returns:
        One row per CSV row in primary key order, one column per field with the descriptor's dtype:
        numbers Float64 or Int64, dates Date, true/false Boolean, enums polars Enum, all else String,
        an empty cell null. `describe(table)` gives the units.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
        MissingExtraError: the library that `to` needs isn't installed.
        ReleaseError: there is no such release, or it can't be fetched.

    Example:
        >>> import luminaldb
        >>> luminaldb.load("endpoints").columns[:2]
        ['endpoint_id', 'name']
    """
    return Database.find(path, version=version).load(table, to=to, as_printed=as_printed)


def scan(table: str, *, version: str | None = None, path: DataSource = None) -> pl.LazyFrame:
    """Scan a table lazily: the same columns and dtypes as `load`, read when collected.

    Args:
        table: its name.
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
    """
    return Database.find(path, version=version).scan(table)
