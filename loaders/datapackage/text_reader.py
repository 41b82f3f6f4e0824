"""A CSV as written: every cell as text, where each row stands, and what is wrong with its form."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError, TableError
from luminaldb.issue_codes import (
    BROKEN_FORM,
    EMPTY_FILE,
    LONG_CELL,
    RAGGED_ROW,
    REPEATED_COLUMN,
    UNREADABLE_FILE,
    WRONG_DELIMITER,
    WRONG_TYPE,
)
from luminaldb.issues import Issue, Place

from .compression import decompress
from .decoding import as_utf8
from .descriptor import MAX_COLUMNS, Resource
from .dialect import Dialect
from .fast_text_reader import read_plain
from .header import header_of, match_case
from .json_rows import Rows, rows_of, rows_of_file
from .merge_conflict import merge_conflict
from .store import Store

MAX_CELL_CHARACTERS = 1024**2
LARGE_BYTES = 4 * 1024**2
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SHOWN = 60


@dataclass(slots=True)
class TextTable:
    """A table as text.

    Attributes:
        frame: one String column per column of the header, one row per record, an empty cell as "".
        lines: line of the file on which each row starts; quoted newlines are counted.
        issues: what is wrong with the file's form, by line; rows with such an issue are left out of the frame.
        header: the header as written.
    """

    frame: pl.DataFrame
    lines: Sequence[int]
    header: tuple[str, ...] = ()
    issues: list[Issue] = field(default_factory=list)


def read_text(store: Store, resource: Resource) -> TextTable:
    """Read a resource as text; never raises for what is in a file, but lists it as issues."""
    if isinstance(resource.data, list):
        return _frame_json(lambda: rows_of(resource.data or [], resource))
    issues: list[Issue] = []
    try:
        raw = _whole(store, resource)
    except LuminaldbError as error:
        return _nothing([_unread(error, several=len(resource.paths) > 1)])
    if resource.format == "json":
        return _frame_json(lambda: rows_of_file(raw, resource))
    data = as_utf8(raw, resource, issues)
    if data is None:
        return _nothing(issues)
    if (conflict := merge_conflict(data)) is not None:
        return _nothing([*issues, conflict])
    # Proving that lines are records costs more than it saves where a file is small.
    frame = read_plain(data, resource.dialect, MAX_CELL_CHARACTERS) if len(data) >= LARGE_BYTES else None
    if frame is not None:
        return TextTable(frame, range(2, frame.height + 2), tuple(frame.columns), issues)
    text = data.decode()
    if not text.strip():
        hint = "Write the header row, then the records."
        return _nothing([*issues, Issue(EMPTY_FILE, "the file is empty", hint, place=Place(line=1))])
    return _records(text, resource, issues)


def _whole(store: Store, resource: Resource) -> bytes:
    """Give the bytes of a resource's files, unpacked and joined; only the first one's header is a header."""
    if isinstance(resource.data, str):
        return resource.data.encode()
    parts = [decompress(store.read(p), kind, p) for p, kind in resource.files]
    if len(parts) == 1:
        return parts[0]
    return b"".join(p if p.endswith((b"\n", b"\r")) or not p else p + b"\n" for p in parts)


def _unread(error: LuminaldbError, *, several: bool) -> Issue:
    """Report a file that can't be read; of several files the message says which one."""
    own = error.issue
    message = f"{error.where}: {own.message}" if several and error.where else own.message
    return Issue(own.code or UNREADABLE_FILE, message, own.hint or "Fix the path in the descriptor.")


def _nothing(issues: list[Issue]) -> TextTable:
    return TextTable(pl.DataFrame(), [], (), issues)


def _reader(text: str, dialect: Dialect) -> Any:
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote_char,
        quoting=csv.QUOTE_MINIMAL if dialect.quote_char else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=dialect.escape_char,
        skipinitialspace=dialect.skip_initial_space,
        strict=True,
    )


def _split(text: str, dialect: Dialect, issues: list[Issue]) -> tuple[list[list[str]], list[int]]:
    """Split a text into records and the line each starts on, up to where the quoting breaks."""
    try:
        reader = _reader(_with_line_feeds(text, dialect), dialect)
    except (TypeError, ValueError) as error:
        issues.append(Issue(BROKEN_FORM, f"the dialect can't be used ({error})", "Fix the dialect."))
        return [], []
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    before = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        issues.append(_broken_file_issue(error, start))
    finally:
        csv.field_size_limit(before)
    return rows, lines


def _with_line_feeds(text: str, dialect: Dialect) -> str:
    """Give a text whose rows end in what the CSV reader knows."""
    ending = dialect.line_terminator
    return text if ending in (None, "", "\n", "\r\n") else text.replace(ending, "\n")


def _other_delimiter(text: str, dialect: Dialect, names: Sequence[str]) -> str | None:
    """Give the mark that parts the header's names where it isn't the dialect's; None where it is, or nobody knows."""
    if dialect.delimiter not in _MARKS or not dialect.header:
        return None
    line = text[:MAX_CELL_CHARACTERS].partition("\n")[0]
    found = {mark: {cell.strip(' \r"') for cell in line.split(mark)} & set(names) for mark in _MARKS}
    best = max(_MARKS, key=lambda mark: len(found[mark]))
    return best if len(found[best]) > 1 and not found[dialect.delimiter] else None


def _records(text: str, resource: Resource, issues: list[Issue]) -> TextTable:
    dialect = resource.dialect
    if (mark := _other_delimiter(text, dialect, resource.schema.names)) is not None:
        hint = f"Save the file with {_MARKS[dialect.delimiter]} between cells, or name the other in the descriptor."
        message = f"cells are separated by {_MARKS[mark]}, the descriptor says {_MARKS[dialect.delimiter]}"
        return _nothing([*issues, Issue(WRONG_DELIMITER, message, hint, place=Place(line=1))])
    rows, lines = _split(text, dialect, issues)
    header, start, comments = header_of(rows, dialect, resource.schema.names)
    if start or comments:
        rest = [n for n in range(start, len(rows)) if n not in comments]
        rows, lines = [rows[n] for n in rest], [lines[n] for n in rest]
    if len(header) > MAX_COLUMNS:
        hint = "Keep such data as rows, or in another format."
        issues.append(
            Issue(
                LONG_CELL, f"{len(header):,} columns; no more than {MAX_COLUMNS:,} are read", hint, place=Place(line=1)
            )
        )
        return TextTable(pl.DataFrame(), [], (), issues)
    if not dialect.case_sensitive_header:
        header = match_case(header, resource.schema.names)
    return _frame(header, rows, lines, issues)


def _frame(
    header: tuple[str, ...], rows: Sequence[Sequence[str | None]], lines: Sequence[int], issues: list[Issue]
) -> TextTable:
    repeated = sorted(name for name, times in Counter(header).items() if times > 1)
    for name in repeated:
        hint = "Rename or delete one of the two columns."
        issues.append(
            Issue(REPEATED_COLUMN, f"the header names {name!r} twice", hint, place=Place(line=1, column=name))
        )
    if repeated:
        return TextTable(pl.DataFrame(), [], header, issues)
    width = len(header)
    if any(len(row) != width for row in rows):
        ragged = [n for n, row in enumerate(rows) if len(row) != width]
        issues += [_ragged_row_issue(lines[n], rows[n], width) for n in ragged]
        gone = set(ragged)
        lines = [line for n, line in enumerate(lines) if n not in gone]
        rows = [row for n, row in enumerate(rows) if n not in gone]
    columns = zip(*rows, strict=True) if rows else ((),) * width
    frame = pl.DataFrame([pl.Series(name, cells, dtype=pl.String) for name, cells in zip(header, columns, strict=True)])
    return TextTable(frame, lines, header, issues)


def _ragged_row_issue(line: int, row: Sequence[str | None], width: int) -> Issue:
    if not row:
        return Issue(RAGGED_ROW, "the line is blank", "Delete the line.", place=Place(line=line))
    hint = "Give each column its cell; quote a cell that holds a comma or a line break."
    shown = ",".join(cell or "" for cell in row)[:_SHOWN]
    return Issue(
        RAGGED_ROW, f"{len(row)} cells where the header has {width}", hint, place=Place(line=line, value=shown)
    )


def _broken_file_issue(error: csv.Error, line: int) -> Issue:
    if "field larger" in str(error):
        hint = "Shorten the cell; a quote that is never closed also swallows what follows."
        return Issue(
            LONG_CELL, f"a cell is longer than {MAX_CELL_CHARACTERS:,} characters", hint, place=Place(line=line)
        )
    message = {
        "unexpected end of data": "a quoted cell is never closed",
        "new-line character seen in unquoted field - do you need to open the file with newline=''?": (
            "a bare CR stands inside a line"
        ),
    }.get(str(error), f"the quoting is broken ({error})")
    return Issue(
        BROKEN_FORM, message, "Close the quote; write a quote inside a quoted cell twice.", place=Place(line=line)
    )


def _frame_json(rows: Callable[[], Rows]) -> TextTable:
    """Frame rows of JSON; what stands for a line is the number of the row."""
    try:
        table = rows()
    except TableError as error:
        return _nothing([Issue(BROKEN_FORM, error.issue.message, error.issue.hint or "Fix the rows.")])
    hint = "Write it as a value of the field's type."
    issues = [
        Issue(
            WRONG_TYPE,
            f"{column} is of another JSON type than its field",
            hint,
            place=Place(line=line, column=column, value=value[:_SHOWN]),
        )
        for line, column, value in table.mistyped
    ]
    return _frame(table.header, table.rows, range(1, len(table.rows) + 1), issues)


def raise_first(table: TextTable, where: str) -> None:
    """Raise what is wrong with a file's form.

    Raises:
        TableError: naming the first issue, its line and its hint, and how many more there are.
    """
    if table.issues:
        first = table.issues[0]
        more = f" (and {len(table.issues) - 1} more)" if len(table.issues) > 1 else ""
        at = f":{first.line}" if first.line else ""
        own = [issue.at(file=where) for issue in table.issues]
        raise TableError(f"{first.message}{more}. {first.hint}", where=f"{where}{at}", issues=own)
