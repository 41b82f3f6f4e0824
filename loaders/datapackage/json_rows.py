"""Rows in JSON, of the descriptor or of a file, written as the cells a CSV would have.

JSON has types of its own, so a value may be of a type that its field can't have: that is reported here, where
the value is still seen; afterwards all is text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from luminaldb.errors import DescriptorError, TableError
from luminaldb.issue_codes import MALFORMED_FILE
from luminaldb.issues import Issue, Place

from .bounded_json import read_json
from .descriptor import MAX_COLUMNS, Field, Resource
from .field_types import as_text, boolean_words, false_values, true_values


@dataclass(slots=True)
class CellRows:
    """A table from JSON: header, rows of cells (None is null), and values whose type the text would hide.

    `lines` has the line of each row, or its number, and `issues` what keeps something from being a row.
    """

    header: tuple[str, ...] = ()
    rows: list[list[str | None]] = field(default_factory=list)
    type_errors: list[tuple[int, str, str]] = field(default_factory=list)
    lines: Sequence[int] = ()
    issues: Sequence[Issue] = ()


def rows_of_file(data: bytes, resource: Resource) -> CellRows:
    """Return the rows of a JSON file.

    Raises:
        TableError: it isn't JSON, or holds no rows.
    """
    try:
        value = read_json(data, resource.path or resource.name)
    except DescriptorError as error:
        raise TableError.caused_by(error, "") from None
    for key in (resource.dialect.property or "").split(".") if resource.dialect.property else ():
        if not isinstance(value, dict) or key not in value:
            raise TableError(f"no rows under {resource.dialect.property!r}", hint="fix the dialect's property")
        value = value[key]
    if not isinstance(value, list):
        raise TableError("not a list of rows", hint="name the property that holds them in the dialect")
    return rows_of_list(value, resource)


def rows_of_list(data: Sequence[Any], resource: Resource, lines: Sequence[int] = ()) -> CellRows:
    """Return the rows of a list of objects, or of a list of lists whose first is the header.

    Args:
        data: the list.
        resource: its description.
        lines: the line of each item, where items are lines; they are counted where omitted.

    Raises:
        TableError: a row is neither, or not of the kind of the first.
    """
    names, fields = resource.schema.names, {f.name: f for f in resource.schema.fields}
    if not data:
        return CellRows(names)
    kind = type(data[0])
    if kind not in (dict, list):
        raise TableError("row 1 is neither an object nor a list", hint="write each row as one of them")
    has_header = kind is list and resource.dialect.header
    # The header of lists is no row, unless rows are named by their lines.
    numbers = lines or range(0 if has_header else 1, len(data) + 1)
    numbered_rows = list(zip(numbers, data, strict=False))
    hint = "Write all rows as objects, or all as lists."
    issues = [
        Issue(MALFORMED_FILE, "the row is not of the kind of the first", hint, place=Place(line=number))
        for number, row in numbered_rows
        if type(row) is not kind
    ]
    numbered_rows = [(number, row) for number, row in numbered_rows if type(row) is kind]
    data = [row for _, row in numbered_rows]
    if kind is dict:
        keys = tuple(dict.fromkeys(k for row in data for k in row))
        header = column_order(keys, resource)
        values = [[row.get(name) for name in header] for row in data]
    elif resource.dialect.header:
        header, values = tuple(as_text(v) for v in data[0]), list(data[1:])
    else:
        header, values = names or tuple(f"field{n + 1}" for n in range(len(data[0]))), list(data)
    if len(header) > MAX_COLUMNS:
        raise TableError(f"{len(header):,} columns", hint=f"no more than {MAX_COLUMNS:,} are read")
    row_numbers = [number for number, _ in numbered_rows][len(data) - len(values) :]
    return _format_rows(CellRows(header, lines=row_numbers, issues=issues), values, fields)


def column_order(keys: tuple[str, ...], resource: Resource) -> tuple[str, ...]:
    """Order the keys of objects, which have no order of their own, as the fields are ordered."""
    names = resource.schema.names
    if resource.dialect.item_keys:
        return resource.dialect.item_keys
    # A key that no row has is a column whose cells are all null, unless columns may be left out.
    field_names = (
        names if resource.schema.fields_match in ("exact", "equal", "subset") else [n for n in names if n in keys]
    )
    return (*field_names, *(k for k in keys if k not in field_names))


def _format_rows(table: CellRows, values: Sequence[Sequence[Any]], fields: Mapping[str, Field]) -> CellRows:
    cell_writers = [cell_writer(fields.get(name)) for name in table.header]
    for number, row in zip(table.lines, values, strict=True):
        cells: list[str | None] = []
        for n, value in enumerate(row):
            if n >= len(table.header):
                cells.append(as_text(value))
                continue
            column = fields.get(table.header[n])
            if value is not None and column is not None and not _is_checkable_as_text(value, column):
                table.type_errors.append((number, column.name, as_text(value)))
            cells.append(None if value is None else cell_writers[n](value))
        table.rows.append(cells)
    return table


def _is_checkable_as_text(value: Any, column: Field) -> bool:
    """Whether a check of the value's text finds a wrong type: a number would pass for a string, and 1 for true."""
    match column.type:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, str | bool) or as_text(value) not in (*true_values(column), *false_values(column))
        case "list":
            return isinstance(value, str | list)
        case _:
            return True


def cell_writer(column: Field | None) -> Callable[[Any], str]:
    """Return what writes a JSON value as the cell that a column's field would read it from."""
    if column is None:
        return as_text
    true_word, false_word = boolean_words(column)
    decimal_char = column.properties.get("decimalChar") if column.type == "number" else None

    def write(value: Any) -> str:
        if isinstance(value, bool) and column.type == "boolean":
            return true_word if value else false_word
        if isinstance(value, float) and column.type in ("integer", "year") and value.is_integer():
            return str(int(value))
        if isinstance(value, float) and isinstance(decimal_char, str) and decimal_char:
            return as_text(value).replace(".", decimal_char)
        if isinstance(value, list) and column.type == "geopoint" and column.format == "default":
            return ", ".join(as_text(v) for v in value)
        if isinstance(value, list) and column.type == "list":
            return str(column.properties.get("delimiter") or ",").join(as_text(v) for v in value)
        return as_text(value)

    return write
