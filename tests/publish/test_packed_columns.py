"""Columns as the portal's scripts read them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminaldb.publish.portal.packed_columns import DIGITS, pack_column, pack_rows


def unpack(column: dict[str, Any], rows: int) -> list[str]:
    """Read a column as assets/packed.js does."""
    if not column["digits"]:
        return list(column["values"])
    codes = [column["codes"][n * column["digits"] : (n + 1) * column["digits"]] for n in range(rows)]
    numbers = [sum(DIGITS.index(d) * 64**at for at, d in enumerate(reversed(code))) for code in codes]
    return [column["values"][n] for n in numbers]


@given(st.lists(st.text(max_size=3)))
def test_a_column_is_what_it_was(cells: list[str]) -> None:
    assert unpack(pack_column(cells), len(cells)) == cells


@pytest.mark.parametrize("distinct", [1, 2, 64, 65, 4096, 4097])
def test_codes_have_as_many_digits_as_the_values_need(distinct: int) -> None:
    cells = [str(n) for n in range(distinct)] * 2
    assert unpack(pack_column(cells), len(cells)) == cells


def test_a_repeated_value_is_sent_once() -> None:
    packed = pack_rows([["metastatic", "a"], ["adjuvant", "b"], ["metastatic", "c"]], 2)
    assert packed == {
        "length": 3,
        "columns": [
            {"values": ["metastatic", "adjuvant"], "digits": 1, "codes": "ABA"},
            {"values": ["a", "b", "c"], "digits": 0, "codes": ""},
        ],
    }
