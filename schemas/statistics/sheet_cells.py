"""Numbers, intervals and p values as people write them in a sheet, to the form in which the rules read them."""

from __future__ import annotations

import re

from .sheet_columns import measure_of

_MINUS = "\u2212\u2013\u2010\u2011"
_POINTS = re.compile("[\u00b7\u2027\u2219\u22c5]")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?:[, \u00a0\u2009\u202f'][0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+")
_OPERATOR = re.compile(r"\s*(?:[pP](?:-?value)?\s*)?([<>=\u2264\u2265]{0,2})\s*(.*?)\s*\**\s*")
_OPERATORS = {"": "=", "\u2264": "<=", "\u2265": ">=", "==": "="}
_PLAIN = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_LEVEL = r"(?:[0-9]{2}(?:\.[0-9]+)?\s*%\s*(?:CI|CrI)?\s*[:,;]?\s*)?"
_INTERVAL = re.compile(rf"\s*[\[({{]?\s*{_LEVEL}({_PLAIN})\s*(?:to|-|,|;|:)\s*({_PLAIN})\s*[\])}}]?\s*", re.IGNORECASE)
_WITH_INTERVAL = re.compile(
    rf"\s*({_PLAIN})\s*[\[({{,;]?\s*{_LEVEL}({_PLAIN})\s*(?:to|-|,|;|:)\s*({_PLAIN})\s*[\])}}]?\s*", re.IGNORECASE
)


def number(cell: str, *, whole: bool = False) -> str:
    """Write a number with a point and all of its digits; empty where the cell is none.

    >>> number("0\u00b763"), number("0,60"), number("1,024", whole=True), number("36.6%"), number("NR")
    ('0.63', '0.60', '1024', '36.6', '')

    Args:
        cell: as written.
        whole: whether it is a count, in which a comma parts thousands.
    """
    text = _with_ascii_characters(cell).strip().rstrip("%").strip()
    if whole and _GROUPED.fullmatch(text):
        return re.sub("[, \u00a0\u2009\u202f']", "", text)
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return ""
    if whole and re.fullmatch(r"[-+]?[0-9]+\.0*", text):
        text = text.partition(".")[0]
    return text


def p_value(cell: str) -> tuple[str, str]:
    """Return the operator and the number of a p value, both empty where the cell is none.

    >>> p_value("p<0.001"), p_value(".03*"), p_value("NS")
    (('<', '0.001'), ('=', '.03'), ('', ''))
    """
    match = _OPERATOR.fullmatch(_with_ascii_characters(cell))
    value = number(match[2]) if match else ""
    if not match or not value:
        return "", ""
    return _OPERATORS.get(match[1], match[1]), value


def interval(cell: str) -> tuple[str, str]:
    """Return both limits of an interval, empty where the cell is none.

    >>> interval("0.47\u20130.84"), interval("[95% CI: -0.5 to -0.1]"), interval("NA")
    (('0.47', '0.84'), ('-0.5', '-0.1'), ('', ''))
    """
    match = _INTERVAL.fullmatch(_with_ascii_characters(cell))
    return (match[1], match[2]) if match else ("", "")


def estimate_with_interval(cell: str) -> tuple[str, str, str]:
    """Return estimate and limits, empty where the cell isn't all three.

    >>> estimate_with_interval("0.63 (95% CI 0.47-0.84)")
    ('0.63', '0.47', '0.84')
    """
    match = _WITH_INTERVAL.fullmatch(_with_ascii_characters(cell))
    return (match[1], match[2], match[3]) if match else ("", "", "")


def flag(cell: str) -> str:
    """Write a truth value as true or false; empty where the cell is none."""
    word = cell.strip().lower()
    if word in ("true", "yes", "y", "1", "t"):
        return "true"
    return "false" if word in ("false", "no", "n", "0", "f") else ""


def measure(cell: str) -> str:
    """Write a measure as the rules name it; empty where the word isn't known."""
    return measure_of(cell) or ""


def _with_ascii_characters(cell: str) -> str:
    text = _POINTS.sub(".", cell)
    for character in _MINUS:
        text = text.replace(character, "-")
    return text
