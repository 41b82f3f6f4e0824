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
        each row's position among the values. A column that repeats nothing has no codes: row n has value n.

    Example:
        >>> pack_column(["metastatic", "adjuvant", "metastatic"])
        {'values': ['metastatic', 'adjuvant'], 'digits': 1, 'codes': 'ABA'}
    """
    codes_by_value: dict[str, int] = {}
    code_numbers = [codes_by_value.setdefault(cell, len(codes_by_value)) for cell in cells]
    if len(codes_by_value) == len(cells):
        return {"values": list(codes_by_value), "digits": 0, "codes": ""}
    digits = 1
    while len(DIGITS) ** digits < len(codes_by_value):
        digits += 1
    codes = [_code(number, digits) for number in range(len(codes_by_value))]
    return {
        "values": list(codes_by_value),
        "digits": digits,
        "codes": "".join(codes[number] for number in code_numbers),
    }


def _code(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text
