"""Rule on numbers in sentences: an estimate lies in the middle of its interval, as it does in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from .clean_text import is_own_table
from .rule import Example, Rule

# Notes also give medians, whose intervals are skewed, and numbers that other sources print.
_SENTENCES = ("statement", "summary", "description")
_NUMBER = r"([0-9]+\.[0-9]+)"
_LEVEL = r"[0-9.]+% (?:credible interval|confidence interval|CI),? "
# "0.81, 95% CI 0.68 to 0.97" and "1.13, 0.75 to 1.71"; what has a unit is no ratio.
_WITH_INTERVAL = re.compile(rf"(?<![0-9.]){_NUMBER},? \(?(?:{_LEVEL})?{_NUMBER} to {_NUMBER}(?![0-9.]*[0-9%])")


def _half_unit(number: str) -> float:
    return 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1e-9


def misfit(text: str) -> str:
    """Return the first estimate in a text that isn't in the middle of the interval behind it; empty where all are.

    Rounding is allowed for. The middle is that of the logarithms, as for a ratio, or that of the values.
    """
    for estimate, low, high in _WITH_INTERVAL.findall(text):
        value, near = float(estimate), _half_unit(estimate)
        least, most = ((float(low) + sign * _half_unit(low), float(high) + sign * _half_unit(high)) for sign in (-1, 1))
        ratio = (max(least[0], 0) * least[1]) ** 0.5 <= value + near and (most[0] * most[1]) ** 0.5 >= value - near
        difference = sum(least) / 2 <= value + near and sum(most) / 2 >= value - near
        if not (least[0] <= value + near and value - near <= most[1] and (ratio or difference)):
            return str(estimate)
    return ""


def _fits(series: Any) -> Any:
    cells = nw.from_native(series, series_only=True)
    fits = [cell is None or " to " not in cell or not misfit(cell) for cell in cells.to_list()]
    return nw.new_series(cells.name, fits, nw.Boolean, backend=cells.implementation).to_native()


def _intervals(table: str, schema: TableSchema) -> Iterator[Check]:
    if not is_own_table(table, schema):
        return
    for field in schema.fields:
        if field.name in _SENTENCES:
            yield Check(
                "LDB129",
                (field.name,),
                text_of(field.name).map_batches(_fits, nw.Boolean()),
                f"an estimate in {field.name} is not in the middle of its interval",
                "Read estimate and limits again; give no interval where the source misprints it.",
                in_python=True,
            )


def _claim(statement: str) -> Example:
    return Example("claims", ({"claim_id": "c", "statement": statement},))


RULES = (
    Rule(
        "LDB129",
        "An estimate in a sentence fits its interval",
        "Claims repeat numbers of their source; a wrong digit in a sentence is as wrong as in a column.",
        _intervals,
        passing=_claim("Adding trastuzumab lowered progression (hazard ratio 0.63, 95% CI 0.47 to 0.84)."),
        failing=_claim("Adding trastuzumab lowered progression (hazard ratio 0.36, 95% CI 0.47 to 0.84)."),
        formula="sqrt(L- U-) <= H+ and sqrt(L+ U+) >= H-, or (L- + U-) / 2 <= H+ and (L+ + U+) / 2 >= H-",
    ),
)
