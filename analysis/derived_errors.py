"""Standard errors that a source doesn't print: from an exact p value, or from events by arm."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from luminaldb.loaders.standard_errors import RATIOS, STANDARD_ERROR_FROM

P_VALUE, EVENTS, COUNTED = "p_value", "events", "counts"
ROUTES = (*STANDARD_ERROR_FROM, P_VALUE, EVENTS, COUNTED)
_WORDS = {
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
            pl.col("standard_error_from").cast(pl.String).cast(pl.Enum(ROUTES)),
            pl.lit(None, pl.String).alias("::error_from"),
        )
    ratio = pl.col("measure").cast(pl.String).is_in(RATIOS)
    size = pl.when(ratio).then(pl.col("log_estimate").abs()).otherwise(pl.col("estimate").abs())
    exact = (pl.col("p_operator").cast(pl.String) == "=") & (pl.col("p_value") > 0) & (pl.col("p_value") < 1)
    sides = pl.col("p_sides").cast(pl.Int64, strict=False).fill_null(_TWO_SIDED)
    tail = pl.when(exact).then(pl.col("p_value") / sides)
    tails = rows.select(tail.alias("tail"))["tail"].drop_nulls().unique().to_list()
    z = tail.replace_strict({t: -NormalDist().inv_cdf(t) for t in tails}, default=None, return_dtype=pl.Float64)
    from_p = pl.when((z > 0) & (size > 0)).then(size / z)
    events = (pl.col("events_experimental"), pl.col("events_control"))
    from_events = pl.when(ratio & pl.col("log_estimate").is_not_null() & (events[0] > 0) & (events[1] > 0)).then(
        (1 / events[0] + 1 / events[1]).sqrt()
    )
    route = pl.col("standard_error_from").cast(pl.String)
    error = pl.col("standard_error")
    for name, value in ((P_VALUE, from_p), (EVENTS, from_events)):
        if name in derive:
            route = pl.when(error.is_null() & value.is_not_null()).then(pl.lit(name)).otherwise(route)
            error = pl.coalesce(error, value)
    rows = rows.with_columns(error.alias("standard_error"), route.cast(pl.Enum(ROUTES)).alias("standard_error_from"))
    rows = rows.with_columns(
        pl.col("standard_error_from").cast(pl.String).replace_strict(_WORDS, default=None).alias("::error_from")
    )
    return _with_interval(rows)


def _with_interval(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill the estimate and the 95 % interval of a derived standard error."""
    z = NormalDist().inv_cdf(0.975)
    log, error = pl.col("log_estimate"), pl.col("standard_error")
    filled = pl.col("::error_from").is_not_null() & pl.col("ci_low").is_null() & pl.col("ci_high").is_null()
    estimate = pl.coalesce("estimate", log.exp())

    def limit(side: int) -> pl.Expr:
        return pl.when(log.is_not_null()).then((log + side * z * error).exp()).otherwise(estimate + side * z * error)

    return rows.with_columns(
        pl.when(pl.col("::error_from").is_not_null()).then(estimate).otherwise("estimate").alias("estimate"),
        pl.when(filled).then(limit(-1)).otherwise("ci_low").alias("ci_low"),
        pl.when(filled).then(limit(1)).otherwise("ci_high").alias("ci_high"),
        pl.when(filled).then(95.0).otherwise("ci_level").alias("ci_level"),
    )
