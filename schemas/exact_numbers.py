"""Limits of numbers with more digits than a double or 128 bits hold: compared digit by digit, cell by cell.

A cell of up to 15 characters is compared as a double, and a whole number of up to 38 digits in 128 bits, both exactly.
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
from .schema_problems import LIMITS, unsound

LONGEST_DOUBLE = 15
LONGEST_INTEGER = 38
_CODES = {
    "minimum": (BELOW_MINIMUM, "below", lambda x, b: x >= b),
    "maximum": (ABOVE_MAXIMUM, "above", lambda x, b: x <= b),
    "exclusiveMinimum": (NOT_ABOVE_MINIMUM, "not above", lambda x, b: x > b),
    "exclusiveMaximum": (NOT_BELOW_MAXIMUM, "not below", lambda x, b: x < b),
}
# As many digits as a cell may have: comparing rounds nothing.
_CONTEXT = Context(prec=1_000_000)


def longest(field: Field) -> int:
    """Give how many characters a cell has at most that is compared exactly by an expression."""
    return LONGEST_DOUBLE if field.type == "number" else LONGEST_INTEGER


def is_short(field: Field) -> nw.Expr:
    """Tell whether a cell is compared exactly by an expression."""
    return text_of(field.name).str.len_chars() <= longest(field)


def exact_checks(schema: TableSchema) -> Iterator[Check]:
    """Give the checks of the limits for cells that no expression compares exactly."""
    for field in schema.fields:
        if field.type not in ("number", "integer") or not set(LIMITS) & set(field.constraints):
            continue
        useless = unsound(field)
        for name, (code, word, holds) in _CODES.items():
            if name in field.constraints and name not in useless:
                yield _exact(field, code, word, holds, field.constraints[name])


def with_long_cells(checks: list[Check], frame: pl.DataFrame, schema: TableSchema) -> list[Check]:
    """Keep the checks of columns that have a cell so long.

    Args:
        checks: as `exact_checks` gives them.
        frame: as `check_frame` gives it.
        schema: of the table.
    """
    names = {c.columns[0] for c in checks} & {c.removesuffix(TEXT) for c in frame.columns if c.endswith(TEXT)}
    fields = [f for f in schema.fields if f.name in names]
    if not fields:
        return []
    sizes = frame.lazy().select(pl.col(f.name + TEXT).str.len_bytes().max().alias(f.name) for f in fields).collect()
    long = {f.name for f in fields if (sizes[f.name][0] or 0) > longest(f)}
    return [c for c in checks if c.columns[0] in long]


def _exact(field: Field, code: str, word: str, holds: Callable[[Any, Any], bool], bound: Any) -> Check:
    limit = _decimal(field, bound if isinstance(bound, str) else str(bound))

    def is_within(text: str | None) -> bool | None:
        if text is None or len(text) <= longest(field):
            return None
        value = _decimal(field, text)
        return None if value is None or limit is None or value.is_nan() else holds(value, limit)

    def column(series: Any) -> Any:
        own = nw.from_native(series, series_only=True)
        values = [is_within(text) for text in own.to_list()]
        return nw.new_series(own.name, values, nw.Boolean, backend=own.implementation).to_native()

    hint = "Read the source again, or fix the limit in the descriptor."
    expression = text_of(field.name).map_batches(column, nw.Boolean())
    return Check(code, (field.name,), expression, f"{field.name} is {word} {bound}", hint, in_python=True)


def _decimal(field: Field, text: str) -> Decimal | None:
    """Read a cell without rounding; None where it isn't of its type's form."""
    cleaned = pl.DataFrame({field.name: [text]}).select(field_types.cleaned(field)).item()
    if cleaned is None:
        return None
    try:
        return _CONTEXT.create_decimal(cleaned)
    except InvalidOperation:
        return None
