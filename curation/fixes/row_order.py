"""The order of a table's rows: by its primary key, numbers by their size, everything else by its characters."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from luminaldb.loaders.datapackage.descriptor import TableSchema

_NUMBERS = ("integer", "number", "year")


def row_order(schema: TableSchema, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the numbers of the rows in the order of the primary key; rows with the same key keep their order."""
    key = schema.primary_key
    if not key or not set(key) <= set(header):
        return list(range(len(rows)))
    field_types = {f.name: f.type for f in schema.fields}
    columns = [_sort_values([row[header.index(c)] for row in rows], field_types.get(c, "string")) for c in key]
    return sorted(range(len(rows)), key=lambda n: tuple(column[n] for column in columns))


def _sort_values(cells: list[str], field_type: str) -> list[tuple[Decimal, str]]:
    """Return what cells are compared by; a column in which one cell is no number is compared as text."""
    if field_type in _NUMBERS:
        try:
            numbers = [Decimal(cell) for cell in cells]
        except InvalidOperation:
            numbers = []
        if numbers and all(number.is_finite() for number in numbers):
            return list(zip(numbers, cells, strict=True))
    return [(Decimal(0), cell) for cell in cells]
