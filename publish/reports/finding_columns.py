"""The findings of a report as columns of text, from which each format makes its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import polars as pl

from luminaldb.issues import Issue, printable
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind
from luminaldb.schemas.text_columns import change_cells

# So many findings are written at once: few enough to hold, many enough to be fast.
_ROWS_PER_PART = 30_000
_NOT_ASCII = r"[^ -~]"
_XML = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


class FindingColumns:
    """Some findings, and the texts that all formats share.

    Attributes:
        issues: the findings.
        frame: their columns; see `IssueColumns`.
    """

    def __init__(self, issues: IssueColumns) -> None:
        self.issues = issues
        self.frame = issues.frame

    def __len__(self) -> int:
        return len(self.issues)

    def of_kind(self, text: Callable[[IssueKind], str]) -> pl.Series:
        """Return a text that depends on what a finding has in common with others: its file, column, code."""
        texts = [text(kind).encode("utf-8", "backslashreplace").decode() for kind in self.issues.kinds]
        return pl.Series(texts, dtype=pl.String).gather(self.frame["kind"])

    def printable(self, column: str) -> pl.Series:
        """Return a column, what can't be printed escaped; see `issues.printable`."""
        return change_cells(self.frame[column], _NOT_ASCII, printable)

    @property
    def is_error(self) -> pl.Series:
        """Whether each fails the validation."""
        return pl.Series([kind.severity == "error" for kind in self.issues.kinds], dtype=pl.Boolean).gather(
            self.frame["kind"]
        )

    @property
    def message_and_hint(self) -> pl.Series:
        """Message, value and hint in one line."""
        value = self.printable("value")
        shown = _if(value != "", join_texts(" [", value, "]"))
        return join_texts(self.printable("message"), shown, ". ", self.printable("hint"))

    @property
    def one_line(self) -> pl.Series:
        """The findings as `str` gives them, printable."""
        key, line = self.printable("row_key"), self.frame["line"]
        line_or_key = pl.select(pl.when(line != 0).then(line.cast(pl.String)).otherwise(key)).to_series()
        file, column = self.of_kind(lambda k: printable(k.file)), self.of_kind(lambda k: printable(k.column))
        after_file = _if((file != "") & ((line_or_key != "") | (column != "")), ":")
        after_row = _if((line_or_key != "") & (column != ""), ":")
        code = self.of_kind(lambda k: f"  {printable(k.code)}  ")
        return join_texts(file, after_file, line_or_key, after_row, column, code, self.message_and_hint)


def findings_in_parts(findings: Iterable[Issue]) -> Iterator[FindingColumns]:
    """Yield findings in parts that are small enough to be written at once."""
    columns = IssueColumns.of(findings)
    for frame in columns.frame.iter_slices(_ROWS_PER_PART):
        yield FindingColumns(IssueColumns(columns.kinds, frame))


def join_texts(*parts: str | pl.Series) -> pl.Series:
    """Join columns of text, row by row; a text alone stands for a column of it."""
    return pl.select(pl.concat_str([pl.lit(part) for part in parts])).to_series()


def join_rows(texts: pl.Series, separator: str = "") -> str:
    """Join all cells of a column."""
    return str(texts.str.join(separator).item())


def escape_xml(texts: pl.Series, *more: tuple[str, str]) -> pl.Series:
    """Escape what XML and HTML take for marks, and more."""
    for old, new in (*_XML, *more):
        texts = texts.str.replace_all(old, new, literal=True)
    return texts


def _if(condition: pl.Series, text: str | pl.Series) -> pl.Series:
    return pl.select(pl.when(condition).then(pl.lit(text)).otherwise(pl.lit(""))).to_series()
