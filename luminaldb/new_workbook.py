"""Write an Excel workbook: in memory first, so that a full disk is an error of one write."""

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
    marked = False

    class Sheet(xlsxwriter.worksheet.Worksheet):  # type: ignore[misc]
        def _write_string(self, row: int, col: int, string: str, *form: Any) -> Any:
            nonlocal marked
            text = mark_for_xlsxwriter(string)
            marked = marked or has_marks(text)
            return super()._write_string(row, col, text, *form)

    try:
        with xlsxwriter.Workbook(content, _OPTIONS) as book:
            book.worksheet_class = Sheet
            yield book
    except xlsxwriter.exceptions.FileCreateError as error:
        # The folder of temporary files is full: the error holds that of the system.
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from None
    file.write_bytes(replace_marks(content.getvalue()) if marked else content.getbuffer())
