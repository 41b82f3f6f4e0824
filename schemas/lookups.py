"""What a rule needs to know of other rows: a value looked up, how often a row is used, whether it is its own ancestor.

Each adds one column to the frame that checks are run on, named by its alias. A `Lookup` is joins and counts of
narwhals over lazy frames, so that polars, DuckDB and Spark run the same one. What is ordered, or follows rows from
one to the next, is `WholeTableLookup`: a few columns come to polars in full, whatever engine holds the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import narwhals as nw
import polars as pl

from .check_columns import ROW, TEXT, text_of

Frame = nw.LazyFrame[Any]
Frames = Mapping[str, Any]
# Joins never match null with null; no cell holds this.
_NULL = "\x1f"


class Lookup(Protocol):
    """Adds a column about other rows."""

    @property
    def alias(self) -> str:
        """Name of the column it adds."""

    @property
    def needed_tables(self) -> tuple[str, ...] | None:
        """The tables without which it adds nothing, beside the row's own; None where each row names one."""

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column, keeping every row once; the frame comes back unchanged where a table or column is missing."""


@runtime_checkable
class WholeTableLookup(Protocol):
    """Adds a column that is computed from a few columns of all rows."""

    @property
    def alias(self) -> str:
        """Name of the column it adds."""

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The columns it reads, as written."""

    @property
    def ordered(self) -> bool:
        """Whether the order of the rows counts."""

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Return the column; the frame has those it needs."""


@runtime_checkable
class KeyedFrames(Protocol):
    """Frames of tables whose primary keys are known."""

    def primary_key(self, name: str) -> tuple[str, ...]:
        """Return the columns of a table's primary key; none where it has none or isn't known."""


def primary_key(tables: Frames, name: str) -> tuple[str, ...]:
    """Return the columns of a table's primary key; none where the frames don't have it."""
    return tables.primary_key(name) if isinstance(tables, KeyedFrames) else ()


def has_columns(frame: Any, *columns: str) -> bool:
    """Return whether a frame exists and has these columns."""
    # A schema with types is made again for each frame, names alone are not.
    return frame is not None and set(columns) <= set(frame.columns)


@dataclass(frozen=True, slots=True)
class ValueLookup:
    """A cell of another table's row, found by several columns; the least where several rows fit.

    Attributes:
        alias: name of the column it adds.
        table: where to look.
        on: pairs of columns that must agree, of the row and of the other table; compared as written.
        column: the column whose cell is added.
        filters: columns of the other table and the text that they must have.
    """

    alias: str
    table: str
    on: tuple[tuple[str, str], ...]
    column: str
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return (self.table,)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        other: Any = tables.get(self.table)
        needed_columns = [*(b + TEXT for _, b in self.on), self.column, *(c + TEXT for c, _ in self.filters)]
        if not has_columns(other, *needed_columns) or not has_columns(frame, *(a + TEXT for a, _ in self.on)):
            return frame
        for column, text in self.filters:
            other = other.filter(text_of(column) == text)
        local_keys, remote_keys = (
            [f"{self.alias}::{side}{n}" for n in range(len(self.on))] for side in ("local", "remote")
        )
        values = (
            other.filter(~nw.col(self.column).is_null())
            .select(
                *(text_of(b).fill_null(_NULL).alias(name) for (_, b), name in zip(self.on, remote_keys, strict=True)),
                nw.col(self.column).alias(self.alias),
            )
            .group_by(remote_keys)
            .agg(nw.col(self.alias).min())
        )
        keys = (text_of(a).fill_null(_NULL).alias(name) for (a, _), name in zip(self.on, local_keys, strict=True))
        return (
            frame.with_columns(*keys)
            .join(values, left_on=local_keys, right_on=remote_keys, how="left")
            .drop(local_keys)
        )


@dataclass(frozen=True, slots=True)
class ReferenceCount:
    """How many rows of other tables name this one.

    Attributes:
        alias: name of the column it adds.
        key: the column that identifies a row.
        references: tables and columns that may name it.
        optional_references: tables and columns that may name it, too, and that earlier releases of the data lack.
    """

    alias: str
    key: str
    references: tuple[tuple[str, str], ...]
    optional_references: tuple[tuple[str, str], ...] = ()

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return tuple(dict.fromkeys(table for table, _ in self.references))

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup. Unchanged if a table of `references` is missing or unreadable."""
        newer = [
            (table, column) for table, column in self.optional_references if _may_have_column(tables.get(table), column)
        ]
        frames_and_columns: list[tuple[Any, str]] = [
            (tables.get(table), column) for table, column in (*self.references, *newer)
        ]
        if not has_columns(frame, self.key + TEXT) or not all(has_columns(t, c + TEXT) for t, c in frames_and_columns):
            return frame
        name = f"{self.alias}::name"
        names = nw.concat([t.select(text_of(c).alias(name)) for t, c in frames_and_columns])
        counts = names.filter(~nw.col(name).is_null()).group_by(name).agg(nw.len().alias(self.alias))
        joined = frame.join(counts, left_on=self.key + TEXT, right_on=name, how="left")
        return joined.with_columns(nw.col(self.alias).fill_null(0))


def _may_have_column(frame: Any, column: str) -> bool:
    """Whether a table exists and has a column, or has no columns because its file is broken."""
    return frame is not None and (has_columns(frame, column + TEXT) or not frame.columns)


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
    ordered: bool = False

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        return (self.key, self.parent)

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Return the column; see WholeTableLookup."""
        parents = dict(frame.select(self.key + TEXT, self.parent + TEXT).iter_rows())
        returns = [_leads_back_to(name, parents) for name in frame[self.key + TEXT]]
        return pl.Series(self.alias, returns, dtype=pl.Boolean)


def _leads_back_to(name: str | None, parents: Mapping[str, str | None]) -> bool:
    step = parents.get(name) if name is not None else None
    for _ in range(len(parents)):
        if step is None or step == name:
            break
        step = parents.get(step)
    return name is not None and step == name


@dataclass(frozen=True, slots=True)
class RisingNumbers:
    """Whether a row ends three whose last four digits rise by one.

    Attributes:
        alias: name of the column it adds.
        column: the column whose cells may count upward.
    """

    alias: str
    column: str
    ordered: bool = True

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        return (self.column,)

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Return the column; see WholeTableLookup."""
        last_digits = frame[self.column + TEXT].str.extract(r"([0-9]{4})$").cast(pl.Int64)
        is_rising = (last_digits.diff() == 1) & (last_digits.diff().shift(1) == 1)
        return is_rising.fill_null(value=False).alias(self.alias)


class _LazyFrames(Mapping[str, Any]):
    """Frames of polars, each wrapped as narwhals' lazy one when it is looked at."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self._frames = frames

    def primary_key(self, name: str) -> tuple[str, ...]:
        return primary_key(self._frames, name)

    def __getitem__(self, name: str) -> Frame:
        return nw.from_native(self._frames[name].lazy())

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


def add_whole_table_lookups(frame: pl.DataFrame, lookups: Sequence[Lookup | WholeTableLookup]) -> pl.DataFrame:
    """Add the column of each that is gathered and finds what it needs."""
    whole_table_lookups = [x for x in dict.fromkeys(lookups) if isinstance(x, WholeTableLookup)]
    possible_lookups = [x for x in whole_table_lookups if {c + TEXT for c in x.needed_columns} <= set(frame.columns)]
    return frame.with_columns(x.compute(frame) for x in possible_lookups)


def join_lookups(frame: Frame, lookups: Sequence[Lookup | WholeTableLookup], tables: Frames) -> Frame:
    """Add the column of each that is joined; rows lose their order."""
    # Those that look at rows one by one come first: each of them would run the joins before it, too.
    for lookup in sorted(dict.fromkeys(lookups), key=lambda lookup: isinstance(lookup, ValueLookup | ReferenceCount)):
        if not isinstance(lookup, WholeTableLookup):
            frame = lookup.add(frame, tables)
    return frame


def add_lookups(
    frame: pl.DataFrame, lookups: Sequence[Lookup | WholeTableLookup], tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Add the column of each lookup once, to a frame in memory; its rows keep their order."""
    frame = add_whole_table_lookups(frame, lookups)
    if all(isinstance(lookup, WholeTableLookup) for lookup in lookups):
        return frame
    joined: pl.LazyFrame = nw.to_native(join_lookups(nw.from_native(frame.lazy()), lookups, _LazyFrames(tables)))
    # Only the new columns go through the joins and the sort, which would copy all others.
    columns = set(frame.columns)
    new_columns = [column for column in joined.collect_schema().names() if column not in columns]
    return frame.hstack(joined.select(ROW, *new_columns).collect().sort(ROW).drop(ROW))
