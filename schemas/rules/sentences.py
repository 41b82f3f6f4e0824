"""Rules on sentences: an estimate lies in the middle of its interval, as it does in columns; none is cut or doubled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import CellTest, Check, cell_check
from .clean_text import FREE_TEXT, is_own_table
from .rule import Example, Rule

# Notes also give medians, whose intervals are skewed, and numbers that other sources print.
_SENTENCES = ("statement", "summary", "description")
_NUMBER = r"([0-9]+\.[0-9]+)"
_LEVEL = r"[0-9.]+% (?:credible interval|confidence interval|CI),? "
# "0.81, 95% CI 0.68 to 0.97" and "1.13, 0.75 to 1.71"; a number with a unit is not a ratio.
_WITH_INTERVAL = re.compile(rf"(?<![0-9.]){_NUMBER},? \(?(?:{_LEVEL})?{_NUMBER} to {_NUMBER}(?![0-9.]*[0-9%])")


def _half_unit(number: str) -> float:
    return 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-9


def first_misplaced_estimate(text: str) -> str:
    """Return the first estimate in a text that isn't in the middle of the interval after it; empty if there is none.

    Rounding is allowed for. The middle is that of the logarithms, as for a ratio, or that of the values.
    """
    for estimate, low, high in _WITH_INTERVAL.findall(text):
        value, half_unit = float(estimate), _half_unit(estimate)
        min_limits, max_limits = (
            (float(low) + sign * _half_unit(low), float(high) + sign * _half_unit(high)) for sign in (-1, 1)
        )
        ratio = (max(min_limits[0], 0) * min_limits[1]) ** 0.5 <= value + half_unit and (
            max_limits[0] * max_limits[1]
        ) ** 0.5 >= value - half_unit
        difference = sum(min_limits) / 2 <= value + half_unit and sum(max_limits) / 2 >= value - half_unit
        if not (min_limits[0] <= value + half_unit and value - half_unit <= max_limits[1] and (ratio or difference)):
            return str(estimate)
    return ""


def _estimates_fit(series: Any) -> Any:
    cells = nw.from_native(series, series_only=True)
    fits = [cell is None or " to " not in cell or not first_misplaced_estimate(cell) for cell in cells.to_list()]
    return nw.new_series(cells.name, fits, nw.Boolean, backend=cells.implementation).to_native()


def _interval_checks(table: str, schema: TableSchema) -> Iterator[Check]:
    if not is_own_table(table, schema):
        return
    for field in schema.fields:
        if field.name in _SENTENCES:
            yield Check(
                "LDB129",
                (field.name,),
                text_of(field.name).map_batches(_estimates_fit, nw.Boolean()),
                f"an estimate in {field.name} is not in the middle of its interval",
                "Read estimate and limits again; give no interval where the source misprints it.",
                in_python=True,
            )


_SHORT_WORDS = (
    "the",
    "of",
    "a",
    "an",
    "and",
    "or",
    "in",
    "to",
    "for",
    "with",
    "by",
    "on",
    "from",
    "at",
    "is",
    "are",
    "was",
)
_WORD_TWICE = rf"(?i)\b(?:{'|'.join(f'{word} {word}' for word in _SHORT_WORDS)})\b"


def _complete_sentences(table: str, schema: TableSchema) -> Iterator[Check]:
    if not is_own_table(table, schema):
        return
    for column in (c for c in schema.names if c in FREE_TEXT):
        test = CellTest("lacks", _WORD_TWICE)
        yield cell_check("LDB513", (column,), test, f"{column} has a word twice", "Delete one of the two.")
    if "statement" in schema.names:
        test = CellTest("contains", r"[.?]\z")
        yield cell_check("LDB513", ("statement",), test, "statement has no end", "End the sentence with a point.")


def _claim_example(statement: str) -> Example:
    return Example("claims", ({"claim_id": "c", "statement": statement},))


RULES = (
    Rule(
        "LDB129",
        "An estimate in a sentence fits its interval",
        "Claims repeat numbers of their source; a wrong digit in a sentence is as wrong as in a column.",
        _interval_checks,
        passing=_claim_example("Adding trastuzumab lowered progression (hazard ratio 0.63, 95% CI 0.47 to 0.84)."),
        failing=_claim_example("Adding trastuzumab lowered progression (hazard ratio 0.36, 95% CI 0.47 to 0.84)."),
        formula="sqrt(L- U-) <= H+ and sqrt(L+ U+) >= H-, or (L- + U-) / 2 <= H+ and (L+ + U+) / 2 >= H-",
    ),
    Rule(
        "LDB513",
        "Sentences are whole",
        "A sentence without its end was cut; a word that stands twice is left from another wording.",
        _complete_sentences,
        passing=_claim_example("Of the 103 patients, 87 had an event."),
        failing=_claim_example("Of the the 103 patients, 87 had an event"),
    ),
)
