"""Rules on numbers that should agree with one another: warnings, because the source's method may explain them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check, ExpressionParts
from ..lookups import ValueLookup
from .intervals import INTERVAL, RATIOS, half_unit, highest, lowest
from .normal_distribution import TAIL_ERROR, quantile, tail
from .rule import Example, Rule, has_fields

_ALTMAN = "Altman and Bland, BMJ 2011;343:d2304"
# Those of the tables are from 0.99 to 1.14; 90% taken for 95% makes that 0.84 times as much, the reverse 1.19.
_SE_RANGE = (0.95, 1.17)
_MEDIAN_RATIO = 1.5
_NEAR_ONE = 0.1
TINY = 1e-9
_PARTS = ("::z", "::least_error", "::largest_error")
_COMPARISON_COLUMNS = ("trial_id", "population_id", "endpoint_id", "experimental_arm_id", "control_arm_id", "measure")
# A p value is checked only where the approximation of the normal tail is sharp.
_LARGEST_Z = 8.0


def is_ratio() -> nw.Expr:
    """Return whether a row has a ratio whose logarithms exist."""
    positive = (nw.col("ci_low") > 0) & (nw.col("estimate") > 0) & (lowest("ci_low") > 0) & (lowest("estimate") > 0)
    return text_of("measure").is_in(RATIOS) & positive


def _z() -> nw.Expr:
    return quantile((100 - nw.col("ci_level")) / 200)


def standard_errors(z: nw.Expr | None = None) -> tuple[nw.Expr, nw.Expr]:
    """Return the smallest and largest standard error of a log ratio that prints as the row's interval.

    Args:
        z: the normal quantile of the interval's level; worked out of the level where omitted.
    """
    z = _z() if z is None else z
    small = (lowest("ci_high").log() - highest("ci_low").log()) / (2 * z)
    large = (highest("ci_high").log() - lowest("ci_low").log()) / (2 * z)
    return nw.max_horizontal(small, nw.lit(TINY)), large


def _expression_of_errors(build: Callable[[nw.Expr, nw.Expr], nw.Expr]) -> tuple[nw.Expr, ExpressionParts]:
    """Return an expression of the smallest and largest standard error, in full and by named parts."""
    smallest, largest = standard_errors(nw.col(_PARTS[0]))
    steps = tuple(zip(_PARTS, (_z(), smallest, largest), strict=True))
    return build(*standard_errors()), ExpressionParts(steps, build(nw.col(_PARTS[1]), nw.col(_PARTS[2])))


def p_value_fits(applies: nw.Expr, low: nw.Expr, high: nw.Expr, small: nw.Expr, large: nw.Expr) -> nw.Expr:
    """Return whether the p value of a row can follow from its estimate and standard error; true where it doesn't apply.

    Args:
        applies: which rows to look at.
        low: the lowest estimate that prints as the row's, on the scale on which no difference is 0.
        high: the highest.
        small: the smallest standard error that prints as the row's interval.
        large: the largest.
    """
    includes_null = (low <= 0) & (high >= 0)
    nearest = nw.when(includes_null).then(nw.lit(0.0)).otherwise(nw.min_horizontal(low.abs(), high.abs()))
    z_least = nearest / large
    z_most = nw.max_horizontal(low.abs(), high.abs()) / small
    # Where the source doesn't say how many sides, either will do.
    smallest_p = tail(z_most) * nw.when(text_of("p_sides") == "2").then(nw.lit(2.0)).otherwise(nw.lit(1.0))
    largest_p = tail(z_least) * nw.when(text_of("p_sides") == "1").then(nw.lit(1.0)).otherwise(nw.lit(2.0))
    operator, p = text_of("p_operator"), nw.col("p_value")
    tolerance = half_unit("p_value") + TAIL_ERROR
    bottom, top = p - tolerance, p + tolerance
    agrees = (operator.is_in((">", ">=")) | (smallest_p <= top)) & (operator.is_in(("<", "<=")) | (largest_p >= bottom))
    return ~(applies & (z_most < _LARGEST_Z)) | agrees


def _p_agrees(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "ci_level", "measure", "p_value", "p_operator", "p_sides"):
        return

    def fits(small: nw.Expr, large: nw.Expr) -> nw.Expr:
        return p_value_fits(is_ratio(), lowest("estimate").log(), highest("estimate").log(), small, large)

    expression, parts = _expression_of_errors(fits)
    yield Check(
        "LDB106",
        ("p_value", "estimate", "ci_low", "ci_high"),
        expression,
        "p {p_value} doesn't follow from {estimate} ({ci_low} to {ci_high})",
        "Read p and interval again; a stratified or log-rank p may differ, and so may a one-sided one: see p_sides.",
        severity="warning",
        parts=parts,
    )


def _significance_agrees(_: str, schema: TableSchema) -> Iterator[Check]:
    yield from significance_checks(schema, 1, text_of("measure").is_in(RATIOS))


def significance_checks(schema: TableSchema, null: float, applies: nw.Expr) -> Iterator[Check]:
    """Check that p value and interval agree on whether there is a difference.

    Args:
        schema: of the table; without the columns there is nothing to check.
        null: the value of no difference.
        applies: the rows whose measure has this null.
    """
    if not has_fields(schema, *INTERVAL, "ci_level", "measure", "p_value", "p_operator", "p_sides"):
        return
    alpha = 1 - nw.col("ci_level") / 100
    excludes_null = (lowest("ci_low") > null) | (highest("ci_high") < null)
    includes_null = (highest("ci_low") < null) & (lowest("ci_high") > null)
    operator, p = text_of("p_operator"), nw.col("p_value")
    is_two_sided = text_of("p_sides").is_null() | (text_of("p_sides") == "2")
    above = operator.is_in(("=", ">", ">=")) & (p - half_unit("p_value") > alpha + TINY)
    below = operator.is_in(("=", "<", "<=")) & (p + half_unit("p_value") < alpha - TINY)
    contradicts = is_two_sided & ((excludes_null & above) | (includes_null & below))
    yield Check(
        "LDB107",
        ("p_value", "ci_low", "ci_high"),
        ~applies | ~contradicts,
        "p {p_value} and the interval {ci_low} to {ci_high} disagree on whether there is a difference",
        "Read both again; the interval's level, a one-sided p or another test may explain it.",
        severity="warning",
    )


def _error_agrees_with_events(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "ci_level", "measure", "events_experimental", "events_control"):
        return
    expected = (1 / nw.col("events_experimental") + 1 / nw.col("events_control")).sqrt()
    applies = (
        is_ratio()
        & (text_of("measure") == "hazard_ratio")
        & (nw.col("events_experimental") > 0)
        & (nw.col("events_control") > 0)
    )

    def fits(small: nw.Expr, large: nw.Expr) -> nw.Expr:
        return ~applies | ((large / expected >= _SE_RANGE[0]) & (small / expected <= _SE_RANGE[1]))

    expression, parts = _expression_of_errors(fits)
    yield Check(
        "LDB108",
        ("ci_low", "ci_high", "events_experimental", "events_control"),
        expression,
        "the interval {ci_low} to {ci_high} doesn't fit {events_experimental} and {events_control} events",
        "Read interval, its level and the events again; they may be of different endpoints, populations or data cuts.",
        severity="warning",
        parts=parts,
    )


def _medians_agree(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "effects" or not has_fields(schema, *_COMPARISON_COLUMNS, "estimate", "analysis"):
        return
    medians = tuple(
        ValueLookup(
            f"{arm}::median_months",
            "outcomes",
            (("trial_id",) * 2, ("population_id",) * 2, ("endpoint_id",) * 2, ("analysis",) * 2, (arm, "arm_id")),
            "estimate",
            (("measure", "median_months"),),
        )
        for arm in ("experimental_arm_id", "control_arm_id")
    )
    treated, control = (nw.col(m.alias) for m in medians)
    log = (nw.col("estimate") * treated / control).log()
    near = (log <= math.log(_MEDIAN_RATIO)) & (log >= -math.log(_MEDIAN_RATIO))
    same_side = ((nw.col("estimate") < 1) & (treated >= control)) | ((nw.col("estimate") >= 1) & (treated <= control))
    applies = (text_of("measure") == "hazard_ratio") & (nw.col("estimate") > 0) & (treated > 0) & (control > 0)
    yield Check(
        "LDB109",
        ("estimate", "endpoint_id"),
        ~applies | (near & (same_side | ((nw.col("estimate") - 1).abs() < _NEAR_ONE))),
        "{estimate} doesn't fit the medians of the two arms for {endpoint_id}",
        "Read ratio and medians again; arms may be swapped, or one of them may be of another endpoint or cut.",
        severity="warning",
        joined_columns=tuple(m.alias for m in medians),
        lookups=medians,
    )


def _cuts_move_forward(_: str, schema: TableSchema) -> Iterator[Check]:
    columns = ("events_experimental", "events_control", "median_follow_up_months")
    if not has_fields(schema, *_COMPARISON_COLUMNS, "analysis", "assessor", *columns):
        return
    later = text_of("analysis").is_in(("final", "updated"))
    for column in columns:
        first = (
            nw.when(text_of("analysis") == "primary").then(nw.col(column)).max().over(*_COMPARISON_COLUMNS, "assessor")
        )
        yield Check(
            "LDB110",
            (column, "analysis"),
            ~later | (nw.col(column) >= first),
            f"{column} {{{column}}} of the {{analysis}} analysis is below that of the primary one",
            "Read both analyses again; one of them may be of another data cut.",
            severity="warning",
            compared_columns=(*_COMPARISON_COLUMNS, "assessor"),
        )


_PAIR = {"measure": "hazard_ratio", "ci_level": "95", "p_operator": "=", "p_sides": "2"}
_SIGNIFICANT = {**_PAIR, "estimate": "0.63", "ci_low": "0.47", "ci_high": "0.84"}
_EVENTS = {**_SIGNIFICANT, "events_experimental": "87"}
_CUT = {
    "trial_id": "t", "population_id": "p", "endpoint_id": "os", "experimental_arm_id": "a", "control_arm_id": "b",
    "measure": "hazard_ratio",
}  # fmt: skip
_MEDIANS = {"measure": "hazard_ratio", "estimate": "0.63", "experimental_arm_id::median_months": 4.8}

RULES = (
    Rule(
        "LDB106",
        "A p value follows from its interval",
        "Estimate and interval give a standard error, and with it a z and a p; a p that no rounding of them gives is a "
        "wrong digit, a p of another comparison, or a test of another kind.",
        _p_agrees,
        passing=Example("effects", ({**_SIGNIFICANT, "p_value": "0.0016"},)),
        failing=Example("effects", ({**_SIGNIFICANT, "p_value": "0.16"},)),
        formula="SE+ = (ln U+ - ln L-) / 2z, SE- = (ln U- - ln L+) / 2z, z of the interval's level; p meets the range "
        "of 2 (1 - Phi(|ln H| / SE)), or half of it where one-sided",
        source=_ALTMAN,
        severity="warning",
    ),
    Rule(
        "LDB107",
        "Interval and p value agree on significance",
        "An interval wholly off 1 and a two-sided p above its level, or the reverse, can't both be right.",
        _significance_agrees,
        passing=Example("effects", ({**_SIGNIFICANT, "p_value": "0.0016"},)),
        failing=Example("effects", ({**_SIGNIFICANT, "p_value": "0.16"},)),
        formula="not (1 outside the interval and p > 1 - level), nor the reverse",
        source=_ALTMAN,
        severity="warning",
    ),
    Rule(
        "LDB108",
        "A standard error agrees with the events",
        "The precision of a hazard ratio comes from the number of events; an interval narrower or wider belongs to "
        "other patients, another endpoint or cut, or is of another level than ci_level.",
        _error_agrees_with_events,
        passing=Example("effects", ({**_EVENTS, "events_control": "99"},)),
        failing=Example("effects", ({**_EVENTS, "events_control": "9"},)),
        formula="0.95 <= SE / sqrt(1/e1 + 1/e2) <= 1.17",
        source="Tierney et al, Trials 2007;8:16",
        severity="warning",
    ),
    Rule(
        "LDB109",
        "Medians agree with the ratio",
        "Below 1 the experimental arm's median is the longer, and the ratio of the medians is near the inverse of the "
        "hazard ratio; swapped arms and endpoints break both.",
        _medians_agree,
        passing=Example("effects", ({**_MEDIANS, "control_arm_id::median_months": 2.4},)),
        failing=Example("effects", ({**_MEDIANS, "control_arm_id::median_months": 9.6},)),
        formula="|ln(H m_experimental / m_control)| <= ln 1.5, and the sides agree unless H is within 0.1 of 1",
        source="Tierney et al, Trials 2007;8:16 (exponential survival)",
        severity="warning",
    ),
    Rule(
        "LDB110",
        "Data cuts move forward",
        "Events and follow-up of a later analysis of the same comparison can't be fewer than at the primary one.",
        _cuts_move_forward,
        passing=Example(
            "effects",
            (
                {**_CUT, "analysis": "primary", "median_follow_up_months": "31"},
                {**_CUT, "analysis": "final", "median_follow_up_months": "73.2"},
            ),
        ),
        failing=Example(
            "effects",
            (
                {**_CUT, "analysis": "primary", "median_follow_up_months": "31"},
                {**_CUT, "analysis": "final", "median_follow_up_months": "13"},
            ),
        ),
        severity="warning",
    ),
)
