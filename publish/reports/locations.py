"""Where a finding points to, as other programs name places: a file from here, and a character of a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from luminaldb.addresses import is_url
from luminaldb.issues import Report
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind

# So many of a file are read at once.
_CHARACTERS = 1_000_000


def file_of(kind: IssueKind) -> str:
    """Name a file, relative to the working folder where it is inside; rows of a descriptor by its name.

    An address is not a path, which would take one of its slashes.
    """
    name = kind.file.removesuffix(f"#{kind.table}") if kind.table else kind.file
    if is_url(name):
        return name
    path = Path(name)
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
        self._lines = _Lines("")

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
            result.scatter(run["index"], self._characters(files[run["file"][0]], run["line"], run["column"]))
        return result

    def _characters(self, file: str, lines: pl.Series, columns: pl.Series) -> pl.Series:
        """Return the characters of cells of one file, whose lines come in order."""
        if file != self._file or lines[0] < self._lines.first:
            self._file, self._lines = file, _Lines(file)
        texts = self._lines.texts(lines)
        cells = {name: self._lines.header[name] for name in columns.unique() if name in self._lines.header}
        result = pl.repeat(None, len(lines), dtype=pl.Int64, eager=True)
        quoted = texts.str.contains('"', literal=True)
        for name, cell in cells.items():
            plain = ((columns == name) & ~quoted).arg_true()
            text = texts.gather(plain)
            rest = text.str.splitn(",", cell + 1).struct.field(f"field_{cell}")
            start = text.str.len_chars().cast(pl.Int64) - rest.str.len_chars().cast(pl.Int64) + 1
            result.scatter(plain, start)
            odd = ((columns == name) & quoted).arg_true()
            starts = [_start(line.rstrip("\r\n"), cell) for line in texts.gather(odd)]
            result.scatter(odd, pl.Series(starts, dtype=pl.Int64))
        return result


class _Lines:
    """The lines of a file, read in blocks.

    Attributes:
        header: the number of each column by its name; empty where the file can't be read.
        first: number of the first line that is still at hand, counting from 1.
    """

    def __init__(self, file: str) -> None:
        self._blocks = _blocks_of(file)
        self._block = next(self._blocks, [])
        self.first = 1
        names = next(csv.reader([self._block[0].rstrip("\r\n")]), []) if self._block else []
        # Of two columns of a name, the first.
        self.header = {name: n for n, name in reversed(list(enumerate(names)))}

    def texts(self, lines: pl.Series) -> pl.Series:
        """Return some lines by their numbers, which come in order; null where there is none."""
        parts, done = [], 0
        while done < len(lines) and self._block:
            after = self.first + len(self._block)
            stop = int(lines.search_sorted(after, side="left"))
            if stop > done:
                block = pl.Series(self._block, dtype=pl.String)
                parts.append(block.gather(lines[done:stop] - self.first))
                done = stop
            if done < len(lines):
                self._block, self.first = next(self._blocks, []), after
        missing = pl.repeat(None, len(lines) - done, dtype=pl.String, eager=True)
        return pl.concat([*parts, missing])


def _blocks_of(file: str) -> Iterator[list[str]]:
    """Yield the lines of a file, split as the csv module splits them; none where it can't be read as text."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as stream:
            while block := stream.readlines(_CHARACTERS):
                yield block
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
