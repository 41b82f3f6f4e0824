"""Lines of files in Spark, put together to records and split into cells by RFC 4180, on the executors.

Spark's own CSV reader drops blank lines, decodes what isn't UTF-8, and reads a file with line breaks in cells by one
task. This reads lines as bytes, in parts of a file, and says of each line what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from luminaldb.loaders.datapackage.dialect import Dialect

from .hadoop_store import SparkFiles
from .sql_columns import SPARK

# Replaces a delimiter inside of quotes; no text has this code point, which Unicode reserves for such a use.
STAND_IN = "\ufdd0"
_CR = "\r"


def lines_of(files: SparkFiles) -> Any:
    """Open files as lines: `line`, which may be no UTF-8, its `file`, `block` and `number`; these rise in order."""
    return files.open("text", lineSep="\n").selectExpr(
        "value AS line",
        "_metadata.file_path AS file",
        "_metadata.file_size AS file_size",
        "_metadata.file_block_start AS block",
        "monotonically_increasing_id() AS number",
    )


def first_line(files: SparkFiles) -> bytes | None:
    """Return the first line of one of the files; None where all are empty."""
    row = lines_of(files).where("block = 0").selectExpr("CAST(line AS BINARY) AS line").first()
    return None if row is None else bytes(row["line"])


@dataclass(frozen=True, slots=True)
class CellSplitter:
    """Writes SQL that splits a record into cells.

    Attributes:
        dialect: how the file is written; see `is_splittable`.
    """

    dialect: Dialect

    @property
    def _quote(self) -> str:
        return SPARK.literal(self.dialect.quote_char or "")

    @property
    def without_cr(self) -> str:
        """The record without the CR of a line that ends in CR LF."""
        cr = SPARK.literal(_CR)
        return f"IF(endswith(record, {cr}), left(record, length(record) - 1), record)"

    @property
    def has_odd_quotes(self) -> str:
        """Whether a line opens a quote that it doesn't close, or the other way round."""
        if self.dialect.quote_char is None:
            return "false"
        return f"(length(line) - length(replace(line, {self._quote}, ''))) % 2 = 1"

    @property
    def cells(self) -> str:
        """The cells of a record as they are written, with a stand-in for delimiters in quotes."""
        delimiter = SPARK.literal(self.dialect.delimiter)
        if self.dialect.quote_char is None:
            return self._split("record")
        parts = f"split(record, {SPARK.literal(re.escape(self.dialect.quote_char))}, -1)"
        stand_in = SPARK.literal(STAND_IN)
        # Every second part is inside of quotes; between two quotes that mean one is an empty part.
        masked = f"transform({parts}, (part, n) -> IF(n % 2 = 1, replace(part, {delimiter}, {stand_in}), part))"
        quoted = self._split(f"array_join({masked}, {self._quote})")
        return f"IF(contains(record, {self._quote}), {quoted}, {self._split('record')})"

    def _split(self, text: str) -> str:
        return f"split({text}, {SPARK.literal(re.escape(self.dialect.delimiter))}, -1)"

    @property
    def is_broken(self) -> str:
        """Whether some cell of a record has quotes, or a CR, where RFC 4180 has none."""
        cr = SPARK.literal(_CR)
        if self.dialect.quote_char is None:
            return f"contains(record, {cr})"
        quote = self._quote
        inner = "substring(c, 2, length(c) - 2)"
        closed = f"length(c) >= 2 AND startswith(c, {quote}) AND endswith(c, {quote})"
        twice = SPARK.literal(2 * str(self.dialect.quote_char))
        is_well_quoted = f"{closed} AND NOT contains(replace({inner}, {twice}, ''), {quote})"
        broken = f"IF(contains(c, {quote}), NOT ({is_well_quoted}), contains(c, {cr}))"
        return f"(contains(record, {quote}) OR contains(record, {cr})) AND exists(cells, c -> {broken})"

    def value(self, number: int) -> str:
        """Return a cell's text, without quotes."""
        cell = f"get(cells, {number})"
        if self.dialect.quote_char is None:
            return cell
        quote, twice = self._quote, SPARK.literal(2 * str(self.dialect.quote_char))
        inner = f"replace(substring({cell}, 2, length({cell}) - 2), {twice}, {quote})"
        text = f"replace({inner}, {SPARK.literal(STAND_IN)}, {SPARK.literal(self.dialect.delimiter)})"
        return f"IF(startswith({cell}, {quote}), {text}, {cell})"

    def split(self, records: Any) -> Any:
        """Add `cells`, and whether they are `broken`, to a frame with a column `record`."""
        columns = [c for c in records.columns if c != "record"]
        without_cr = records.selectExpr(*columns, f"{self.without_cr} AS record")
        return without_cr.selectExpr("*", f"{self.cells} AS cells").selectExpr("*", f"{self.is_broken} AS broken")


def is_splittable(dialect: Dialect) -> bool:
    """Return whether `CellSplitter` splits records of a dialect as the reader of one process does."""
    return (
        dialect.double_quote
        and dialect.escape_char is None
        and not dialect.skip_initial_space
        and dialect.comment_char is None
        and not dialect.comment_rows
        and dialect.line_terminator in (None, "", "\n", "\r\n")
        and (not dialect.header or dialect.header_rows in ((), (1,)))
    )


def join_lines(lines: Any, splitter: CellSplitter) -> Any:
    """Join lines into records where cells contain line breaks; a window and a group share one shuffle.

    A line is inside of quotes where the quotes before it in its file are odd in number. Those of each block are counted
    first; blocks that a quoted cell connects are one group, in which each line then has its number of quotes before it.

    Args:
        lines: see `lines_of`, without headers.
        splitter: by the dialect of the file.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    odd = lines.selectExpr("line", "file", "block", "number", f"CAST({splitter.has_odd_quotes} AS INT) AS odd")
    counts = odd.groupBy("file", "block").agg((f.sum("odd") % 2).alias("odd")).collect()
    groups = _groups([(row["file"], row["block"], row["odd"]) for row in counts])
    table = lines.sparkSession.createDataFrame(groups, "file STRING, block BIGINT, `group` BIGINT")
    grouped = odd.join(f.broadcast(table), ["file", "block"])
    window = Window.partitionBy("file", "group").orderBy("block", "number")
    before = window.rowsBetween(Window.unboundedPreceding, -1)
    inside_quotes = f.coalesce(f.sum("odd").over(before), f.lit(0)) % 2 == 1
    line_starts = grouped.withColumn("starts", f.when(inside_quotes, 0).otherwise(1))
    numbered = line_starts.withColumn("start", f.sum("starts").over(window))
    ordered = "array_sort(collect_list(struct(block, number, line)))"
    joined = f"array_join(transform({ordered}, x -> x.line), '\\n')"
    return numbered.groupBy("file", "group", "start").agg(f.expr(joined).alias("record")).select("file", "record")


def _groups(blocks: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Number blocks by the first block of their group: one that starts inside of quotes belongs to that before it."""
    result: list[tuple[str, int, int]] = []
    group, inside_quotes, last = 0, 0, ""
    for file, block, odd in sorted(blocks):
        if file != last:
            group, inside_quotes, last = block, 0, file
        if not inside_quotes:
            group = block
        result.append((file, block, group))
        inside_quotes ^= odd
    return result
