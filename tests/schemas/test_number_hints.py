"""The hint about a cell that should be a number and is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import small_package

import luminaldb
from luminaldb.schemas.number_hints import number_hint


@pytest.mark.parametrize(
    ("column", "cell", "hint"),
    [
        ("p_value", "p<0.001", "Write < in p_operator and 0.001 in p_value."),
        ("p_value", "< .05", "Write < in p_operator and 0.05 in p_value."),
        ("p_value", "\u2264 0.05", "Write <= in p_operator and 0.05 in p_value."),
        ("estimate", ">60", "Write 60 alone; say in note that the source prints >."),
        ("ci_low", "0.40\u20130.90", "Split it: 0.40 into ci_low, 0.90 into ci_high."),
        ("estimate", "(0.40 to 0.90)", "Split it: 0.40 into ci_low, 0.90 into ci_high."),
        ("n", "12-15", "Write one number; 12 and 15 go into columns of their own."),
        ("estimate", "0,60", "Use a decimal point: 0.60."),
        ("estimate", "0\u00b760", "Use a decimal point: 0.60."),
        ("n", "1,024", "Write 1024, without a mark between thousands."),
        ("percent", "45 %", "Write 45, without the percent sign."),
        (
            "estimate",
            "HR 0.60 (95% CI 0.40\u20130.90)",
            "Split it: 0.60 into estimate, 0.40 into ci_low, 0.90 into ci_high.",
        ),
        ("estimate", "0.60 (.40 to .90)", "Split it: 0.60 into estimate, 0.40 into ci_low, 0.90 into ci_high."),
        ("estimate", "\u22120.60", "Write -0.60, with the hyphen as minus sign."),
        ("estimate", "HR 0.60", "Write 0.60 alone."),
        ("n", "n=103", "Write 103 alone."),
        ("estimate", "0.60*", "Write 0.60 alone."),
        ("estimate", "~0.60", "Write 0.60 alone."),
        ("estimate", "0.60 ", "Write 0.60 alone."),
        ("estimate", "O.6O", "Write 0.60: the letter O is no zero."),
        ("estimate", "\uff10.\uff16\uff10", "Write 0.60 in plain digits."),
        ("p_value", "NS", "Leave the cell empty; say in note that the source prints no value."),
        ("estimate", "0.6.0", ""),
        ("n", "many", ""),
    ],
)
def test_the_hint_about_a_number_teaches(column: str, cell: str, hint: str) -> None:
    assert number_hint(column, cell) == hint


def test_a_hint_stands_in_the_report(tmp_path: Path) -> None:
    fields = [{"name": "p_value", "type": "number"}, {"name": "x", "type": "number", "decimalChar": ","}]
    package = small_package(tmp_path, fields, 'p_value,x\np<0.001,1.5\nnone,"1,5"\n')
    assert [f.hint for f in luminaldb.validate(package).findings] == [
        "Write < in p_operator and 0.001 in p_value.",
        "Write a number with , before its decimals.",
        "Write a number with a point, no thousands separator.",
    ]
