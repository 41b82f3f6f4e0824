"""Shipped tables as data frames of the user's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import polars as pl

from luminaldb.errors import MissingExtraError

from . import installed
from .datapackage import field_types

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

Target = Literal["polars", "pandas", "arrow", "duckdb"]


@overload
def load(table: str, *, to: Literal["polars"] = "polars", version: str | None = None) -> pl.DataFrame: ...
@overload
def load(table: str, *, to: Literal["pandas"], version: str | None = None) -> pd.DataFrame: ...
@overload
def load(table: str, *, to: Literal["arrow"], version: str | None = None) -> pa.Table: ...
@overload
def load(table: str, *, to: Literal["duckdb"], version: str | None = None) -> duckdb.DuckDBPyRelation: ...
def load(table: str, *, to: Target = "polars", version: str | None = None) -> Any:
    """Load a table: as installed, or as a release held it.

    Args:
        table: its name, for instance `effects`; `tables()` lists them.
        to: what to give: a polars or pandas data frame, an Arrow table or a DuckDB relation.
        version: a release, for instance `0.1.0`; `versions()` lists them. One that isn't on this machine is
            fetched from LUMINALDB_RELEASES (a URL or a folder), verified by its SHA-256, and kept in a cache.

    Returns:
        One row per CSV row in primary key order, one column per field with the descriptor's dtype:
        numbers Float64 or Int64, dates Date, true/false Boolean, enums polars Enum, all else String,
        an empty cell null. Units stand in `describe(table)`.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
        MissingExtraError: the library asked for isn't installed.
        ReleaseError: there is no such release, or it can't be had.
    """
    if version is not None:
        from .releases.versions import load_version

        return convert(load_version(table, version), to)
    return convert(installed.owner(table).load(table), to)


def scan(table: str) -> pl.LazyFrame:
    """Scan a shipped table lazily: the same columns and dtypes as `load`, read when collected.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
    """
    package = installed.owner(table)
    resource = package.resource(table)
    file = installed.root_of(package) / (resource.path or "")
    lazy = pl.scan_csv(file, infer_schema=False)
    schema = resource.schema
    return lazy.select(field_types.cast(f, schema.missing_of(f)) for f in schema.fields)


def convert(frame: pl.DataFrame, to: str) -> Any:
    """Turn a polars frame into the kind asked for; see `load`.

    Raises:
        MissingExtraError: the library asked for isn't installed.
        ValueError: `to` is none of the kinds.
    """
    if to not in ("polars", "pandas", "arrow", "duckdb"):
        raise ValueError(f"to={to!r} is none of polars, pandas, arrow, duckdb")
    try:
        match to:
            case "pandas":
                return frame.to_pandas()
            case "arrow":
                return frame.to_arrow()
            case "duckdb":
                import duckdb

                return duckdb.from_arrow(frame.to_arrow())
    except ModuleNotFoundError as error:
        missing = error.name or to
        raise MissingExtraError(f"{missing} is not installed; run: pip install 'luminaldb[{to}]'") from None
    return frame
