"""The exported workbook, read back by openpyxl: every table value by value, the results first, set up to be printed."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import luminaldb
from luminaldb.loaders import installed
from luminaldb.publish.export.formats.xlsx import sheet_name
from luminaldb.publish.results_table import RESULTS_COLUMNS, results_table

TABLES = list(installed.packages_by_table())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return luminaldb.export("xlsx", tmp_path_factory.mktemp("exports") / "luminaldb.xlsx")


@pytest.fixture(scope="module")
def book(written: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(written)


@pytest.mark.parametrize("table", TABLES)
def test_the_workbook_read_by_openpyxl(book: openpyxl.Workbook, table: str) -> None:
    rows = [tuple(c.value for c in row) for row in book[sheet_name(table)].iter_rows(min_row=2)]
    plain = [
        tuple(datetime.datetime.combine(v, datetime.time()) if isinstance(v, datetime.date) else v for v in r)
        for r in luminaldb.load(table).rows()
    ]
    assert rows == plain
    assert [c.value for c in book[sheet_name(table)][1]] == luminaldb.load(table).columns


def test_sheets_are_set_up_to_be_read_on_paper(book: openpyxl.Workbook) -> None:
    """No sheet is shrunk to fit: a wide one goes on several pages, each with the first column and the headings."""
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        if sheet.title != "Contents":
            assert sheet.print_title_rows == "$1:$1"
        widths = sum(c.width * (c.max - c.min + 1) for c in sheet.column_dimensions.values() if c.width)
        if widths > 300:
            assert sheet.page_setup.scale >= 50
            assert sheet.print_title_cols == "$A:$A"
    results = book["Results"]
    assert "result_id" not in [c.value for c in results[results.print_area.split("!")[-1].replace("$", "")][0]]


def test_the_workbook_explains_itself_and_runs_nothing(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Contents", "Results", *map(sheet_name, TABLES), "Codebook"]
    readme = " ".join(str(c.value) for row in book["Contents"].iter_rows() for c in row if c.value)
    for word in (luminaldb.__version__, "CC0-1.0", "How to cite", "not medical advice"):
        assert word in readme
    assert book["Codebook"].max_row == sum(luminaldb.load(t).width for t in TABLES) + len(RESULTS_COLUMNS) + 1
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(c.data_type != "f" for c in row), f"{sheet.title} holds a formula"
    page = book["Citations"]
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref
    pmid = luminaldb.load("citations").columns.index("pmid") + 1
    cell = next(page.cell(r, pmid) for r in range(2, page.max_row) if page.cell(r, pmid).value)
    assert cell.data_type == "s"
    assert cell.hyperlink.target == f"https://pubmed.ncbi.nlm.nih.gov/{cell.value}/"
    assert all(8 <= d.width <= 64 for d in page.column_dimensions.values())


def test_the_contents_link_to_every_sheet(book: openpyxl.Workbook) -> None:
    page = book["Contents"]
    targets = {c.hyperlink.location for row in page.iter_rows() for c in row if c.hyperlink}
    assert targets == {f"'{name}'!A1" for name in book.sheetnames if name != "Contents"}


def test_the_results_come_first_with_links_dates_and_pages_to_print(book: openpyxl.Workbook) -> None:
    page = book["Results"]
    flat = results_table(luminaldb.Database.installed())
    titles = [c.value for c in page[1]]
    assert titles == [c.title for c in RESULTS_COLUMNS]
    assert page.max_row == flat.height + 1
    row = next(n for n, key in enumerate(flat["result_id"], start=2) if key == "destiny-breast03-os-itt-updated")
    cells = dict(zip(titles, page[row], strict=True))
    assert cells["DOI"].hyperlink.target == f"https://doi.org/{cells['DOI'].value}"
    assert cells["Registry"].hyperlink.target.startswith("https://clinicaltrials.gov/study/NCT")
    assert isinstance(cells["Data cut-off"].value, datetime.datetime)
    assert (cells["Estimate"].value, cells["Estimate"].number_format) == (0.73, "0.00###")
    assert page.page_setup.orientation == "landscape"
    assert page.print_title_rows == "$1:$1"


def test_the_flat_table_goes_to_csv_and_to_a_workbook(tmp_path: Path) -> None:
    flat = results_table(luminaldb.Database.installed())
    file = luminaldb.export("csv", tmp_path / "results.csv", tables=["trial_results"])
    assert pl.read_csv(file, infer_schema=False).height == flat.height
    assert file.read_text(encoding="utf-8").splitlines()[0] == ",".join(c.name for c in RESULTS_COLUMNS)
    excel = luminaldb.export("csv", tmp_path / "excel.csv", tables=["trial_results"], excel=True).read_bytes()
    assert excel.startswith(b"\xef\xbb\xbf")
    assert excel.decode("utf-8-sig").split("\r\n")[0].startswith("Trial,Year,Setting")
    book = openpyxl.load_workbook(luminaldb.export("xlsx", tmp_path / "results.xlsx", tables=["trial_results"]))
    assert book.sheetnames == ["Contents", "Results", "Codebook"]
    with pytest.raises(luminaldb.LuminaldbError, match="csv or xlsx"):
        luminaldb.export("parquet", tmp_path / "p", tables=["trial_results"])


def test_the_workbook_is_the_same_twice(tmp_path: Path, written: Path) -> None:
    again = luminaldb.export("xlsx", tmp_path / "again.xlsx")
    assert again.read_bytes() == written.read_bytes()
