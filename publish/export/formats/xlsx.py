"""Excel: contents, the results in words first, a sheet per table with links and dates, the codebook last.

Text stays text and no cell runs.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.excel_limits import MAX_CELL, MAX_ROWS
from luminaldb.new_workbook import new_workbook

from ...labels import as_heading
from ...results_table import RESULTS_COLUMNS, RESULTS_TABLE
from ..content import DISCLAIMER, LICENCE, LICENCE_URL, TITLE, ExportContent, choose_content
from ..dataset_metadata import CODE_LICENCE, read_metadata
from ..export import Progress

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_MAX_WIDTH, _MIN_WIDTH, _MAX_SHEET_NAME = 60, 8, 31
CONTENTS_SHEET, RESULTS_SHEET, CODEBOOK_SHEET = "Contents", "Results", "Codebook"
# In characters: the columns of the contents, and what a landscape A4 page holds at full size. In percent: the least
# size of print.
_CONTENTS_WIDTHS = (28, 110, 8)
_PAGE_WIDTH, _SMALLEST_SCALE = 150, 55
_PRINTED_COLUMNS = [c.name for c in RESULTS_COLUMNS].index("note") + 1
_LINE_HEIGHT = 15.0
# Excel opens at most so many links in a sheet.
_MAX_LINKS = 65_000
_LINKS = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "url": "{}",
}
_REGISTRIES = {"NCT": "https://clinicaltrials.gov/study/{}", "ISRCTN": "https://www.isrctn.com/{}"}


def write(content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one workbook.

    Raises:
        MissingExtraError: xlsxwriter isn't installed.
        LuminaldbError: a table or a cell is larger than Excel allows.
        OSError: the file can't be written.
    """
    del excel
    with new_workbook(out) as book:
        # Excel's date of creation is the data's, so that the same data give the same bytes.
        created = datetime.datetime.fromisoformat(content.date)
        book.set_properties({"title": TITLE, "comments": content.citation, "created": created})
        _Pages(book).write(content, progress)


def sheet_name(table: str) -> str:
    """Name the sheet of a table: `adverse_events` is "Adverse events"."""
    return as_heading(table)[:_MAX_SHEET_NAME]


def link_of(column: str, value: str) -> str:
    """Return the address that an identifier in a cell links to; empty where there is none."""
    if column == "registry_id":
        pattern = next((p for prefix, p in _REGISTRIES.items() if value.startswith(prefix)), "")
    else:
        pattern = _LINKS.get(column, "")
    address = pattern.format(value) if pattern else ""
    return address if address.startswith(("https://", "http://")) else ""


class _Pages:
    """The sheets of a workbook, with the formats they share."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bg_color": "#DDE7EE", "border": 1, "text_wrap": True})
        self._text = book.add_format({"num_format": "@"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._estimate = book.add_format({"num_format": "0.00###"})
        self._link = book.add_format({"font_color": "#0B5D7A", "underline": 1})
        self._sheet = book.add_format({"font_color": "#0B5D7A", "underline": 1, "valign": "top"})
        self._count = book.add_format({"valign": "top", "num_format": "#,##0"})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})

    def write(self, content: ExportContent, progress: Progress) -> None:
        """Write every sheet."""
        sheet_names = {s.name: sheet_name(s.name) for s in content.tables if s.name != RESULTS_TABLE}
        results = content.results
        self._contents(content, sheet_names, results)
        if results is not None:
            progress(RESULTS_TABLE)
            notes = {c.title: c.about for c in RESULTS_COLUMNS}
            self._table(
                RESULTS_SHEET,
                results.rename({c.name: c.title for c in RESULTS_COLUMNS}),
                notes,
                [c.name for c in RESULTS_COLUMNS],
            )
        for table in content.tables:
            if table.name == RESULTS_TABLE:
                continue
            progress(table.name)
            descriptions = {f.name: f.description for f in table.resource.schema.fields}
            self._table(sheet_names[table.name], table.frame, descriptions, table.frame.columns)
        self._table(CODEBOOK_SHEET, _codebook(content, sheet_names, results is not None), {}, ())

    def _contents(self, content: ExportContent, sheet_names: Mapping[str, str], results: pl.DataFrame | None) -> None:
        page = self._book.add_worksheet(CONTENTS_SHEET)
        sources = read_metadata(content if content.tables else choose_content(database=content.database)).sources
        for column, width in enumerate(_CONTENTS_WIDTHS):
            page.set_column(column, column, width, self._wrap if column else None)
        page.write_string(0, 0, TITLE, self._title)
        lines = {
            "Version": content.version,
            "Date": content.date,
            "Licence": f"{LICENCE}, {LICENCE_URL} (data); {CODE_LICENCE.name}, {CODE_LICENCE.url} (code)",
            "How to cite": content.citation,
            "Sources": "; ".join(f"{s.title} {s.path}".strip() for s in sources),
            "Note": DISCLAIMER,
            "How to read": "The sheet Results has every result in words, with how sure it is and its source; the other "
            "sheets are the tables, whose rows name their source in citation_id. The sheet Codebook, the last one, "
            "explains every column. An empty cell means that the source doesn't say.",
        }
        bold = self._book.add_format({"bold": True, "valign": "top"})
        for row, (name, value) in enumerate(lines.items(), start=2):
            page.write_string(row, 0, name, bold)
            page.write_string(row, 1, value, self._wrap)
            page.set_row(row, _height(value))
        start = len(lines) + 3
        for column, name in enumerate(("Sheet", "What it holds", "Rows")):
            page.write_string(start, column, name, self._head)
        sheets: list[tuple[str, str, int]] = []
        if results is not None:
            sheets.append(
                (RESULTS_SHEET, "Every result in words: compared arms, number, how sure, source", results.height)
            )
        sheets += [
            (sheet_names[s.name], s.resource.description, s.frame.height)
            for s in content.tables
            if s.name in sheet_names
        ]
        sheets.append((CODEBOOK_SHEET, "What each column means", sum(s.codebook.height for s in content.tables)))
        for row, (name, description, rows) in enumerate(sheets, start=start + 1):
            page.write_url(row, 0, f"internal:'{name}'!A1", self._sheet, string=name)
            page.write_string(row, 1, description, self._wrap)
            page.write_number(row, 2, rows, self._count)
            page.set_row(row, _height(description))
        self._print(page, CONTENTS_SHEET, sum(_CONTENTS_WIDTHS))
        page.fit_to_pages(1, 1)

    def _table(self, name: str, frame: pl.DataFrame, notes: Mapping[str, str], columns: Sequence[str]) -> None:
        if frame.height >= MAX_ROWS:
            raise LuminaldbError(
                f"{frame.height:,} rows, and Excel holds {MAX_ROWS - 1:,}", subject=str(name), hint="export to csv"
            )
        page = self._book.add_worksheet(name)
        links, widths = 0, []
        for number, column in enumerate(frame.columns):
            page.write_string(0, number, column, self._head)
            if notes.get(column):
                page.write_comment(0, number, notes[column], {"x_scale": 2})
            column_name = columns[number] if columns else ""
            column_links, width = self._column(
                page, number, frame[column], name, column_name if links < _MAX_LINKS else ""
            )
            links += column_links
            widths.append(width)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, max(frame.height, 1), frame.width - 1)
        page.repeat_rows(0)
        if name == RESULTS_SHEET:
            # On paper nobody reads the ids, which are last.
            widths = widths[:_PRINTED_COLUMNS]
            page.print_area(0, 0, max(frame.height, 1), len(widths) - 1)
        self._print(page, name, sum(widths))

    def _print(self, page: Worksheet, name: str, width: int) -> None:
        """Set a sheet up for A4: on one page across if it stays legible, else on several with its first column."""
        page.set_landscape()
        page.set_paper(9)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        if _SMALLEST_SCALE * width <= 100 * _PAGE_WIDTH:
            page.fit_to_pages(1, 0)
        else:
            page.set_print_scale(_SMALLEST_SCALE)
            page.repeat_columns(0)
            page.print_across()
        page.set_footer(f"&L{name}&Rpage &P of &N")

    def _column(self, page: Worksheet, number: int, cells: pl.Series, table: str, name: str) -> tuple[int, int]:
        """Write a column; return how many links it has, and its width in characters."""
        is_numeric = cells.dtype.is_numeric()
        filled_cells = [
            (row, value) for row, value in enumerate(cells.to_list(), start=1) if value is not None and value != ""
        ]
        texts = [(row, str(value)) for row, value in filled_cells]
        longest = max((len(text) for _, text in texts), default=0)
        if longest > MAX_CELL:
            row = next(row for row, text in texts if len(text) > MAX_CELL)
            raise LuminaldbError(
                f"{cells.name} in row {row} is longer than an Excel cell", subject=str(table), hint="export to csv"
            )
        links = 0
        if name in (*_LINKS, "registry_id") and not is_numeric:
            for row, text in texts:
                if address := link_of(name, text):
                    links += 1
                    page.write_url(row, number, address, self._link, string=text)
                else:
                    page.write_string(row, number, text, self._text)
        elif cells.dtype == pl.String or isinstance(cells.dtype, pl.Enum | pl.Categorical):
            write, style = page.write_string, self._text
            for row, text in texts:
                write(row, number, text, style)
        else:
            style = self._estimate if name in ("estimate", "ci_low", "ci_high") else None
            for row, value in filled_cells:
                self._cell(page, row, number, value, numeric=is_numeric, style=style)
        width = max(_MIN_WIDTH, max(len(cells.name), min(longest, _MAX_WIDTH)) + 2)
        page.set_column(number, number, width, None if is_numeric else self._text)
        return links, width

    def _cell(self, page: Worksheet, row: int, column: int, value: Any, *, numeric: bool, style: Any) -> None:
        if isinstance(value, bool):
            page.write_boolean(row, column, value)
        elif numeric:
            page.write_number(row, column, value, style)
        elif isinstance(value, datetime.date):
            page.write_datetime(row, column, datetime.datetime.combine(value, datetime.time()), self._date)
        else:
            page.write_string(row, column, str(value), self._text)


def _height(text: str) -> float:
    """Return the height in points of a row of the contents whose text is wrapped: not every program fits it."""
    return _LINE_HEIGHT * max(1, -(-len(text) // (_CONTENTS_WIDTHS[1] + 6)))


def _codebook(content: ExportContent, sheet_names: Mapping[str, str], has_results: bool) -> pl.DataFrame:
    """Return the meaning of each column of each sheet."""
    frames = [
        s.codebook.select(pl.lit(sheet_names[s.name]).alias("sheet"), pl.lit(s.name).alias("table"), pl.all())
        for s in content.tables
        if s.name in sheet_names
    ]
    if has_results:
        results_codebook = pl.DataFrame(
            [(RESULTS_SHEET, RESULTS_TABLE, c.title, c.kind, c.about) for c in RESULTS_COLUMNS],
            schema=["sheet", "table", "column", "type", "description"],
            orient="row",
        )
        frames.insert(0, results_codebook)
    return pl.concat(frames, how="diagonal")
