"""Dates, times and datetimes from text: the standard's form, a strptime format, or any form that can be parsed.

A datetime with a zone is given in UTC, without the zone, so that two of them compare as instants.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import polars as pl

from .descriptor import Field

DTYPES = {"date": pl.Date(), "time": pl.Time(), "datetime": pl.Datetime("us")}
_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]+)?"
ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
DEFAULT = {"date": _DATE, "time": _TIME + _FRACTION + ZONE, "datetime": f"{_DATE}T{_TIME}{_FRACTION}{ZONE}"}
# polars reads these as Python's strptime does; a format with another directive is read by Python itself.
_DIRECTIVE_PATTERNS = {
    "Y": r"[0-9]{4}", "m": r"[0-9]{1,2}", "d": r"[0-9]{1,2}", "y": r"[0-9]{2}", "H": r"[0-9]{1,2}",
    "M": r"[0-9]{1,2}", "S": r"[0-9]{1,2}", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]+", "%": "%",
}  # fmt: skip
_REQUIRED_DIRECTIVES = {"date": ("Yy", "mbB", "d"), "time": ("H", "M"), "datetime": ("Yy", "mbB", "d", "H", "M")}
_MAX_ANY_CHARACTERS = 100
_DEFAULT_DATETIME = datetime(2000, 1, 1)


def pattern(strptime_format: str) -> str:
    """Translate a strptime format into a pattern; a directive that only Python reads is any text."""
    parts = re.split(r"(%.)", strptime_format)
    return "".join(
        _DIRECTIVE_PATTERNS.get(p[1], ".+") if p.startswith("%") and len(p) > 1 else re.escape(p) for p in parts
    )


def why_unusable(strptime_format: str) -> str:
    """Return why a strptime format can't be used; empty where it can."""
    try:
        datetime.strptime("", strptime_format)
    except ValueError as error:
        return str(error) if "directive" in str(error) or "stray" in str(error) else ""
    except (re.error, KeyError, IndexError):
        return f"{strptime_format!r} names a part twice"
    return ""


def cast(field: Field, text: pl.Expr) -> pl.Expr:
    """Cast text to a date, time or datetime; null where it isn't one."""
    if field.format == "default":
        return _from_default(field, text)
    if field.format != "any" and _is_read_by_polars(field):
        match field.type:
            case "date":
                return text.str.to_date(field.format, strict=False)
            case "time":
                return text.str.to_time(field.format, strict=False)
            case _:
                return text.str.to_datetime(field.format, strict=False, time_unit="us")
    return _cast_by_python(field, text)


def _is_read_by_polars(field: Field) -> bool:
    directives = re.findall(r"%(.?)", field.format)
    complete = all(any(d in directives for d in group) for group in _REQUIRED_DIRECTIVES[field.type])
    return complete and len(set(directives)) == len(directives) and set(directives) <= set(_DIRECTIVE_PATTERNS)


def _from_default(field: Field, text: pl.Expr) -> pl.Expr:
    if field.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    without_zone = text.str.replace(ZONE + "$", "").str.replace(r"(\.[0-9]{6})[0-9]+$", "${1}")
    if field.type == "time":
        return without_zone.str.to_time("%H:%M:%S%.f", strict=False)
    local = without_zone.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    hours = text.str.extract(r"([+-][0-9]{2}):[0-9]{2}$").str.strip_prefix("+").cast(pl.Int64)
    minutes = text.str.extract(r"[+-][0-9]{2}:([0-9]{2})$").cast(pl.Int64)
    sign = pl.when(text.str.contains(r"-[0-9]{2}:[0-9]{2}$")).then(-1).otherwise(1)
    utc_offset = (hours * 60 + sign * minutes).fill_null(0)
    return local - pl.duration(minutes=utc_offset, time_unit="us")


def _cast_by_python(field: Field, text: pl.Expr) -> pl.Expr:
    read, dtype = _reader(field), DTYPES[field.type]

    def cast_series(series: pl.Series) -> pl.Series:
        parsed: dict[str, Any] = {v: read(v) for v in series.drop_nulls().unique().to_list()}
        return pl.Series(series.name, [parsed.get(v) for v in series.to_list()], dtype=dtype)

    return text.map_batches(cast_series, return_dtype=dtype)


def _reader(field: Field) -> Callable[[str], date | time | datetime | None]:
    parse = _parse_any if field.format == "any" else _strptime(field.format)

    def read(text: str) -> date | time | datetime | None:
        value = parse(text)
        if value is None:
            return None
        if field.type == "date":
            return value.date()
        if field.type == "time":
            return value.time()
        try:
            return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        except (OverflowError, ValueError):
            return None

    return read


def _strptime(strptime_format: str) -> Callable[[str], datetime | None]:
    def parse(text: str) -> datetime | None:
        try:
            return datetime.strptime(text, strptime_format)
        except (ValueError, OverflowError, re.error, KeyError, IndexError):
            return None

    return parse


def _parse_any(text: str) -> datetime | None:
    from dateutil.parser import parse

    if len(text) > _MAX_ANY_CHARACTERS:
        return None
    try:
        value: datetime = parse(text, default=_DEFAULT_DATETIME)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError, KeyError, ArithmeticError):
        return None
    return value
