"""Table Schema's field types: the form a cell must have, its polars type, and the cast from text.

polars' typed reader takes `24-02-09` for a date of the year 9, so the form is judged before the value:
a cell that doesn't have its type's lexical form becomes null, and whoever reads the frame can see where.
Source of the forms: Table Schema (datapackage.org/standard/table-schema) and XML Schema part 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polars as pl

from .descriptor import Field

_INTEGER = r"[+-]?[0-9]+"
_NUMBER = r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|-?INF)"
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
_COORDINATE = r"[+-]?[0-9]+(?:\.[0-9]+)?"
_FIXED = {
    "integer": _INTEGER,
    "number": _NUMBER,
    "date": _DATE,
    "time": _TIME + _FRACTION + _ZONE,
    "datetime": f"{_DATE}T{_TIME}{_FRACTION}{_ZONE}",
    "year": r"-?[0-9]{4,}",
    "yearmonth": r"-?[0-9]{4,}-(?:0[1-9]|1[0-2])",
    "duration": r"-?P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?"
    r"(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?",
    "geopoint": rf"{_COORDINATE},\s*{_COORDINATE}",
}
_GEOPOINT = {
    "array": rf"\[\s*{_COORDINATE}\s*,\s*{_COORDINATE}\s*\]",
    "object": r"\{[^{}]*\}",
}
_STRING = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}
_DIRECTIVES = {
    "Y": r"[0-9]{4}", "m": r"[0-9]{2}", "d": r"[0-9]{2}", "y": r"[0-9]{2}", "H": r"[0-9]{2}", "I": r"[0-9]{2}",
    "M": r"[0-9]{2}", "S": r"[0-9]{2}", "f": r"[0-9]{1,6}", "j": r"[0-9]{3}", "p": r"(?:AM|PM|am|pm)",
    "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]+", "a": r"[A-Za-z]{3}", "A": r"[A-Za-z]+",
    "z": r"(?:Z|[+-][0-9]{2}:?[0-9]{2})", "Z": r"[A-Za-z]+", "%": "%",
}  # fmt: skip
_TEMPORAL = {"date": pl.Date(), "time": pl.Time(), "datetime": pl.Datetime("us")}


def dtype(field: Field) -> pl.DataType:
    """Give the polars type a column is loaded as; a string with an enum becomes a polars Enum."""
    match field.type:
        case "integer" | "year":
            return pl.Int64()
        case "number":
            return pl.Float64()
        case "boolean":
            return pl.Boolean()
        case "date" | "time" | "datetime":
            return _TEMPORAL[field.type] if field.format != "any" else pl.String()
        case "list":
            return pl.List(pl.String())
        case "string" if field.choices and all(isinstance(c, str) for c in field.choices):
            return pl.Enum(list(dict.fromkeys(field.choices)))
        case _:
            return pl.String()


def lexical(field: Field) -> str | None:
    """Give the pattern, anchored at both ends, of a cell that has a value; None where every text will do."""
    body = _body(field)
    return None if body is None else rf"\A(?:{body})\z"


def _body(field: Field) -> str | None:
    if field.type == "boolean":
        return "|".join(re.escape(v) for v in (*true_values(field), *false_values(field)))
    if field.type == "string":
        return _STRING.get(field.format)
    if field.type == "geopoint":
        return _GEOPOINT.get(field.format, _FIXED["geopoint"])
    if field.type in _TEMPORAL:
        if field.format == "default":
            return _FIXED[field.type]
        return None if field.format == "any" else strptime_pattern(field.format)
    return _FIXED.get(field.type)


def true_values(field: Field) -> tuple[str, ...]:
    """Strings that mean true."""
    return tuple(field.options.get("trueValues", ("true", "True", "TRUE", "1")))


def false_values(field: Field) -> tuple[str, ...]:
    """Strings that mean false."""
    return tuple(field.options.get("falseValues", ("false", "False", "FALSE", "0")))


def strptime_pattern(form: str) -> str:
    """Translate a strptime format into a pattern with a fixed number of digits for each directive."""
    parts = re.split(r"(%.)", form)
    return "".join(_DIRECTIVES.get(p[1], ".+") if p.startswith("%") else re.escape(p) for p in parts)


def present(field: Field, missing: tuple[str, ...]) -> pl.Expr:
    """Select a column's text, null where the cell means no value."""
    text = pl.col(field.name)
    if missing == ("",):
        return pl.when(text != "").then(text)
    return pl.when(~text.is_in(list(missing))).then(text)


def cast(field: Field, missing: tuple[str, ...]) -> pl.Expr:
    """Select a column cast from text to its type; null where a cell is empty or hasn't its type's form."""
    text = _cleaned(field, present(field, missing))
    pattern = lexical(field)
    formed = text if pattern is None else pl.when(text.str.contains(pattern)).then(text)
    return _CASTS.get(field.type, _keep)(field, formed).alias(field.name)


def _cleaned(field: Field, text: pl.Expr) -> pl.Expr:
    if field.type not in ("integer", "number"):
        return text
    group, decimal = field.options.get("groupChar"), field.options.get("decimalChar", ".")
    if field.options.get("bareNumber", True) is False:
        text = text.str.strip_chars().str.replace(r"^[^0-9+.\-]*", "").str.replace(r"[^0-9.]*$", "")
    if group:
        text = text.str.replace_all(group, "", literal=True)
    if field.type == "number" and decimal != ".":
        text = text.str.replace_all(decimal, ".", literal=True)
    return text


def _keep(field: Field, text: pl.Expr) -> pl.Expr:
    target = dtype(field)
    return text.cast(target, strict=False) if target != pl.String() else text


def _number(_: Field, text: pl.Expr) -> pl.Expr:
    return text.str.replace("INF", "inf", literal=True).cast(pl.Float64, strict=False)


def _integer(_: Field, text: pl.Expr) -> pl.Expr:
    return text.str.strip_prefix("+").cast(pl.Int64, strict=False)


def _boolean(field: Field, text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_not_null()).then(text.is_in(list(true_values(field))))


def _temporal(field: Field, text: pl.Expr) -> pl.Expr:
    form = None if field.format == "default" else field.format
    match field.type:
        case _ if field.format == "any":
            return text
        case "date":
            return text.str.to_date(form or "%Y-%m-%d", strict=False)
        case "time":
            return text.str.replace(_ZONE + "$", "").str.to_time(form or "%H:%M:%S%.f", strict=False)
        case _:
            plain = text.str.replace(_ZONE + "$", "") if form is None else text
            return plain.str.to_datetime(form or "%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")


def _list(field: Field, text: pl.Expr) -> pl.Expr:
    return text.str.split(str(field.options.get("delimiter", ",")))


_CASTS: dict[str, Callable[[Field, pl.Expr], pl.Expr]] = {
    "number": _number,
    "integer": _integer,
    "year": _integer,
    "boolean": _boolean,
    "date": _temporal,
    "time": _temporal,
    "datetime": _temporal,
    "list": _list,
}


def as_text(value: Any) -> str:
    """Write an inline value as a cell of a CSV would hold it."""
    import json

    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
