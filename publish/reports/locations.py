"""Where a finding points to, as other programs name places: a file from here, and a character of a line."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from luminaldb.issues import Issue, Report


def file_of(finding: Issue) -> str:
    """Name a finding's file, relative to the working folder where it is inside; rows of a descriptor by its name."""
    place = finding.place
    return _relative(place.file.removesuffix(f"#{place.table}") if place.table else place.file, os.getcwd())  # noqa: PTH109 - for a million findings


@lru_cache(maxsize=64)
def _relative(name: str, folder: str) -> str:
    path = Path(name)
    try:
        return path.relative_to(folder).as_posix() if path.is_absolute() else path.as_posix()
    except ValueError:
        return path.as_posix()


def by_file(report: Report) -> dict[str, list[Issue]]:
    """Group findings by file, files and findings in the report's order."""
    groups: dict[str, list[Issue]] = {}
    for finding in report.findings:
        groups.setdefault(file_of(finding), []).append(finding)
    return groups


class Places:
    """Finds the character at which a finding's cell starts.

    A file is read once as long as findings come in the order of its lines, and is never in memory.
    """

    def __init__(self) -> None:
        self._file = ""
        self._lines: Iterator[str] = iter(())
        self._header: list[str] = []
        self._number = 0
        self._line = ""

    def character(self, finding: Issue) -> int | None:
        """Give the character, counting from 1, or None where it isn't known.

        It isn't for a file that isn't on disk or isn't a comma-separated one with its header on the first line, and
        for a cell that doesn't start on the line on which its row does.
        """
        place = finding.place
        if not place.line or not place.column:
            return None
        if place.file != self._file or place.line < self._number:
            self._open(place.file)
        try:
            while self._number < place.line:
                self._line = next(self._lines)
                self._number += 1
        except (StopIteration, OSError, UnicodeError, csv.Error):
            self._lines = iter(())
            return None
        if place.column not in self._header:
            return None
        return _start(self._line.rstrip("\r\n"), self._header.index(place.column))

    def _open(self, file: str) -> None:
        self._file, self._number, self._line, self._header = file, 0, "", []
        self._lines = _lines_of(file)
        first = next(self._lines, None)
        if first is not None:
            self._number, self._line = 1, first
            self._header = next(csv.reader([first.rstrip("\r\n")]), [])


def _lines_of(file: str) -> Iterator[str]:
    """Give the lines of a file, split as the csv module splits them; none where it can't be read as text."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as stream:
            yield from stream
    except (OSError, UnicodeError, ValueError):
        return


def _start(line: str, cell: int) -> int | None:
    if '"' not in line:
        parts = line.split(",", cell)
        return len(line) - len(parts[-1]) + 1 if len(parts) > cell else None
    quoted, seen = False, 0
    for place, character in enumerate(line):
        if seen == cell:
            return place + 1
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            seen += 1
    return len(line) + 1 if seen == cell and not quoted else None
