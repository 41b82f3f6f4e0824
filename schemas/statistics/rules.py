"""The rules on reported statistics: those that trial evidence shares, and those that a sheet's own columns allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from ..rules import RULES
from ..rules.agreement import TINY, is_ratio, p_value_fits, significance_checks, standard_errors
from ..rules.intervals import INTERVAL, RATIOS, highest, lowest
from ..rules.normal_distribution import quantile
from ..rules.rule import Example, Rule, has_fields

_READ_AGAIN = "Read the numbers in the source again."
_MEDIAN_RATIO, _NEAR_ONE = 1.5, 0.1
_RELATIVE = 1e-6
_ARMS = ("events_experimental", "n_experimental", "events_control", "n_control")
_COUNTED = (*_ARMS, "n_total", "events", "n", "studies")
# The smallest and largest possible number of each column.
_BOUNDS = {
    "p_value": (0, 1),
    **dict.fromkeys(("ci_level", "percent", "i_squared"), (0, 100)),
    **dict.fromkeys(
        (*_COUNTED, "standard_error", "median_experimental", "median_control", "follow_up", "q_statistic"),
        (0, math.inf),
    ),
}


def _is_linear() -> nw.Expr:
    return text_of("measure") == "difference"


def _linear_errors() -> tuple[nw.Expr, nw.Expr]:
    """Return the smallest and largest standard error of a difference that prints as the row's interval."""
    z = quantile((100 - nw.col("ci_level")) / 200)
    smallest = (lowest("ci_high") - highest("ci_low")) / (2 * z)
    largest = (highest("ci_high") - lowest("ci_low")) / (2 * z)
    return nw.max_horizontal(smallest, nw.lit(TINY)), largest


def _possible_numbers(_: str, schema: TableSchema) -> Iterator[Check]:
    for column, (smallest, largest) in _BOUNDS.items():
        if has_fields(schema, column):
            message = f"{{{column}}} lies outside 0 to {largest}" if largest < math.inf else f"{{{column}}} is negative"
            possible = (nw.col(column) >= smallest) & (nw.col(column) <= largest)
            yield Check("LDB132", (column,), possible, message, _READ_AGAIN)
    if has_fields(schema, "estimate", "measure"):
        hint = "Read it again; the logarithm of a ratio is of the measure logHR, logOR or logRR."
        possible = ~text_of("measure").is_in(RATIOS) | (nw.col("estimate") > 0)
        yield Check("LDB132", ("estimate",), possible, "a ratio of {estimate}", hint)


def _symmetric_difference(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "measure"):
        return
    low = (lowest("ci_low") + lowest("ci_high")) / 2
    high = (highest("ci_low") + highest("ci_high")) / 2
    yield Check(
        "LDB118",
        INTERVAL,
        ~_is_linear() | ((low <= highest("estimate")) & (high >= lowest("estimate"))),
        "{estimate} is not the middle of its limits {ci_low} and {ci_high}, rounding allowed for",
        _READ_AGAIN,
    )


def _difference_p_agrees(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "ci_level", "measure", "p_value", "p_operator", "p_sides"):
        return
    yield Check(
        "LDB106",
        ("p_value", *INTERVAL),
        p_value_fits(_is_linear(), lowest("estimate"), highest("estimate"), *_linear_errors()),
        "p {p_value} doesn't follow from {estimate} ({ci_low} to {ci_high})",
        "Read p and interval again; a test by Student's t in a small sample, or another test, may explain it.",
        severity="warning",
    )


def _difference_significance_agrees(_: str, schema: TableSchema) -> Iterator[Check]:
    yield from significance_checks(schema, 0, _is_linear())


def _error_fits_interval(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "ci_level", "measure", "standard_error"):
        return
    bottom, top = lowest("standard_error"), highest("standard_error")
    for applies, (small, large) in ((is_ratio(), standard_errors()), (_is_linear(), _linear_errors())):
        yield Check(
            "LDB119",
            ("standard_error", "ci_low", "ci_high"),
            ~applies | ((small <= top * (1 + _RELATIVE)) & (large >= bottom * (1 - _RELATIVE))),
            "the standard error {standard_error} doesn't fit the interval {ci_low} to {ci_high}",
            "Read both again; it may be a variance, a standard deviation, or the error of the ratio itself.",
            severity="warning",
        )


def _ratio_follows_from_counts(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "estimate", "measure", *_ARMS):
        return
    e1, n1, e2, n2 = (nw.col(c).cast(nw.Float64) for c in _ARMS)
    measure = text_of("measure")
    filled = (e1 > 0) & (e2 > 0) & (e1 < n1) & (e2 < n2)
    for name, value in (("odds_ratio", e1 * (n2 - e2) / (e2 * (n1 - e1))), ("risk_ratio", e1 * n2 / (e2 * n1))):
        fits = (value >= lowest("estimate") * (1 - _RELATIVE)) & (value <= highest("estimate") * (1 + _RELATIVE))
        yield Check(
            "LDB120",
            ("estimate", *_ARMS),
            ~((measure == name) & filled) | fits,
            f"{{estimate}} is not the crude {name.replace('_', ' ')} of {{events_experimental}} of {{n_experimental}} "
            "and {events_control} of {n_control}",
            "Read estimate and counts again; an adjusted estimate differs, and so does one of swapped arms.",
            severity="warning",
        )


def _medians_fit(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "estimate", "measure", "median_experimental", "median_control"):
        return
    ratio, treated, control = nw.col("estimate"), nw.col("median_experimental"), nw.col("median_control")
    log = (ratio * treated / control).log()
    near = (log <= math.log(_MEDIAN_RATIO)) & (log >= -math.log(_MEDIAN_RATIO))
    same_side = ((ratio < 1) & (treated >= control)) | ((ratio >= 1) & (treated <= control))
    applies = (text_of("measure") == "hazard_ratio") & (ratio > 0) & (treated > 0) & (control > 0)
    yield Check(
        "LDB109",
        ("estimate", "median_experimental", "median_control"),
        ~applies | (near & (same_side | ((ratio - 1).abs() < _NEAR_ONE))),
        "{estimate} doesn't fit the medians {median_experimental} and {median_control}",
        "Read ratio and medians again; arms may be swapped, or one of them may be of another endpoint or cut.",
        severity="warning",
    )


def _arms_within_total(_: str, schema: TableSchema) -> Iterator[Check]:
    if has_fields(schema, "n_experimental", "n_control", "n_total"):
        yield Check(
            "LDB105",
            ("n_experimental", "n_control", "n_total"),
            nw.col("n_experimental") + nw.col("n_control") <= nw.col("n_total"),
            "{n_experimental} and {n_control} are more than {n_total}",
            _READ_AGAIN,
        )


def _later_cuts(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "comparison", "data_cutoff"):
        return
    for column in ("events", "events_experimental", "events_control", "follow_up"):
        if has_fields(schema, column):
            largest_before = nw.col(column).cum_max().over("comparison", order_by=("data_cutoff", "::row"))
            yield Check(
                "LDB110",
                (column, "comparison", "data_cutoff"),
                nw.col(column) >= largest_before,
                f"{column} {{{column}}} at {{data_cutoff}} is below that of an earlier data cut of {{comparison}}",
                "Read both analyses again; one of them may be of another population.",
                severity="warning",
                compared_columns=("comparison",),
            )


_DIFFERENCE = {"measure": "difference", "estimate": "-0.30", "ci_low": "-0.50", "ci_high": "-0.10", "ci_level": "95"}
_TYPES = {
    "measure": "string", **dict.fromkeys((*INTERVAL, "ci_level", "standard_error"), "number"),
    **dict.fromkeys(_ARMS, "integer"),
}  # fmt: skip
_COUNTS = {
    "measure": "odds_ratio", "events_experimental": "4", "n_experimental": "123", "events_control": "11",
    "n_control": "139",
}  # fmt: skip

STATISTICS_RULES = (
    Rule(
        "LDB118",
        "A difference's interval is symmetric",
        "An interval of a difference, or of a logarithm, has its estimate in the middle.",
        _symmetric_difference,
        passing=Example("sheet", (_DIFFERENCE,), _TYPES),
        failing=Example("sheet", ({**_DIFFERENCE, "ci_low": "-0.05"},), _TYPES),
        formula="(L- + U-) / 2 <= H+ and (L+ + U+) / 2 >= H-",
    ),
    Rule(
        "LDB119",
        "A standard error fits its interval",
        "Interval and standard error say the same twice; where they don't, one is a variance, or of another scale.",
        _error_fits_interval,
        passing=Example("sheet", ({**_DIFFERENCE, "standard_error": "0.102"},), _TYPES),
        failing=Example("sheet", ({**_DIFFERENCE, "standard_error": "0.21"},), _TYPES),
        formula="SE meets (U - L) / 2z; of a ratio, (ln U - ln L) / 2z",
        source="Altman and Bland, BMJ 2011;343:d2090",
        severity="warning",
    ),
    Rule(
        "LDB120",
        "A crude ratio follows from its counts",
        "Events and patients of both arms give the crude odds ratio and risk ratio.",
        _ratio_follows_from_counts,
        passing=Example("sheet", ({**_COUNTS, "estimate": "0.39"},), _TYPES),
        failing=Example("sheet", ({**_COUNTS, "estimate": "0.93"},), _TYPES),
        formula="OR = e1 (n2 - e2) / (e2 (n1 - e1)); RR = e1 n2 / (e2 n1)",
        source="Cochrane Handbook, 6.4.1",
        severity="warning",
    ),
    Rule(
        "LDB132",
        "Reported numbers are possible",
        "No p value is above 1, no count negative, no share above 100, and no ratio zero or less.",
        _possible_numbers,
        passing=Example("sheet", ({"p_value": "0.04", "n": "123"},), {"p_value": "number", "n": "integer"}),
        failing=Example("sheet", ({"p_value": "1.2", "n": "123"},), {"p_value": "number", "n": "integer"}),
        formula="0 <= p <= 1; n >= 0; 0 <= percent <= 100; ratio > 0",
    ),
)
_SHARED_CODES = frozenset(
    ("LDB101", "LDB102", "LDB103", "LDB104", "LDB106", "LDB107", "LDB108", "LDB111", "LDB112", "LDB115")
)
_Builder = Callable[[str, TableSchema], Iterator[Check]]
_SHEET_CHECKS: tuple[_Builder, ...] = (
    _difference_p_agrees, _difference_significance_agrees, _medians_fit, _arms_within_total, _later_cuts,
)  # fmt: skip
# What each rule needs, as columns that a map can name; alternatives are parted by "or".
REQUIRED_COLUMNS = {
    "LDB101": "estimate, ci_low, ci_high",
    "LDB102": "estimate, ci_low, ci_high of a ratio",
    "LDB103": "events and n, of one group or by arm",
    "LDB104": "percent, events, n",
    "LDB105": "n_experimental, n_control, n_total",
    "LDB106": "estimate, ci_low, ci_high, p_value",
    "LDB107": "estimate, ci_low, ci_high, p_value",
    "LDB108": "estimate, ci_low, ci_high, events_experimental, events_control of a hazard ratio",
    "LDB109": "estimate, median_experimental, median_control of a hazard ratio",
    "LDB110": "comparison, data_cutoff, and events or follow_up",
    "LDB111": "meta_analysis_id, is_pooled, estimate",
    "LDB112": "i_squared, q_statistic, studies",
    "LDB115": "estimate, ci_low, ci_high, p_value of a ratio",
    "LDB118": "estimate, ci_low, ci_high of a difference",
    "LDB119": "estimate, ci_low, ci_high, standard_error",
    "LDB120": "estimate, and events and n of both arms, of an odds or risk ratio",
    "LDB132": "a p value, count, share, level, standard error, median or ratio",
}


def statistics_checks(schema: TableSchema) -> Iterator[Check]:
    """Yield the checks that a sheet's columns allow, by the names of `sheet_columns.COLUMNS`."""
    for rule in (*RULES, *STATISTICS_RULES):
        if rule.code in _SHARED_CODES or rule in STATISTICS_RULES:
            yield from rule.checks("sheet", schema)
    for build in _SHEET_CHECKS:
        yield from build("sheet", schema)


def applies_to(code: str, measures: set[str]) -> bool:
    """Return whether a rule applies to any of the measures of a sheet."""
    if code in ("LDB102", "LDB115"):
        return bool(measures & set(RATIOS))
    if code in ("LDB108", "LDB109"):
        return "hazard_ratio" in measures
    if code == "LDB118":
        return "difference" in measures
    return code != "LDB120" or bool(measures & {"odds_ratio", "risk_ratio"})
