"""Whether a number, as a row prints it, occurs in a text."""

from __future__ import annotations

import re
import unicodedata

_THIN_SPACE = re.compile(r"(?<=\d)[\u00a0\u2009\u202f\u2007](?=\d{3}(?!\d))")
_MIDDLE_DOT = re.compile(r"(?<=\d)[\u00b7\u2027\u2219\u22c5\u30fb\u2022](?=\d)")
_COMMAS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|(?<![\d.])\.\d+")
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
_YEARS = re.compile(r"\byears?\b|-year\b|\byrs?\b", re.IGNORECASE)
_MONTHS_A_YEAR = 12


class NumbersInText:
    """The numbers of a text.

    Read as printed: a middle dot is a decimal point, a comma or thin blank before three digits parts thousands, a
    missing zero before the point is added. `0.60` isn't `0.6`.
    """

    def __init__(self, text: str) -> None:
        normalised = _MIDDLE_DOT.sub(".", _THIN_SPACE.sub("", text))
        normalised = unicodedata.normalize("NFKC", normalised)
        normalised = _COMMAS.sub(lambda result: result[0].replace(",", ""), normalised)
        self._numbers = {n if n[0] != "." else f"0{n}" for n in _NUMBER.findall(normalised)}
        self._words = set(re.findall(r"[a-z]+", normalised.lower()))
        self._years = bool(_YEARS.search(normalised))

    def contains(self, cell: str, *, months: bool = False) -> bool:
        """Return whether a number occurs.

        Args:
            cell: the number as the row prints it.
            months: whether it counts months, which the text may give in years.
        """
        number = cell.lstrip("+-\u2212")
        if number in self._numbers or self._in_words(number):
            return True
        return months and self._years and self._in_years(number)

    def _in_words(self, number: str) -> bool:
        return number.isdecimal() and int(number) < len(_WORDS) and _WORDS[int(number)] in self._words

    def _in_years(self, number: str) -> bool:
        months = float(number)
        _, _, decimals = number.partition(".")
        max_rounding_error = 0.5 * 10 ** -len(decimals)
        if months % _MONTHS_A_YEAR == 0 and self._in_words(f"{months / _MONTHS_A_YEAR:.0f}"):
            return True
        return any(abs(float(n) * _MONTHS_A_YEAR - months) <= max_rounding_error + 1e-9 for n in self._numbers)
