"""Rows of nothing but empty cells: the standards allow them, and most are left over from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals as nw

from luminaldb.issue_codes import BLANK_ROW
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .check_columns import text_of
from .checks import Check


def blank_row_check(schema: TableSchema, header: Sequence[str]) -> Iterator[Check]:
    """Yield a check that warns of blank rows; none where a required column says so, or some column has no field.

    Args:
        schema: of the table.
        header: the columns that it has.
    """
    there = set(header)
    fields = [f for f in schema.fields if f.name in there]
    required = schema.primary_key or any(f.constraints.get("required") for f in fields)
    if not fields or required or not there <= set(schema.names):
        return
    message = "the row is blank: no cell has a value"
    hint = "Delete the row, or fill it in."
    filled = join_in_pairs([~text_of(f.name).is_null() for f in fields], either=True)
    yield Check(BLANK_ROW, (fields[0].name,), filled, message, hint, "warning")


def join_in_pairs(conditions: Sequence[nw.Expr], *, either: bool = False) -> nw.Expr:
    """Join conditions by AND, or by OR where either is enough, in pairs of pairs.

    A chain of hundreds is nested too deeply for Python and for SQL.
    """
    level = list(conditions)
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [pair[0] if len(pair) == 1 else pair[0] | pair[1] if either else pair[0] & pair[1] for pair in pairs]
    return level[0]
