"""Read a simple CSV as text by polars: one in which each line is proven to be one record.

polars fills short rows, ignores a delimiter at the end of the file and skips blank lines at its start. So each line is
first shown to be one record of the header's width; where that can't be shown, the strict reader reads the file.

Where nothing is quoted, counting is proof: polars refuses a line with too many delimiters, as long as the file ends in
a line feed; so if the cells, with as many delimiters and line feeds as there should be, have the length of the file, no
line has too few.
"""

from __future__ import annotations

import csv
import re

import polars as pl
import polars.exceptions

from .descriptor import MAX_COLUMNS
from .dialect import Dialect

# A separator that the file doesn't hold makes polars give each line as one cell.
_UNUSED_CHARACTERS = ("\x1f", "\x1e", "\x1d", "\x1c")


def read_simple_csv(data: bytes, dialect: Dialect, max_cell_length: int) -> pl.DataFrame | None:
    """Read a CSV whose lines are records: row `n` of the frame, from 0, starts on line `n + 2` of the file.

    Args:
        data: the file, valid UTF-8 without a byte order mark.
        dialect: how it is written.
        max_cell_length: how many characters a cell may have.

    Returns:
        One String column per column of the header, an empty cell as ""; None where it isn't certain that
        Python's csv module, in its strict mode, would give the same.
    """
    data = _with_line_feeds(data, dialect)
    header = simple_header(data, dialect)
    quote = _used_quote(data, dialect)
    if not header or b"\r" in data or b"\0" in data:
        return None
    is_unquoted = quote is None and len(header) > 1
    if is_unquoted and not data.endswith(b"\n"):
        data += b"\n"
    lines = data.count(b"\n") if is_unquoted else _length(record_lines(data, dialect, len(header)))
    if lines is None:
        return None
    try:
        frame = _read_text(data, dialect.delimiter, quote, header=True)
    except polars.exceptions.PolarsError:
        return None
    if frame.columns != header or frame.height != lines - 1:
        return None
    length = pl.all().str.len_bytes()
    sizes = frame.select(length.max().fill_null(0), length.sum().name.suffix("::sum")).row(0)
    longest_cells, cell_bytes = sizes[: len(header)], sum(sizes[len(header) :])
    complete = not is_unquoted or cell_bytes + frame.height * len(header) == len(data) - data.index(b"\n") - 1
    return frame if complete and max(longest_cells) <= max_cell_length else None


def _with_line_feeds(data: bytes, dialect: Dialect) -> bytes:
    """Write each CR LF as LF if the dialect allows it and the file has no other line ends; the lines are the same."""
    line_ends = data.count(b"\r\n") if dialect.line_terminator != "\n" and b"\r" in data else 0
    return data.replace(b"\r\n", b"\n") if line_ends and line_ends == data.count(b"\r") == data.count(b"\n") else data


def _length(lines: pl.Series | None) -> int | None:
    return None if lines is None else lines.len()


def record_lines(data: bytes, dialect: Dialect, width: int) -> pl.Series | None:
    """Return the lines of a text, or None where it isn't certain that each is one record of so many cells."""
    separator = next((s for s in _UNUSED_CHARACTERS if s.encode() not in data), None)
    if not _is_simple(dialect) or separator is None or b"\r" in data or b"\0" in data:
        return None
    try:
        lines = _read_text(data, separator, None, header=False).to_series()
        return lines if _are_records(lines, dialect.delimiter, _used_quote(data, dialect), width) else None
    except polars.exceptions.PolarsError:
        return None


def _used_quote(data: bytes, dialect: Dialect) -> str | None:
    return dialect.quote_char if dialect.quote_char and dialect.quote_char.encode() in data else None


def _is_simple(dialect: Dialect) -> bool:
    has_usual_header = (
        dialect.header and dialect.header_row == 1 and dialect.double_quote and not dialect.skip_initial_space
    )
    has_usual_header = (
        has_usual_header
        and len(dialect.header_rows) <= 1
        and dialect.case_sensitive_header
        and not dialect.comment_rows
    )
    has_no_special_rows = (
        dialect.escape_char is None and dialect.comment_char is None and dialect.line_terminator in (None, "\n", "\r\n")
    )
    has_no_special_rows = has_no_special_rows and dialect.null_sequence is None
    delimiter_and_quote = (dialect.delimiter, dialect.quote_char or '"')
    are_printable = all(len(m) == 1 and ((m.isascii() and m.isprintable()) or m == "\t") for m in delimiter_and_quote)
    return (
        has_usual_header and has_no_special_rows and delimiter_and_quote[0] != delimiter_and_quote[1] and are_printable
    )


def simple_header(data: bytes, dialect: Dialect) -> list[str]:
    """Return the names of the columns, none unless the first line is a header in the usual dialect."""
    if not _is_simple(dialect):
        return []
    line = data[: data.find(b"\n")] if b"\n" in data else data
    rows = csv.reader(
        [line.decode(errors="replace")],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote_char,
        quoting=csv.QUOTE_MINIMAL if dialect.quote_char else csv.QUOTE_NONE,
        strict=True,
    )
    try:
        names = next(rows, [])
    except csv.Error:
        return []
    usable = all(name.strip() for name in names) and len(set(names)) == len(names) <= MAX_COLUMNS
    return names if usable else []


def _read_text(data: bytes, separator: str, quote: str | None, *, header: bool) -> pl.DataFrame:
    return pl.read_csv(
        data,
        has_header=header,
        separator=separator,
        quote_char=quote,
        infer_schema=False,
        empty_string_is_null=False,
    )


def _are_records(lines: pl.Series, delimiter: str, quote: str | None, width: int) -> bool:
    text = pl.col("line")
    if quote is None:
        is_record = text.str.count_matches(delimiter, literal=True) == width - 1
        if width == 1:
            is_record &= text != ""
    else:
        d, q = re.escape(delimiter), re.escape(quote)
        cell = f"(?:[^{q}{d}]*|{q}(?:[^{q}]|{q}{q})*{q})"
        is_record = text.str.contains(rf"\A{cell}(?:{d}{cell}){{{width - 1}}}\z") & (text != "")
    return bool(pl.LazyFrame({"line": lines}).select(is_record.all()).collect(engine="streaming").item())
