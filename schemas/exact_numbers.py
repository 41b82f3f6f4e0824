"""Check limits exactly for numbers with more digits than a double or 128 bits hold.

A double decides on which side of a limit a number is, unless the two are very near: then a cell of more than 15
characters is compared as a decimal. An integer of up to 38 digits is compared in 128 bits, a longer one as a decimal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.issue_codes import ABOVE_MAXIMUM, BELOW_MINIMUM, NOT_ABOVE_MINIMUM, NOT_BELOW_MAXIMUM
from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from .check_columns import TEXT, text_of
from .checks import Check
from .schema_problems import LIMITS, cast_values, unusable_constraints

# Longest cells, in characters, that Float64 and Int128 always compare correctly.
DOUBLE_SAFE_LENGTH = 15
INTEGER_SAFE_LENGTH = 38
_CODES = {
    BELOW_MINIMUM: ("minimum", "below", lambda x, b: x >= b),
    ABOVE_MAXIMUM: ("maximum", "above", lambda x, b: x <= b),
    NOT_ABOVE_MINIMUM: ("exclusiveMinimum", "not above", lambda x, b: x > b),
    NOT_BELOW_MAXIMUM: ("exclusiveMaximum", "not below", lambda x, b: x < b),
}
# Far above the error of a double, relative to the limit.
_RELATIVE_NEARNESS = 1e-9
# As many digits as a cell may have: comparing rounds nothing.
_CONTEXT = Context(prec=1_000_000)


def needs_exact_comparison(field: Field, limit: Any) -> nw.Expr:
    """Return whether a cell is longer than its dtype is exact and, if a number, is near the limit."""
    length = text_of(field.name).str.len_chars()
    if field.type == "integer":
        return length > INTEGER_SAFE_LENGTH
    is_near: nw.Expr = (nw.col(field.name) - limit).abs() <= max(1.0, abs(limit)) * _RELATIVE_NEARNESS
    return (length > DOUBLE_SAFE_LENGTH) & is_near


def exact_checks(schema: TableSchema) -> Iterator[Check]:
    """Yield the checks of limits that compare decimals, for the cells that `needs_exact_comparison` selects."""
    for field in schema.fields:
        if field.type not in ("number", "integer") or not set(LIMITS) & set(field.constraints):
            continue
        unusable = unusable_constraints(field)
        for code, (name, comparison, is_within) in _CODES.items():
            if name in field.constraints and name not in unusable:
                yield _exact_check(field, code, comparison, is_within, field.constraints[name])


def needs_exact_check(check: Check, field: Field) -> nw.Expr:
    """Return for which cells an exact check is needed."""
    bound = field.constraints[_CODES[check.code][0]]
    return needs_exact_comparison(field, cast_values(field, [bound])[0])


def select_needed_checks(checks: list[Check], text: pl.DataFrame, schema: TableSchema) -> list[Check]:
    """Keep the exact checks that some cell needs.

    Args:
        checks: as `exact_checks` gives them.
        text: cells as written, in columns named as the fields, or a frame as `check_frame` gives it.
        schema: the table's schema.
    """
    # polars builds the list of columns at each access.
    present = set(text.columns)
    columns = {name: name if name in present else name + TEXT for name in (c.columns[0] for c in checks)}
    columns = {name: column + TEXT if column + TEXT in present else column for name, column in columns.items()}
    fields = {f.name: f for f in schema.fields if columns.get(f.name) in present}
    if not fields:
        return []
    length = (pl.col(columns[name]).str.len_bytes().max().alias(name) for name in fields)
    longest = text.lazy().select(length).collect().row(0)
    long_fields = [
        f
        for f, longest_cell in zip(fields.values(), longest, strict=True)
        if (longest_cell or 0) > _max_exact_length(f)
    ]
    if not long_fields:
        return []
    needed_numbers: set[int] = set()
    for f in long_fields:
        is_typed = columns[f.name] != f.name
        cells = text.select(f.name, f.name + TEXT) if is_typed else text.select(f.name)
        values = cells.filter(pl.col(columns[f.name]).str.len_bytes() > _max_exact_length(f))
        if not is_typed:
            missing = schema.missing_values_of(f)
            values = values.select(
                field_types.cast(f, missing), field_types.text_or_null(f, missing).alias(f.name + TEXT)
            )
        column = {n: c for n, c in enumerate(checks) if c.columns[0] == f.name}
        needs = nw.from_native(values).select(needs_exact_check(c, f).any().alias(str(n)) for n, c in column.items())
        needed_numbers |= {n for n, is_needed in zip(column, needs.row(0), strict=True) if is_needed}
    return [c for n, c in enumerate(checks) if n in needed_numbers]


def _max_exact_length(field: Field) -> int:
    return DOUBLE_SAFE_LENGTH if field.type == "number" else INTEGER_SAFE_LENGTH


def _exact_check(field: Field, code: str, comparison: str, is_within: Callable[[Any, Any], bool], bound: Any) -> Check:
    def column(series: Any) -> Any:
        (limit,) = _decimals(field, [bound if isinstance(bound, str) else str(bound)])
        (typed_limit,) = cast_values(field, [bound])
        cells = nw.from_native(series, series_only=True)
        texts: list[str | None] = cells.to_list()
        long_cells = pl.Series(field.name, texts, dtype=pl.String).to_frame()
        values = long_cells.select(field_types.cast(field, ()), pl.col(field.name).alias(field.name + TEXT))
        needs_exact = nw.from_native(values).select(needs_exact_comparison(field, typed_limit)).to_native().to_series()
        needs_exact = needs_exact.fill_null(value=False)
        indexes = needs_exact.arg_true().to_list()
        results: list[bool | None] = [None] * len(texts)
        for index, value in zip(indexes, _decimals(field, [texts[n] or "" for n in indexes]), strict=True):
            results[index] = None if value is None or limit is None or value.is_nan() else is_within(value, limit)
        return nw.new_series(cells.name, results, nw.Boolean, backend=cells.implementation).to_native()

    hint = "Read the source again, or fix the limit in the descriptor."
    expression = text_of(field.name).map_batches(column, nw.Boolean())
    return Check(code, (field.name,), expression, f"{field.name} is {comparison} {bound}", hint, in_python=True)


def _decimals(field: Field, texts: list[str]) -> list[Decimal | None]:
    """Read cells without rounding; None where one isn't of its type's form."""
    frame = pl.DataFrame({field.name: texts}, schema={field.name: pl.String})
    return [
        None if text is None else _decimal(text) for text in frame.select(field_types.number_as_text(field)).to_series()
    ]


def _decimal(text: str) -> Decimal | None:
    try:
        return _CONTEXT.create_decimal(text)
    except InvalidOperation:
        return None
