"""The findings of a report as columns, from which each format makes its own text: thousands of findings at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import polars as pl

from luminaldb.issues import Issue, printable
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind
from luminaldb.schemas.text_columns import any_contains, change_cells

from .locations import CellStarts, is_of_line

# So many findings become one text: it fits into the processor's cache, and the overhead of a text is small.
_ROWS_PER_TEXT = 2_000
# For so many findings cells are looked at, and their file is read, at once.
_ROWS_PER_BLOCK = 100_000
_NOT_ASCII = r"[^ -~]"
_NO_ESCAPES: Mapping[str, str] = {}


class FindingColumns:
    """Expressions of the texts of findings: those that all formats share, and the parts of a format's own.

    Attributes:
        kinds: what findings have in common with others; see `IssueColumns`.
        has_line: whether a finding has a line of a file; True where all have.
        has_text_line: whether its line is one of a file's text; the number of a row of a sheet or of JSON isn't.
        has_number: whether it has a line, or a row of a frame has a number.
        escapes: the special characters of a format, and what it writes instead of each, in all texts.
        line: the line of each finding, 0 where it has none.
        number: of each finding, from 1.
        character: at which the cell starts in its line, from 1; null where that isn't known.
    """

    line = pl.col("line")
    number = pl.col("number")
    character = pl.col("character")

    def __init__(self, findings: IssueColumns, escapes: Mapping[str, str] = _NO_ESCAPES) -> None:
        self.kinds = findings.kinds
        self.escapes = escapes
        self.has_number = _where(findings.frame["line"] != 0, self.line != 0)
        self.has_line = _and(self.has_number, self.if_kind(lambda k: not k.in_frame))
        self.has_text_line = _and(self.has_line, self.if_kind(is_of_line))
        self._has_value = _where(findings.frame["value"] != "", pl.col("value") != "")
        self._escaped_characters = f"[{re.escape(''.join(escapes))}]"
        self._odd = f"{_NOT_ASCII}|{self._escaped_characters}" if escapes else _NOT_ASCII
        self._changed: dict[str, tuple[str, Callable[[pl.Series], pl.Series]]] = {}

    def of_kind(self, text: Callable[[IssueKind], str]) -> pl.Expr:
        """Return a text, as it is, that depends on what a finding has in common with others: its file, column, code."""
        texts = [text(kind).encode("utf-8", "backslashreplace").decode() for kind in self.kinds]
        if len(set(texts)) == 1:
            return pl.lit(texts[0])
        return pl.lit(pl.Series(texts, dtype=pl.String)).gather(pl.col("kind"))

    def if_kind(self, condition: Callable[[IssueKind], bool]) -> pl.Expr | bool:
        """Return whether a condition holds for what a finding has in common with others; True where it does for all."""
        is_true = pl.Series([condition(kind) for kind in self.kinds], dtype=pl.Boolean)
        return _where(is_true, pl.lit(is_true).gather(pl.col("kind")))

    def changed(self, column: str, change: Callable[[pl.Series], pl.Series]) -> pl.Expr:
        """Return a column as a function changes it, which is called for many findings at once."""
        name = f"{column}:{change.__name__}"
        self._changed[name] = (column, change)
        return pl.col(name)

    def printable(self, column: str) -> pl.Expr:
        """Return a column, escaped (see `issues.printable`), its special characters replaced as the format requires."""
        return self.changed(column, self.escape)

    def escape(self, cells: pl.Series) -> pl.Series:
        """Escape what can't be printed, and replace the special characters of the format."""
        # One look at cells that need nothing, as nearly all do.
        if not any_contains(cells, self._odd):
            return cells
        return self.replace_special_characters(change_cells(cells, _NOT_ASCII, printable))

    def replace_special_characters(self, cells: pl.Series) -> pl.Series:
        """Replace the special characters of the format in each cell."""
        if not self.escapes or not cells.str.contains(self._escaped_characters).any():
            return cells
        return cells.str.replace_many(list(self.escapes), list(self.escapes.values()))

    def replace_special_characters_in(self, text: str) -> str:
        """Replace the special characters of the format in one text."""
        return text.translate({ord(character): new for character, new in self.escapes.items()})

    @property
    def message_and_hint(self) -> pl.Expr:
        """Message, value and hint in one line."""
        value_text = text_where(self._has_value, " [", self.printable("value"), "]")
        hint = self.printable("hint")
        return join_texts(self.printable("message"), value_text, ".", text_where(hint != "", " "), hint)

    @property
    def row(self) -> pl.Expr:
        """The rows in words, as `Place.row` gives them."""
        line = self.line.cast(pl.String)
        if self.has_line is True:
            return line
        key = self.printable("row_key")
        row_text = pl.when(self.has_line).then(line).when(key != "").then(pl.lit("row with key ") + key)
        return row_text.when(self.line != 0).then(pl.lit("row ") + line).otherwise(pl.lit(""))

    @property
    def row_before_message(self) -> pl.Expr:
        """The rows in words before a message, where a format has no other place for them; empty where it has a line."""
        if self.has_text_line is True:
            return pl.lit("")
        row = pl.when(self.has_line).then(pl.lit("row ") + self.line.cast(pl.String)).otherwise(self.row)
        return pl.when(self.has_text_line | (row == "")).then(pl.lit("")).otherwise(row + pl.lit(": "))

    def has_line_and(self, condition: pl.Expr) -> pl.Expr | bool:
        """Return whether a finding has a line of a text and a condition holds."""
        return _and(self.has_text_line, condition)

    @property
    def one_line(self) -> pl.Expr:
        """The findings as `str` gives them, printable."""
        row = self.row
        has_row = _or(self.has_line, row != "")
        has_file, has_column = self.if_kind(lambda k: bool(k.file)), self.if_kind(lambda k: bool(k.column))
        file = self.of_kind(lambda k: self.replace_special_characters_in(printable(k.file)))
        after_file = text_where(_and(has_file, _or(has_row, has_column)), ":")
        after_row = text_where(_and(has_row, has_column), ":")
        column_and_code = self.of_kind(
            lambda k: self.replace_special_characters_in(f"{printable(k.column)}  {printable(k.code)}  ")
        )
        return join_texts(file, after_file, row, after_row, column_and_code, self.message_and_hint)

    def write(self, findings: Iterable[Issue], text: pl.Expr, separator: str = "") -> Iterator[bytes]:
        """Yield the texts of findings, those of many findings in one.

        Args:
            findings: of the kinds.
            text: of one, made of the expressions of this object.
            separator: between the texts of a part.
        """
        columns = IssueColumns.of(findings)
        joined = text.str.join(separator).cast(pl.Binary)
        used_columns, cell_starts, number = set(text.meta.root_names()), CellStarts(), 1
        for block in columns.frame.iter_slices(_ROWS_PER_BLOCK):
            changed = [change(block[column]).alias(name) for name, (column, change) in self._changed.items()]
            if "character" in used_columns:
                changed.append(cell_starts.characters(IssueColumns(columns.kinds, block)).alias("character"))
            if "number" in used_columns:
                changed.append(pl.int_range(number, number + len(block), eager=True).alias("number"))
            number += len(block)
            for slice_of_block in block.with_columns(changed).iter_slices(_ROWS_PER_TEXT):
                yield slice_of_block.select(joined).item()


def _where(is_true: pl.Series, condition: pl.Expr) -> pl.Expr | bool:
    """Return a condition, or True where it holds for all: an expression without conditions costs half as much."""
    return True if is_true.all() else condition


def _and(first: pl.Expr | bool, second: pl.Expr | bool) -> pl.Expr | bool:
    return second if first is True else first if second is True else first & second


def _or(first: pl.Expr | bool, second: pl.Expr | bool) -> pl.Expr | bool:
    return True if first is True or second is True else first | second


def join_texts(*parts: str | pl.Expr) -> pl.Expr:
    """Join texts, finding by finding; a single text is repeated for each finding."""
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts])


def text_where(condition: pl.Expr | bool, *parts: str | pl.Expr) -> pl.Expr:
    """Join texts where a condition holds; elsewhere the text is empty."""
    if condition is True:
        return join_texts(*parts)
    return pl.when(condition).then(join_texts(*parts)).otherwise(pl.lit(""))
