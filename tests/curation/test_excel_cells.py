"""What Excel makes of a cell: read as it was meant where that is certain, refused where it is not."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest

from luminaldb.curation.excel_cells import CellError, SheetCell, cell_text
from luminaldb.loaders import installed


def from_excel(value: Any, form: str) -> SheetCell:
    """Return a cell as it comes back from a workbook."""
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    cell = book.worksheets[0].cell(1, 1, value)
    cell.number_format = form
    book.save(stream)
    back = openpyxl.load_workbook(stream).worksheets[0].cell(1, 1)
    return SheetCell(back.coordinate, back.value, back.number_format, back.data_type)


def taken(column: str, value: Any, form: str, old: str) -> str:
    schema = installed.package_of("effects").resource("effects").schema
    field = next(f for f in schema.fields if f.name == column)
    return cell_text(from_excel(value, form), field, schema, old)


JUNE = datetime.datetime(2026, 6, 3)


@pytest.mark.parametrize(
    ("column", "value", "form", "old", "code"),
    [
        ("estimate", "=0.6+0.03", "General", "0.63", "LDB042"),
        ("estimate", "#REF!", "General", "0.63", "LDB042"),
        ("estimate", 0.7, "General", "0.63", "LDB041"),
        ("estimate", 0.7, "General", "", "LDB041"),
        ("estimate", 0.666, "0.00", "0.63", "LDB041"),
        ("estimate", 0.7, "0%", "0.7", "LDB041"),
        ("estimate", JUNE, "d-mmm", "6.3", "LDB041"),
        ("locator", JUNE, "d-mmm", "3-6", "LDB041"),
        ("locator", 0.5, "General", "", "LDB041"),
        ("locator", 1e15, "General", "", "LDB041"),
        ("locator", True, "General", "", "LDB041"),
        ("locator", datetime.time(3, 6), "h:mm", "3:06", "LDB041"),
        ("data_cutoff", 45331, "General", "", "LDB041"),
        ("data_cutoff", datetime.datetime(2026, 6, 3, 12), "yyyy-mm-dd", "", "LDB041"),
    ],
)
def test_what_excel_makes_of_a_cell_is_refused(column: str, value: Any, form: str, old: str, code: str) -> None:
    with pytest.raises(CellError) as caught:
        taken(column, value, form, old)
    assert caught.value.issue.code == code
    assert caught.value.issue.hint.endswith(".")


@pytest.mark.parametrize(
    ("column", "value", "form", "old", "text"),
    [
        ("estimate", 0.6, "General", "0.60", "0.60"),
        ("estimate", 0.6, "0.000", "0.60", "0.60"),
        ("estimate", 0.7, "0.00", "0.60", "0.70"),
        ("estimate", 2, "0", "", "2"),
        ("estimate", "0.70", "@", "0.60", "0.70"),
        ("estimate", "0,63", "@", "0.63", "0,63"),
        ("ci_level", 0.95, "0%", "95", "95"),
        ("ci_level", 0.07, "0.00%", "7.0", "7.0"),
        ("is_primary_endpoint", True, "General", "true", "true"),
        ("is_primary_endpoint", "=TRUE()", "General", "true", "true"),
        ("is_primary_endpoint", "=FALSE()", "General", "", "false"),
        ("is_primary_endpoint", "FALSE", "@", "false", "false"),
        ("is_primary_endpoint", "True", "@", "", "true"),
        ("n_control", 103, "General", "", "103"),
        ("n_control", 104.5, "General", "104", "104.5"),
        ("locator", 5, "General", "", "5"),
        ("locator", 7, "General", "007", "007"),
        ("data_cutoff", datetime.datetime(2008, 3, 31), "dd.mm.yy", "", "2008-03-31"),
        ("note", "  Two\r\nlines ", "@", "", "Two\nlines"),
        ("note", "   ", "@", "", ""),
        ("note", " kept ", "@", " kept ", " kept "),
        ("note", None, "@", "was there", ""),
        ("note", "_x0041_", "@", "", "A"),
    ],
)
def test_what_means_the_same_or_is_plain_is_taken(column: str, value: Any, form: str, old: str, text: str) -> None:
    assert taken(column, value, form, old) == text
