"""A CSV that a Spark session reads by address: its form is checked, and its rows are split, on the executors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from luminaldb.issue_codes import (
    EMPTY_FILE,
    MALFORMED_FILE,
    WRONG_ENCODING,
)
from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.csv_records import split_records, wrong_delimiter_issue
from luminaldb.loaders.datapackage.decoding import DAMAGED
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.text_reader import MAX_ISSUES, TextTable, table_of_rows

from .engine_files import EngineFile
from .hadoop_store import SparkFiles
from .spark_csv_form import (
    IS_DAMAGED,
    CsvSource,
    damage_issues,
    empty_or_conflict_issue,
    line_issues,
    measure_lines,
    other_header_issue,
    ragged_issues,
    repeated_header_issues,
)
from .spark_records import CellSplitter, first_line, join_lines, lines_of
from .spark_table import NotSplittableError, SparkTable
from .sql_columns import SPARK

_UTF8 = (None, "utf-8", "utf8")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many records can be checked (complete), and how many have another width than the header (ragged)."""

    complete: int
    ragged: int


def read_csv(files: SparkFiles, resource: Resource) -> SparkTable:
    """Check the form of a table's files, and open its rows.

    Args:
        files: of the table.
        resource: the table; its dialect is one that `is_splittable` accepts.

    Raises:
        NotSplittableError: the reader of one process has to read the files.
    """
    first = first_line(SparkFiles(files.session, files.addresses[:1], files.are_patterns, files.is_one_table))
    if first is None and len(files.addresses) > 1:
        raise NotSplittableError("has an empty first file")
    if first is not None and not resource.encoding and first.startswith(_UTF16):
        raise NotSplittableError("is UTF-16")
    if first is not None and b"\0" not in first and DAMAGED in first.decode(errors="replace"):
        raise NotSplittableError("has a header with bytes that are not UTF-8")
    header = _read_header(first, resource)
    text = "" if first is None else first.decode(errors="replace")
    source = CsvSource(files, resource, CellSplitter(resource.dialect), header, text.removesuffix("\r"))
    lines = lines_of(files)
    notes = tuple(
        f"not checked: {column} of {resource.name}, a column that is in the names of folders only"
        for column in files.open("text").columns
        if column != "value"
    )
    parts = [row.asDict() for row in measure_lines(lines, source).collect()]
    issues = list(line_issues(parts, source))
    omitted: dict[str, int] = {}
    if damaged := sum(part["damaged"] for part in parts):
        issues += damage_issues(lines)
        omitted |= {WRONG_ENCODING: damaged - MAX_ISSUES} if damaged > MAX_ISSUES else {}
    file_issue = empty_or_conflict_issue(parts, source)
    if file_issue is not None or (first is not None and b"\0" in first):
        issues += [] if file_issue is None else [file_issue]
        return SparkTable(None, EngineFile(None, issues=issues, omitted=omitted), notes)
    issues += header.issues
    if not header.header or any(issue.code == MALFORMED_FILE for issue in header.issues):
        return SparkTable(None, EngineFile(None, header=header.header, issues=issues), notes)
    if any(part["stand_in"] for part in parts):
        raise NotSplittableError("has code points that are no characters")
    has_headers = files.is_one_table and resource.dialect.header
    parts_with_other_header = [part for part in parts if not part["same_header"]] if has_headers else []
    issues += [other_header_issue(part) for part in parts_with_other_header]
    issues += [] if files.is_one_table or not resource.dialect.header else repeated_header_issues(parts, files)
    parts = [part for part in parts if part not in parts_with_other_header]
    records, counts = _records(lines, parts, parts_with_other_header, source)
    ragged_rows_issues = ragged_issues(records, source) if counts.ragged else []
    omitted |= (
        {ragged_rows_issues[0].code: counts.ragged - len(ragged_rows_issues)}
        if counts.ragged > len(ragged_rows_issues)
        else {}
    )
    columns = tuple(header.frame.columns)
    if not columns:
        return SparkTable(
            None, EngineFile(None, header=header.header, issues=[*issues, *ragged_rows_issues], omitted=omitted), notes
        )
    values = [(header.header.index(c), c) for c in columns]
    native = records.where("NOT ragged AND NOT damaged").selectExpr(
        *(f"{source.splitter.value(n)} AS {SPARK.quote_name(c)}" for n, c in values)
    )
    file = EngineFile(None, ",", header.header, counts.complete, [*issues, *ragged_rows_issues], omitted, columns)
    return SparkTable(native, file, notes)


def _read_header(line: bytes | None, resource: Resource) -> TextTable:
    """Return a table without rows that has the columns of the header, with what is wrong with it."""
    issues: list[Issue] = []
    dialect, names = resource.dialect, resource.schema.names
    if line is None:
        hint = "Write the header row, then the records."
        return TextTable(pl.DataFrame(), [], (), [Issue(EMPTY_FILE, "the file is empty", hint)])
    text = line.decode(errors="replace")
    if (delimiter_issue := wrong_delimiter_issue(text, dialect, names)) is not None:
        return TextTable(pl.DataFrame(), [], (), [delimiter_issue])
    rows, lines = split_records(text, dialect, issues)
    if issues and dialect.header:
        # A line break in the name of a column, or quotes that one process has to look at.
        raise NotSplittableError("has a header of several lines")
    table = table_of_rows(rows[:1], lines[:1], resource, issues)
    if not dialect.header:
        return TextTable(table.frame.clear(), [], table.header, [])
    return table


def _records(
    lines: Any, parts: Sequence[dict[str, Any]], parts_with_other_header: Sequence[dict[str, Any]], source: CsvSource
) -> tuple[Any, _Counts]:
    """Return the records below the headers, and how many there are.

    Raises:
        NotSplittableError: quotes stand where RFC 4180 has none.
    """
    splitter = source.splitter
    if parts_with_other_header:
        from pyspark.sql.functions import col

        lines = lines.where(~col("file").isin([part["file"] for part in parts_with_other_header]))
    with_header = [part for part in parts if part["same_header"]] if source.resource.dialect.header else []
    if with_header and sum(part["headers"] for part in parts) == len(with_header):
        lines = _without_cr(lines, splitter).where(f"NOT (record <=> {SPARK.literal(source.header_line)})")
    elif with_header:
        numbers = ", ".join(str(part["first_number"]) for part in with_header)
        lines = lines.where(f"NOT (block = 0 AND number IN ({numbers}))")
    flags = (f"{source.is_ragged} AS ragged", f"{IS_DAMAGED.format('record')} AS damaged")
    if not any(part["odd"] for part in parts):
        if any(part["broken"] for part in parts):
            raise NotSplittableError("has quotes or line ends inside of cells without quotes")
        split = splitter.split(lines.selectExpr("file", "line AS record")).selectExpr("*", *flags)
        ragged = sum(part["ragged"] for part in parts)
        without = len(with_header) + ragged + sum(part["damaged_whole"] for part in parts)
        return split, _Counts(sum(part["lines"] for part in parts) - without, ragged)
    split = splitter.split(join_lines(lines, splitter)).selectExpr("*", *flags)
    sums = ("broken", "ragged", "NOT ragged AND NOT damaged")
    counts = split.selectExpr(*(f"count_if({s}) AS n{n}" for n, s in enumerate(sums))).first()
    if counts["n0"]:
        raise NotSplittableError("has quotes that are never closed, or inside of cells without quotes")
    return split, _Counts(counts["n2"], counts["n1"])


def _without_cr(lines: Any, splitter: CellSplitter) -> Any:
    return lines.selectExpr("*", "line AS record").selectExpr(*lines.columns, f"{splitter.without_cr} AS record")
