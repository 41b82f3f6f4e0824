"""Values that no expression reads: JSON, geographic points, durations; each from the text of a cell.

Source: Table Schema (datapackage.org/standard/table-schema), RFC 7946 for GeoJSON, the TopoJSON specification,
XML Schema part 2 for durations and their order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .bounded_json import parse_strict_json
from .descriptor import Field

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DURATION = re.compile(
    r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
_MONTH = re.compile(r"(-?[0-9]{4,})-([0-9]{2})")
# XML Schema orders durations by adding them to four moments that cover all lengths of months.
_MOMENTS = ((1696, 9), (1697, 2), (1903, 3), (1903, 7))
_LONGITUDE, _LATITUDE = 180, 90
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def value_parser(field: Field) -> Callable[[str], Any] | None:
    """Return what turns a cell's text into its value and raises ValueError; None for types that polars reads."""
    match field.type:
        case "object":
            return lambda text: _require_type(parse_strict_json(text), dict)
        case "array":
            return lambda text: _require_type(parse_strict_json(text), list)
        case "geojson":
            return _topojson if field.format == "topojson" else _geojson
        case "geopoint":
            return {"array": _point_of_array, "object": _point_of_object}.get(field.format, _point_of_text)
        case _:
            return None


def _require_type(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"not a JSON {kind.__name__}")
    return value


def _point_of_text(text: str) -> tuple[float, float]:
    parts = [p.removeprefix(" ") for p in text.split(",")]
    if len(parts) != 2 or not all(_NUMBER.fullmatch(p) for p in parts):  # noqa: PLR2004 - a pair
        raise ValueError("not two numbers")
    return _point(float(parts[0]), float(parts[1]))


def _point_of_array(text: str) -> tuple[float, float]:
    value = _require_type(parse_strict_json(text), list)
    if len(value) != 2:  # noqa: PLR2004 - a pair
        raise ValueError("not two items")
    return _point(value[0], value[1])


def _point_of_object(text: str) -> tuple[float, float]:
    value = _require_type(parse_strict_json(text), dict)
    if set(value) != {"lon", "lat"}:
        raise ValueError("not lon and lat")
    return _point(value["lon"], value["lat"])


def _point(lon: Any, lat: Any) -> tuple[float, float]:
    if not (_is_number(lon) and _is_number(lat) and abs(lon) <= _LONGITUDE and abs(lat) <= _LATITUDE):
        raise ValueError("not a point on the earth")
    return lon, lat


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _geojson(text: str) -> dict[str, Any]:
    value: dict[str, Any] = _require_type(parse_strict_json(text), dict)
    if not _is_geojson(value):
        raise ValueError("not GeoJSON")
    return value


def _is_geojson(value: Any) -> bool:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "Feature":
        shape, properties = value.get("geometry", ...), value.get("properties", ...)
        return (shape is None or _is_geometry(shape)) and (properties is None or isinstance(properties, dict))
    if kind == "FeatureCollection":
        features = value.get("features")
        return isinstance(features, list) and all(
            isinstance(f, dict) and f.get("type") == "Feature" and _is_geojson(f) for f in features
        )
    return _is_geometry(value)


def _is_geometry(value: Any) -> bool:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "GeometryCollection":
        shapes = value.get("geometries")
        return isinstance(shapes, list) and all(_is_geometry(s) for s in shapes)
    if not isinstance(kind, str) or kind not in _DEPTHS:
        return False
    coordinates = value.get("coordinates")
    return coordinates == [] or _is_nested(coordinates, _DEPTHS[kind])


def _is_nested(value: Any, depth: int) -> bool:
    if not isinstance(value, list):
        return False
    if depth:
        return all(_is_nested(v, depth - 1) for v in value)
    return len(value) >= 2 and all(_is_number(v) for v in value)  # noqa: PLR2004 - a position


def _topojson(text: str) -> dict[str, Any]:
    value: dict[str, Any] = _require_type(parse_strict_json(text), dict)
    if not (_is_topology(value) if value.get("type") == "Topology" else _is_shape(value)):
        raise ValueError("not TopoJSON")
    return value


def _is_topology(value: dict[str, Any]) -> bool:
    arcs, objects = value.get("arcs"), value.get("objects")
    return isinstance(objects, dict) and _is_nested(arcs, 2) and all(_is_shape(o) for o in objects.values())


def _is_shape(value: Any) -> bool:
    """Whether a value is a geometry of TopoJSON: points have coordinates, all others arcs."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "GeometryCollection":
        shapes = value.get("geometries")
        return isinstance(shapes, list) and all(_is_shape(s) for s in shapes)
    if kind in ("Point", "MultiPoint"):
        return _is_nested(value.get("coordinates"), _DEPTHS[kind])
    return kind is None or (kind in _DEPTHS and isinstance(value.get("arcs"), list))


def parse_year_month(text: str) -> int:
    """Count a year and month from the beginning of our era, for comparison.

    Raises:
        ValueError: it isn't one.
    """
    match = _MONTH.match(text)
    if not match or len(text) > _LONGITUDE:
        raise ValueError("not a year and month")
    return int(match[1]) * 12 + int(match[2])


def parse_duration(text: str) -> tuple[timedelta, ...]:
    """Return what a duration adds to each of XML Schema's four moments; one is longer if all four say so.

    Raises:
        ValueError: it isn't one, or longer than can be counted.
    """
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()[1:]) or text.endswith("T"):
        raise ValueError("not a duration")
    years, months, days, hours, minutes = (int(g or 0) for g in match.groups()[1:6])
    seconds = Decimal(match[7] or 0)
    sign = -1 if match[1] else 1
    try:
        time = timedelta(days=days, hours=hours, minutes=minutes, microseconds=int(seconds * 10**6))
        return tuple(_add(moment, sign * (years * 12 + months)) + sign * time for moment in _MOMENTS)
    except (OverflowError, ArithmeticError):
        raise ValueError("a duration of more years than can be counted") from None


def _add(moment: tuple[int, int], count: int) -> timedelta:
    year, month = moment
    month_number = year * 12 + month - 1 + count
    return datetime(month_number // 12, month_number % 12 + 1, 1) - datetime(year, month, 1)
