"""How a table's file is written, parsed from a Table Dialect (v2) or a CSV Dialect (v1).

Source: datapackage.org/standard/table-dialect and specs.frictionlessdata.io/csv-dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from luminaldb.errors import DescriptorError

from .error_collector import ErrorCollector

_TEXT_DEFAULTS = {
    "quoteChar": '"',
    "escapeChar": None,
    "commentChar": None,
    "lineTerminator": None,
    "nullSequence": None,
    "property": None,
    "itemType": None,
    "headerJoin": " ",
    "sheetName": None,
    "table": None,
}
_ONE_CHARACTER = ("delimiter", "quoteChar", "escapeChar")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written.

    Attributes:
        header_row: the last row of the header; data start below it.
        header_rows: all rows of the header, or empty where the descriptor leaves it to be the first row.
        property: the member of a JSON file that has the rows.
        item_keys: the members of a row of a JSON file that are columns; all of them if empty.
        sheet_name: the sheet of a workbook.
        sheet_number: the same by number, counted from 1.
        table: the table of a database.
    """

    delimiter: str = ","
    quote_char: str | None = '"'
    double_quote: bool = True
    escape_char: str | None = None
    skip_initial_space: bool = False
    header: bool = True
    header_row: int = 1
    comment_char: str | None = None
    line_terminator: str | None = None
    header_rows: tuple[int, ...] = ()
    header_join: str = " "
    comment_rows: frozenset[int] = frozenset()
    null_sequence: str | None = None
    case_sensitive_header: bool = True
    property: str | None = None
    item_type: str | None = None
    item_keys: tuple[str, ...] = ()
    sheet_name: str | None = None
    sheet_number: int | None = None
    table: str | None = None


def parse_dialect(item: Any, subject: str, *, delimiter: str = ",") -> Dialect:
    """Parse a dialect.

    Args:
        item: the dialect as the descriptor gives it.
        subject: the table or package that has it, for messages.
        delimiter: what separates cells where the dialect doesn't define it.

    Raises:
        DescriptorError: no table can be read with it.
    """
    if not isinstance(item, dict):
        raise DescriptorError(f"dialect must be an object, not {type(item).__name__}", subject=subject)
    csv_dialect = item.get("csv")
    properties = {**item, **csv_dialect} if isinstance(csv_dialect, dict) else item
    errors = ErrorCollector(subject)
    texts = _text_properties({"delimiter": delimiter, **_TEXT_DEFAULTS}, properties, errors)
    header_rows = errors.attempt(lambda: _row_numbers(properties, "headerRows", subject), ())
    comment_rows = errors.attempt(lambda: _row_numbers(properties, "commentRows", subject), ())
    sheet_number = errors.attempt(lambda: _sheet_number(properties, subject), None)
    header = bool(properties.get("header", True)) and properties.get("headerRows") != []
    keys = properties.get("itemKeys") or []
    if not isinstance(keys, list) or not all(isinstance(k, str) for k in keys):
        errors.add("dialect itemKeys must be a list of names")
    errors.raise_all()
    return Dialect(
        delimiter=texts["delimiter"] or delimiter,
        quote_char=texts["quoteChar"],
        double_quote=bool(properties.get("doubleQuote", True)),
        escape_char=texts["escapeChar"],
        skip_initial_space=bool(properties.get("skipInitialSpace", False)),
        header=header,
        header_row=max(header_rows, default=1) if header else 0,
        comment_char=texts["commentChar"] or None,
        line_terminator=texts["lineTerminator"],
        header_rows=header_rows if header else (),
        header_join=" " if texts["headerJoin"] is None else texts["headerJoin"],
        comment_rows=frozenset(comment_rows),
        null_sequence=texts["nullSequence"],
        case_sensitive_header=properties.get("caseSensitiveHeader") is not False,
        property=texts["property"],
        item_type=texts["itemType"],
        item_keys=tuple(keys),
        sheet_name=texts["sheetName"],
        sheet_number=sheet_number,
        table=texts["table"],
    )


def _sheet_number(properties: Mapping[str, Any], subject: str) -> int | None:
    number = properties.get("sheetNumber")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
        raise DescriptorError("dialect sheetNumber must be a number, counted from 1", subject=subject)
    return number


def _text_properties(
    defaults: Mapping[str, str | None], properties: Mapping[str, Any], errors: ErrorCollector
) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    for key, default in defaults.items():
        value = properties.get(key, default)
        texts[key] = default
        if value is not None and not isinstance(value, str):
            errors.add(f"dialect {key} must be text")
            continue
        long_delimiter = key == "delimiter" and value is not None and len(value) > 1 and not set(value) & set("\r\n\0")
        if (
            key in _ONE_CHARACTER
            and value is not None
            and (len(value) != 1 or value in "\r\n\0")
            and not long_delimiter
        ):
            errors.add(f"dialect {key} {value!r} is not one character", hint="use one; longer ones are not supported")
            continue
        texts[key] = value
    if texts["delimiter"] in (texts["quoteChar"], texts["escapeChar"]):
        errors.add(f"dialect delimiter {texts['delimiter']!r} also quotes or escapes")
    return texts


def _row_numbers(properties: Mapping[str, Any], key: str, subject: str) -> tuple[int, ...]:
    rows = properties.get(key) or []
    if not isinstance(rows, list) or not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in rows):
        raise DescriptorError(f"dialect {key} must be a list of row numbers, counted from 1", subject=subject)
    return tuple(sorted(set(rows)))
