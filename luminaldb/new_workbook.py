"""Write an Excel workbook: in memory first, so that a full disk fails in a single write."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import MissingExtraError
from .excel_escapes import has_marks, mark_for_xlsxwriter, replace_marks

if TYPE_CHECKING:
    from xlsxwriter import Workbook

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@contextmanager
def new_workbook(file: Path) -> Iterator[Workbook]:
    """Yield a workbook in which text stays text; it is written to a file at the end.

    Raises:
        MissingExtraError: xlsxwriter isn't installed.
        OSError: the file can't be written.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise MissingExtraError("xlsxwriter is not installed", hint="run: pip install 'luminaldb[excel]'") from None
    content = io.BytesIO()
    has_any_marks = False

    class Sheet(xlsxwriter.worksheet.Worksheet):  # type: ignore[misc]
        def _write_string(self, row: int, col: int, string: str, *cell_format: Any) -> Any:
            nonlocal has_any_marks
            text = mark_for_xlsxwriter(string)
            has_any_marks = has_any_marks or has_marks(text)
            return super()._write_string(row, col, text, *cell_format)

    try:
        with xlsxwriter.Workbook(content, _OPTIONS) as workbook:
            workbook.worksheet_class = Sheet
            yield workbook
    except xlsxwriter.exceptions.FileCreateError as error:
        # The folder of temporary files is full: the error holds that of the system.
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from None
    file.write_bytes(replace_marks(content.getvalue()) if has_any_marks else content.getbuffer())
