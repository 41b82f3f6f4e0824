"""From a cell of a spreadsheet to the text of a CSV, without the digits and dates that a spreadsheet makes up."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.excel_escapes import may_stand_for, unescape
from luminaldb.issue_codes import CHANGED_BY_EXCEL, NOT_A_VALUE
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.loaders.datapackage.field_types import boolean_words, false_values, true_values

from .new_row import normalise_cell

# Doubles hold whole numbers exactly up to 15 digits, which is all that Excel keeps.
_LARGEST_EXACT_NUMBER = 10**15
_DECIMALS = re.compile(r"(?:#,##)?0(?:\.(0+))?")
# LibreOffice saves a truth value as a call of a function.
_BOOLEAN_FORMULAS = {"=TRUE()": True, "=FALSE()": False}
_FORMAT_HINT = "Format the cell as text, and type it as the source prints it"


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell as the workbook holds it.

    Attributes:
        coordinate: its name, for instance K12.
        value: None, text, a number, a truth value or a date.
        number_format: how Excel shows it.
        kind: the type that openpyxl gives it: `f` for a formula, `e` for an error.
    """

    coordinate: str
    value: Any
    number_format: str = "General"
    kind: str = "s"


class CellError(LuminaldbError):
    """A cell of a workbook that can't be imported."""


def is_blank(cell: SheetCell) -> bool:
    """Return whether a cell shows nothing."""
    return cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())


def cell_text(cell: SheetCell, field: Field, schema: TableSchema, old: str = "") -> str:
    """Return what a CSV holds where a workbook holds this cell.

    Args:
        cell: of the workbook.
        field: of its column.
        schema: of the table.
        old: what the CSV holds now. It is kept where it means the same, so that no trailing zero is lost.

    Raises:
        CellError: a formula, an error, or what Excel made of something else.
    """
    if cell.kind == "f" and str(cell.value).upper() in _BOOLEAN_FORMULAS:
        return _flag(_BOOLEAN_FORMULAS[str(cell.value).upper()], field, old)
    if cell.kind == "f":
        raise CellError(f"{field.name} is a formula", code=NOT_A_VALUE, hint="Paste its value, as text.")
    if cell.kind == "e":
        message = f"{field.name} is an error of a spreadsheet"
        raise CellError(message, code=NOT_A_VALUE, hint="Type what it was meant to be.")
    match cell.value:
        case None:
            return old if old in schema.missing_values_of(field) else ""
        case str():
            return _text(cell.value, field, schema, old)
        case bool():
            return _flag(cell.value, field, old)
        case int() | float():
            return _number(cell.value, cell.number_format, field, old)
        case _:
            return _date_or_time(cell.value, field, old)


def _text(value: str, field: Field, schema: TableSchema, old: str) -> str:
    text = unescape(value)
    if old == text or may_stand_for(value, old):
        return old
    new = normalise_cell(schema, field.name, text)
    if not new:
        return old if old in schema.missing_values_of(field) else ""
    words = {word.lower(): word for word in boolean_words(field)} if field.type == "boolean" else {}
    word = words.get(new.lower())
    return new if word is None else _flag(word == boolean_words(field)[0], field, old)


def _flag(value: bool, field: Field, old: str) -> str:
    if field.type == "boolean":
        yes, no = boolean_words(field)
        spellings = true_values(field) if value else false_values(field)
        return old if old in spellings else (yes if value else no)
    if old.lower() == str(value).lower():
        return old
    raise CellError(f"Excel changed {field.name} to TRUE or FALSE", code=CHANGED_BY_EXCEL, hint=f"{_FORMAT_HINT}.")


def _number(value: float, number_format: str, field: Field, old: str) -> str:
    is_percent = "%" in number_format
    if _equals(old, value * 100 if is_percent else value):
        return old
    if is_percent:
        hint = f"{_FORMAT_HINT}, without the percent sign."
        message = f"{field.name} is a percent cell: Excel holds {value:g} and shows {value:.6%}"
        raise CellError(message, code=CHANGED_BY_EXCEL, hint=hint)
    is_whole = float(value).is_integer() and abs(value) < _LARGEST_EXACT_NUMBER
    decimals = _DECIMALS.fullmatch(number_format)
    if field.type == "number":
        # A fixed number of decimals is what the curator sees, and so what was typed.
        text = f"{value:.{len(decimals[1] or '')}f}" if decimals else ""
        if text and float(text) == value:
            return text
        message = f"{field.name} is a number to Excel, which keeps no trailing zeros"
        raise CellError(message, code=CHANGED_BY_EXCEL, hint=f"{_FORMAT_HINT}, for example 0.60.")
    if is_whole and field.type not in ("date", "time", "datetime"):
        return str(int(value))
    if field.type in ("integer", "year"):
        return repr(value)  # no whole number: the check of the type reports it
    raise CellError(f"Excel changed {field.name} to a number", code=CHANGED_BY_EXCEL, hint=f"{_FORMAT_HINT}.")


def _equals(old: str, value: float) -> bool:
    try:
        # 0.07 as a percentage is 7.000000000000001 to a double.
        return abs(float(old) - value) <= 1e-12 * abs(value)
    except ValueError:
        return False


def _date_or_time(value: Any, field: Field, old: str) -> str:
    text = _iso(value, field)
    if text is not None and text == old:
        return old
    if text is not None and field.type in ("date", "time", "datetime"):
        return text
    raise CellError(f"Excel changed {field.name} to a date or time", code=CHANGED_BY_EXCEL, hint=f"{_FORMAT_HINT}.")


def _iso(value: Any, field: Field) -> str | None:
    """Write a date or time as the column's format has it; None where the cell holds more or less than that."""
    date_format = field.format if field.format not in ("default", "any") else ""
    if isinstance(value, datetime.datetime) and field.type != "datetime":
        if value.time() != datetime.time():
            return None
        value = value.date()
    if field.type == "datetime":
        is_of_type = isinstance(value, datetime.datetime)
    elif field.type == "time":
        is_of_type = isinstance(value, datetime.time)
    else:
        is_of_type = isinstance(value, datetime.date)
    if not is_of_type:
        return None
    return str(value.strftime(date_format) if date_format else value.isoformat())
