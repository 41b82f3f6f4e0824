"""A first descriptor of a table that has none: types that every cell has, missing values, a key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.errors import TableError

from . import field_types
from .descriptor import Field, TableSchema
from .single_file import TableFile, open_table
from .text_reader import raise_first

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
# Tried in this order; a column that fits none of them is text.
_TYPES = ("integer", "number", "boolean", "date", "datetime", "time")
_MISSING = ("", "NA", "N/A", "n/a", "NaN", "null", "NULL", "None", "-", ".")
# An identifier with zeros in front, or longer than any count, is no number.
_IDENTIFIER = r"\A[+-]?0[0-9]|\A[0-9]{19,}\z"
_KEY = re.compile(r"(?i)(?:^|[_. -])(?:id|key|code|nr|no)$|^(?:id|key|code)")


def infer(where: str | Path, *, sheet: str | None = None) -> dict[str, Any]:
    """Write a descriptor that a table fulfils as it stands.

    Args:
        where: the table's file; see `open_table`.
        sheet: of a workbook, name or number.

    Returns:
        The descriptor of a data package with this one resource.

    Raises:
        LuminaldbError: the file can't be read.
        TableError: the form of the file is broken.
    """
    package = open_table(where, sheet=sheet)
    (resource,) = package.descriptor.resources
    text = package.text(resource.name)
    raise_first(text, package.descriptor_file)
    if not text.header:
        raise TableError("has no header", where=package.descriptor_file, hint="write the names of the columns first")
    missing = _missing_values(text.frame)
    fields = [_field(text.frame, name, missing) for name in text.frame.columns]
    schema: dict[str, Any] = {"fields": fields, "missingValues": list(missing)}
    if key := _primary_key(text.frame, fields):
        schema["primaryKey"] = [key]
    return {"$schema": _PROFILE, "name": _slug(resource.name), "resources": [_resource(package, schema)]}


def _resource(package: TableFile, schema: dict[str, Any]) -> dict[str, Any]:
    (own,) = package.descriptor.raw["resources"]
    name = Path(package.descriptor_file).name
    described = {"name": _slug(own["name"]), "type": "table", "path": name, "format": own["format"]}
    if own.get("dialect"):
        described["dialect"] = own["dialect"]
    return {**described, "schema": schema}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.") or "table"


def _missing_values(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the words for a missing value that stand among numbers or dates."""
    found = {""}
    for name in frame.columns:
        cells = frame[name].unique()
        words = set(cells.to_list()) & set(_MISSING)
        if words - {""} and _type_of(frame, name, tuple(_MISSING)) != "string":
            found |= words
    return tuple(word for word in _MISSING if word in found)


def _type_of(frame: pl.DataFrame, name: str, missing: tuple[str, ...]) -> str:
    written = frame.select(field_types.text_or_null(Field(name), missing).alias(name))
    known = written.drop_nulls()
    if not known.height:
        return "string"
    numbers = not known[name].str.contains(_IDENTIFIER).any()
    for kind in _TYPES:
        field = Field(name, type=kind)
        if kind in ("integer", "number") and not numbers:
            continue
        if kind == "boolean" and known[name].is_in(["0", "1"]).all():
            continue
        if not known.select(field_types.cast(field, ())).to_series().null_count():
            return kind
    return "string"


def _field(frame: pl.DataFrame, name: str, missing: tuple[str, ...]) -> dict[str, Any]:
    kind = _type_of(frame, name, missing)
    schema = TableSchema((Field(name, type=kind),), missing_values=missing)
    text_or_null = frame.select(field_types.text_or_null(schema.fields[0], missing)).to_series()
    field: dict[str, Any] = {"name": name, "type": kind}
    if text_or_null.len() and not text_or_null.null_count():
        field["constraints"] = {"required": True}
    return field


def _primary_key(frame: pl.DataFrame, fields: list[dict[str, Any]]) -> str | None:
    """Return the column that looks like a key: named like one, filled, and different on every row."""
    for field in fields:
        filled = "constraints" in field and field["type"] in ("string", "integer")
        if filled and _KEY.search(field["name"]) and frame[field["name"]].is_unique().all():
            return str(field["name"])
    return None
