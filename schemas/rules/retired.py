"""Rules on retired ids: none lives on, and each successor does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from ...loaders import shipped
from ...loaders.descriptor import TableSchema
from ...loaders.errors import UnknownTableError
from ..checks import TEXT, Check, text_of
from ..lookups import Frames
from .rule import Example, Rule, has

_TABLE = "table_name" + TEXT


@dataclass(frozen=True, slots=True)
class Living:
    """Whether the id in a column is the primary key of a row of the table named beside it.

    Attributes:
        alias: name of the column it adds; null where the table wasn't given.
        column: the column that holds the id, parts of a composite key joined by a bar.
    """

    alias: str
    column: str

    def add(self, frame: pl.DataFrame, tables: Frames) -> pl.DataFrame:
        """Add the column; see Lookup."""
        if not {_TABLE, self.column + TEXT} <= set(frame.columns):
            return frame
        ids = {name: _ids(name, tables[name]) for name in frame[_TABLE].drop_nulls().unique() if name in tables}
        pairs = frame.select(_TABLE, self.column + TEXT).iter_rows()
        told = [key in ids[table] if table in ids and key is not None else None for table, key in pairs]
        return frame.with_columns(pl.Series(self.alias, told, dtype=pl.Boolean))


def _ids(name: str, frame: pl.DataFrame) -> set[str]:
    try:
        key = shipped.owner(name).resource(name).schema.primary_key
    except UnknownTableError:
        key = tuple(c.removesuffix(TEXT) for c in frame.columns if c.endswith(TEXT))[:1]
    columns = [c + TEXT for c in key]
    if not columns or not set(columns) <= set(frame.columns):
        return set()
    return set(frame.select(pl.concat_str(columns, separator="|")).to_series().drop_nulls())


def _stays_retired(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "retired_ids" or not has(schema, "table_name", "old_id"):
        return
    lives = Living("::lives", "old_id")
    yield Check(
        "LDB608",
        ("old_id", "table_name"),
        ~nw.col(lives.alias).fill_null(False),
        "{old_id} was retired, and a row of {table_name} has it again",
        "Give the row a new id; if it is the same thing as before, take the id off the list of the retired.",
        brings=(lives.alias,),
        lookups=(lives,),
    )


def _successor_lives(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "retired_ids" or not has(schema, "table_name", "successor_id"):
        return
    lives = Living("::successor_lives", "successor_id")
    yield Check(
        "LDB609",
        ("successor_id", "table_name"),
        text_of("successor_id").is_null() | nw.col(lives.alias).fill_null(True),
        "the successor {successor_id} is no id of {table_name}",
        "Name an id that is in use, the last of the chain where that one was retired too; or leave it empty.",
        brings=(lives.alias,),
        lookups=(lives,),
    )


_ROW = {"table_name": "effects", "old_id": "tandem-pfs-itt", "retired_in": "1.0.0", "reason": "Named twice."}

RULES = (
    Rule(
        "LDB608",
        "A retired id stays retired",
        "Who pinned an older release would read the new row for the old one.",
        _stays_retired,
        passing=Example("retired_ids", ({**_ROW, "successor_id": "tandem-pfs-itt-primary", "::lives": False},)),
        failing=Example("retired_ids", ({**_ROW, "successor_id": "tandem-pfs-itt-primary", "::lives": True},)),
    ),
    Rule(
        "LDB609",
        "A successor exists",
        "A pointer that leads nowhere is worse than none.",
        _successor_lives,
        passing=Example(
            "retired_ids", ({**_ROW, "successor_id": "tandem-pfs-itt-primary", "::successor_lives": True},)
        ),
        failing=Example("retired_ids", ({**_ROW, "successor_id": "tandem-pfs", "::successor_lives": False},)),
    ),
)
