"""A first descriptor of a table that has none: types that all or nearly all cells have, missing values, a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.errors import TableError

from . import field_types
from .descriptor import Field, TableSchema
from .single_file import TableFile, open_table
from .text_reader import raise_form_errors

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# Tried in this order; a column that fits none of them is text.
_TYPES = ("integer", "number", "boolean", "date", "datetime", "time")
_MISSING = ("", "NA", "N/A", "n/a", "NaN", "null", "NULL", "None", "-", ".")
# An identifier with zeros in front, or longer than any count, is no number.
_IDENTIFIER = r"\A[+-]?0[0-9]|\A[0-9]{19,}\z"
# A column of so many cells has a type that a few of them, such as a typing error, don't have.
_MIN_CELLS, _MIN_SHARE = 20, 0.95
_MAX_CHARACTERS_SHOWN = 40
_KEY_NAME = re.compile(r"(?i)(?:^|[_. -])(?:id|key|code|nr|no)$|^(?:id|key|code)")


def infer(file: str | Path, *, sheet: str | None = None) -> dict[str, Any]:
    """Write a descriptor that a table fulfils, apart from the cells that `infer_with_notes` names.

    Args:
        file: the table's file; see `open_table`.
        sheet: of a workbook, name or number.

    Returns:
        The descriptor of a data package with this one resource.

    Raises:
        LuminaldbError: the file can't be read.
        TableError: the form of the file is broken.
    """
    return infer_with_notes(file, sheet=sheet)[0]


def infer_with_notes(file: str | Path, *, sheet: str | None = None) -> tuple[dict[str, Any], list[str]]:
    """Write a descriptor, see `infer`, and a note on each column in which a few cells haven't the type of all others.

    The note is the description of the field, too.
    """
    package = open_table(file, sheet=sheet)
    (resource,) = package.descriptor.resources
    text = package.text(resource.name)
    raise_form_errors(text, package.descriptor_file)
    if not text.header:
        raise TableError("has no header", subject=package.descriptor_file, hint="write the names of the columns first")
    missing = _missing_values(text.frame)
    fields = [_field(text.frame, name, missing, text.lines) for name in text.frame.columns]
    schema: dict[str, Any] = {"fields": fields, "missingValues": list(missing)}
    if key := _primary_key(text.frame, fields):
        schema["primaryKey"] = [key]
    notes = [f"{field['name']}: {field['description']}" for field in fields if "description" in field]
    return {"$schema": _PROFILE, "name": _slug(resource.name), "resources": [_resource(package, schema)]}, notes


def _resource(package: TableFile, schema: dict[str, Any]) -> dict[str, Any]:
    (package_resource,) = package.descriptor.properties["resources"]
    properties = {
        "name": _slug(package_resource["name"]),
        "type": "table",
        # Not the end of an address, which says behind the file's name which table is meant.
        "path": package_resource["path"],
        "format": package_resource["format"],
    }
    if package_resource.get("dialect"):
        properties["dialect"] = package_resource["dialect"]
    return {**properties, "schema": schema}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.") or "table"


def _missing_values(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the words for a missing value that columns of numbers or dates contain."""
    used_words = {""}
    for name in frame.columns:
        cells = frame[name].unique()
        words = set(cells.to_list()) & set(_MISSING)
        if words - {""} and _infer_type(frame, name, tuple(_MISSING))[0] != "string":
            used_words |= words
    return tuple(word for word in _MISSING if word in used_words)


def _infer_type(frame: pl.DataFrame, name: str, missing: tuple[str, ...]) -> tuple[str, pl.DataFrame | None]:
    """Return the type of a column, and the rows of the few cells that haven't it: `row` and `cell`."""
    cells = field_types.text_or_null(Field(name), missing).alias(name)
    filled_cells = frame.with_row_index("::row").select("::row", cells).drop_nulls()
    if not filled_cells.height:
        return "string", None
    may_be_numbers = not filled_cells[name].str.contains(_IDENTIFIER).any()
    wrong_cells_of_type: dict[str, pl.Series] = {}
    for kind in _TYPES:
        field = Field(name, type=kind)
        if kind in ("integer", "number") and not may_be_numbers:
            continue
        if kind == "boolean" and filled_cells[name].is_in(["0", "1"]).all():
            continue
        is_wrong = filled_cells.select(field_types.cast(field, ())).to_series().is_null()
        if not is_wrong.any():
            return kind, None
        if filled_cells.height >= _MIN_CELLS and is_wrong.sum() <= filled_cells.height * (1 - _MIN_SHARE):
            wrong_cells_of_type[kind] = is_wrong
    if not wrong_cells_of_type:
        return "string", None
    best_type = min(wrong_cells_of_type, key=lambda kind: int(wrong_cells_of_type[kind].sum()))
    return best_type, filled_cells.filter(wrong_cells_of_type[best_type]).rename({"::row": "row", name: "cell"})


def _field(frame: pl.DataFrame, name: str, missing: tuple[str, ...], lines: Sequence[int]) -> dict[str, Any]:
    kind, wrong_cells = _infer_type(frame, name, missing)
    schema = TableSchema((Field(name, type=kind),), missing_values=missing)
    text_or_null = frame.select(field_types.text_or_null(schema.fields[0], missing)).to_series()
    field: dict[str, Any] = {"name": name, "type": kind}
    if wrong_cells is not None:
        field["description"] = _describe_wrong_cells(kind, wrong_cells, lines)
    if text_or_null.len() and not text_or_null.null_count():
        field["constraints"] = {"required": True}
    return field


def _describe_wrong_cells(kind: str, wrong_cells: pl.DataFrame, lines: Sequence[int]) -> str:
    """Name the first cell that hasn't its column's type, and what to do."""
    row, cell = wrong_cells.row(0)
    short_cell = cell if len(cell) <= _MAX_CHARACTERS_SHOWN else f"{cell[:_MAX_CHARACTERS_SHOWN]}…"
    more = f" and {wrong_cells.height - 1:,} more" if wrong_cells.height > 1 else ""
    pronoun = "them, or add them" if more else "it, or add it"
    return f"taken for {kind}, which line {lines[row]} {short_cell!r}{more} is not; correct {pronoun} to missingValues"


def _primary_key(frame: pl.DataFrame, fields: list[dict[str, Any]]) -> str | None:
    """Return the column that looks like a key: named like one, filled, and different on every row."""
    for field in fields:
        can_be_key = "constraints" in field and field["type"] in ("string", "integer")
        if can_be_key and _KEY_NAME.search(field["name"]) and frame[field["name"]].is_unique().all():
            return str(field["name"])
    return None
