"""Checks by polars: a table in memory, or a large file in chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import polars as pl

from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.descriptor import TableSchema
from luminaldb.loaders.datapackage.text_reader import TextTable

from ..backend import CheckPlan, TableRows
from ..blank_rows import blank_row_check
from ..check_frame import applicable_checks, check_frame, join_referenced_tables
from ..check_results import Failures, find_failures
from ..checks import Check
from ..combined_check import broken_checks, combine_checks
from ..constraints import column_checks
from ..exact_numbers import exact_checks, select_needed_checks
from ..keys import key_checks, reference_checks
from ..sorted_keys import is_proven_unique
from ..table_to_check import TableToCheck
from .chunks import ChunkedRows, chunked_file, evaluate_chunks, line_numbers


class MemoryRows:
    """The rows of a table as a polars frame of text."""

    has_lines = True
    can_be_collected = True
    notes: Sequence[str] = ()

    def __init__(self, text: TextTable, schema: TableSchema) -> None:
        self.text = text
        self._schema = schema
        self.header = text.header
        self.readable = bool(text.header and text.frame.columns)
        self.count = text.frame.height
        self.issues: Sequence[Issue] = text.issues
        self.omitted: Mapping[str, int] = text.omitted

    def text_table(self) -> TextTable:
        """Return the rows as text; None where the file has to be read again for that."""
        return self.text

    def all_issues(self) -> Sequence[Issue]:
        """Return all that is wrong with the form of the file."""
        return self.text.issues

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The rows as checks see them."""
        return check_frame(self.text.frame, self._schema)

    def lines(self, numbers: pl.Series) -> pl.Series:
        """Return the line of each of some rows."""
        return line_numbers(self.text, numbers)


class RowsWithoutOrder(MemoryRows):
    """Rows without order, such as those of an engine, as text in memory."""

    has_lines = False


class PolarsBackend:
    """Runs checks by polars in this process."""

    def read(self, table: TableToCheck) -> TableRows:
        """Open the rows of a table, in chunks where the file is large and each row can be checked by itself."""
        file = chunked_file(table)
        if file is not None:
            return ChunkedRows(table, file)
        return MemoryRows(table.source.text(table.name), table.resource.schema)

    def frame(self, rows: TableRows) -> pl.DataFrame:
        """Return a table's rows as the checks of other tables see them."""
        return _polars_rows(rows).frame

    def empty_frame(self) -> pl.DataFrame:
        """Return a frame without columns, for a table whose rows can't be checked."""
        return pl.DataFrame()

    def evaluate(self, table: TableToCheck, rows: TableRows, plan: CheckPlan) -> Sequence[Failures]:
        """Run all checks in one pass, and in a second one only where it fails."""
        schema = table.resource.schema
        if isinstance(rows, ChunkedRows):
            failures = evaluate_chunks(rows, _all_checks(schema, rows.header, plan), plan)
            if failures is not None:
                return failures
        all_checks = _all_checks(schema, rows.header, plan)
        frame = _polars_rows(rows).frame
        if joined := {column for check in all_checks for column in check.joined_columns}:
            frame = join_referenced_tables(frame, schema, plan.targets, joined)
        if lookups := [lookup for check in all_checks for lookup in check.lookups]:
            from ..lookups import add_lookups

            frame = add_lookups(frame, lookups, plan.tables)
        lacks_columns = not set(schema.names) <= set(frame.columns)
        checks = applicable_checks(all_checks, frame.columns, frame if lacks_columns else None)
        checks = [c for c in checks if not is_proven_unique(c, frame)]
        if not frame.height:
            return []
        certain = [c.conservative() for c in checks]
        if not plan.expect_failures and combine_checks(certain, use_pandera=plan.use_pandera)(frame):
            return []
        checks += select_needed_checks(list(exact_checks(schema)), frame, schema)
        if plan.expect_failures:
            # Which rows pass is of interest for the few checks that some row breaks.
            broken = {id(c) for c in broken_checks(frame.lazy(), [c for c in checks if not c.in_python])}
            checks = [c for c in checks if c.in_python or id(c) in broken]
        return find_failures(frame, checks, pl.int_range(frame.height, eager=True), schema.primary_key)

    def locate(self, rows: TableRows, numbers: pl.Series) -> pl.Series:
        """Return the line of each of some rows, which are counted from 0."""
        return _polars_rows(rows).lines(numbers)


def _polars_rows(rows: TableRows) -> MemoryRows | ChunkedRows:
    if isinstance(rows, MemoryRows | ChunkedRows):
        return rows
    raise TypeError(f"{type(rows).__name__} are no rows of polars")


def _all_checks(schema: TableSchema, header: Sequence[str], plan: CheckPlan) -> list[Check]:
    return [
        *column_checks(schema),
        *blank_row_check(schema, header),
        *key_checks(schema),
        *reference_checks(schema, plan.targets, for_polars=True),
        *plan.rules,
    ]
