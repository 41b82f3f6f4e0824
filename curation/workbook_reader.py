"""A workbook as sheets of rows: which sheet is which table, where its header is, what can't be imported."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.excel_escapes import mark_for_openpyxl
from luminaldb.input_files import read_input, require_file
from luminaldb.issue_codes import REPEATED_COLUMN, UNKNOWN_COLUMN, WRONG_SHEET
from luminaldb.issues import Issue, Place
from luminaldb.loaders.database import Database

from .excel_cells import SheetCell, is_blank
from .workbook_template import LISTS, README

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_OTHER_SHEETS = (README, LISTS, "codebook", "Codebook", "Contents", "Results")
# Excel cuts the names of sheets at 31 characters; blanks and underscores don't count here.
_MAX_SHEET_NAME = 28
_MAX_HEADER_ROW = 20
_MAX_CELLS = 5_000_000
_MAX_BYTES = 256 * 1024**2


@dataclass(slots=True)
class WorkbookSheet:
    """A sheet that holds a table.

    Attributes:
        table: name of the table, and of the sheet.
        columns: the letters of each column of the table that the sheet has.
        rows: number of the row, and its cells by column; blank rows are left out.
        issues: what can't be imported; the file of an issue is the name of the cell.
    """

    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: list[tuple[int, dict[str, SheetCell]]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def cell_place(table: str, cell: str, **more: str) -> Place:
    """Place an issue in a cell of a sheet."""
    return Place(table=table, file=f"{table}!{cell}", **more)  # type: ignore[arg-type]


def read_workbook(file: Path, tree: Database) -> tuple[list[WorkbookSheet], list[str]]:
    """Read the sheets that hold tables.

    Returns:
        The sheets, and what was left aside.

    Raises:
        MissingExtraError: openpyxl isn't installed.
        LuminaldbError: the file is no workbook, is unreasonably large, or holds no table.
    """
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise MissingExtraError("openpyxl is not installed", hint="run: pip install 'luminaldb[excel]'") from None
    _refuse_unusable(file)
    file_bytes = read_input(file, limit=_MAX_BYTES)
    try:
        book = openpyxl.load_workbook(io.BytesIO(mark_for_openpyxl(file_bytes)), rich_text=False)
    except Exception as error:  # whatever openpyxl stumbles over, the file isn't what Excel writes
        raise LuminaldbError(f"{file}: not a workbook that can be read ({type(error).__name__}: {error})") from None
    tables = {_normalise_sheet_name(table): table for table in tree.tables}
    table_pages = [
        (page, tables[_normalise_sheet_name(page.title)])
        for page in book.worksheets
        if _normalise_sheet_name(page.title) in tables
    ]
    sheets = [_sheet(page, table, tree) for page, table in table_pages]
    if not sheets:
        raise LuminaldbError(
            "no sheet is named as a table is", subject=str(file), hint="luminaldb template writes such a workbook"
        )
    known_names = {page.title for page, _ in table_pages} | {*_OTHER_SHEETS}
    return sheets, [
        f"the sheet {name} is no table and was left aside" for name in book.sheetnames if name not in known_names
    ]


def _normalise_sheet_name(name: str) -> str:
    """Write a name as a sheet of `export` ("Adverse events") and one of `template` (`adverse_events`) share it."""
    return "".join(letter for letter in name.lower() if letter.isalnum())[:_MAX_SHEET_NAME]


def _refuse_unusable(file: Path) -> None:
    require_file(file)
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        raise LuminaldbError(
            "not an .xlsx workbook", subject=str(file), hint="save it as one in Excel or LibreOffice"
        ) from None
    if size > _MAX_BYTES:
        raise LuminaldbError(f"{file}: unpacks to {size:,} bytes, which is too large")


def _sheet(page: Worksheet, table: str, tree: Database) -> WorkbookSheet:
    sheet = WorkbookSheet(table)
    if page.max_row * page.max_column > _MAX_CELLS:
        coordinate = f"{page.dimensions.split(':')[-1]}"
        hint = "Delete the empty rows and columns behind the table, and save."
        sheet.issues.append(
            Issue(WRONG_SHEET, "the sheet reaches too far", hint, place=cell_place(page.title, coordinate))
        )
        return sheet
    lines = page.iter_rows()
    schema = tree.resource(table).schema
    header: list[str] = []
    for line in lines:
        names = [str(c.value).strip() if c.value is not None else "" for c in line]
        if set(schema.primary_key) <= set(names):
            header = names
            sheet.columns = _columns(line, names, schema.names, sheet)
            break
        if line[0].row >= _MAX_HEADER_ROW:
            break
    if not header:
        hint = f"Name the columns in one row, {', '.join(schema.primary_key)} among them, without merged cells."
        sheet.issues.append(Issue(WRONG_SHEET, "the sheet has no header", hint, place=cell_place(page.title, "A1")))
        return sheet
    sheet.issues += _merged_cell_issues(page)
    for line in lines:
        _read_row(line, header, sheet)
    return sheet


def _columns(
    line: Sequence[Any], names: Sequence[str], known_columns: Collection[str], sheet: WorkbookSheet
) -> dict[str, str]:
    result: dict[str, str] = {}
    for cell, name in zip(line, names, strict=True):
        if name in result:
            problem = (REPEATED_COLUMN, f"the header names {name!r} twice", "Rename or delete one of the two columns.")
        elif name and name not in known_columns:
            problem = (UNKNOWN_COLUMN, f"column {name} is not in the descriptor", "Delete the column, or fix its name.")
        else:
            result |= {name: cell.column_letter} if name else {}
            continue
        sheet.issues.append(Issue(*problem, place=cell_place(sheet.table, cell.coordinate, column=name)))
    return result


def _merged_cell_issues(page: Worksheet) -> Iterator[Issue]:
    for area in page.merged_cells.ranges:
        message = f"{area.coord} is merged, and only its first cell holds anything"
        place = cell_place(page.title, area.coord.split(":")[0])
        yield Issue(WRONG_SHEET, message, "Unmerge it, and fill each cell.", place=place)


def _read_row(line: Sequence[Any], header: Sequence[str], sheet: WorkbookSheet) -> None:
    cells = {}
    for n, cell in enumerate(line):
        sheet_cell = SheetCell(
            str(getattr(cell, "coordinate", "")), cell.value, str(cell.number_format or ""), str(cell.data_type)
        )
        name = header[n] if n < len(header) else ""
        if sheet_cell.value is None or (is_blank(sheet_cell) and not name):
            continue
        if not name:
            message, hint = "a cell is in a column without a name", "Move it to a column with a name, or delete it."
            place = cell_place(sheet.table, sheet_cell.coordinate, value=_display_text(sheet_cell))
            sheet.issues.append(Issue(WRONG_SHEET, message, hint, place=place))
        elif sheet.columns.get(name) == re.sub(r"\d", "", sheet_cell.coordinate):
            cells[name] = sheet_cell
    if not all(is_blank(cell) for cell in cells.values()):
        sheet.rows.append((line[0].row, cells))


def _display_text(cell: SheetCell) -> str:
    return str(cell.value)[:60]
