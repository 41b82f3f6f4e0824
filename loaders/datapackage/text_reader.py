"""A CSV as written: every cell as text, the line of each row, and what is wrong with its form."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError, TableError
from luminaldb.issue_codes import (
    EMPTY_FILE,
    LONG_CELL,
    MALFORMED_FILE,
    RAGGED_ROW,
    REPEATED_COLUMN,
    REPEATED_HEADER,
    UNREADABLE_FILE,
    WRONG_ENCODING,
    WRONG_TYPE,
)
from luminaldb.issues import Issue, Place

from .compression import decompress
from .csv_records import MAX_CELL_CHARACTERS, merge_conflict_issue, split_records, wrong_delimiter_issue
from .decoding import MAX_ISSUES as MAX_DAMAGED
from .decoding import as_utf8
from .descriptor import MAX_COLUMNS, Resource
from .fast_text_reader import read_simple_csv
from .header import find_header, match_case, match_damaged, number_repeated_names
from .json_rows import CellRows, rows_of_file, rows_of_list
from .other_format_names import FORMATS, SHEETS
from .store import Store

# Rows of another width that are listed; further ones are counted.
MAX_ISSUES = 100_000
LARGE_BYTES = 512 * 1024
_UNQUOTED_FACTOR = 4
MAX_CHARACTERS_SHOWN = 60


@dataclass(slots=True)
class TextTable:
    """A table as text.

    Attributes:
        frame: one String column per column of the header, one row per record, an empty cell as "".
        lines: line of the file on which each row starts; quoted newlines are counted.
        issues: what is wrong with the file's form, by line; rows with such an issue are left out of the frame.
        header: the header as written.
        omitted: how many more issues there are than `issues` has, by code.
        ragged: the cells of rows of another width than the header's, which are left out of the frame.
        damaged: rows with bytes that are no text, which are left out of the frame; None where there are none.
    """

    frame: pl.DataFrame
    lines: Sequence[int]
    header: tuple[str, ...] = ()
    issues: list[Issue] = field(default_factory=list)
    omitted: dict[str, int] = field(default_factory=dict)
    ragged: frozenset[str] = frozenset()
    damaged: pl.DataFrame | None = None


def read_text(store: Store, resource: Resource) -> TextTable:
    """Read a resource as text; never raises for what is in a file, but lists it as issues.

    Raises:
        MissingExtraError: a library that reads such files isn't installed.
    """
    if isinstance(resource.data, list):
        return _table_of_json(lambda: rows_of_list(resource.data or [], resource), resource.schema.names)
    issues: list[Issue] = []
    file_bytes = _read_all_files(store, resource, issues)
    if file_bytes is None:
        return _empty_table(issues)
    if resource.format == "json":
        return _table_of_json(lambda: rows_of_file(file_bytes, resource), resource.schema.names)
    if resource.format in FORMATS:
        return _read_other_format(file_bytes, resource)
    damaged: list[int] = []
    data = as_utf8(file_bytes, resource, issues, damaged)
    if data is None:
        return _empty_table(issues)
    if (conflict := merge_conflict_issue(data)) is not None:
        return _empty_table([*issues, conflict])
    # Proving that lines are records costs more than it saves where a file is small; without quotes, it costs little.
    min_fast_bytes = LARGE_BYTES if b'"' in data else LARGE_BYTES // _UNQUOTED_FACTOR
    frame = (
        read_simple_csv(data, resource.dialect, MAX_CELL_CHARACTERS)
        if len(data) >= min_fast_bytes and not damaged
        else None
    )
    if frame is not None:
        return TextTable(frame, range(2, frame.height + 2), tuple(frame.columns), issues)
    text = data.decode()
    if not text.strip():
        hint = "Write the header row, then the records."
        return _empty_table([*issues, Issue(EMPTY_FILE, "the file is empty", hint, place=Place(line=1))])
    return _table_of_csv(text, resource, issues, damaged)


def _read_other_format(data: bytes, resource: Resource) -> TextTable:
    from .other_formats import read_rows, sheet_rows

    if resource.format not in SHEETS:
        return _table_of_json(lambda: read_rows(data, resource), resource.schema.names)
    try:
        rows = sheet_rows(data, resource)
    except TableError as error:
        return _empty_table([_unreadable_file_issue(error, several=False)])
    if not rows:
        return _empty_table([Issue(EMPTY_FILE, "the sheet is empty", "Write the header row, then the records.")])
    return table_of_rows(rows, range(1, len(rows) + 1), resource, [])


def _drop_repeated_headers(parts: list[bytes], paths: Sequence[str], issues: list[Issue]) -> list[bytes]:
    """Leave out the header where the files after the first repeat it, which the standard's text makes a row."""
    header = parts[0].partition(b"\n")[0].strip(b"\r\xef\xbb\xbf")
    parts_without_repeats = parts[:1]
    for part, path in zip(parts[1:], paths[1:], strict=True):
        first, _, rows = part.partition(b"\n")
        if first.strip(b"\r\xef\xbb\xbf") != header:
            parts_without_repeats.append(part)
            continue
        hint = "Delete the header of every file but the first."
        issues.append(Issue(REPEATED_HEADER, f"{path} repeats the header", hint, "warning"))
        parts_without_repeats.append(rows)
    return parts_without_repeats


def _read_all_files(store: Store, resource: Resource, issues: list[Issue]) -> bytes | None:
    """Return the bytes of a resource's files, unpacked and joined; only the first one's header is a header.

    A file that can't be read is left out; None where that is the first.
    """
    if isinstance(resource.data, str):
        return resource.data.encode()
    inner_path = resource.properties.get("innerpath")
    inner_path = inner_path if isinstance(inner_path, str) else None
    contents: dict[str, bytes] = {}
    for path, kind in resource.files:
        try:
            part = store.read(path)
            contents[path] = part if kind is None else decompress(part, kind, path, inner_path)
        except MissingExtraError:
            raise  # no fault of the file
        except LuminaldbError as error:
            issues.append(_unreadable_file_issue(error, several=len(resource.files) > 1))
    if resource.files[0][0] not in contents:
        return None
    parts = list(contents.values())
    if len(parts) > 1 and resource.dialect.header:
        parts = _drop_repeated_headers(parts, list(contents), issues)
    if len(parts) == 1:
        return parts[0]
    return b"".join(p if p.endswith((b"\n", b"\r")) or not p else p + b"\n" for p in parts)


def _unreadable_file_issue(error: LuminaldbError, *, several: bool) -> Issue:
    """Report a file that can't be read; of several files the message names it."""
    issue = error.issue
    message = f"{error.subject}: {issue.message}" if several and error.subject else issue.message
    return Issue(issue.code or UNREADABLE_FILE, message, issue.hint or "Fix the path in the descriptor.")


def _empty_table(issues: list[Issue]) -> TextTable:
    return TextTable(pl.DataFrame(), [], (), issues)


def _table_of_csv(text: str, resource: Resource, issues: list[Issue], damaged: Sequence[int]) -> TextTable:
    dialect = resource.dialect
    if (wrong_delimiter := wrong_delimiter_issue(text, dialect, resource.schema.names)) is not None:
        return _empty_table([*issues, wrong_delimiter])
    rows, lines = split_records(text, dialect, issues)
    table = table_of_rows(rows, lines, resource, issues, {lines[bisect(lines, line) - 1] for line in damaged if lines})
    if (more := len(damaged) - MAX_DAMAGED) > 0:
        table.omitted[WRONG_ENCODING] = more
    return table


def table_of_rows(
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    resource: Resource,
    issues: list[Issue],
    damaged: Set[int] = frozenset(),
) -> TextTable:
    """Make a table of the records of a file, its header among them.

    Args:
        rows: the records.
        lines: on which each starts.
        resource: the table.
        issues: what is wrong with the file; what is wrong with the records is added.
        damaged: the lines of records to leave out.
    """
    dialect = resource.dialect
    header, start, comments = find_header(rows, dialect, resource.schema.names)
    if damaged:
        header = match_damaged(header, resource.schema.names)
    if start or comments:
        row_indexes = [n for n in range(start, len(rows)) if n not in comments]
        rows, lines = [rows[n] for n in row_indexes], [lines[n] for n in row_indexes]
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
    return _table_of_cells(header, rows, lines, issues, resource.schema.names, damaged)


def _table_of_cells(
    header: tuple[str, ...],
    rows: Sequence[Sequence[str | None]],
    lines: Sequence[int],
    issues: list[Issue],
    names: Sequence[str],
    damaged: Set[int] = frozenset(),
) -> TextTable:
    if not header and (rows or names):
        hint = "Write the header row, then the records."
        return _empty_table(
            [*issues, Issue(EMPTY_FILE, "the header names no column", hint, place=Place(line=1), rest_unread=True)]
        )
    repeated_names = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated_names and set(number_repeated_names(header)) <= set(names):
        # The descriptor has fields of the same name, too.
        header, repeated_names = number_repeated_names(header), []
    for name in repeated_names:
        hint = "Rename or delete one of the two columns."
        issues.append(
            Issue(REPEATED_COLUMN, f"the header names {name!r} twice", hint, place=Place(line=1, column=name))
        )
    width = len(header)
    omitted: dict[str, int] = {}
    ragged_cells: frozenset[str] = frozenset()
    if any(len(row) != width for row in rows):
        ragged_indexes = [n for n, row in enumerate(rows) if len(row) != width]
        issues += [
            ragged_row_issue(lines[n], ",".join(cell or "" for cell in rows[n]), len(rows[n]), width)
            for n in ragged_indexes[:MAX_ISSUES]
        ]
        omitted = {RAGGED_ROW: len(ragged_indexes) - MAX_ISSUES} if len(ragged_indexes) > MAX_ISSUES else {}
        ragged_cells = frozenset(cell for n in ragged_indexes for cell in rows[n] if cell)
        dropped_indexes = set(ragged_indexes)
        lines = [line for n, line in enumerate(lines) if n not in dropped_indexes]
        rows = [row for n, row in enumerate(rows) if n not in dropped_indexes]
    columns = zip(*rows, strict=True) if rows else ((),) * width
    # Two columns of one name are ambiguous and left out; the others can be checked.
    series = [
        pl.Series(name, cells, dtype=pl.String)
        for name, cells in zip(header, columns, strict=True)
        if name not in repeated_names
    ]
    frame = pl.DataFrame(series)
    if damaged.isdisjoint(lines) or not series:
        return TextTable(frame, lines if series else [], header, issues, omitted, ragged_cells)
    is_damaged = pl.Series([line in damaged for line in lines])
    undamaged_lines = [line for line in lines if line not in damaged]
    return TextTable(
        frame.filter(~is_damaged), undamaged_lines, header, issues, omitted, ragged_cells, frame.filter(is_damaged)
    )


def ragged_row_issue(line: int, text: str, cells: int, width: int) -> Issue:
    """Report a row of another width than the header.

    Args:
        line: on which it starts; 0 where that isn't known.
        text: its cells, or the first of them.
        cells: how many it has; 0 where the line is blank.
        width: how many the header has.
    """
    if not cells:
        return Issue(RAGGED_ROW, "the line is blank", "Delete the line.", place=Place(line=line))
    hint = "Give each column its cell; quote a cell that holds a comma or a line break."
    message = f"{cells} cells where the header has {width}"
    return Issue(RAGGED_ROW, message, hint, place=Place(line=line, value=text[:MAX_CHARACTERS_SHOWN]))


def _table_of_json(rows: Callable[[], CellRows], names: Sequence[str]) -> TextTable:
    """Return rows of JSON as a table; the number of a row takes the place of its line."""
    try:
        table = rows()
    except TableError as error:
        return _empty_table([Issue(MALFORMED_FILE, error.issue.message, error.issue.hint or "Fix the rows.")])
    if table.issues and not table.header:
        return _empty_table(list(table.issues))
    hint = "Write it as a value of the field's type."
    issues = [
        Issue(
            WRONG_TYPE,
            f"{column} is of another JSON type than its field",
            hint,
            place=Place(line=line, column=column, value=value[:MAX_CHARACTERS_SHOWN]),
        )
        for line, column, value in table.type_errors
    ]
    issues = [*table.issues, *issues]
    lines = table.lines if len(table.lines) == len(table.rows) else range(1, len(table.rows) + 1)
    return _table_of_cells(table.header, table.rows, lines, issues, names)


def raise_form_errors(table: TextTable, file: str) -> None:
    """Raise what is wrong with a file's form.

    Raises:
        TableError: naming the first issue, its line and its hint, and how many more there are.
    """
    errors = [issue for issue in table.issues if issue.severity == "error"]
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        line = f":{first.line}" if first.line else ""
        issues = [issue.at(file=file) for issue in errors]
        raise TableError(f"{first.message}{more}. {first.hint}", subject=f"{file}{line}", issues=issues)
