"""Rules on an estimate and its confidence interval, which allow for rounding.

A number x printed with d decimals stands for [x - 10^-d / 2, x + 10^-d / 2]. A rule reports a row only if no
combination of such values satisfies it. The decimals are those of the cell as written, with trailing zeros.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

INTERVAL = ("estimate", "ci_low", "ci_high")
RATIOS = ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio")
_DECIMALS = r"^[^.]*\.?"
# Tolerance for floating point (0.1 + 0.2 is not 0.3), far below any printed digit.
_TOLERANCE = 1e-9


def half_unit(column: str) -> nw.Expr:
    """Return half a unit of the last printed decimal of a column's cells."""
    decimals = text_of(column).str.replace_all(_DECIMALS, "").str.len_chars().cast(nw.Float64)
    return 0.5 * nw.lit(10.0) ** (0 - decimals)


def lowest(column: str) -> nw.Expr:
    """Return the lowest value that rounds to a column's cell."""
    return nw.col(column) - half_unit(column) - _TOLERANCE


def highest(column: str) -> nw.Expr:
    """Return the highest value that rounds to a column's cell."""
    return nw.col(column) + half_unit(column) + _TOLERANCE


def _contains_estimate(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL):
        return
    hint = "Read all three again; if the source misprints them, keep the estimate and empty the limits."
    yield Check(
        "LDB101",
        ("ci_low", "estimate", "ci_high"),
        lowest("ci_low") <= highest("estimate"),
        "the lower limit {ci_low} is above the estimate {estimate}",
        hint,
    )
    yield Check(
        "LDB101",
        ("ci_high", "estimate", "ci_low"),
        lowest("estimate") <= highest("ci_high"),
        "the upper limit {ci_high} is below the estimate {estimate}",
        hint,
    )
    yield Check(
        "LDB101",
        ("ci_low", "ci_high"),
        nw.col("ci_low") <= nw.col("ci_high"),
        "the lower limit {ci_low} is above the upper limit {ci_high}",
        "Swap the limits if the source prints them so; else read them again.",
    )


def _log_symmetry(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "measure"):
        return
    ratio = text_of("measure").is_in(RATIOS) & (nw.col("ci_low") > 0)
    lower = nw.max_horizontal(lowest("ci_low"), nw.lit(0.0)) * lowest("ci_high")
    upper = highest("ci_low") * highest("ci_high")
    fits = (lower.sqrt() <= highest("estimate")) & (upper.sqrt() >= lowest("estimate"))
    yield Check(
        "LDB102",
        ("estimate", "ci_low", "ci_high"),
        ~ratio | fits,
        "{estimate} is not the geometric mean of its limits {ci_low} and {ci_high}, rounding allowed for",
        "Read all three again; if the source prints them so, waive the row with the reason.",
    )


_CONSISTENT_ROW = Example(
    "effects", ({"estimate": "0.63", "ci_low": "0.47", "ci_high": "0.84", "measure": "hazard_ratio"},)
)

RULES = (
    Rule(
        "LDB101",
        "The interval contains its estimate",
        "An estimate outside its own interval is a copying error or a misprint.",
        _contains_estimate,
        passing=_CONSISTENT_ROW,
        failing=Example("effects", ({"estimate": "0.63", "ci_low": "0.74", "ci_high": "0.84"},)),
        formula="L- <= H+ and H- <= U+, where x- and x+ are the ends of what prints as x",
    ),
    Rule(
        "LDB102",
        "A ratio's interval is symmetric on the log scale",
        "A Wald interval of a ratio is symmetric around the logarithm of the estimate, so the estimate is the "
        "geometric mean of the limits; a wrong digit in any of the three breaks that. Exact and profile "
        "intervals differ and are waived.",
        _log_symmetry,
        passing=_CONSISTENT_ROW,
        failing=Example(
            "effects", ({"estimate": "0.68", "ci_low": "0.47", "ci_high": "0.84", "measure": "hazard_ratio"},)
        ),
        formula="sqrt(L- U-) <= H+ and sqrt(L+ U+) >= H-",
        source="Georgescu and Wren, Bioinformatics 2018;34:1758",
    ),
)
