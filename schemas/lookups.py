"""What a rule needs to know of other rows: a value looked up, how often a row is used, whether it is its own ancestor.

Each lookup adds one column to the frame that checks are run on, named by its alias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from .checks import TEXT

Frames = Mapping[str, pl.DataFrame]


class Lookup(Protocol):
    """Adds a column about other rows."""

    @property
    def alias(self) -> str:
        """Name of the column it adds."""

    def add(self, frame: pl.DataFrame, tables: Frames) -> pl.DataFrame:
        """Add the column; the frame comes back unchanged where a table or column is missing."""


@dataclass(frozen=True, slots=True)
class Value:
    """A cell of another table's row, found by several columns.

    Attributes:
        alias: name of the column it adds.
        table: where to look.
        on: pairs of columns that must agree, here and there; compared as written.
        column: the column to bring along.
        where: columns of the other table and the text they must hold.
    """

    alias: str
    table: str
    on: tuple[tuple[str, str], ...]
    column: str
    where: tuple[tuple[str, str], ...] = ()

    def add(self, frame: pl.DataFrame, tables: Frames) -> pl.DataFrame:
        """Add the column; see Lookup."""
        other = tables.get(self.table)
        here, there = [a + TEXT for a, _ in self.on], [b + TEXT for _, b in self.on]
        asked = [*there, self.column, *(c + TEXT for c, _ in self.where)]
        if other is None or not set(asked) <= set(other.columns) or not set(here) <= set(frame.columns):
            return frame
        for column, text in self.where:
            other = other.filter(pl.col(column + TEXT) == text)
        found = other.drop_nulls(self.column).select(*there, pl.col(self.column).alias(self.alias))
        return frame.join(
            found.unique(there, keep="first", maintain_order=True),
            left_on=here,
            right_on=there,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of other tables name this one.

    Attributes:
        alias: name of the column it adds.
        key: the column that identifies a row here.
        used_by: tables and columns that may name it.
    """

    alias: str
    key: str
    used_by: tuple[tuple[str, str], ...]

    def add(self, frame: pl.DataFrame, tables: Frames) -> pl.DataFrame:
        """Add the column; see Lookup. A package that lacks one of the tables can't be counted in."""
        there = [(tables.get(table), column + TEXT) for table, column in self.used_by]
        if self.key + TEXT not in frame.columns or any(t is None or c not in t.columns for t, c in there):
            return frame
        names = [t[c].drop_nulls().rename("name") for t, c in there if t is not None]
        counts = pl.concat(names).value_counts(name=self.alias).rename({"name": self.key + TEXT})
        return frame.join(counts, on=self.key + TEXT, how="left", maintain_order="left").with_columns(
            pl.col(self.alias).fill_null(0)
        )


@dataclass(frozen=True, slots=True)
class Ancestry:
    """Whether following a parent column leads back to the row itself.

    Attributes:
        alias: name of the column it adds.
        key: the column that identifies a row.
        parent: the column that names its parent.
    """

    alias: str
    key: str
    parent: str

    def add(self, frame: pl.DataFrame, tables: Frames) -> pl.DataFrame:
        """Add the column; see Lookup."""
        del tables
        pair = [self.key + TEXT, self.parent + TEXT]
        if not set(pair) <= set(frame.columns):
            return frame
        parents = dict(frame.select(pair).iter_rows())
        told = [_returns(name, parents) for name in frame[self.key + TEXT]]
        return frame.with_columns(pl.Series(self.alias, told, dtype=pl.Boolean))


def _returns(name: str | None, parents: Mapping[str, str | None]) -> bool:
    step = parents.get(name) if name is not None else None
    for _ in range(len(parents)):
        if step is None or step == name:
            break
        step = parents.get(step)
    return name is not None and step == name


@dataclass(frozen=True, slots=True)
class Run:
    """Whether a row ends three whose last four digits rise by one.

    Attributes:
        alias: name of the column it adds.
        column: the column whose cells may count upward.
    """

    alias: str
    column: str

    def add(self, frame: pl.DataFrame, tables: Frames) -> pl.DataFrame:
        """Add the column; see Lookup."""
        del tables
        if self.column + TEXT not in frame.columns:
            return frame
        tail = pl.col(self.column + TEXT).str.extract(r"([0-9]{4})$").cast(pl.Int64)
        dragged = (tail.diff() == 1) & (tail.diff().shift(1) == 1)
        return frame.with_columns(dragged.fill_null(value=False).alias(self.alias))


def look_up(frame: pl.DataFrame, lookups: Sequence[Lookup], tables: Frames) -> pl.DataFrame:
    """Add the column of each lookup once."""
    for lookup in dict.fromkeys(lookups):
        frame = lookup.add(frame, tables)
    return frame
