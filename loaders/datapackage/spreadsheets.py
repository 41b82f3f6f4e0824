"""Worksheets as text: .xlsx by openpyxl, .ods by its XML; a number keeps the decimals that its cell shows."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from luminaldb.errors import LuminaldbError, MissingExtraError, TableError
from luminaldb.excel_escapes import mark_for_openpyxl, unescape

from .descriptor import MAX_COLUMNS
from .dialect import Dialect
from .store import MAX_FILE_BYTES, MAX_ZIP_RATIO

SheetCells = list[list[str]]
MAX_ROWS = 1_048_576
_RATIO_CHECKED_FROM_BYTES = 64 * 1024**2
_NUMBER_FORMAT = re.compile(r"(?:#,##)?0(?:\.(0+))?%?")
_SHOWN_DECIMALS = re.compile(r"-?[0-9]+[.,]([0-9]+)")
_MAX_EXACT_INTEGER = 10**15
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def read_sheet(data: bytes, kind: str, dialect: Dialect) -> SheetCells:
    """Return a worksheet's rows as text, blank rows and columns at its ends left out.

    Args:
        data: the file.
        kind: `xlsx` or `ods`.
        dialect: says which sheet, by name or by number; the first where it doesn't.

    Raises:
        TableError: the file can't be read, or has no such sheet.
        MissingExtraError: openpyxl isn't installed.
    """
    _check_size(data)
    rows = _xlsx(data, dialect) if kind in ("xlsx", "xlsm") else _ods(data, dialect)
    return _without_blank_ends(rows)


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TableError(f"not a readable workbook ({error})", hint="save it again as xlsx, ods or csv") from None
    if size > min(MAX_FILE_BYTES, max(_RATIO_CHECKED_FROM_BYTES, MAX_ZIP_RATIO * len(data))):
        raise TableError(f"unpacks to {size:,} bytes, which is too large", hint="save the sheet as csv")


def _without_blank_ends(rows: SheetCells) -> SheetCells:
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((n + 1 for row in rows for n, cell in enumerate(row) if cell), default=0)
    return [[*row[:width], *[""] * (width - len(row))] for row in rows]


def _sheet_number(names: list[str], dialect: Dialect) -> int:
    """Return the number of the sheet that a dialect names, counted from 0."""
    if dialect.sheet_name is not None:
        if dialect.sheet_name not in names:
            raise TableError(f"no sheet {dialect.sheet_name!r}", hint=f"there are {', '.join(names)}")
        return names.index(dialect.sheet_name)
    number = dialect.sheet_number or 1
    if number > len(names):
        raise TableError(f"no sheet {number}", hint=f"there are {len(names)}: {', '.join(names)}")
    return number - 1


def _xlsx(data: bytes, dialect: Dialect) -> SheetCells:
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise MissingExtraError("openpyxl is not installed", hint="run: pip install 'luminaldb[excel]'") from None
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(mark_for_openpyxl(data)), read_only=True, data_only=True)
        if not workbook.worksheets:
            raise TableError("a workbook without sheets")
        # A chart on a sheet of its own has a name, but is no worksheet.
        sheet = workbook.worksheets[_sheet_number([s.title for s in workbook.worksheets], dialect)]
        rows = []
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            rows.append([_xlsx_text(cell.value, getattr(cell, "number_format", "General")) for cell in row])
    except LuminaldbError:
        raise
    except Exception as error:
        # openpyxl raises whatever comes up where the XML isn't a workbook's.
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise TableError(f"not a readable workbook ({reason})", hint="save it again as xlsx or csv") from None
    return rows


def _xlsx_text(value: Any, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _number(value: float, number_format: str) -> str:
    match = _NUMBER_FORMAT.fullmatch(number_format.split(";", maxsplit=1)[0])
    if match and "%" not in number_format:
        text = f"{value:.{len(match[1] or '')}f}"
        # The format may hide decimals that the cell has; what it adds are zeros that were printed.
        if float(text) == value:
            return text
    if float(value).is_integer() and abs(value) < _MAX_EXACT_INTEGER:
        return str(int(value))
    return repr(value)


def _ods(data: bytes, dialect: Dialect) -> SheetCells:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = archive.read("content.xml")
        if b"<!DOCTYPE" in content[:4096]:
            raise TableError("an OpenDocument file with a DOCTYPE is refused")
        sheets = list(ElementTree.fromstring(content).iter(f"{_TABLE}table"))  # noqa: S314 - no DOCTYPE, no entities
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, RuntimeError, OSError, zlib.error) as error:
        raise TableError(f"not a readable OpenDocument sheet ({error})", hint="save it again as ods or csv") from None
    sheet = sheets[_sheet_number([s.get(f"{_TABLE}name", "") for s in sheets], dialect)]
    rows: SheetCells = []
    blank_rows = 0
    for row in sheet.iter(f"{_TABLE}table-row"):
        repeats = _repeat_count(row, "rows")
        cells = list(_ods_cells(row))
        if not any(cells):
            # A sheet ends in a million blank rows, written once.
            blank_rows += repeats
            continue
        if len(rows) + blank_rows + repeats > MAX_ROWS:
            raise TableError(f"more than {MAX_ROWS:,} rows", hint="save the sheet as csv")
        rows += [[] for _ in range(blank_rows)]
        rows += [cells] * repeats
        blank_rows = 0
    return rows


def _repeat_count(node: ElementTree.Element, what: str) -> int:
    text = node.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(text) if text.isdigit() else 1


def _ods_cells(row: ElementTree.Element) -> Iterator[str]:
    blank_cells = width = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeats, text = _repeat_count(cell, "columns"), _ods_text(cell)
        if not text:
            blank_cells += repeats
            continue
        width += blank_cells + repeats
        if width > MAX_COLUMNS:
            raise TableError(f"more than {MAX_COLUMNS:,} columns", hint="save the sheet as csv")
        yield from [""] * blank_cells
        yield from [text] * repeats
        blank_cells = 0


def _ods_text(cell: ElementTree.Element) -> str:
    text = "\n".join("".join(p.itertext()) for p in cell.iter(f"{_TEXT}p"))
    kind, value = cell.get(f"{_OFFICE}value-type", ""), cell.get(f"{_OFFICE}value", "")
    if kind in ("float", "currency") and value:
        match = _SHOWN_DECIMALS.fullmatch(text)
        number = f"{float(value):.{len(match[1])}f}" if match else value
        return number if float(number) == float(value) else value
    if kind == "percentage" and value:
        return value
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", text).removesuffix("T00:00:00")
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", text)
    return text
