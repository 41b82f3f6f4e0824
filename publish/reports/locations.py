"""Where a finding points to, as other programs name places: a file from here, and a character of a line."""

from __future__ import annotations

import csv
from pathlib import Path

from luminaldb.issues import Issue, Report


def file_of(finding: Issue) -> str:
    """Name a finding's file, relative to the working folder where it is inside; rows of a descriptor by its name."""
    name = finding.file.removesuffix(f"#{finding.table}") if finding.table else finding.file
    path = Path(name)
    try:
        return path.relative_to(Path.cwd()).as_posix() if path.is_absolute() else path.as_posix()
    except ValueError:
        return path.as_posix()


def by_file(report: Report) -> dict[str, list[Issue]]:
    """Group findings by file, files and findings in the report's order."""
    groups: dict[str, list[Issue]] = {}
    for finding in report.findings:
        groups.setdefault(file_of(finding), []).append(finding)
    return groups


class Places:
    """Finds the character at which a finding's cell starts; reads each file once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def character(self, finding: Issue) -> int | None:
        """Give the character, counting from 1, or None where it isn't known.

        It isn't for a file that isn't on disk or isn't a comma-separated one with its header on the first line, and
        for a cell that doesn't start on the line on which its row does.
        """
        if not finding.line or not finding.column:
            return None
        lines = self._read(finding.file)
        if finding.line > len(lines):
            return None
        header = next(csv.reader([lines[0].rstrip("\r\n")]), [])
        if finding.column not in header:
            return None
        return _start(lines[finding.line - 1].rstrip("\r\n"), header.index(finding.column))

    def _read(self, file: str) -> list[str]:
        if file not in self._lines:
            # Lines are split as the csv module splits them.
            try:
                with Path(file).open(encoding="utf-8-sig", newline="") as stream:
                    self._lines[file] = list(stream)
            except (OSError, UnicodeError, ValueError):
                self._lines[file] = []
        return self._lines[file]


def _start(line: str, cell: int) -> int | None:
    quoted, seen = False, 0
    for place, character in enumerate(line):
        if seen == cell:
            return place + 1
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            seen += 1
    return len(line) + 1 if seen == cell and not quoted else None
