"""Where a finding points to, as other programs name places: a file from here, and a character of a line."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from luminaldb.issues import Report
from luminaldb.loaders.datapackage.compression import stem
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind
from luminaldb.urls import is_url

# So many bytes of a file are read at once.
_BYTES = 2_000_000
# Files whose rows are not lines.
_WITHOUT_LINES = (".xlsx", ".ods", ".parquet", ".json", ".sqlite", ".db", ".duckdb")
_DATABASES = ("sqlite:", "duckdb:")
_LINE_FEED, _CARRIAGE_RETURN, _COMMA, _QUOTE = b'\n\r,"'


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


def is_of_line(kind: IssueKind) -> bool:
    """Return whether the line of a finding is one of a file's text, and not the number of a row without a line."""
    name = kind.file.removesuffix(f"#{kind.table}")
    path = stem(name.partition("?")[0])
    return not (
        kind.in_frame or name != kind.file or path.lower().endswith(_WITHOUT_LINES) or name.startswith(_DATABASES)
    )


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


class CellStarts:
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
        kind = issues.frame["kind"]
        file = pl.Series([files.index(k.file) for k in issues.kinds], dtype=pl.UInt32).gather(kind)
        has_column = pl.Series([bool(k.column) for k in issues.kinds], dtype=pl.Boolean).gather(kind)
        frame = issues.frame.select("line", "kind", file=file, index=pl.int_range(pl.len()))
        with_cell = frame.filter(has_column & (frame["line"] > 0))
        result = pl.repeat(None, len(issues), dtype=pl.Int64, eager=True)
        begins = (pl.col("file") != pl.col("file").shift(1)) | (pl.col("line") < pl.col("line").shift(1))
        runs = with_cell.with_columns(run=begins.fill_null(value=False).cum_sum())
        for run in runs.partition_by("run", maintain_order=True) if runs.height else ():
            lines = self._lines_from(files[run["file"][0]], run["line"][0])
            cells = pl.Series([lines.header.get(k.column) for k in issues.kinds], dtype=pl.Int64).gather(run["kind"])
            result.scatter(run["index"], lines.characters(run["line"], cells))
        return result

    def _lines_from(self, file: str, line: int) -> _Lines:
        if file != self._file or line < self._lines.first:
            self._file, self._lines = file, _Lines(file)
        return self._lines


class _Lines:
    """The lines of a file, read in blocks.

    Attributes:
        header: the number of each column by its name; empty where the file can't be read.
        first: number of the first line that is still at hand, counting from 1.
    """

    def __init__(self, file: str) -> None:
        self._blocks = _blocks_of(file)
        self._block = next(self._blocks, None)
        self.first = 1
        names = next(csv.reader([self._block.text(0)]), []) if self._block else []
        # Of two columns of a name, the first.
        self.header = {name: n for n, name in reversed(list(enumerate(names)))}

    def characters(self, lines: pl.Series, cells: pl.Series) -> pl.Series:
        """Return the characters at which cells start; null where a line has no such cell, or none starts there.

        Args:
            lines: their lines, in order.
            cells: their numbers in the line, from 0.
        """
        columns, done = [], 0
        while done < len(lines) and self._block:
            after = self.first + self._block.height
            stop = int(lines.search_sorted(after, side="left"))
            if stop > done:
                columns.append(self._block.characters(lines[done:stop] - self.first, cells[done:stop]))
                done = stop
            if done < len(lines):
                self._block, self.first = next(self._blocks, None), after
        return pl.concat([*columns, pl.repeat(None, len(lines) - done, dtype=pl.Int64, eager=True)])


class _Block:
    """Some whole lines of a file, split as the csv module splits them.

    Attributes:
        height: how many lines.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._is_utf8 = _is_utf8(content)
        array = pl.Array(pl.UInt8, len(content))
        self._bytes = pl.Series([content]).bin.reinterpret(dtype=array, endianness="little").explode()
        is_end = self._bytes == _LINE_FEED
        if b"\r" in content and content.count(b"\r") != content.count(b"\r\n"):
            is_end |= (self._bytes == _CARRIAGE_RETURN) & (self._bytes.shift(-1, fill_value=0) != _LINE_FEED)
        breaks = (is_end | (self._bytes == _COMMA)).arg_true()
        last = [] if content.endswith((b"\n", b"\r")) else [len(content)]
        # The commas and ends of lines, with the end of the line before the first; and which of them are ends of lines.
        self._breaks = pl.concat([pl.Series([-1]), breaks.cast(pl.Int64), pl.Series(last, dtype=pl.Int64)])
        ends = is_end.gather(breaks).arg_true().cast(pl.Int64) + 1
        self._ends = pl.concat([pl.Series([0]), ends, pl.Series([len(breaks) + 1] if last else [], dtype=pl.Int64)])
        self.height = len(self._ends) - 1

    def text(self, line: int) -> str:
        """Return a line without its end, by its number from 0."""
        return self._line(line).decode(errors="replace").rstrip("\r\n")

    def _line(self, line: int) -> bytes:
        before, end = self._breaks[self._ends[line]], self._breaks[self._ends[line + 1]]
        return self._content[before + 1 : end]

    def characters(self, lines: pl.Series, cells: pl.Series) -> pl.Series:
        """Return the characters at which cells start, by the numbers of lines and cells from 0; null as in `_Lines`."""
        first, end = self._ends.gather(lines), self._ends.gather(lines + 1)
        before_cell = (first + cells).set(first + cells >= end, None)
        before_line, comma = self._breaks.gather(first), self._breaks.gather(before_cell)
        result = comma - before_line + 1
        if not self._content.isascii():
            # Bytes that belong to the character of the byte before.
            result -= _count_between(self._bytes.is_between(0x80, 0xBF).arg_true(), before_line, comma)
        if b'"' in self._content:
            quotes = (self._bytes == _QUOTE).arg_true()
            lines_with_quotes = (_count_between(quotes, before_line, self._breaks.gather(end)) > 0).arg_true()
            characters_of_quoted = [
                None if cell is None else _start(self.text(line), cell)
                for line, cell in zip(lines.gather(lines_with_quotes), cells.gather(lines_with_quotes), strict=True)
            ]
            result.scatter(lines_with_quotes, pl.Series(characters_of_quoted, dtype=pl.Int64))
        if not self._is_utf8:
            # Where bytes are no characters, nobody can count them.
            result.scatter([n for n, line in enumerate(lines) if not _is_utf8(self._line(line))], None)
        return result


def _count_between(offsets: pl.Series, starts: pl.Series, ends: pl.Series) -> pl.Series:
    """Count the places in each range; they are in order."""
    return offsets.search_sorted(ends).cast(pl.Int64) - offsets.search_sorted(starts).cast(pl.Int64)


def _blocks_of(file: str) -> Iterator[_Block]:
    """Yield the lines of a file in blocks; none where it can't be read."""
    try:
        with Path(file).open("rb") as stream:
            unfinished_line = stream.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
            while read := stream.read(_BYTES):
                content = unfinished_line + read
                # A carriage return at the end may be half of an end of line.
                end = max(content.rfind(b"\n"), content.rfind(b"\r", 0, -1)) + 1
                unfinished_line = content[end:]
                if end:
                    yield _Block(content[:end])
            if unfinished_line:
                yield _Block(unfinished_line)
    except (OSError, ValueError):
        return


def _is_utf8(content: bytes) -> bool:
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def _start(line: str, cell: int) -> int | None:
    """Return the character at which a cell of a line with quotes starts; None where that isn't on the line."""
    in_quotes, commas = False, 0
    for offset, character in enumerate(line):
        if commas == cell:
            return offset + 1
        if character == '"':
            in_quotes = not in_quotes
        elif character == "," and not in_quotes:
            commas += 1
    return len(line) + 1 if commas == cell and not in_quotes else None
