"""Rows of nothing but empty cells: the standards allow them, and most are left over from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from luminaldb.issue_codes import BLANK_ROW
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .check_columns import text_of
from .checks import Check
from .expressions import combine_in_pairs


def blank_row_check(schema: TableSchema, header: Sequence[str]) -> Iterator[Check]:
    """Yield a check that warns of blank rows; none if a required column reports them, or a column has no field.

    Args:
        schema: of the table.
        header: the columns that it has.
    """
    columns = set(header)
    fields = [f for f in schema.fields if f.name in columns]
    required = schema.primary_key or any(f.constraints.get("required") for f in fields)
    if not fields or required or not columns <= set(schema.names):
        return
    message = "the row is blank: no cell has a value"
    hint = "Delete the row, or fill it in."
    has_value = combine_in_pairs([~text_of(f.name).is_null() for f in fields], either=True)
    yield Check(BLANK_ROW, (fields[0].name,), has_value, message, hint, "warning")
