"""Rules on retired ids: none lives on, and each successor does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, text_of
from ..checks import Check
from ..lookups import Frame, Frames, has_columns, primary_key
from .rule import Example, Rule, has_fields

_TABLE = "table_name" + TEXT


@dataclass(frozen=True, slots=True)
class IdIsInUse:
    """Whether the id in a column is the primary key of a row of the table named beside it.

    Attributes:
        alias: name of the column it adds; null where the table's rows aren't at hand.
        column: the column that holds the id, parts of a composite key joined by a bar.
    """

    alias: str
    column: str

    @property
    def needed_tables(self) -> None:
        """The tables it looks at; see Lookup."""
        return None

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        id_column = self.column + TEXT
        if not has_columns(frame, _TABLE, id_column):
            return frame
        named_tables = frame.select(_TABLE).unique().collect(backend="polars")[_TABLE].to_list()
        ids_by_table = {
            name: _ids(name, tables, id_column) for name in named_tables if name is not None and name in tables
        }
        ids_at_hand = {name: ids for name, ids in ids_by_table.items() if ids is not None}
        id_frames = list(ids_at_hand.values())
        applies = nw.col(_TABLE).is_in(list(ids_at_hand)) & ~nw.col(id_column).is_null()
        if not id_frames:
            return frame.with_columns(nw.when(applies).then(nw.lit(value=False)).alias(self.alias))
        used_ids = nw.concat(id_frames).unique().with_columns(nw.lit(value=True).alias(self.alias))
        joined = frame.join(used_ids, on=[_TABLE, id_column], how="left")
        return joined.with_columns(nw.when(applies).then(~nw.col(self.alias).is_null()).alias(self.alias))


def _ids(name: str, tables: Frames, alias: str) -> Frame | None:
    """Return the ids of a table, each beside the table's name; None where it has no columns to make them of."""
    frame: Frame = tables[name]
    parts = [c + TEXT for c in primary_key(tables, name)]
    if not parts or not has_columns(frame, *parts):
        return None
    row_key = nw.concat_str(*(nw.col(c) for c in parts), separator="|")
    ids = frame.select(nw.lit(name).alias(_TABLE), row_key.alias(alias))
    return ids.filter(~nw.col(alias).is_null())


def _stays_retired(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "retired_ids" or not has_fields(schema, "table_name", "old_id"):
        return
    in_use = IdIsInUse("::lives", "old_id")
    yield Check(
        "LDB608",
        ("old_id", "table_name"),
        ~nw.col(in_use.alias).fill_null(False),
        "{old_id} was retired, and a row of {table_name} has it again",
        "Give the row a new id; if it is the same thing as before, take the id off the list of the retired.",
        joined_columns=(in_use.alias,),
        lookups=(in_use,),
    )


def _successor_exists(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "retired_ids" or not has_fields(schema, "table_name", "successor_id"):
        return
    in_use = IdIsInUse("::successor_lives", "successor_id")
    yield Check(
        "LDB609",
        ("successor_id", "table_name"),
        text_of("successor_id").is_null() | nw.col(in_use.alias).fill_null(True),
        "the successor {successor_id} is no id of {table_name}",
        "Name an id that is in use, the last of the chain where that one was retired too; or leave it empty.",
        joined_columns=(in_use.alias,),
        lookups=(in_use,),
    )


_ROW = {"table_name": "effects", "old_id": "tandem-pfs-itt", "retired_in": "1.0.0", "reason": "Named twice."}

RULES = (
    Rule(
        "LDB608",
        "A retired id stays retired",
        "A user of an older release would take the new row for the old one.",
        _stays_retired,
        passing=Example("retired_ids", ({**_ROW, "successor_id": "tandem-pfs-itt-primary", "::lives": False},)),
        failing=Example("retired_ids", ({**_ROW, "successor_id": "tandem-pfs-itt-primary", "::lives": True},)),
    ),
    Rule(
        "LDB609",
        "A successor exists",
        "A pointer that leads nowhere is worse than none.",
        _successor_exists,
        passing=Example(
            "retired_ids", ({**_ROW, "successor_id": "tandem-pfs-itt-primary", "::successor_lives": True},)
        ),
        failing=Example("retired_ids", ({**_ROW, "successor_id": "tandem-pfs", "::successor_lives": False},)),
    ),
)
