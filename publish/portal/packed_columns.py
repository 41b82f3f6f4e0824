"""Tables as the portal's scripts read them: each column as its distinct values and a code per row.

A value that many rows share is sent and parsed once. The codes of a column are one string of digits to the base 64,
so that a browser reads a table ten times as long without making an object per cell; assets/packed.js unpacks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def pack_rows(rows: Sequence[Sequence[str]], width: int) -> dict[str, Any]:
    """Pack rows of text.

    Args:
        rows: each with one cell per column.
        width: how many columns there are.

    Returns:
        `length`, the number of rows, and `columns`, each packed by `pack_column`.
    """
    return {"length": len(rows), "columns": [pack_column([row[n] for row in rows]) for n in range(width)]}


def pack_column(cells: Sequence[str]) -> dict[str, Any]:
    """Pack one column.

    Returns:
        `values`, the distinct cells in the order in which they occur; `digits`, how many digits a code has; `codes`,
        each row's place among the values. A column that repeats nothing has no codes: row n has value n.

    Example:
        >>> pack_column(["metastatic", "adjuvant", "metastatic"])
        {'values': ['metastatic', 'adjuvant'], 'digits': 1, 'codes': 'ABA'}
    """
    places: dict[str, int] = {}
    numbers = [places.setdefault(cell, len(places)) for cell in cells]
    if len(places) == len(cells):
        return {"values": list(places), "digits": 0, "codes": ""}
    digits = 1
    while len(DIGITS) ** digits < len(places):
        digits += 1
    codes = [_code(number, digits) for number in range(len(places))]
    return {"values": list(places), "digits": digits, "codes": "".join(codes[number] for number in numbers)}


def _code(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text
