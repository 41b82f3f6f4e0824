"""The form of a CSV that a Spark session reads by address: measured on the executors, reported by the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from luminaldb.issue_codes import (
    BYTE_ORDER_MARK,
    EMPTY_FILE,
    MISSING_COLUMN,
    NUL_BYTE,
    REPEATED_HEADER,
    WRONG_ENCODING,
    WRONG_LINE_ENDS,
)
from luminaldb.issues import Issue, printable
from luminaldb.loaders.datapackage.csv_records import merge_conflict_issue
from luminaldb.loaders.datapackage.decoding import DAMAGED
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.text_reader import MAX_ISSUES, TextTable, ragged_row_issue

from .hadoop_store import SparkFiles
from .spark_records import STAND_IN, CellSplitter
from .sql_columns import SPARK

_MAX_CHARACTERS_SHOWN = 60
_BOM_BYTES = 3
IS_DAMAGED = "(NOT is_valid_utf8({0}) OR contains({0}, '\\0'))"


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A table's files, and how they are read.

    Attributes:
        files: of the table.
        resource: its description.
        splitter: splits records into cells.
        header: a table without rows, with what is wrong with the header.
        header_line: the first line, without its end.
    """

    files: SparkFiles
    resource: Resource
    splitter: CellSplitter
    header: TextTable
    header_line: str

    @property
    def width(self) -> int:
        """How many columns the header has."""
        return len(self.header.header)

    @property
    def is_ragged(self) -> str:
        """Whether a record has another width than the header, in SQL."""
        return f"record = '' OR size(cells) <> {self.width}"


def measure_lines(lines: Any, source: CsvSource) -> Any:
    """Return a frame with a row per file: what its first line is, and how many lines have which fault."""
    splitter, header = source.splitter, SPARK.literal(source.header_line)
    records = splitter.split(lines.selectExpr("*", "line AS record"))
    order = "struct(block, number)"
    conflict = "min({0}) FILTER (WHERE startswith(line, '<<<<<<< ')) < max({0}) FILTER (WHERE startswith(line, '{1}'))"
    counts = {
        "damaged": IS_DAMAGED.format("line"),
        "returns": f"contains(line, {SPARK.literal(chr(13))})",
        "stand_in": f"contains(line, {SPARK.literal(STAND_IN)})",
        "odd": splitter.has_odd_quotes,
        "broken": "broken",
        "blank": "trim(record) = ''",
        "ragged": source.is_ragged,
        "damaged_whole": f"{IS_DAMAGED.format('line')} AND NOT ({source.is_ragged})",
        "headers": f"record = {header}",
    }
    first = "min_by(record, number) FILTER (WHERE block = 0)"
    return records.groupBy("file").agg(
        *(_expr(f"count_if({condition}) AS {name}") for name, condition in counts.items()),
        _expr("count(*) AS lines"),
        _expr("sum(octet_length(line)) AS bytes"),
        _expr("max(file_size) AS file_size"),
        _expr("min(number) FILTER (WHERE block = 0) AS first_number"),
        _expr(f"{first} = {header} AS same_header"),
        _expr(f"CASE WHEN {first} <> {header} THEN left({first}, {_MAX_CHARACTERS_SHOWN}) END AS other_header"),
        _expr(f"{conflict.format(order, '=======')} AND {conflict.format(order, '>>>>>>> ')} AS conflict"),
    )


def _expr(sql: str) -> Any:
    from pyspark.sql.functions import expr

    return expr(sql)


def line_issues(parts: Sequence[dict[str, Any]], source: CsvSource) -> Iterator[Issue]:
    """Yield what is wrong with the beginning and the line ends of the files."""
    resource = source.resource
    encoding = (resource.encoding or "").lower().replace("_", "-")
    if encoding in ("utf-8", "utf8") and any(map(_starts_with_bom, parts)):
        hint = "Save the file as UTF-8 without a byte order mark."
        yield Issue(BYTE_ORDER_MARK, "the file starts with a byte order mark", hint, "warning")
    if resource.dialect.line_terminator == "\n" and any(part["returns"] for part in parts):
        yield Issue(WRONG_LINE_ENDS, "a line ends in CR LF, the descriptor says LF", "Save the file with LF line ends.")


def damage_issues(lines: Any) -> list[Issue]:
    """List the lines with bytes that are no text, by the first such byte: no line is known by number."""
    replacement = SPARK.literal(DAMAGED)
    bytes_before = f"octet_length(substring_index(make_valid_utf8(line), {replacement}, 1))"
    rows = (
        lines.where(IS_DAMAGED.format("line"))
        .selectExpr(
            "contains(line, '\\0') AS nul", f"hex(substring(CAST(line AS BINARY), {bytes_before} + 1, 1)) AS byte"
        )
        .limit(MAX_ISSUES)
        .collect()
    )
    return [_damage_issue(row["byte"], is_nul=row["nul"]) for row in sorted(rows)]


def _damage_issue(byte: str, *, is_nul: bool) -> Issue:
    if is_nul:
        return Issue(NUL_BYTE, "the file contains a NUL byte", "Delete the byte, or restore the file.")
    return Issue(WRONG_ENCODING, f"byte 0x{byte} is not utf-8", "Save the file as UTF-8.").at(value=f"0x{byte}")


def empty_or_conflict_issue(parts: Sequence[dict[str, Any]], source: CsvSource) -> Issue | None:
    """Return an issue that leaves no row to check; None if there is none."""
    if any(part["conflict"] for part in parts):
        issue = merge_conflict_issue(b"\n<<<<<<< \n=======\n>>>>>>> ")
        return None if issue is None else issue.at(line=0)
    if all(part["blank"] == part["lines"] for part in parts) and not source.header_line.strip():
        return Issue(EMPTY_FILE, "the file is empty", "Write the header row, then the records.")
    return None


def _starts_with_bom(part: dict[str, Any]) -> bool:
    """Whether a file has three bytes more than its lines: Hadoop drops the byte order mark from them."""
    extra_bytes = part["file_size"] - part["bytes"] - part["lines"]
    return extra_bytes in (_BOM_BYTES, _BOM_BYTES - 1)


def other_header_issue(part: dict[str, Any]) -> Issue:
    """Report a part of a table whose header isn't that of the first file."""
    message = f"{_file_name(part)} has another header than the first file: {printable(str(part['other_header']))}"
    return Issue(MISSING_COLUMN, message, "Give each part of the table the same header.")


def repeated_header_issues(parts: Sequence[dict[str, Any]], files: SparkFiles) -> Iterator[Issue]:
    """Yield a warning for each file but the first that repeats the header of a table of several files."""
    if len(files.addresses) < 2:  # noqa: PLR2004
        return
    first = SparkFiles(files.session, files.addresses[:1], files.are_patterns, files.is_one_table)
    first_file = set(first.open("text").inputFiles())
    for part in parts:
        if part["same_header"] and part["file"] not in first_file:
            hint = "Delete the header of every file but the first."
            yield Issue(REPEATED_HEADER, f"{_file_name(part)} repeats the header", hint, "warning")


def _file_name(part: dict[str, Any]) -> str:
    return PurePosixPath(unquote(str(part["file"]))).name


def ragged_issues(records: Any, source: CsvSource) -> list[Issue]:
    """List the rows of another width than the header's, by their first characters: no line is known."""
    delimiter, stand_in = SPARK.literal(source.resource.dialect.delimiter), SPARK.literal(STAND_IN)
    # The cells as the reader of one process shows them, without quotes.
    quote = SPARK.literal(source.resource.dialect.quote_char or "")
    twice = SPARK.literal(2 * (source.resource.dialect.quote_char or ""))
    inner = f"replace(substring(c, 2, length(c) - 2), {twice}, {quote})"
    text = f"replace({inner}, {stand_in}, {delimiter})"
    unquoted = f"IF({quote} <> '' AND startswith(c, {quote}), {text}, c)"
    first_cells = f"transform(slice(cells, 1, {_MAX_CHARACTERS_SHOWN + 1}), c -> {unquoted})"
    shown = f"left(array_join({first_cells}, ','), {_MAX_CHARACTERS_SHOWN})"
    rows = (
        records.where("ragged")
        .selectExpr(f"make_valid_utf8({shown}) AS shown", "IF(record = '', 0, size(cells)) AS width")
        .limit(MAX_ISSUES)
        .collect()
    )
    return [ragged_row_issue(0, row["shown"], row["width"], source.width) for row in sorted(rows)]
