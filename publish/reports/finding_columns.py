"""The findings of a report as columns of text, from which each format makes its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import polars as pl

from luminaldb.issues import Issue, printable
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind
from luminaldb.schemas.text_columns import change_cells

from .locations import Places

# So many findings are written at once: few enough to hold, many enough to be fast.
_ROWS_PER_PART = 10_000
# For so many findings their file is read at once.
_ROWS_PER_BLOCK = 100_000
_NOT_ASCII = r"[^ -~]"
_NO_MARKS: Mapping[str, str] = {}


class FindingColumns:
    """Some findings, and the texts that all formats share.

    Attributes:
        issues: the findings.
        frame: their columns; see `IssueColumns`.
        marks: what a format takes for marks, and what it writes instead; in all texts that are given.
    """

    def __init__(self, issues: IssueColumns, marks: Mapping[str, str] = _NO_MARKS) -> None:
        self.issues = issues
        self.frame = issues.frame
        self.marks = marks
        self._mark = f"[{re.escape(''.join(marks))}]"
        self._odd = f"{_NOT_ASCII}|{self._mark}" if marks else _NOT_ASCII

    def __len__(self) -> int:
        return len(self.issues)

    def of_kind(self, text: Callable[[IssueKind], str]) -> pl.Series:
        """Return a text, as it is, that depends on what a finding has in common with others: its file, column, code."""
        texts = [text(kind).encode("utf-8", "backslashreplace").decode() for kind in self.issues.kinds]
        return pl.Series(texts, dtype=pl.String).gather(self.frame["kind"])

    def printable(self, column: str) -> pl.Series:
        """Return a column, what can't be printed escaped (see `issues.printable`), and the format's marks replaced."""
        cells = self.frame[column]
        # One look at cells that need nothing, as nearly all do.
        if not cells.str.contains(self._odd).any():
            return cells
        return self.replace_marks(change_cells(cells, _NOT_ASCII, printable))

    def replace_marks(self, cells: pl.Series) -> pl.Series:
        """Replace the format's marks in each cell."""
        if not self.marks or not cells.str.contains(self._mark).any():
            return cells
        return cells.str.replace_many(list(self.marks), list(self.marks.values()))

    @property
    def is_error(self) -> pl.Series:
        """Whether each fails the validation."""
        return pl.Series([kind.severity == "error" for kind in self.issues.kinds], dtype=pl.Boolean).gather(
            self.frame["kind"]
        )

    @cached_property
    def message_and_hint(self) -> pl.Series:
        """Message, value and hint in one line."""
        value = self.printable("value")
        shown = text_where(value != "", " [", value, "]")
        return join_texts(self.printable("message"), shown, ". ", self.printable("hint"))

    @property
    def one_line(self) -> pl.Series:
        """The findings as `str` gives them, printable."""
        key, line = self.printable("row_key"), self.frame["line"]
        line_or_key = pl.select(pl.when(line != 0).then(line.cast(pl.String)).otherwise(key)).to_series()
        has_file, has_column = self._has(lambda k: k.file), self._has(lambda k: k.column)
        file = self.of_kind(lambda k: self.replace_in(printable(k.file)))
        after_file = text_where(has_file & ((line_or_key != "") | has_column), ":")
        after_row = text_where((line_or_key != "") & has_column, ":")
        column_and_code = self.of_kind(lambda k: self.replace_in(f"{printable(k.column)}  {printable(k.code)}  "))
        return join_texts(file, after_file, line_or_key, after_row, column_and_code, self.message_and_hint)

    def replace_in(self, text: str) -> str:
        """Replace the format's marks in one text."""
        return text.translate({ord(mark): new for mark, new in self.marks.items()})

    def _has(self, text: Callable[[IssueKind], str]) -> pl.Series:
        has = [bool(text(kind)) for kind in self.issues.kinds]
        return pl.Series(has, dtype=pl.Boolean).gather(self.frame["kind"])


def findings_in_parts(
    findings: Iterable[Issue], marks: Mapping[str, str] = _NO_MARKS, places: Places | None = None
) -> Iterator[FindingColumns]:
    """Yield findings in parts that are small enough to be written at once.

    Args:
        findings: of a report.
        marks: single characters that the format takes for marks, and what it writes instead.
        places: finds the characters of cells, for a column `character` of the parts' frames.
    """
    columns = IssueColumns.of(findings)
    for block in columns.frame.iter_slices(_ROWS_PER_BLOCK):
        frame = block
        if places is not None:
            frame = block.with_columns(character=places.characters(IssueColumns(columns.kinds, block)))
        for part in frame.iter_slices(_ROWS_PER_PART):
            yield FindingColumns(IssueColumns(columns.kinds, part), marks)


def join_texts(*parts: str | pl.Series) -> pl.Series:
    """Join columns of text, row by row; a text alone stands for a column of it."""
    return pl.select(_concatenate(parts)).to_series()


def text_where(condition: pl.Series, *parts: str | pl.Series) -> pl.Series:
    """Join columns of text where a condition holds; elsewhere the text is empty."""
    return pl.select(pl.when(condition).then(_concatenate(parts)).otherwise(pl.lit(""))).to_series()


def join_rows(texts: pl.Series, separator: str = "") -> str:
    """Join all cells of a column."""
    return str(texts.str.join(separator).item())


def _concatenate(parts: Iterable[str | pl.Series]) -> pl.Expr:
    return pl.concat_str([pl.lit(part) for part in parts])
