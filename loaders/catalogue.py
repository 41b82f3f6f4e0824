"""List the tables, and describe the columns of one."""

from __future__ import annotations

import json

import polars as pl

from .database import Database
from .datapackage.descriptor import Field, ForeignKey, Resource, TableSchema
from .datapackage.field_types import dtype
from .frames import DataSource

_CODEBOOK = {
    "column": pl.String,
    "type": pl.String,
    "dtype": pl.String,
    "unit": pl.String,
    "required": pl.Boolean,
    "key": pl.String,
    "values": pl.String,
    "pattern": pl.String,
    "minimum": pl.Float64,
    "maximum": pl.Float64,
    "description": pl.String,
    "example": pl.String,
    "bad_example": pl.String,
}


def tables(*, version: str | None = None, path: DataSource = None) -> pl.DataFrame:
    """List the tables.

    Args:
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Returns:
        One row per table: package, table, rows, columns, primary_key, title, description.

    Raises:
        ReleaseError: there is no such release, or it can't be fetched.
    """
    database = Database.find(path, version=version)
    rows = [
        {
            "package": name,
            "table": resource.name,
            "rows": database.text(resource.name).height,
            "columns": len(resource.schema.fields),
            "primary_key": ", ".join(resource.schema.primary_key),
            "title": resource.title,
            "description": resource.description,
        }
        for name, package in database.packages.items()
        for resource in package.descriptor.resources
    ]
    return pl.DataFrame(rows)


def describe(table: str, *, version: str | None = None, path: DataSource = None) -> pl.DataFrame:
    """Return the codebook of a table, read from its descriptor.

    Args:
        table: name of the table.
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Returns:
        One row per column of the table: column, type (Table Schema's), dtype (polars'), unit, required,
        key (primary, unique, or the table and column referred to), values (of an enum), pattern, minimum,
        maximum, description, example, bad_example.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
    """
    return codebook(Database.find(path, version=version).resource(table))


def codebook(resource: Resource) -> pl.DataFrame:
    """Return the codebook of a table of any package; see `describe`."""
    schema = resource.schema
    return pl.DataFrame([_row(f, resource.name, schema) for f in schema.fields], schema=_CODEBOOK)


def _row(field: Field, table: str, schema: TableSchema) -> dict[str, object]:
    constraints = field.constraints
    numeric = field.type in ("integer", "number", "year")
    return {
        "column": field.name,
        "type": field.type,
        "dtype": "Enum" if field.choices and field.type == "string" else str(dtype(field)),
        "unit": field.unit or None,
        "required": bool(constraints.get("required")) or field.name in schema.primary_key,
        "key": _key(field, table, schema) or None,
        "values": ", ".join(map(str, field.choices)) or None,
        "pattern": constraints.get("pattern"),
        "minimum": float(constraints["minimum"]) if numeric and "minimum" in constraints else None,
        "maximum": float(constraints["maximum"]) if numeric and "maximum" in constraints else None,
        "description": field.description or None,
        "example": _format_value(field.example),
        "bad_example": field.bad_example or None,
    }


def _format_value(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _key(field: Field, table: str, schema: TableSchema) -> str:
    parts = ["primary"] if field.name in schema.primary_key else []
    parts += ["unique"] if field.constraints.get("unique") else []
    parts += [_referenced_column(k, field.name, table) for k in schema.all_references() if field.name in k.columns]
    return ", ".join(parts)


def _referenced_column(key: ForeignKey, column: str, table: str) -> str:
    target = key.reference.columns[key.columns.index(column)]
    return f"{key.reference.table or table}.{target}"
