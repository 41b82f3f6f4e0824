"""Whether lower or higher values of an effect are better."""

from __future__ import annotations

from typing import Any

import polars as pl

from luminaldb.loaders.standard_errors import RATIOS

EVENT_RATIOS = ("hazard_ratio", "rate_ratio")
# Joins the ids of two results by arm that were made into a comparison.
RESULT_ID_SEPARATOR = "/"


def lower_is_better(measure: str, family: str | None, better: str | None) -> bool:
    """Return whether an effect below no difference favours the experimental arm.

    A ratio of a time-to-event endpoint counts events, so below 1 is better whatever the endpoint is called; other
    measures go the way the endpoint does.

    Args:
        measure: of the effect, such as hazard_ratio.
        family: of the endpoint, such as time_to_event; None where it isn't known.
        better: higher or lower values of the endpoint; None where it isn't known.
    """
    if measure in EVENT_RATIOS or (family == "time_to_event" and measure in RATIOS):
        return True
    return better == "lower"


def infer_lower_is_better(rows: pl.DataFrame) -> bool | None:
    """Return whether lower is better in rows of `trial_results()`; None where they don't say, or differ."""
    measures = rows["measure"].cast(pl.String).unique().to_list()
    has_endpoint_columns = {"endpoint_better", "endpoint_family"} <= set(rows.columns)
    if not has_endpoint_columns:
        return True if set(measures) <= set(EVENT_RATIOS) else None
    family = pl.col("endpoint_family").cast(pl.String)
    if "result_id" in rows.columns:
        # A comparison made of two rates counts what the rate does: in a survival rate, patients without the event.
        is_calculated = (
            pl.col("result_id").cast(pl.String).str.contains(RESULT_ID_SEPARATOR, literal=True).fill_null(value=False)
        )
        family = pl.when(~is_calculated).then(family)
    endpoint_kinds: list[tuple[Any, ...]] = (
        rows.select(
            pl.col("measure").cast(pl.String), family.alias("family"), pl.col("endpoint_better").cast(pl.String)
        )
        .unique()
        .rows()
    )
    directions = {lower_is_better(*kind) for kind in endpoint_kinds}
    return directions.pop() if len(directions) == 1 else None
