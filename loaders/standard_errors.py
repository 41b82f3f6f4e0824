"""The standard error of an effect: from its interval, as printed, or from observed minus expected events."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

RATIOS = ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio")
STANDARD_ERROR_FROM = ("interval", "printed", "o_minus_e")
_ASSUMED_LEVEL = 95.0
_PRINTED_ERRORS = ("standard_error", "o_minus_e", "variance")


def with_standard_error(effects: pl.DataFrame) -> pl.DataFrame:
    """Add log_estimate, standard_error and where the standard error is from to a frame of effects.

    Sources of the formulas, in the order in which they are used: the interval, Cochrane Handbook for Systematic
    Reviews, section 6.3.2; the standard error as printed (`standard_error_from` is `printed`); observed minus expected
    events O - E with variance V, whose log ratio is (O - E) / V with standard error 1 / sqrt(V) (Peto; Yusuf 1985).
    Limits without a level count as 95 %, and `ci_level_assumed` says so. A limit of zero or below has no logarithm:
    such an interval gives no standard error.

    Args:
        effects: columns measure, estimate, ci_low, ci_high, ci_level; standard_error, o_minus_e and variance, as
            printed, where the table has them.
    """
    printed = [pl.col(c) if c in effects.columns else pl.lit(None, dtype=pl.Float64) for c in _PRINTED_ERRORS]
    effects = effects.with_columns(p.alias(f"::{c}") for p, c in zip(printed, _PRINTED_ERRORS, strict=True))
    ratio = pl.col("measure").cast(pl.String).is_in(RATIOS)
    assumed = pl.col("ci_level").is_null() & pl.col("ci_low").is_not_null() & pl.col("ci_high").is_not_null()
    level = pl.when(assumed).then(_ASSUMED_LEVEL).otherwise(pl.col("ci_level"))
    levels = [_ASSUMED_LEVEL, *effects["ci_level"].drop_nulls().unique(maintain_order=True).to_list()]
    z = level.replace_strict(
        {value: NormalDist().inv_cdf(0.5 + value / 200) for value in levels}, default=None, return_dtype=pl.Float64
    )
    positive = (pl.col("ci_low") > 0) & (pl.col("ci_high") > 0)
    logarithms = pl.when(ratio & positive).then(pl.col("ci_high").log() - pl.col("ci_low").log())
    differences = pl.when(~ratio).then(pl.col("ci_high") - pl.col("ci_low"))
    from_interval = pl.coalesce(logarithms, differences) / (2 * z)
    peto = ratio & (pl.col("::variance") > 0) & pl.col("::o_minus_e").is_not_null()
    return effects.with_columns(
        pl.when(ratio & (pl.col("estimate") > 0))
        .then(pl.col("estimate").log())
        .when(peto & pl.col("estimate").is_null())
        .then(pl.col("::o_minus_e") / pl.col("::variance"))
        .alias("log_estimate"),
        pl.coalesce(
            from_interval, pl.col("::standard_error"), pl.when(peto).then(1 / pl.col("::variance").sqrt())
        ).alias("standard_error"),
        pl.when(from_interval.is_not_null())
        .then(pl.lit("interval"))
        .when(pl.col("::standard_error").is_not_null())
        .then(pl.lit("printed"))
        .when(peto)
        .then(pl.lit("o_minus_e"))
        .cast(pl.Enum(STANDARD_ERROR_FROM))
        .alias("standard_error_from"),
        level.alias("ci_level"),
        assumed.alias("ci_level_assumed"),
    ).drop(f"::{c}" for c in _PRINTED_ERRORS)
