"""Table Schema's types, constraints and keys as checks.

Source: datapackage.org/standard/table-schema, fields and constraints, and primary, unique and foreign keys.
Patterns are anchored as a whole, alternations included, which XML Schema asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import narwhals as nw
import polars as pl

from ..loaders import fields
from ..loaders.descriptor import Field, ForeignKey, TableSchema
from .checks import TEXT, Check, text_of

_UNIT = "\x1f"
_JSON_TYPES = {"object": dict, "array": list, "geojson": dict}
_KINDS = {
    "integer": "a whole number",
    "number": "a number with a point, no thousands separator",
    "boolean": "true or false",
    "date": "a date like 2024-02-09",
    "time": "a time like 13:05:00",
    "datetime": "a date and time like 2024-02-09T13:05:00Z",
    "year": "a year of four digits",
    "yearmonth": "a year and month like 2024-02",
    "duration": "a duration like P1Y2M",
    "geopoint": "a longitude and latitude like 7.1, 50.7",
}


def column_checks(schema: TableSchema) -> Iterator[Check]:
    """Give the checks of every column of a table."""
    for field in schema.fields:
        yield from field_checks(field, required=field.name in schema.primary_key)


def key_checks(schema: TableSchema) -> Iterator[Check]:
    """Give the checks of a table's primary and unique keys."""
    keys = [("LDB031", schema.primary_key)] if schema.primary_key else []
    keys += [("LDB032", key) for key in schema.unique_keys]
    for rule, key in keys:
        name = "primary key" if rule == "LDB031" else "unique key"
        shown = " | ".join(f"{{{column}}}" for column in key)
        yield Check(
            rule,
            key,
            _unique(key),
            f"{name} {shown} stands on more than one row",
            "Keep one of the rows, or give the other an identifier of its own.",
        )


def reference_checks(schema: TableSchema, targets: Mapping[int, pl.DataFrame]) -> Iterator[Check]:
    """Give the checks of the keys that point elsewhere, of those whose target is at hand."""
    for number, key in enumerate(schema.all_references()):
        target = targets.get(number)
        remote = [c + TEXT for c in key.reference.columns]
        if target is None or not set(remote) <= set(target.columns):
            continue
        yield reference_check(key, _known(key.columns, target.select(remote)))


def reference_check(key: ForeignKey, known: nw.Expr) -> Check:
    """Give the check of a key that points elsewhere, from what is true where the key is known there or empty."""
    table = key.reference.table or "this table"
    return Check(
        "LDB033" if key.reference.package is None else "LDB034",
        key.columns,
        known,
        f"{table} has no {', '.join(key.reference.columns)} like this",
        f"Mend the identifier, or add the row to {table} first.",
    )


def _known(columns: tuple[str, ...], keys: pl.DataFrame) -> nw.Expr:
    if len(columns) == 1:
        return text_of(columns[0]).is_in(keys.to_series().to_list())
    # A key of several columns is compared as one text; a part that is missing makes the key unknown.
    parts = [text_of(c) for c in columns]
    whole = nw.concat_str(*(p.fill_null("") for p in parts), separator=_UNIT)
    known = {_UNIT.join(row) for row in keys.drop_nulls().iter_rows()}
    empty = nw.all_horizontal(*(p.is_null() for p in parts), ignore_nulls=True)
    return empty | whole.is_in(sorted(known))


def _unique(key: tuple[str, ...]) -> nw.Expr:
    if len(key) == 1:
        return nw.col(key[0]).is_null() | nw.col(key[0]).is_unique()
    complete = ~nw.any_horizontal(*(nw.col(c).is_null() for c in key), ignore_nulls=True)
    return ~complete | (nw.col(key[0] + TEXT).len().over(*(c + TEXT for c in key)) == 1)


def field_checks(field: Field, *, required: bool = False) -> Iterator[Check]:
    """Give the checks of one column: its type, its format, its constraints."""
    name = (field.name,)
    limits = field.constraints
    if limits.get("required") or required:
        cure = f"Fill it in, for example {_example(field)}." if field.example is not None else "Fill it in."
        yield Check("LDB021", name, ~text_of(field.name).is_null(), f"{field.name} is empty and must not be", cure)
    yield from _type_checks(field)
    if limits.get("unique"):
        cure = "Keep it on one row; a value like this can't belong to two."
        unique = nw.col(field.name).is_null() | nw.col(field.name).is_unique()
        yield Check("LDB022", name, unique, f"{field.name} stands on more than one row", cure)
    for constraint, build in _LIMITS.items():
        if constraint in limits:
            yield build(field, limits[constraint])
    if field.choices and not (field.type == "string" and all(isinstance(c, str) for c in field.choices)):
        yield _choice(field)


def _example(field: Field) -> str:
    return field.example if isinstance(field.example, str) else json.dumps(field.example)


def _type_checks(field: Field) -> Iterator[Check]:
    name = (field.name,)
    text = text_of(field.name)
    if field.choices and field.type == "string" and all(isinstance(c, str) for c in field.choices):
        yield _choice(field)
    elif field.type == "string":
        pattern = fields.lexical(field)
        if pattern:
            cure = f"Write it in the form of {_article(field.format)}."
            yield Check(
                "LDB037",
                name,
                text.str.contains(pattern),
                f"{field.name} is not {_article(field.format)}",
                cure,
            )
    elif field.type in _JSON_TYPES or (field.type in ("date", "time", "datetime") and field.format == "any"):
        yield _by_value(field, "LDB020", _parses(field), f"{field.name} is not {_article(field.type)}")
    elif fields.lexical(field) or field.type == "list":
        kind = _KINDS.get(field.type, _article(field.type))
        if field.format not in ("default", "any"):
            kind = f"{_article(field.type)} of the format {field.format}"
        if field.type == "boolean":
            kind = " or ".join((fields.true_values(field)[:1] or ("",)) + (fields.false_values(field)[:1] or ("",)))
        typed = text.is_null() | ~nw.col(field.name).is_null()
        yield Check("LDB020", name, typed, f"{field.name} is not {kind}", f"Write {kind}.")


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeio' else 'a'} {word}"


def _choice(field: Field) -> Check:
    shown = ", ".join(map(str, field.choices))
    rule = "LDB023" if "enum" in field.constraints else "LDB035"
    if field.type == "string":
        inside = text_of(field.name).is_in([str(c) for c in field.choices])
    else:
        inside = nw.col(field.name).is_in(_typed(field, list(field.choices)))
    return Check(rule, (field.name,), inside, f"{field.name} is not one of its values", f"Choose from {shown}.")


def _typed(field: Field, values: list[Any]) -> list[Any]:
    frame = pl.DataFrame({field.name: [fields.as_text(v) for v in values]}, schema={field.name: pl.String})
    return frame.select(fields.cast(field, ())).to_series().to_list()


def _limit(rule: str, word: str, holds: Callable[[nw.Expr, Any], nw.Expr]) -> Callable[[Field, Any], Check]:
    def build(field: Field, bound: Any) -> Check:
        value = _typed(field, [bound])[0]
        message = f"{field.name} is {word} {bound}"
        cure = "Read the source again, or mend the limit in the descriptor."
        return Check(rule, (field.name,), holds(nw.col(field.name), value), message, cure)

    return build


def _length(rule: str, word: str, holds: Callable[[int, int], bool]) -> Callable[[Field, Any], Check]:
    def build(field: Field, bound: Any) -> Check:
        message = f"{field.name} has {word} than {bound} {'characters' if field.type == 'string' else 'items'}"
        cure = "Shorten it." if word == "more" else "Complete it."
        if field.type == "string":
            length = text_of(field.name).str.len_chars()
            inside = length <= bound if word == "more" else length >= bound
            return Check(rule, (field.name,), inside, message, cure)
        return _by_value(field, rule, lambda text: holds(_size(field, text), int(bound)), message, cure)

    return build


def _size(field: Field, text: str) -> int:
    if field.type == "list":
        return len(text.split(str(field.options.get("delimiter", ","))))
    try:
        return len(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return 0


def _pattern(field: Field, pattern: Any) -> Check:
    cure = f"Write it like {_example(field)}." if field.example is not None else f"Its form is {pattern}."
    form = rf"\A(?:{pattern})\z"
    return Check(
        "LDB024",
        (field.name,),
        text_of(field.name).str.contains(form),
        f"{field.name} has not its form",
        cure,
    )


def _json_schema(field: Field, schema: Any) -> Check:
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema)

    def holds(text: str) -> bool:
        try:
            return bool(validator.is_valid(json.loads(text)))
        except (ValueError, RecursionError):
            return True

    return _by_value(field, "LDB036", holds, f"{field.name} doesn't fit its JSON Schema")


_LIMITS: dict[str, Callable[[Field, Any], Check]] = {
    "pattern": _pattern,
    "minimum": _limit("LDB025", "below", lambda x, b: x >= b),
    "maximum": _limit("LDB026", "above", lambda x, b: x <= b),
    "exclusiveMinimum": _limit("LDB027", "not above", lambda x, b: x > b),
    "exclusiveMaximum": _limit("LDB028", "not below", lambda x, b: x < b),
    "minLength": _length("LDB029", "fewer", lambda size, bound: size >= bound),
    "maxLength": _length("LDB030", "more", lambda size, bound: size <= bound),
    "jsonSchema": _json_schema,
}


def _by_value(
    field: Field, rule: str, holds: Callable[[str], bool], message: str, cure: str = "Mend the cell."
) -> Check:
    """Check a cell by Python, for the few types that no expression can judge."""

    def column(series: Any) -> Any:
        own = nw.from_native(series, series_only=True)
        values = [None if v is None else holds(v) for v in own.to_list()]
        return nw.new_series(own.name, values, nw.Boolean, backend=own.implementation).to_native()

    judged = text_of(field.name).map_batches(column, nw.Boolean())
    return Check(rule, (field.name,), judged, message, cure, in_python=True)


def _parses(field: Field) -> Callable[[str], bool]:
    if field.type in _JSON_TYPES:
        return lambda text: _is_json(text, field.type)
    from dateutil.parser import ParserError, parse

    def is_date(text: str) -> bool:
        try:
            parse(text)
        except (ParserError, OverflowError):
            return False
        return True

    return is_date


def _is_json(text: str, kind: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, _JSON_TYPES[kind]):
        return False
    return kind != "geojson" or not value or isinstance(value.get("type"), str)
