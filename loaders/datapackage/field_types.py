"""Table Schema's field types: the form a cell must have, its polars type, and the cast from text.

polars' typed reader takes `24-02-09` for a date of the year 9, so the form is checked before the value:
a cell that doesn't have its type's lexical form becomes null, and whoever reads the frame can see where.
Source of the forms: Table Schema (datapackage.org/standard/table-schema) and XML Schema part 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polars as pl

from . import temporal_types
from .descriptor import Field

_INTEGER = r"[+-]?[0-9]+"
_NUMBER = r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:nan|-?inf))"
# XML Schema 1.0 has no year 0, and no leading zero in a year of more than four digits.
_YEAR = r"-?(?:[1-9][0-9]{3,}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_COORDINATE = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_DATE_PART = r"(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+D)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)"
_SECONDS = r"[0-9]+(?:\.[0-9]+)?S"
_TIME_PART = rf"T(?:[0-9]+H(?:[0-9]+M)?(?:{_SECONDS})?|[0-9]+M(?:{_SECONDS})?|{_SECONDS})"
_PATTERNS = {
    "integer": _INTEGER,
    "number": _NUMBER,
    "year": _YEAR + temporal_types.ZONE,
    "yearmonth": rf"{_YEAR}-(?:0[1-9]|1[0-2]){temporal_types.ZONE}",
    "duration": rf"-?P(?:{_DATE_PART}(?:{_TIME_PART})?|{_TIME_PART})",
    "geopoint": rf"{_COORDINATE}, ?{_COORDINATE}",
}
_GEOPOINT_FORMAT_PATTERNS = {
    "array": rf"\s*\[\s*{_COORDINATE}\s*,\s*{_COORDINATE}\s*\]\s*",
    "object": r"\s*\{[^{}]*\}\s*",
}
_STRING_FORMAT_PATTERNS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}
_ITEM_TYPES = ("string", "integer", "boolean", "number", "datetime", "date", "time")


def dtype(field: Field) -> pl.DataType:
    """Return the polars type a column is loaded as; a string with an enum becomes a polars Enum."""
    match field.type:
        case "integer" | "year":
            return pl.Int64()
        case "number":
            return pl.Float64()
        case "boolean":
            return pl.Boolean()
        case "date" | "time" | "datetime":
            return temporal_types.DTYPES[field.type]
        case "list":
            return pl.List(dtype(list_item(field)))
        case "string" if field.choices and all(isinstance(c, str) for c in field.choices):
            return pl.Enum(list(dict.fromkeys(field.choices)))
        case _:
            return pl.String()


def cell_pattern(field: Field) -> str | None:
    """Return the pattern, anchored at both ends, of a cell that has a value; None where every text will do."""
    body = _unanchored_pattern(field)
    return None if body is None else rf"\A(?:{body})\z"


def _unanchored_pattern(field: Field) -> str | None:
    if field.type == "boolean":
        return "|".join(re.escape(v) for v in (*true_values(field), *false_values(field)))
    if field.type == "string":
        return _STRING_FORMAT_PATTERNS.get(field.format)
    if field.type == "geopoint":
        return _GEOPOINT_FORMAT_PATTERNS.get(field.format, _PATTERNS["geopoint"])
    if field.type in temporal_types.DTYPES:
        if field.format == "default":
            return temporal_types.DEFAULT[field.type]
        return None if field.format == "any" else temporal_types.pattern(field.format)
    return _PATTERNS.get(field.type)


def true_values(field: Field) -> tuple[str, ...]:
    """Strings that mean true."""
    return tuple(as_text(v) for v in field.properties.get("trueValues", ("true", "True", "TRUE", "1")))


def false_values(field: Field) -> tuple[str, ...]:
    """Strings that mean false."""
    return tuple(as_text(v) for v in field.properties.get("falseValues", ("false", "False", "FALSE", "0")))


def boolean_words(field: Field) -> tuple[str, str]:
    """Return a string that means true, and one that means false."""
    return (*true_values(field), "true")[0], (*false_values(field), "false")[0]


def list_item(field: Field) -> Field:
    """Return the items of a list as a field of their own."""
    kind = field.properties.get("itemType")
    return Field(field.name, type=kind if kind in _ITEM_TYPES else "string")


def text_or_null(field: Field, missing: tuple[str, ...]) -> pl.Expr:
    """Select a column's text, null where the cell means no value."""
    text = pl.col(field.name)
    if missing == ("",):
        return pl.when(text != "").then(text)
    if not missing:
        return text
    return pl.when(~text.is_in(list(missing))).then(text)


def cast(field: Field, missing: tuple[str, ...], *, wide: bool = False) -> pl.Expr:
    """Select a column cast from text to its type; null where a cell is empty or hasn't its type's form.

    Args:
        field: the column.
        missing: strings that mean no value.
        wide: give integers 128 bits.
    """
    text = _well_formed_text(field, text_or_null(field, missing))
    if wide:
        return text.str.strip_prefix("+").cast(pl.Int128, strict=False).alias(field.name)
    return _CASTS.get(field.type, _cast_other)(field, text).alias(field.name)


def number_as_text(field: Field) -> pl.Expr:
    """Select a number's text as Python reads it: with a decimal point, no thousands separator; null if no number."""
    return _well_formed_text(field, pl.col(field.name))


def _well_formed_text(field: Field, text: pl.Expr) -> pl.Expr:
    text = _without_number_marks(field, text)
    pattern = cell_pattern(field)
    return text if pattern is None else pl.when(text.str.contains(pattern)).then(text)


def _without_number_marks(field: Field, text: pl.Expr) -> pl.Expr:
    if field.type not in ("integer", "number"):
        return text
    group_mark, decimal_mark = field.properties.get("groupChar"), field.properties.get("decimalChar") or "."
    if isinstance(group_mark, str) and group_mark:
        text = text.str.replace_all(group_mark, "", literal=True)
    if field.type == "number" and isinstance(decimal_mark, str) and decimal_mark != ".":
        # A point that isn't the decimal character is no part of a number.
        text = text.str.replace_all(".", "?", literal=True).str.replace_all(decimal_mark, ".", literal=True)
    if field.properties.get("bareNumber", True) is False:
        # A sign in front of a unit is the number's: -$1000. A sign further inside stays, and the cell is refused.
        text = text.str.replace(r"\A([+-])[^0-9+\-.]*[^0-9+\-. ][^0-9+\-.]*(\.?[0-9])", "${1}${2}")
        special = text.str.contains(r"\A(?i:nan|-?inf)\z")
        number_only = text.str.replace(r"\A[^0-9\-]*?([+-]?\.?[0-9])", "${1}").str.replace(
            r"([0-9]\.?)[^0-9]*\z", "${1}"
        )
        text = pl.when(special).then(text).otherwise(number_only)
    return text


def _cast_other(field: Field, text: pl.Expr) -> pl.Expr:
    target = dtype(field)
    return text.cast(target, strict=False) if target != pl.String() else text


def _number(_: Field, text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().cast(pl.Float64, strict=False)


def _integer(_: Field, text: pl.Expr) -> pl.Expr:
    return text.str.strip_prefix("+").cast(pl.Int64, strict=False)


def _boolean(field: Field, text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_not_null()).then(text.is_in(list(true_values(field))))


def _year(_: Field, text: pl.Expr) -> pl.Expr:
    return text.str.replace(temporal_types.ZONE + "$", "").cast(pl.Int64, strict=False)


def _list(field: Field, text: pl.Expr) -> pl.Expr:
    parts = text.str.split(str(field.properties.get("delimiter") or ","))
    item = list_item(field)
    if item.type == "string":
        return parts
    values = parts.list.eval(_CASTS[item.type](item, _well_formed_text(item, pl.element())))
    return pl.when(~values.list.eval(pl.element().is_null()).list.any()).then(values)


_CASTS: dict[str, Callable[[Field, pl.Expr], pl.Expr]] = {
    "number": _number,
    "integer": _integer,
    "year": _year,
    "boolean": _boolean,
    "date": temporal_types.cast,
    "time": temporal_types.cast,
    "datetime": temporal_types.cast,
    "list": _list,
}


def as_text(value: Any) -> str:
    """Write an inline value as the text of a cell of a CSV."""
    import json

    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
