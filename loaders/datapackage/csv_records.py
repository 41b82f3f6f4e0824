"""Split the text of a CSV into records, by the dialect of its descriptor, and report text that is not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from luminaldb.issue_codes import LONG_CELL, MALFORMED_FILE, MERGE_CONFLICT, WRONG_DELIMITER
from luminaldb.issues import Issue, Place

from .dialect import Dialect

# No standard limits a cell; a file is limited before it.
MAX_CELL_CHARACTERS = 256 * 1024**2
_DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# After so many, further broken records are no news, and reading on is slow.
_MAX_BROKEN_RECORDS = 1_000
_UNUSED_CHARACTERS = ("\x1f", "\x1e", "\x1d", "\x1c", "\x01", "\x02")


def split_records(text: str, dialect: Dialect, issues: list[Issue]) -> tuple[list[list[str]], list[int]]:
    """Split the text of a CSV into records and the line on which each starts.

    A record whose quoting is broken is left out, and reading goes on with the line below the one on which it starts.

    Args:
        text: of the file.
        dialect: how it is written.
        issues: what is wrong is added here.
    """
    try:
        if dialect.line_terminator not in (None, "", "\n", "\r\n"):
            text = text.replace(dialect.line_terminator, "\n")
        if len(dialect.delimiter) > 1:
            text, dialect = _with_short_delimiter(text, dialect)
        _reader(io.StringIO(""), dialect)
    except (TypeError, ValueError) as error:
        issues.append(Issue(MALFORMED_FILE, f"the dialect can't be used ({error})", "Fix the dialect."))
        return [], []
    rows: list[list[str]] = []
    lines: list[int] = []
    text_lines: Sequence[str] = ()
    lines_above = broken_count = 0  # lines above those that the reader gets; records that are broken
    reader = _reader(io.StringIO(text, newline=""), dialect)
    limit_before = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        while True:
            start = lines_above + 1
            try:
                for row in reader:
                    rows.append(row)
                    lines.append(start)
                    start = lines_above + reader.line_num + 1
                break
            except csv.Error as error:
                issue = _broken_quoting_issue(error, start)
                broken_count += 1
                if broken_count > _MAX_BROKEN_RECORDS:
                    message = f"more than {_MAX_BROKEN_RECORDS:,} rows have broken quotes; what follows is not read"
                    issue = replace(issue, message=message)
                if issue.code == LONG_CELL or not rows or broken_count > _MAX_BROKEN_RECORDS:
                    issues.append(replace(issue, rest_unread=True))
                    break
                issues.append(issue)
                text_lines = text_lines or list(io.StringIO(text, newline=""))
                lines_above = start
                reader = _reader(islice(text_lines, lines_above, None), dialect)
    finally:
        csv.field_size_limit(limit_before)
    return rows, lines


def _reader(lines: Iterable[str], dialect: Dialect) -> Any:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote_char,
        quoting=csv.QUOTE_MINIMAL if dialect.quote_char else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=dialect.escape_char,
        skipinitialspace=dialect.skip_initial_space,
        strict=True,
    )


def _with_short_delimiter(text: str, dialect: Dialect) -> tuple[str, Dialect]:
    """Replace a delimiter of several characters by one that the text doesn't have, except in quoted cells."""
    short_delimiter = next((m for m in _UNUSED_CHARACTERS if m not in text), None)
    if short_delimiter is None:
        raise ValueError(f"no character is free to replace the delimiter {dialect.delimiter!r}")
    delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote_char or "")
    quoted_pattern = f"{quote}[^{quote}]*{quote}|" if quote else ""
    delimiter_or_quoted = re.compile(f"{quoted_pattern}{delimiter}")
    text = delimiter_or_quoted.sub(lambda match: short_delimiter if match[0] == dialect.delimiter else match[0], text)
    return text, replace(dialect, delimiter=short_delimiter)


def wrong_delimiter_issue(text: str, dialect: Dialect, names: Sequence[str]) -> Issue | None:
    """Report a header whose names are separated by another delimiter than the dialect's; None where they aren't.

    Args:
        text: of the file.
        dialect: of its descriptor.
        names: of the columns.
    """
    if dialect.delimiter not in _DELIMITER_NAMES or not dialect.header:
        return None
    line = text[:MAX_CELL_CHARACTERS].partition("\n")[0]
    names_by_delimiter = {
        delimiter: {cell.strip(' \r"') for cell in line.split(delimiter)} & set(names) for delimiter in _DELIMITER_NAMES
    }
    likely_delimiter = max(_DELIMITER_NAMES, key=lambda delimiter: len(names_by_delimiter[delimiter]))
    if len(names_by_delimiter[likely_delimiter]) <= 1 or names_by_delimiter[dialect.delimiter]:
        return None
    hint = (
        f"Save the file with {_DELIMITER_NAMES[dialect.delimiter]} between cells, or name the other in the descriptor."
    )
    delimiters_found, delimiters_described = _DELIMITER_NAMES[likely_delimiter], _DELIMITER_NAMES[dialect.delimiter]
    message = f"cells are separated by {delimiters_found}, the descriptor says {delimiters_described}"
    return Issue(WRONG_DELIMITER, message, hint, place=Place(line=1))


def merge_conflict_issue(data: bytes) -> Issue | None:
    """Return one issue for the conflicts in a file, at the first; None where there is none.

    A single line that starts like git's marker may be a cell: all three markers must be there, in git's order.
    """
    start = data.find(b"\n<<<<<<< ")
    middle = data.find(b"\n=======", start) if start >= 0 else -1
    if middle < 0 or b"\n>>>>>>> " not in data[middle:]:
        return None
    return Issue(
        MERGE_CONFLICT,
        "the file has a merge conflict that nobody has resolved",
        "Keep one side of each conflict, and delete the lines with <<<<<<<, ======= and >>>>>>>.",
        place=Place(line=data[: start + 1].count(b"\n") + 1),
    )


def _broken_quoting_issue(error: csv.Error, line: int) -> Issue:
    if "field larger" in str(error):
        hint = "Shorten the cell; a quote that is never closed also swallows what follows."
        return Issue(
            LONG_CELL, f"a cell is longer than {MAX_CELL_CHARACTERS:,} characters", hint, place=Place(line=line)
        )
    message = {
        "unexpected end of data": "a quoted cell is never closed",
        "new-line character seen in unquoted field - do you need to open the file with newline=''?": (
            "a line contains a CR without LF"
        ),
    }.get(str(error), f"the quoting is broken ({error})")
    return Issue(
        MALFORMED_FILE, message, "Close the quote; write a quote inside a quoted cell twice.", place=Place(line=line)
    )
