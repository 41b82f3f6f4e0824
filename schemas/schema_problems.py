"""Find what is invalid in a schema: limits of another type, invalid patterns, categories of numbers.

Source: datapackage.org/standard/table-schema, field constraints and categories.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from luminaldb.loaders.datapackage import field_types, object_types, safe_patterns, temporal_types
from luminaldb.loaders.datapackage.descriptor import Field
from luminaldb.loaders.datapackage.json_rows import cell_writer

from . import json_schema
from .backtracking_patterns import needs_backtracking

_ORDERED_TYPES = ("integer", "number", "date", "time", "datetime", "duration", "year", "yearmonth")
_SIZED_TYPES = ("string", "any", "array", "object", "list")
LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_INT64_LIMIT = 2**63
LENGTHS = ("minLength", "maxLength")
_CONSTRAINT_TYPES = {
    **dict.fromkeys(LIMITS, _ORDERED_TYPES),
    **dict.fromkeys(LENGTHS, _SIZED_TYPES),
    "pattern": ("string", "any"),
    "jsonSchema": ("object", "array"),
}
_PARSERS: dict[str, Callable[[str], Any]] = {
    "duration": object_types.parse_duration,
    "yearmonth": object_types.parse_year_month,
}


def value_reader(field: Field) -> Callable[[str], Any] | None:
    """Return what reads a value that only Python can compare; None where polars can."""
    return _PARSERS.get(field.type) or object_types.value_parser(field)


def cast_values(field: Field, values: list[Any]) -> list[Any]:
    """Cast values of a descriptor to a field's type; None where one can't be cast."""
    if field.type == "integer" and all(type(v) is int and abs(v) < _INT64_LIMIT for v in values):
        return list(values)
    write = cell_writer(field)
    texts = [None if v is None else write(v) for v in values]
    frame = pl.DataFrame({field.name: texts}, schema={field.name: pl.String})
    typed = frame.select(field_types.cast(field, ())).to_series().to_list()
    if field.type == "integer" and None in typed:
        typed = frame.select(field_types.cast(field, (), wide=True)).to_series().to_list()
    parse = value_reader(field)
    return typed if parse is None else [None if t is None else _parse_or_none(parse, t) for t in texts]


def _parse_or_none(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except (ValueError, RecursionError):
        return None


def unusable_constraints(field: Field) -> dict[str, str]:
    """Return the constraints of a field that can't be used, each with the reason."""
    limits = [name for name in LIMITS if name in field.constraints and field.type in _ORDERED_TYPES]
    typed_limits = cast_values(field, [field.constraints[name] for name in limits]) if limits else []
    not_cast = {name for name, value in zip(limits, typed_limits, strict=True) if value is None}
    # A whole number of any size can be compared: see `exact_numbers`.
    not_cast -= {name for name in not_cast if field.type == "integer" and _is_whole_number(field.constraints[name])}
    return {
        n: reason
        for n, bound in field.constraints.items()
        if (reason := _reason(field, n, bound, not_cast=n in not_cast))
    }


def _is_whole_number(value: Any) -> bool:
    return type(value) is int or (isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+", value) is not None)


def _reason(field: Field, name: str, bound: Any, *, not_cast: bool) -> str:
    if name in _CONSTRAINT_TYPES and field.type not in _CONSTRAINT_TYPES[name]:
        return f"{name} is not for the type {field.type}"
    if not_cast:
        return f"{name} {_format_value(bound)} is not of the type {field.type}"
    if name in LENGTHS and (not isinstance(bound, int) or isinstance(bound, bool) or bound < 0):
        return f"{name} {_format_value(bound)} is not a number of characters or items"
    if name == "pattern":
        reason = safe_patterns.why_unusable(bound) if isinstance(bound, str) else "not text"
        if isinstance(bound, str) and reason and needs_backtracking(bound):
            return ""
        return f"pattern {_format_value(bound)} can't be used: {reason}" if reason else ""
    if name == "jsonSchema" and (reason := json_schema.why_unusable(bound)):
        return f"jsonSchema can't be used: {reason}"
    if name == "enum" and not bound:
        return "enum has no values"
    if name == "enum" and (wrong_choices := _wrong_choices(field, bound)):
        return f"enum has {_format_value(wrong_choices[0])}, which is not of the type {field.type}"
    return ""


def _wrong_choices(field: Field, choices: list[Any]) -> list[Any]:
    if field.type in ("string", "any"):
        return []
    return [c for c, value in zip(choices, cast_values(field, choices), strict=True) if value is None]


def _format_value(value: Any) -> str:
    text = json.dumps(value) if value is None or isinstance(value, bool) else ascii(value)
    return text if len(text) < 60 else text[:59] + "…"  # noqa: PLR2004 - a line's length


def field_remarks(field: Field) -> Iterator[str]:
    """List what of a field can be used and is better written otherwise."""
    pattern = field.constraints.get("pattern")
    if isinstance(pattern, str) and safe_patterns.why_unusable(pattern) and needs_backtracking(pattern):
        yield (
            f"pattern {_format_value(pattern)} has look-around or references back, which XML Schema's expressions "
            "don't have; Python's engine ran it"
        )


def field_problems(field: Field) -> Iterator[str]:
    """List all that is unsound about a field, in one line each."""
    yield from unusable_constraints(field).values()
    yield from _category_problems(field)
    if field.type in temporal_types.DTYPES and field.format not in ("default", "any"):
        reason = temporal_types.why_unusable(field.format)
        if reason:
            yield f"format {field.format!r} can't be used: {reason}"


def _category_problems(field: Field) -> Iterator[str]:
    if not isinstance(field.properties.get("categoriesOrdered", False), bool):
        yield "categoriesOrdered must be true or false"
    if not field.categories:
        return
    if field.type not in ("string", "integer"):
        yield f"categories are for strings and integers, not for the type {field.type}"
        return
    values = [_format_value(c) for c in field.categories]
    if len(set(values)) < len(values):
        yield "two categories have the same value"
    labels = [c["label"] for c in field.properties["categories"] if isinstance(c, dict) and "label" in c]
    if not all(isinstance(label, str) for label in labels):
        yield "a label of a category must be text"
    elif len(set(labels)) < len(labels):
        yield "two categories have the same label"
    if wrong_choices := _wrong_choices(field, list(field.categories)):
        yield f"categories have {_format_value(wrong_choices[0])}, which is not of the type {field.type}"
    not_categories = [c for c in field.constraints.get("enum", ()) if _format_value(c) not in values]
    if not_categories:
        yield f"enum has {_format_value(not_categories[0])}, which is none of the categories"
