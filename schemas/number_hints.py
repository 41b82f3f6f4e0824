"""Hints on cells that should be numbers and have what a paper prints around them."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = r"[0-9]*[.,\u00b7]?[0-9]+"
_TO = r"\s*(?:[-\u2013\u2212;,]|to)\s*"
_NUMBER_WITH_OPERATOR = re.compile(rf"\s*[pP]?\s*([<>=\u2264\u2265]+)\s*({_DIGITS})\s*")
_RANGE = re.compile(rf"\s*[\[(]?\s*({_DIGITS}){_TO}({_DIGITS})\s*[\])]?\s*")
_DECIMAL_MARK = re.compile(r"\s*([0-9]+)\s*[,\u00b7\u2027\u2219\u22c5]\s*([0-9]+)\s*")
_THOUSANDS = re.compile(r"\s*[1-9][0-9]{0,2}(?:[, \u00a0\u2009\u202f][0-9]{3})+\s*")
_PERCENT = re.compile(rf"\s*({_DIGITS})\s*%\s*")
_RATIO_AND_INTERVAL = re.compile(
    rf"\s*(?:[A-Za-z ]+)?\s*({_DIGITS})\s*[\[(]\s*(?:95\s*%\s*CI:?\s*)?({_DIGITS}){_TO}({_DIGITS})\s*[\])]\s*"
)
_MINUS = re.compile(rf"\s*[\u2010-\u2015\u2212]\s*({_DIGITS})\s*")
_LABELLED_NUMBER = re.compile(rf"\s*(?:HR|OR|RR|hazard ratio|n|N)\s*[=:]?\s*({_DIGITS})\s*")
_MARKED_NUMBER = re.compile(rf"\s*[~\u2248]?\s*({_DIGITS})\s*[*\u2020\u2021\u00a7a-d]?\s*")
_LETTER_O = re.compile(r"\s*[Oo0-9]+(?:\.[Oo0-9]+)?\s*")
_NOT_SIGNIFICANT = re.compile(r"(?i)\s*n\.?\s*s\.?\s*|\s*not significant\s*")
_OPERATORS = {"\u2264": "<=", "\u2265": ">="}


def number_hint(column: str, cell: str) -> str:
    """Return how to write a cell that is no number; empty where the meaning isn't clear.

    >>> number_hint("p_value", "p<0.001")
    'Write < in p_operator and 0.001 in p_value.'

    Args:
        column: name of the column.
        cell: as written.
    """
    if match := _NUMBER_WITH_OPERATOR.fullmatch(cell):
        operator, number = _OPERATORS.get(match[1], match[1]), _with_decimal_point(match[2])
        if column == "p_value":
            return f"Write {operator} in p_operator and {number} in p_value."
        return f"Write {number} alone; say in note that the source prints {match[1]}."
    if _THOUSANDS.fullmatch(cell) and not cell.strip().startswith("0"):
        return f"Write {re.sub('[^0-9]', '', cell)}, without a mark between thousands."
    if match := _DECIMAL_MARK.fullmatch(cell):
        return f"Use a decimal point: {match[1]}.{match[2]}."
    if match := _RANGE.fullmatch(cell):
        low, high = _with_decimal_point(match[1]), _with_decimal_point(match[2])
        if column.startswith(("ci_", "estimate")):
            return f"Split it: {low} into ci_low, {high} into ci_high."
        return f"Write one number; {low} and {high} go into columns of their own."
    if match := _RATIO_AND_INTERVAL.fullmatch(cell):
        parts = zip(match.groups(), ("estimate", "ci_low", "ci_high"), strict=True)
        return f"Split it: {', '.join(f'{_with_decimal_point(number)} into {column}' for number, column in parts)}."
    return _single_number_hint(cell)


def _single_number_hint(cell: str) -> str:
    """Return how to write a cell that has one number and other characters."""
    if _NOT_SIGNIFICANT.fullmatch(cell):
        return "Leave the cell empty; say in note that the source prints no value."
    if (normalised := unicodedata.normalize("NFKC", cell)) != cell and normalised.strip().isascii():
        return f"Write {normalised.strip()} in plain digits."
    if match := _PERCENT.fullmatch(cell):
        return f"Write {_with_decimal_point(match[1])}, without the percent sign."
    if match := _MINUS.fullmatch(cell):
        return f"Write -{_with_decimal_point(match[1])}, with the hyphen as minus sign."
    if match := _LABELLED_NUMBER.fullmatch(cell) or _MARKED_NUMBER.fullmatch(cell):
        return f"Write {_with_decimal_point(match[1])} alone."
    if _LETTER_O.fullmatch(cell):
        return f"Write {re.sub('[Oo]', '0', cell.strip())}: the letter O is no zero."
    return ""


def _with_decimal_point(number: str) -> str:
    with_point = re.sub("[,\u00b7]", ".", number)
    return f"0{with_point}" if with_point.startswith(".") else with_point
