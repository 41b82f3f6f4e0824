"""A CSV as written: every cell as text, where each row stands, and what is wrong with its form."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError, TableError

from .compression import unpacked
from .descriptor import MAX_COLUMNS, Resource
from .dialect import Dialect
from .fast_text_reader import read_plain
from .header import header_of, renamed
from .json_rows import Rows, rows_of, rows_of_file
from .store import Store

MAX_CELL_CHARACTERS = 1024**2
LARGE_BYTES = 4 * 1024**2
_BOM = codecs.BOM_UTF8
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the form of a file, before any value is looked at."""

    code: str
    line: int
    message: str
    cure: str
    column: str = ""
    value: str = ""


@dataclass(slots=True)
class TextTable:
    """A table as text.

    Attributes:
        frame: one String column per column of the header, one row per record, an empty cell as "".
        lines: line of the file on which each row starts; quoted newlines are counted.
        problems: what is wrong with the file's form; rows with a problem are left out of the frame.
        header: the header as written.
    """

    frame: pl.DataFrame
    lines: Sequence[int]
    header: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def read_text(store: Store, resource: Resource) -> TextTable:
    """Read a resource as text; never raises for what a file holds, but lists it as problems."""
    if isinstance(resource.data, list):
        return _structured(lambda: rows_of(resource.data or [], resource))
    problems: list[Problem] = []
    try:
        raw = _whole(store, resource)
    except LuminaldbError as error:
        unsafe = error.__class__.__name__ == "UnsafePathError"
        code = "LDB011" if unsafe else "LDB001"
        message, _, cure = str(error).partition("; ")
        return _nothing([Problem(code, 0, message, cure or "Mend the path in the descriptor.")])
    if resource.format == "json":
        return _structured(lambda: rows_of_file(raw, resource))
    data = _utf8(raw, resource, problems)
    if data is None:
        return _nothing(problems)
    # Proving that lines are records costs more than it saves where a file is small.
    frame = read_plain(data, resource.dialect, MAX_CELL_CHARACTERS) if len(data) >= LARGE_BYTES else None
    if frame is not None:
        return TextTable(frame, range(2, frame.height + 2), tuple(frame.columns), problems)
    text = data.decode()
    if not text.strip():
        cure = "Write the header row, then the records."
        return _nothing([*problems, Problem("LDB010", 1, "the file is empty", cure)])
    return _records(text, resource, problems)


def _whole(store: Store, resource: Resource) -> bytes:
    """Give the bytes of a resource's files, unpacked and joined; only the first one's header is a header."""
    if isinstance(resource.data, str):
        return resource.data.encode()
    parts = [unpacked(store.read(p), kind, p) for p, kind in resource.files]
    if len(parts) == 1:
        return parts[0]
    return b"".join(p if p.endswith((b"\n", b"\r")) or not p else p + b"\n" for p in parts)


def _nothing(problems: list[Problem]) -> TextTable:
    return TextTable(pl.DataFrame(), [], (), problems)


def _utf8(raw: bytes, resource: Resource, problems: list[Problem]) -> bytes | None:
    """Give a file's text as UTF-8 without a byte order mark, or None where it is no text."""
    dialect = resource.dialect
    if raw.startswith(_BOM):
        if resource.encoding and resource.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
            cure = "Save the file as UTF-8 without a byte order mark."
            problems.append(Problem("LDB003", 1, "the file starts with a byte order mark", cure))
        raw = raw[len(_BOM) :]
    if dialect.line_terminator == "\n" and b"\r" in raw:
        line = raw[: raw.index(b"\r")].count(b"\n") + 1
        cure = "Save the file with LF line ends."
        problems.append(Problem("LDB004", line, "a line ends in CR LF, the descriptor says LF", cure))
    if not resource.encoding and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = resource.encoding or "utf-8"
    if b"\0" in raw and encoding.lower().startswith("utf-8"):
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        problems.append(Problem("LDB005", line, "the file holds a NUL byte", "Delete the byte, or restore the file."))
        return None
    try:
        return _recoded(raw, encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        byte = f"0x{raw[error.start]:02X}"
        cure = (
            "Save the file as UTF-8."
            if encoding == "utf-8"
            else "Save the file in that encoding, or mend the descriptor."
        )
        problems.append(Problem("LDB002", line, f"byte {byte} is not {encoding}", cure, value=byte))
    except (LookupError, ValueError):
        problems.append(Problem("LDB002", 0, f"encoding {encoding!r} is not known", "Name a known encoding."))
    return None


def _recoded(raw: bytes, encoding: str) -> bytes:
    if codecs.lookup(encoding).name in ("utf-8", "ascii"):
        # Most files are ASCII, which is seen without a second copy of them.
        if not raw.isascii():
            raw.decode(encoding)
        return raw
    return raw.decode(encoding).encode()


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


def _split(text: str, dialect: Dialect, problems: list[Problem]) -> tuple[list[list[str]], list[int]]:
    """Split a text into records and the line each starts on, up to where the quoting breaks."""
    try:
        reader = _reader(_with_line_feeds(text, dialect), dialect)
    except (TypeError, ValueError) as error:
        problems.append(Problem("LDB016", 0, f"the dialect can't be used ({error})", "Mend the dialect."))
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
        problems.append(_broken(error, start))
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


def _records(text: str, resource: Resource, problems: list[Problem]) -> TextTable:
    dialect = resource.dialect
    if (mark := _other_delimiter(text, dialect, resource.schema.names)) is not None:
        cure = f"Save the file with {_MARKS[dialect.delimiter]} between cells, or name the other in the descriptor."
        told = f"cells are parted by {_MARKS[mark]}, the descriptor says {_MARKS[dialect.delimiter]}"
        return _nothing([*problems, Problem("LDB012", 1, told, cure)])
    rows, lines = _split(text, dialect, problems)
    header, start, comments = header_of(rows, dialect, resource.schema.names)
    if start or comments:
        kept = [n for n in range(start, len(rows)) if n not in comments]
        rows, lines = [rows[n] for n in kept], [lines[n] for n in kept]
    if len(header) > MAX_COLUMNS:
        cure = "Keep such data as rows, or in another format."
        problems.append(Problem("LDB014", 1, f"{len(header):,} columns; no more than {MAX_COLUMNS:,} are read", cure))
        return TextTable(pl.DataFrame(), [], (), problems)
    if not dialect.case_sensitive_header:
        header = renamed(header, resource.schema.names)
    return _framed(header, rows, lines, problems)


def _framed(
    header: tuple[str, ...], rows: Sequence[Sequence[str | None]], lines: Sequence[int], problems: list[Problem]
) -> TextTable:
    repeated = sorted(name for name, times in Counter(header).items() if times > 1)
    for name in repeated:
        cure = "Rename or delete one of the two columns."
        problems.append(Problem("LDB007", 1, f"the header names {name!r} twice", cure, column=name))
    if repeated:
        return TextTable(pl.DataFrame(), [], header, problems)
    width = len(header)
    if any(len(row) != width for row in rows):
        ragged = [n for n, row in enumerate(rows) if len(row) != width]
        problems += [_ragged(lines[n], rows[n], width) for n in ragged]
        gone = set(ragged)
        lines = [line for n, line in enumerate(lines) if n not in gone]
        rows = [row for n, row in enumerate(rows) if n not in gone]
    columns = zip(*rows, strict=True) if rows else ((),) * width
    frame = pl.DataFrame([pl.Series(name, cells, dtype=pl.String) for name, cells in zip(header, columns, strict=True)])
    return TextTable(frame, lines, header, problems)


def _ragged(line: int, row: Sequence[str | None], width: int) -> Problem:
    if not row:
        return Problem("LDB006", line, "the line is blank", "Delete the line.")
    cure = "Give each column its cell; quote a cell that holds a comma or a line break."
    shown = ",".join(cell or "" for cell in row)[:_SHOWN]
    return Problem("LDB006", line, f"{len(row)} cells where the header has {width}", cure, value=shown)


def _broken(error: csv.Error, line: int) -> Problem:
    if "field larger" in str(error):
        cure = "Shorten the cell; a quote that is never closed also swallows what follows."
        return Problem("LDB014", line, f"a cell is longer than {MAX_CELL_CHARACTERS:,} characters", cure)
    message = {
        "unexpected end of data": "a quoted cell is never closed",
        "new-line character seen in unquoted field - do you need to open the file with newline=''?": (
            "a bare CR stands inside a line"
        ),
    }.get(str(error), f"the quoting is broken ({error})")
    return Problem("LDB016", line, message, "Close the quote; write a quote inside a quoted cell twice.")


def _structured(rows: Callable[[], Rows]) -> TextTable:
    """Frame rows of JSON; what stands for a line is the number of the row."""
    try:
        table = rows()
    except TableError as error:
        message, _, cure = str(error).partition("; ")
        return _nothing([Problem("LDB016", 0, message, f"{cure[:1].upper()}{cure[1:]}." if cure else "Mend it.")])
    cure = "Write it as a value of the field's type."
    problems = [
        Problem("LDB020", line, f"{column} is of another JSON type than its field", cure, column, value[:_SHOWN])
        for line, column, value in table.mistyped
    ]
    return _framed(table.header, table.rows, range(1, len(table.rows) + 1), problems)


def raise_first(table: TextTable, where: str) -> None:
    """Raise what is wrong with a file's form.

    Raises:
        TableError: naming the first problem, its line and its cure, and how many more there are.
    """
    if table.problems:
        first = table.problems[0]
        more = f" (and {len(table.problems) - 1} more)" if len(table.problems) > 1 else ""
        at = f":{first.line}" if first.line else ""
        raise TableError(f"{where}{at}: {first.message}{more}. {first.cure}")
