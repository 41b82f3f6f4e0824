"""Where a finding points to, as other programs name places: a file from here, and a character of a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from luminaldb.issues import Report
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind


def file_of(kind: IssueKind) -> str:
    """Name a file, relative to the working folder where it is inside; rows of a descriptor by its name."""
    path = Path(kind.file.removesuffix(f"#{kind.table}") if kind.table else kind.file)
    try:
        return path.relative_to(Path.cwd()).as_posix() if path.is_absolute() else path.as_posix()
    except ValueError:
        return path.as_posix()


def by_file(report: Report) -> dict[str, IssueColumns]:
    """Group findings by file, files and findings in the report's order."""
    columns = IssueColumns.of(report.findings)
    files = {kind: file_of(kind) for kind in columns.kind_counts()}
    groups: dict[str, list[int]] = {file: [] for file in files.values()}
    for number, kind in enumerate(columns.kinds):
        if kind in files:
            groups[files[kind]].append(number)
    if len(groups) == 1:
        return dict.fromkeys(groups, columns)
    return {file: columns.of_kinds(numbers) for file, numbers in groups.items()}


class Places:
    """Finds the characters at which the cells of findings start.

    A file is read once as long as findings come in the order of its lines, and is never in memory.
    """

    def __init__(self) -> None:
        self._file = ""
        self._lines: Iterator[str] = iter(())
        self._header: dict[str, int] = {}
        self._number = 0
        self._line = ""

    def characters(self, issues: IssueColumns) -> pl.Series:
        """Return the character of each finding, counting from 1, or null where it isn't known.

        It isn't for a file that isn't on disk or isn't a comma-separated one with its header on the first line, and
        for a cell that doesn't start on the line on which its row does.
        """
        # By number, since no column holds a name that isn't Unicode.
        files = list(dict.fromkeys(kind.file for kind in issues.kinds))
        known = issues.frame.select(
            line="line",
            file=pl.Series([files.index(kind.file) for kind in issues.kinds], dtype=pl.UInt32).gather(
                issues.frame["kind"]
            ),
            column=pl.Series([kind.column for kind in issues.kinds], dtype=pl.String).gather(issues.frame["kind"]),
            index=pl.int_range(pl.len()),
        ).filter((pl.col("line") > 0) & (pl.col("column") != ""))
        result = pl.repeat(None, len(issues), dtype=pl.Int64, eager=True)
        begins = (pl.col("file") != pl.col("file").shift(1)) | (pl.col("line") < pl.col("line").shift(1))
        runs = known.with_columns(run=begins.fill_null(value=False).cum_sum())
        for run in runs.partition_by("run", maintain_order=True) if runs.height else ():
            result.scatter(run["index"], self._characters(files[run["file"][0]], run["line"].to_list(), run["column"]))
        return result

    def _characters(self, file: str, lines: list[int], columns: pl.Series) -> pl.Series:
        """Return the characters of cells of one file, whose lines come in order."""
        if file != self._file or lines[0] < self._number:
            self._open(file)
        texts = pl.Series(self._texts(lines), dtype=pl.String)
        header = {name: self._header[name] for name in columns.unique() if name in self._header}
        result = pl.repeat(None, len(lines), dtype=pl.Int64, eager=True)
        quoted = texts.str.contains('"', literal=True)
        for name, cell in header.items():
            plain = ((columns == name) & ~quoted).arg_true()
            text = texts.gather(plain)
            rest = text.str.splitn(",", cell + 1).struct.field(f"field_{cell}")
            start = text.str.len_chars().cast(pl.Int64) - rest.str.len_chars().cast(pl.Int64) + 1
            result.scatter(plain, start)
            odd = ((columns == name) & quoted).arg_true()
            starts = [_start(line.rstrip("\r\n"), cell) for line in texts.gather(odd)]
            result.scatter(odd, pl.Series(starts, dtype=pl.Int64))
        return result

    def _texts(self, lines: list[int]) -> list[str | None]:
        """Read on to each of some lines; None where there is none."""
        texts: list[str | None] = []
        try:
            for line in lines:
                while self._number < line:
                    self._line = next(self._lines)
                    self._number += 1
                texts.append(self._line)
        except (StopIteration, OSError, UnicodeError):
            self._lines = iter(())
        return texts + [None] * (len(lines) - len(texts))

    def _open(self, file: str) -> None:
        self._file, self._number, self._line, self._header = file, 0, "", {}
        self._lines = _lines_of(file)
        first = next(self._lines, None)
        if first is not None:
            self._number, self._line = 1, first
            names = next(csv.reader([first.rstrip("\r\n")]), [])
            # Of two columns of a name, the first.
            self._header = {name: n for n, name in reversed(list(enumerate(names)))}


def _lines_of(file: str) -> Iterator[str]:
    """Yield the lines of a file, split as the csv module splits them; none where it can't be read as text."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as stream:
            yield from stream
    except (OSError, UnicodeError, ValueError):
        return


def _start(line: str, cell: int) -> int | None:
    """Return the character at which a cell of a line with quotes starts; None where that isn't on the line."""
    quoted, seen = False, 0
    for place, character in enumerate(line):
        if seen == cell:
            return place + 1
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            seen += 1
    return len(line) + 1 if seen == cell and not quoted else None
