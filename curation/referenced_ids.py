"""The ids that a cell may name: which there are, and which was meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import ForeignKey, Resource
from luminaldb.loaders.names import normalise_name

_LABEL_COLUMNS = ("name", "acronym", "symbol", "title", "label", "statement")
_MAX_SHOWN = 60


@dataclass(frozen=True)
class ReferencedIds:
    """The ids that a column may name.

    Attributes:
        table: that has them.
        rows: id, label, and everything a reader may know the row by, reduced to its letters and digits.
    """

    table: str
    rows: pl.DataFrame

    @property
    def all_ids(self) -> list[str]:
        """Every id, in the order of its table."""
        return self.rows["id"].to_list()

    def label(self, name: str) -> str:
        """Describe the row of an id."""
        result = self.rows.filter(pl.col("id") == name)["label"]
        text = str(result[0]) if len(result) else ""
        return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"

    def nearest(self, typed: str, limit: int = 8) -> list[str]:
        """Return the ids that may be meant by what was typed: by a part of the row, or by few letters that differ."""
        normalised_text = pl.select(normalise_name(pl.lit(typed.strip()))).item()
        if not normalised_text:
            return self.all_ids[:limit]
        begins_so = pl.col("plain").str.starts_with(normalised_text)
        matching_rows = self.rows.filter(pl.col("plain").str.contains(normalised_text, literal=True))
        matching_rows = matching_rows.sort(begins_so, descending=True, maintain_order=True)
        similar_ids = difflib.get_close_matches(typed.strip().lower(), self.all_ids, n=limit, cutoff=0.6)
        return list(dict.fromkeys([*matching_rows["id"].to_list()[:limit], *similar_ids]))[:limit]


def reference_of_column(resource: Resource, column: str) -> ForeignKey | None:
    """Return the key by which a column alone names rows elsewhere, if it does."""
    return next((k for k in resource.schema.all_references() if k.columns == (column,)), None)


def find_referenced_ids(
    tree: Database, resource: Resource, column: str, entered: Mapping[str, str] | None = None
) -> ReferencedIds | None:
    """Return the ids that a column may name; None where it names none, or its table isn't in the tree.

    Args:
        tree: to look in.
        resource: the table of the column.
        column: its name.
        entered: cells of the same row: ids of rows that agree with them are given alone, so that an arm is one of
            the row's own trial.
    """
    key = reference_of_column(resource, column)
    table = (key.reference.table or resource.name) if key else ""
    if key is None or table not in tree.tables:
        return None
    frame = tree.text(table)
    target = tree.resource(table)
    shared_columns = [c for c in _shared_columns(resource, target, column) if (entered or {}).get(c)]
    for shared_column in shared_columns:
        matching_rows = frame.filter(pl.col(shared_column) == (entered or {})[shared_column])
        frame = matching_rows if matching_rows.height else frame
    return ReferencedIds(table, _describe(frame, key.reference.columns[0]))


def _shared_columns(resource: Resource, target: Resource, column: str) -> Sequence[str]:
    """Return the columns by which a row and the row it names agree: both name the same thing by them, as trial_id."""
    tables_named_here, tables_named_there = (_tables_by_column(r) for r in (resource, target))
    return [
        c
        for c in resource.schema.names
        if c != column and c in tables_named_here and tables_named_here[c] == tables_named_there.get(c)
    ]


def _tables_by_column(resource: Resource) -> dict[str, str]:
    keys = resource.schema.all_references()
    return {k.columns[0]: k.reference.table or resource.name for k in keys if len(k.columns) == 1}


def _describe(frame: pl.DataFrame, key: str) -> pl.DataFrame:
    label = next((c for c in _LABEL_COLUMNS if c in frame.columns), None)
    return frame.select(
        pl.col(key).alias("id"),
        (pl.col(label) if label else pl.lit("")).alias("label"),
        normalise_name(pl.concat_str(pl.all(), separator="|")).alias("plain"),
    )
