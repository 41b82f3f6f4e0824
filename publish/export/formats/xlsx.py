"""Excel: a README sheet, a codebook, and a sheet per table; text stays text and no cell runs."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.excel_limits import MAX_CELL, MAX_ROWS

from ..content import DISCLAIMER, LICENCE, LICENCE_URL, TITLE, Content, Sheet
from ..dataset_metadata import CODE_LICENCE, facts
from ..export import Progress

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_WIDEST, _NARROWEST = 60, 8


def write(content: Content, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one workbook.

    Raises:
        MissingExtraError: xlsxwriter isn't installed.
        LuminaldbError: a table or a cell is larger than Excel allows.
        OSError: the file can't be written.
    """
    del excel
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise MissingExtraError("xlsxwriter is not installed", hint="run: pip install 'luminaldb[excel]'") from None
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(out, options) as book:
            # Excel's date of creation is the data's, so that the same data give the same bytes.
            created = datetime.datetime.fromisoformat(content.date)
            book.set_properties({"title": TITLE, "comments": content.citation, "created": created})
            _Pages(book).write(content, progress)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from None


class _Pages:
    """The sheets of a workbook, with the formats they share."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bg_color": "#DDE7EE", "border": 1, "text_wrap": True})
        self._text = book.add_format({"num_format": "@"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, content: Content, progress: Progress) -> None:
        """Write every sheet."""
        self._readme(content)
        codebook = pl.concat(s.codebook.select(pl.lit(s.name).alias("table"), pl.all()) for s in content.sheets)
        self._table("codebook", codebook)
        for sheet in content.sheets:
            progress(sheet.name)
            self._table(sheet.name, sheet.frame, sheet)

    def _readme(self, content: Content) -> None:
        page = self._book.add_worksheet("README")
        page.set_column(0, 0, 18)
        page.set_column(1, 1, 100, self._wrap)
        page.write_string(0, 0, TITLE, self._title)
        lines = {
            "Version": content.version,
            "Date": content.date,
            "Licence": f"{LICENCE}, {LICENCE_URL} (data); {CODE_LICENCE.name}, {CODE_LICENCE.url} (code)",
            "How to cite": content.citation,
            "Sources": "; ".join(f"{s.title} {s.path}".strip() for s in facts(content).sources),
            "Note": DISCLAIMER,
            "How to read": "Every row names its source in citation_id, which the sheet citations spells out. "
            "The sheet codebook explains every column. An empty cell means that the source doesn't say.",
        }
        for row, (name, value) in enumerate(lines.items(), start=2):
            page.write_string(row, 0, name, self._book.add_format({"bold": True}))
            page.write_string(row, 1, value, self._wrap)
        start = len(lines) + 3
        for column, name in enumerate(("Sheet", "What it holds", "Rows")):
            page.write_string(start, column, name, self._head)
        for row, sheet in enumerate(content.sheets, start=start + 1):
            page.write_url(row, 0, f"internal:'{sheet.name}'!A1", string=sheet.name)
            page.write_string(row, 1, sheet.resource.description, self._wrap)
            page.write_number(row, 2, sheet.frame.height)

    def _table(self, name: str, frame: pl.DataFrame, sheet: Sheet | None = None) -> None:
        if frame.height >= MAX_ROWS:
            raise LuminaldbError(
                f"{frame.height:,} rows, and Excel holds {MAX_ROWS - 1:,}", where=str(name), hint="export to csv"
            )
        page = self._book.add_worksheet(name)
        notes = {f.name: f.description for f in sheet.resource.schema.fields} if sheet else {}
        for number, column in enumerate(frame.columns):
            page.write_string(0, number, column, self._head)
            if notes.get(column):
                page.write_comment(0, number, notes[column], {"x_scale": 2})
            self._column(page, number, frame[column], name)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, max(frame.height, 1), frame.width - 1)

    def _column(self, page: Worksheet, number: int, cells: pl.Series, table: str) -> None:
        numeric = cells.dtype.is_numeric()
        longest = len(cells.name)
        for row, value in enumerate(cells, start=1):
            if value is None:
                continue
            if len(str(value)) > MAX_CELL:
                raise LuminaldbError(
                    f"{cells.name} in row {row} is longer than an Excel cell", where=str(table), hint="export to csv"
                )
            longest = max(longest, min(len(str(value)), _WIDEST))
            self._cell(page, row, number, value, numeric=numeric)
        page.set_column(number, number, max(_NARROWEST, longest + 2), None if numeric else self._text)

    def _cell(self, page: Worksheet, row: int, column: int, value: Any, *, numeric: bool) -> None:
        if isinstance(value, bool):
            page.write_boolean(row, column, value)
        elif numeric:
            page.write_number(row, column, value)
        elif isinstance(value, datetime.date):
            page.write_datetime(row, column, datetime.datetime.combine(value, datetime.time()), self._date)
        else:
            page.write_string(row, column, str(value), self._text)
