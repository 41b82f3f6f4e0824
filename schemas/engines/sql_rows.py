"""The rows of a table in an engine of SQL, every column as text and typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.loaders.datapackage.text_reader import TextTable

from ..check_columns import TEXT
from .engine import Engine
from .engine_files import EngineFile
from .sql_columns import is_native

# Every whole number of so many characters fits into 64 bits.
_SAFE_DIGITS = 18
# So many cells are collected as lists of distinct ones: a column alone can spill, lists can't.
_LISTED_CELLS = 10_000_000


class SqlRows:
    """The rows of a table that an engine of SQL holds.

    Attributes:
        engine: that holds the rows.
        native: the engine's own frame, every column as text; None where nothing can be read.
        file: whose order the engine doesn't keep; None where the rows came as a frame.
        notes: what could not be checked, and why.
    """

    has_lines = False
    can_be_collected = True

    def __init__(self, engine: Engine, schema: TableSchema, native: Any, engine_file: EngineFile) -> None:
        self.engine = engine
        self.native = native
        self.notes: list[str] = []
        self._schema = schema
        self._engine_file = engine_file

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns, as written."""
        return self._engine_file.header

    @property
    def readable(self) -> bool:
        """Whether there are columns to look at."""
        return self.native is not None and bool(self.header)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._engine_file.rows

    @property
    def issues(self) -> Sequence[Issue]:
        """What is wrong with the form of the file, as far as it is known."""
        return self._engine_file.issues

    @property
    def omitted(self) -> Mapping[str, int]:
        """How many more issues there are than `issues` has, by code."""
        return self._engine_file.omitted

    def text_table(self) -> TextTable | None:
        """Return the rows as text; None where the file has to be read again for that."""
        return None if self.file is not None or self.native is None else self.text_in_memory()

    def text_in_memory(self) -> TextTable:
        """Collect all rows as text, without their order."""
        cells = self.cells(self.header, ordered=False)
        return TextTable(cells, [0] * cells.height, tuple(self.header))

    def all_issues(self) -> Sequence[Issue]:
        """Return all that is wrong with the form of the file."""
        return self._engine_file.issues

    @property
    def file(self) -> Path | None:
        """The file of the rows; None where they came as a frame."""
        return self._engine_file.path

    @cached_property
    def described_fields(self) -> list[Field]:
        """The fields that have a column in the file."""
        names = set(self._engine_file.columns or self.header)
        return [f for f in self._schema.fields if f.name in names]

    @cached_property
    def frame(self) -> Any:
        """The rows as checks see them, a lazy frame of narwhals: `x` typed, `x::text` as written, null where empty."""
        return self.frame_of(self.described_fields)

    def frame_of(self, fields: Sequence[Field]) -> Any:
        """Return a frame of some of the columns."""
        if self.native is None or not fields:
            return nw.from_native(pl.LazyFrame())
        sql = self.engine.sql
        selected = []
        for f in fields:
            text, wide = sql.text_or_null(f.name, self._schema.missing_values_of(f)), f.name in self.wide_columns
            selected.append(f"{sql.cast_column(f, text, wide=wide)} AS {sql.quote_name(f.name)}")
            selected.append(f"{text} AS {sql.quote_name(f.name + TEXT)}")
        return nw.from_native(self.engine.project(self.native, selected))

    @property
    def text_frame(self) -> Any:
        """The columns as written alone, `x::text`, null where empty."""
        sql = self.engine.sql
        fields = self.described_fields
        texts = [
            f"{sql.text_or_null(f.name, self._schema.missing_values_of(f))} AS {sql.quote_name(f.name + TEXT)}"
            for f in fields
        ]
        return nw.from_native(self.engine.project(self.native, texts))

    @cached_property
    def longest(self) -> dict[str, int]:
        """The number of characters of the longest cell of each column of numbers, from one query."""
        numbers = [f.name for f in self.described_fields if f.type in ("integer", "number") and is_native(f)]
        if not numbers or not self.count:
            return {}
        sql = self.engine.sql
        lengths = [f"length({sql.quote_name(c)}) AS {sql.quote_name(c)}" for c in numbers]
        rows = nw.from_native(self.engine.project(self.native, lengths))
        lengths_of_longest = rows.select(nw.all().max()).collect(backend="polars").row(0)
        return {c: length or 0 for c, length in zip(numbers, lengths_of_longest, strict=True)}

    @cached_property
    def wide_columns(self) -> frozenset[str]:
        """The integer columns whose cells are so long that some may need more than 64 bits."""
        integers = {f.name for f in self.described_fields if f.type == "integer"}
        return frozenset(c for c, length in self.longest.items() if c in integers and length > _SAFE_DIGITS)

    def distinct_cells(self, fields: Sequence[Field]) -> dict[str, pl.Series]:
        """Collect the distinct cells of columns as written, in one query where they are few enough to be lists."""
        names = {f.name: f.name + TEXT for f in fields}
        if len(names) > 1 and self.count * len(names) <= _LISTED_CELLS:
            lists = self.engine.distinct(nw.to_native(self.frame_of(fields)), list(names.values()))
            return {f: pl.Series(lists[text], dtype=pl.String) for f, text in names.items()}
        return {f.name: self.distinct_where(f) for f in fields}

    def distinct_where(self, field: Field, condition: nw.Expr | None = None) -> pl.Series:
        """Collect the distinct cells of a column for which a condition is true."""
        frame = self.frame_of([field])
        frame = frame if condition is None else frame.filter(condition)
        text = field.name + TEXT
        cells: pl.Series = frame.select(text).unique().collect(backend="polars").to_native()[text]
        return cells

    def cells(self, names: Sequence[str], *, ordered: bool) -> pl.DataFrame:
        """Collect a few columns as written, in the order of the file where that counts."""
        if not ordered or self.file is None:
            project = self.engine.project(self.native, [self.engine.sql.quote_name(c) for c in names])
            collected: pl.DataFrame = nw.from_native(project).collect(backend="polars").to_native()
            return collected.with_columns(pl.all().fill_null(""))
        return (
            pl.scan_csv(self.file, separator=self._engine_file.delimiter, infer_schema=False)
            .select(pl.col(names).fill_null(""))
            .collect(engine="streaming")
        )
