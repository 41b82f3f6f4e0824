"""Standard errors that a source doesn't print: from an exact p value, or from events by arm."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from luminaldb.loaders.standard_errors import RATIOS, STANDARD_ERROR_FROM

P_VALUE, EVENTS, COUNTS = "p_value", "events", "counts"
STANDARD_ERROR_SOURCES = (*STANDARD_ERROR_FROM, P_VALUE, EVENTS, COUNTS)
_SOURCE_TEXTS = {
    P_VALUE: "standard error from the p value",
    EVENTS: "standard error from events",
    "o_minus_e": "observed minus expected events and their variance",
}
_TWO_SIDED = 2


def derive_standard_errors(rows: pl.DataFrame, derive: tuple[str, ...]) -> pl.DataFrame:
    """Fill standard errors that have no interval, and say from what in `standard_error_from` and `::error_from`.

    Args:
        rows: of `trial_results()`.
        derive: the routes that may be taken: `p_value` and `events`.

    Sources: from the estimate and its p value, |ln estimate| / z (Tierney et al. 2007, doi 10.1186/1745-6215-8-16,
    methods 7 to 9; Altman & Bland 2011, doi 10.1136/bmj.d2090); from events by arm, the square root of 1 / e1 + 1 / e2
    (Tierney's method 3 to 5: V = e1 e2 / (e1 + e2)). The p value is two-sided unless `p_sides` is 1.
    """
    if not {P_VALUE, EVENTS} & set(derive) and "o_minus_e" not in rows["standard_error_from"]:
        return rows.with_columns(
            pl.col("standard_error_from").cast(pl.String).cast(pl.Enum(STANDARD_ERROR_SOURCES)),
            pl.lit(None, pl.String).alias("::error_from"),
        )
    is_ratio = pl.col("measure").cast(pl.String).is_in(RATIOS)
    absolute_effect = pl.when(is_ratio).then(pl.col("log_estimate").abs()).otherwise(pl.col("estimate").abs())
    has_exact_p = (pl.col("p_operator").cast(pl.String) == "=") & (pl.col("p_value") > 0) & (pl.col("p_value") < 1)
    sides = pl.col("p_sides").cast(pl.Int64, strict=False).fill_null(_TWO_SIDED)
    tail = pl.when(has_exact_p).then(pl.col("p_value") / sides)
    tails = rows.select(tail.alias("tail"))["tail"].drop_nulls().unique().to_list()
    z = tail.replace_strict({t: -NormalDist().inv_cdf(t) for t in tails}, default=None, return_dtype=pl.Float64)
    from_p = pl.when((z > 0) & (absolute_effect > 0)).then(absolute_effect / z)
    events = (pl.col("events_experimental"), pl.col("events_control"))
    from_events = pl.when(is_ratio & pl.col("log_estimate").is_not_null() & (events[0] > 0) & (events[1] > 0)).then(
        (1 / events[0] + 1 / events[1]).sqrt()
    )
    source = pl.col("standard_error_from").cast(pl.String)
    error = pl.col("standard_error")
    for name, value in ((P_VALUE, from_p), (EVENTS, from_events)):
        if name in derive:
            source = pl.when(error.is_null() & value.is_not_null()).then(pl.lit(name)).otherwise(source)
            error = pl.coalesce(error, value)
    rows = rows.with_columns(
        error.alias("standard_error"), source.cast(pl.Enum(STANDARD_ERROR_SOURCES)).alias("standard_error_from")
    )
    rows = rows.with_columns(
        pl.col("standard_error_from").cast(pl.String).replace_strict(_SOURCE_TEXTS, default=None).alias("::error_from")
    )
    return _with_interval(rows)


def _with_interval(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill the estimate and the 95 % interval of a derived standard error."""
    z = NormalDist().inv_cdf(0.975)
    log_estimate, error = pl.col("log_estimate"), pl.col("standard_error")
    needs_interval = pl.col("::error_from").is_not_null() & pl.col("ci_low").is_null() & pl.col("ci_high").is_null()
    estimate = pl.coalesce("estimate", log_estimate.exp())

    def limit(side: int) -> pl.Expr:
        return (
            pl.when(log_estimate.is_not_null())
            .then((log_estimate + side * z * error).exp())
            .otherwise(estimate + side * z * error)
        )

    return rows.with_columns(
        pl.when(pl.col("::error_from").is_not_null()).then(estimate).otherwise("estimate").alias("estimate"),
        pl.when(needs_interval).then(limit(-1)).otherwise("ci_low").alias("ci_low"),
        pl.when(needs_interval).then(limit(1)).otherwise("ci_high").alias("ci_high"),
        pl.when(needs_interval).then(95.0).otherwise("ci_level").alias("ci_level"),
    )
