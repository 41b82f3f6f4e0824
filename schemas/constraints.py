"""Table Schema's types and constraints as checks.

Source: datapackage.org/standard/table-schema, fields and constraints.
Patterns are anchored as a whole, alternations included, which XML Schema asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import narwhals as nw

from luminaldb.issue_codes import (
    ABOVE_MAXIMUM,
    BELOW_MINIMUM,
    EMPTY_CELL,
    NOT_A_CATEGORY,
    NOT_ABOVE_MINIMUM,
    NOT_BELOW_MAXIMUM,
    NOT_IN_ENUM,
    REPEATED_VALUE,
    TOO_LONG,
    TOO_SHORT,
    WRONG_FORMAT,
    WRONG_JSON,
    WRONG_PATTERN,
    WRONG_TYPE,
)
from luminaldb.loaders.datapackage import field_types, safe_patterns
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from . import json_schema
from .backtracking_patterns import match_all
from .check_columns import text_of
from .checks import CellTest, Check, cell_check
from .exact_numbers import needs_exact_comparison
from .expressions import is_one_of
from .schema_problems import cast_values, unusable_constraints, value_reader

_BEYOND_128_BITS = r"\A[+-]?[0-9]{39,}\z"
_JSON_TYPES = ("object", "array", "geojson")
_TYPES_IN_WORDS = {
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
    """Yield the checks of every column of a table."""
    for field in schema.fields:
        yield from field_checks(field, required=field.name in schema.primary_key)


def field_checks(field: Field, *, required: bool = False) -> Iterator[Check]:
    """Yield the checks of one column: its type, its format, its constraints."""
    name = (field.name,)
    unusable_names = unusable_constraints(field)
    limits = {k: v for k, v in field.constraints.items() if k not in unusable_names}
    if limits.get("required") or required:
        hint = f"Fill it in, for example {_example(field)}." if field.example is not None else "Fill it in."
        yield cell_check(EMPTY_CELL, name, CellTest("filled"), f"{field.name} is empty and must not be", hint)
    yield from _type_checks(field)
    if limits.get("unique"):
        hint = "Keep it on one row; a value like this can't belong to two."
        unique = nw.col(field.name).is_null() | nw.col(field.name).is_unique()
        yield Check(
            REPEATED_VALUE, name, unique, f"{field.name} occurs on more than one row", hint, compared_columns=name
        )
    for constraint, build in _CONSTRAINT_CHECKS.items():
        if constraint in limits:
            yield build(field, limits[constraint])
    if _has_choices(field) and not _is_text_with_choices(field) and "enum" not in unusable_names:
        yield _choice_check(field)


def _has_choices(field: Field) -> bool:
    """Whether a field has choices that mean something: categories are for strings and integers."""
    return bool(field.choices) and ("enum" in field.constraints or field.type in ("string", "integer"))


def _is_text_with_choices(field: Field) -> bool:
    return field.type == "string" and bool(field.choices) and all(isinstance(c, str) for c in field.choices)


def _example(field: Field) -> str:
    return field.example if isinstance(field.example, str) else json.dumps(field.example)


def _type_checks(field: Field) -> Iterator[Check]:
    name = (field.name,)
    text = text_of(field.name)
    if _is_text_with_choices(field):
        yield _choice_check(field)
    elif field.type == "string":
        pattern = field_types.cell_pattern(field)
        if pattern:
            hint = f"Write it in the form of {_with_article(field.format)}."
            message = f"{field.name} is not {_with_article(field.format)}"
            yield cell_check(WRONG_FORMAT, name, CellTest("contains", pattern), message, hint)
    elif field.type == "geopoint" or field.type in _JSON_TYPES:
        kind = _TYPES_IN_WORDS.get(field.type, _with_article("topojson" if field.format == "topojson" else field.type))
        kind = kind if field.format in ("default", "topojson") else f"{_with_article(field.type)} as an {field.format}"
        yield _python_check(field, WRONG_TYPE, _readability_test(field), f"{field.name} is not {kind}")
    elif field.type in ("duration", "yearmonth"):
        kind = _TYPES_IN_WORDS[field.type]
        cell_test = CellTest("contains", str(field_types.cell_pattern(field)))
        yield cell_check(WRONG_TYPE, name, cell_test, f"{field.name} is not {kind}", f"Write {kind}.")
    elif field_types.cell_pattern(field) or field.type in ("list", "date", "time", "datetime"):
        kind = (
            _TYPES_IN_WORDS.get(field.type, _with_article(field.type))
            if field.format != "any"
            else _with_article(field.type)
        )
        if field.format not in ("default", "any"):
            kind = f"{_with_article(field.type)} of the format {field.format}"
        if field.type in ("integer", "number"):
            kind = _kind_of_number(field)
        if field.type == "boolean":
            kind = " or ".join(
                (field_types.true_values(field)[:1] or ("",)) + (field_types.false_values(field)[:1] or ("",))
            )
        has_type = text.is_null() | ~nw.col(field.name).is_null()
        certain = None
        if field.type == "integer":
            certain, has_type = has_type, has_type | text.str.contains(_BEYOND_128_BITS)
        # With a decimal comma or separators of thousands in the descriptor, hints on plain numbers would be wrong.
        is_plain_number = field.type in ("integer", "number") and not {"decimalChar", "groupChar"} & set(
            field.properties
        )
        cell_hint = partial(_number_hint, field.name) if is_plain_number else None
        message, hint = f"{field.name} is not {kind}", f"Write {kind}."
        yield Check(WRONG_TYPE, name, has_type, message, hint, cell_hint=cell_hint, certain=certain)


def _number_hint(column: str, cell: str) -> str:
    # Its patterns are compiled at import, and most tables have no such cell.
    from .number_hints import number_hint

    return number_hint(column, cell)


def _kind_of_number(field: Field) -> str:
    """Describe a number as its field declares it: decimal mark, separator of thousands, characters around it."""
    decimal_mark, group_mark = field.properties.get("decimalChar", "."), field.properties.get("groupChar")
    kind = _TYPES_IN_WORDS[field.type]
    if group_mark:
        decimals = f"{decimal_mark}5" if field.type == "number" else ""
        kind = f"{'a number' if decimals else 'a whole number'} like 1{group_mark}234{decimals} or 1234{decimals}"
    elif field.type == "number" and decimal_mark != ".":
        kind = f"a number with {decimal_mark} before its decimals"
    return f"{kind}, alone or with other characters around it" if field.properties.get("bareNumber") is False else kind


def _with_article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeio' else 'a'} {word}"


def _choice_check(field: Field) -> Check:
    choices = ", ".join(map(str, field.choices))
    code = NOT_IN_ENUM if "enum" in field.constraints else NOT_A_CATEGORY
    message, hint = f"{field.name} is not one of the allowed values", f"Choose from {choices}."
    if field.type in ("string", "any"):
        inside = text_of(field.name).is_in([field_types.as_text(c) for c in field.choices])
        return Check(code, (field.name,), inside, message, hint)
    allowed = [v for v in cast_values(field, list(field.choices)) if v is not None]
    read = value_reader(field)
    if read is not None:
        return _python_check(field, code, lambda text: _value(read, text) in (None, *allowed), message, hint)
    if field.type == "list":
        # Whole lists are compared, which no expression does.
        lists = lambda text: cast_values(field, [text])[0] in (None, *allowed)  # noqa: E731
        return _python_check(field, code, lists, message, hint)
    return Check(code, (field.name,), is_one_of(field.name, allowed), message, hint)


def _value(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        return None


def _limit_check(code: str, word: str, is_within: Callable[[Any, Any], Any]) -> Callable[[Field, Any], Check]:
    def build(field: Field, bound: Any) -> Check:
        value = cast_values(field, [bound])[0]
        message = f"{field.name} is {word} {bound}"
        hint = "Read the source again, or fix the limit in the descriptor."
        read = value_reader(field)
        if read is None:
            # On the same side of a limit beyond 128 bits as 0 is every number within them.
            is_far = value is None and field.type == "integer"
            far_result = nw.col(field.name).is_null() | nw.lit(is_within(0, int(bound))) if is_far else None
            inside = is_within(nw.col(field.name), value) if far_result is None else far_result
            if field.type != "number":
                return Check(code, (field.name,), inside, message, hint)
            # A long cell near to the limit is compared digit by digit: see `exact_numbers`.
            needs_exact = needs_exact_comparison(field, value)
            return Check(code, (field.name,), needs_exact | inside, message, hint, certain=~needs_exact & inside)

        def within(text: str) -> bool:
            value_of_cell = _value(read, text)
            if isinstance(value_of_cell, tuple):
                return all(is_within(x, b) for x, b in zip(value_of_cell, value, strict=True))
            return value_of_cell is None or bool(is_within(value_of_cell, value))

        return _python_check(field, code, within, message, hint)

    return build


def _length_check(code: str, word: str, is_within: Callable[[int, int], bool]) -> Callable[[Field, Any], Check]:
    def build(field: Field, bound: Any) -> Check:
        message = f"{field.name} has {word} than {bound} {'characters' if field.type in ('string', 'any') else 'items'}"
        hint = "Shorten it." if word == "more" else "Complete it."
        if field.type in ("string", "any"):
            test = CellTest("at_most" if word == "more" else "at_least", bound)
            return cell_check(code, (field.name,), test, message, hint)
        return _python_check(
            field, code, lambda text: is_within(_length_of_value(field, text), int(bound)), message, hint
        )

    return build


def _length_of_value(field: Field, text: str) -> int:
    if field.type == "list":
        return len(text.split(str(field.properties.get("delimiter") or ",")))
    try:
        return len(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return 0


def _pattern(field: Field, pattern: Any) -> Check:
    hint = f"Write it like {_example(field)}." if field.example is not None else f"The pattern is {pattern}."
    if safe_patterns.why_unusable(pattern):
        return _backtracking_check(field, pattern, hint)
    anchored_pattern = CellTest("contains", safe_patterns.anchor_pattern(pattern))
    return cell_check(WRONG_PATTERN, (field.name,), anchored_pattern, f"{field.name} doesn't match its pattern", hint)


def _backtracking_check(field: Field, pattern: str, hint: str) -> Check:
    def column(series: Any) -> Any:
        cells = nw.from_native(series, series_only=True)
        texts = cells.to_list()
        distinct = sorted({text for text in texts if text is not None})
        results = dict(zip(distinct, match_all(pattern, distinct), strict=True))
        values = [None if text is None else results[text] for text in texts]
        return nw.new_series(cells.name, values, nw.Boolean, backend=cells.implementation).to_native()

    expression = text_of(field.name).map_batches(column, nw.Boolean())
    return Check(
        WRONG_PATTERN, (field.name,), expression, f"{field.name} doesn't match its pattern", hint, in_python=True
    )


def _json_schema(field: Field, schema: Any) -> Check:
    return _python_check(
        field, WRONG_JSON, json_schema.make_json_check(schema), f"{field.name} doesn't fit its JSON Schema"
    )


_CONSTRAINT_CHECKS: dict[str, Callable[[Field, Any], Check]] = {
    "pattern": _pattern,
    "minimum": _limit_check(BELOW_MINIMUM, "below", lambda x, b: x >= b),
    "maximum": _limit_check(ABOVE_MAXIMUM, "above", lambda x, b: x <= b),
    "exclusiveMinimum": _limit_check(NOT_ABOVE_MINIMUM, "not above", lambda x, b: x > b),
    "exclusiveMaximum": _limit_check(NOT_BELOW_MAXIMUM, "not below", lambda x, b: x < b),
    "minLength": _length_check(TOO_SHORT, "fewer", lambda size, bound: size >= bound),
    "maxLength": _length_check(TOO_LONG, "more", lambda size, bound: size <= bound),
    "jsonSchema": _json_schema,
}


def _python_check(
    field: Field, code: str, is_valid: Callable[[str], bool], message: str, hint: str = "Fix the cell."
) -> Check:
    """Check a cell by Python, for the few types that no expression can check."""

    def column(series: Any) -> Any:
        cells = nw.from_native(series, series_only=True)
        values = [None if v is None else is_valid(v) for v in cells.to_list()]
        return nw.new_series(cells.name, values, nw.Boolean, backend=cells.implementation).to_native()

    expression = text_of(field.name).map_batches(column, nw.Boolean())
    return Check(code, (field.name,), expression, message, hint, in_python=True)


def _readability_test(field: Field) -> Callable[[str], bool]:
    read = value_reader(field)

    def is_readable(text: str) -> bool:
        try:
            return read is None or read(text) is not None
        except (ValueError, RecursionError):
            return False

    return is_readable
