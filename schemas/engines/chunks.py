"""Check a file larger than memory in chunks; unique keys by a hash per row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.chunked_reader import (
    Chunk,
    NotSimpleCsvError,
    header_line,
    read_ahead,
    read_chunks,
    simple_csv_file,
)
from luminaldb.loaders.datapackage.csv_records import MAX_CELL_CHARACTERS
from luminaldb.loaders.datapackage.descriptor import TableSchema
from luminaldb.loaders.datapackage.text_reader import TextTable

from ..backend import CheckPlan
from ..check_frame import applicable_checks, check_frame, check_frame_columns, join_referenced_tables
from ..check_results import Failures, find_failures
from ..checks import Check
from ..combined_check import combine_checks
from ..exact_numbers import exact_checks, select_needed_checks
from ..sorted_keys import is_strictly_increasing, is_uniqueness_of_one_column
from ..table_to_check import WAIVERS, TableToCheck

LARGE_BYTES = 64 * 1024**2
_HASH = "hash"
_ROW_NUMBER = "::number"
_HASHABLE_TYPES = ("string", "integer", "number", "boolean", "date", "time", "datetime", "year", "any")
# Above this share of failing rows the combined check doesn't pay.
_MANY_FAILURES = 0.01
# The header is the first line of the file, and each line below it is a row.
_FIRST_ROW_LINE = 2


def chunked_file(table: TableToCheck) -> Path | None:
    """Return the file of a table that is checked in chunks: it is large, and each row can be checked by itself."""
    resource, schema = table.resource, table.resource.schema
    file = None if table.is_referenced or table.name == WAIVERS else simple_csv_file(table.source.store, resource)
    if file is None or file.stat().st_size < LARGE_BYTES:
        return None
    if not set(header_line(file, resource.dialect)) & set(schema.names):
        return None
    if any(c.compared_columns or c.lookups for c in table.rule_checks(warnings=True)):
        return None
    keys = {*schema.primary_key, *(c for key in schema.unique_keys for c in key)}
    keys |= {f.name for f in schema.fields if f.constraints.get("unique")}
    return None if any(f.type not in _HASHABLE_TYPES for f in schema.fields if f.name in keys) else file


class ChunkedRows:
    """The rows of a large file, of which only a chunk is in memory at a time.

    If a line can't be proven to be one record, the strict reader (`csv_records.py`) reads the file, into memory.
    """

    has_lines = True
    can_be_collected = True
    notes: Sequence[str] = ()

    def __init__(self, table: TableToCheck, file: Path) -> None:
        self._table = table
        self._file = file
        self._strict = False
        self._count = 0
        self.header = tuple(header_line(file, table.resource.dialect))

    @property
    def schema(self) -> TableSchema:
        """The schema of the table."""
        return self._table.resource.schema

    @property
    def readable(self) -> bool:
        """Whether the file has a header."""
        return bool(self.header)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._count

    @property
    def issues(self) -> Sequence[Issue]:
        """What is wrong with the form of the file, as far as it is known."""
        return self.all_text.issues if self._strict else ()

    @property
    def omitted(self) -> Mapping[str, int]:
        """How many more issues there are than `issues` has, by code."""
        return self.all_text.omitted if self._strict else {}

    def text_table(self) -> TextTable:
        """Return the rows as text; None where the file has to be read again for that."""
        return self.all_text

    def all_issues(self) -> Sequence[Issue]:
        """Return all that is wrong with the form of the file."""
        return self.all_text.issues

    @cached_property
    def all_text(self) -> TextTable:
        """All rows in memory: for a rule of another table that reads them, or if a line is no record."""
        return self._table.source.text(self._table.name)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All rows as a frame for checks, in memory."""
        return check_frame(self.all_text.frame, self.schema)

    def chunks(self) -> Iterator[Chunk]:
        """Return the rows in chunks: the line on which a chunk starts, and its cells as text.

        Raises:
            NotSimpleCsvError: some line of the chunk isn't proven to be one record.
        """
        return read_ahead(read_chunks(self._file, self._table.resource.dialect, MAX_CELL_CHARACTERS))

    def set_count(self, count: int) -> None:
        """Set the number of rows, once all chunks are read."""
        self._count = count

    def read_strictly(self) -> None:
        """Read the file by the strict reader, since some line is no record."""
        self._strict = True
        self._count = self.all_text.frame.height

    def lines(self, numbers: pl.Series) -> pl.Series:
        """Return the line of each of some rows."""
        return line_numbers(self.all_text, numbers) if self._strict else numbers + _FIRST_ROW_LINE


def line_numbers(text: TextTable, numbers: pl.Series) -> pl.Series:
    """Return the line of each of some rows of a table."""
    lines = text.lines
    if isinstance(lines, range) and lines.step == 1:
        return numbers + lines.start
    return pl.Series([lines[n] for n in numbers], dtype=pl.Int64)


def evaluate_chunks(rows: ChunkedRows, checks: Sequence[Check], plan: CheckPlan) -> list[Failures] | None:
    """Run checks over a file in chunks; None where some line of it is no record, and the file was read strictly."""
    try:
        try:
            return _evaluate(rows, checks, plan)
        except _NotIncreasingError:
            return _evaluate(rows, checks, plan, hash_all=True)
    except NotSimpleCsvError:
        rows.read_strictly()
        return None


class _NotIncreasingError(Exception):
    """A key rose from row to row in the first chunks and not in a later one, so the first chunks must be hashed too."""


class _UniqueKeys:
    """A unique key: proven by values that rise from row to row, or else by a hash per row."""

    def __init__(self, check: Check, *, hash_all: bool) -> None:
        self.check = check
        self.hashes: list[pl.Series] = []
        self._is_increasing = is_uniqueness_of_one_column(check) and not hash_all
        self._last: Any = None

    def add(self, keys: pl.DataFrame) -> None:
        """Add the rows of a chunk; `keys` has the columns that are compared."""
        if not set(self.check.compared_columns) <= set(keys.columns):
            return
        if self._is_increasing:
            values = keys[self.check.compared_columns[0]]
            if is_strictly_increasing(values, self._last):
                self._last = values[-1] if values.len() else self._last
                return
            if self._last is not None:
                raise _NotIncreasingError
            self._is_increasing = False
        self.hashes += _hashes(keys.lazy(), [self.check])


def _evaluate(
    rows: ChunkedRows, all_checks: Sequence[Check], plan: CheckPlan, *, hash_all: bool = False
) -> list[Failures]:
    schema = rows.schema
    row_checks = [c for c in all_checks if not c.compared_columns]
    unique_keys = [_UniqueKeys(c, hash_all=hash_all) for c in all_checks if c.compared_columns]
    compared_columns = dict.fromkeys(column for key in unique_keys for column in key.check.compared_columns)
    columns_to_join = [column for check in row_checks for column in check.joined_columns]
    lacks_columns = not set(schema.names) <= set(rows.header)
    tries_combined_check = not lacks_columns and not plan.expect_failures and not columns_to_join
    conservative_checks = [c.conservative() for c in row_checks]
    all_rows_pass = (
        combine_checks(conservative_checks, text_schema=schema, use_pandera=plan.use_pandera)
        if tries_combined_check
        else None
    )
    all_exact_checks = list(exact_checks(schema))
    failures_so_far: list[Failures] = []
    count = 0
    many_fail = False
    for line, text in rows.chunks():
        if all_rows_pass is not None and not many_fail and all_rows_pass(text):
            keys = text.lazy().select(*check_frame_columns(text.columns, schema))
        else:
            frame = check_frame(text, schema)
            if pl.Int128 in frame.dtypes:
                raise NotSimpleCsvError  # a hash of the same number in 64 bits is another
            first = line - _FIRST_ROW_LINE
            needed_exact_checks = select_needed_checks(all_exact_checks, frame, schema) if all_exact_checks else []
            joined = join_referenced_tables(frame, schema, plan.targets, columns_to_join)
            checks = applicable_checks(
                [*row_checks, *needed_exact_checks], joined.columns, joined if lacks_columns else None
            )
            failures = find_failures(
                joined, checks, pl.int_range(first, first + text.height, eager=True), schema.primary_key
            )
            failures_so_far += failures
            # If many rows fail, the combined check of the next chunk would fail too: skip it.
            many_fail = sum(part.passes.height for part in failures) > text.height * _MANY_FAILURES
            keys = frame.lazy()
        names = set(keys.collect_schema().names())
        columns = keys.select(c for c in compared_columns if c in names).collect()
        for key in unique_keys:
            key.add(columns)
        count += text.height
        if plan.stop_early and failures_so_far:
            break
    rows.set_count(count)
    repeated_keys = []
    for key in unique_keys:
        repeated_hashes = _find_repeats(key.hashes)
        key.hashes.clear()
        if len(repeated_hashes):
            repeated_keys.append((key.check, repeated_hashes))
    return [*failures_so_far, *(_compare_rows_with_equal_hashes(rows, repeated_keys) if repeated_keys else ())]


def _compare_rows_with_equal_hashes(
    rows: ChunkedRows, repeated_keys: Sequence[tuple[Check, pl.Series]]
) -> Iterator[Failures]:
    """Read the file again, and compare the rows whose keys have the same hash."""
    schema = rows.schema
    rows_to_compare: list[list[pl.DataFrame]] = [[] for _ in repeated_keys]
    for line, text in rows.chunks():
        row_number = pl.int_range(pl.len()).add(line - _FIRST_ROW_LINE).alias(_ROW_NUMBER)
        frame = check_frame(text, schema).with_columns(row_number)
        for (check, repeated_hashes), parts in zip(repeated_keys, rows_to_compare, strict=True):
            (hashes,) = _hashes(frame.lazy(), [check])
            parts.append(frame.filter(hashes.is_in(repeated_hashes.implode())))
    for (check, _), parts in zip(repeated_keys, rows_to_compare, strict=True):
        frame = pl.concat(parts)
        yield from find_failures(frame, [check], frame[_ROW_NUMBER], schema.primary_key)


def _hashes(rows: pl.LazyFrame, checks: Sequence[Check]) -> list[pl.Series]:
    """Hash what each check compares, null where a part is missing; equal values have equal hashes."""
    names = set(rows.collect_schema().names())
    expressions = []
    for number, check in enumerate(checks):
        if not set(check.compared_columns) <= names:
            expressions.append(pl.lit(None, dtype=pl.UInt64).alias(str(number)))
            continue
        value = (
            pl.col(check.compared_columns[0]) if len(check.compared_columns) == 1 else pl.struct(check.compared_columns)
        )
        complete = pl.all_horizontal(pl.col(c).is_not_null() for c in check.compared_columns)
        expressions.append(pl.when(complete).then(value.hash(seed=0)).alias(str(number)))
    return rows.select(expressions).collect().get_columns()


def _find_repeats(hashes: list[pl.Series]) -> pl.Series:
    ordered = pl.concat(hashes).drop_nulls().sort() if hashes else pl.Series(_HASH, [], dtype=pl.UInt64)
    del hashes
    return ordered.filter(ordered == ordered.shift(1)).unique()
