"""The rule on numbers that were copied from a source: however the source prints them, they are recognised."""

from __future__ import annotations

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luminaldb.schemas.rules.printed_numbers import contains_count, digits_for_words, numbers_in


def numbers(text: str) -> list[str]:
    frame = nw.from_native(pl.DataFrame({"x": [text]}), eager_only=True)
    return frame.select(numbers_in(nw.col("x")).alias("x")).to_native()["x"][0].split()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("HR 0\u00b763", "0.63"), ("HR .63;", "0.63"), ("p<.001", "0.001"), ("n = 1,024.", "1024"),
        ("0.47,0.84", "0.84"), ("12 345 v 12\u2009345", "12345"), ("83.4%", "83.4"), ("0.47\u20130.84", "0.47"),
        ("\u22120.5", "0.5"), ("HR 0.60.", "0.60"),
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_printed(text: str, number: str) -> None:
    assert number in numbers(text)


@pytest.mark.parametrize(
    ("printed", "cell", "right"),
    [
        ("ten of 27 patients", "10", True), ("Thirteen cases", "13", True), ("Un d\u00e9c\u00e8s", "1", True),
        ("no cases of CHF", "0", True), ("van 1.933, letrozole", "1933", True), ("n = 12.345", "12345", True),
        ("none of the tens", "10", False), ("n = 19.33", "1933", False), ("anyone", "1", False),
    ],
)  # fmt: skip
def test_a_count_in_words_or_with_a_point_between_thousands_is_found(printed: str, cell: str, right: bool) -> None:
    frame = nw.from_native(pl.DataFrame({"x": [printed], "cell": [cell]}), eager_only=True)
    held = contains_count(numbers_in(digits_for_words(nw.col("x"))), nw.col("cell"))
    assert frame.select(held.alias("x")).to_native()["x"].to_list() == [right]


@settings(deadline=None)
@given(
    whole=st.integers(0, 999),
    decimals=st.text("0123456789", min_size=1, max_size=4),
    dot=st.sampled_from(".\u00b7\u2219"),
)
def test_a_printed_number_keeps_its_zeros(whole: int, decimals: str, dot: str) -> None:
    cell = f"{whole}.{decimals}"
    assert cell in numbers(f"HR {whole}{dot}{decimals}; P")
    assert f"{cell}0" not in numbers(f"HR {whole}{dot}{decimals}; P")
