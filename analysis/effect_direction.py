"""Which side of no difference is the better one."""

from __future__ import annotations

from typing import Any

import polars as pl

from luminaldb.loaders.standard_errors import RATIOS

EVENT_RATIOS = ("hazard_ratio", "rate_ratio")


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


def direction_of(rows: pl.DataFrame) -> bool | None:
    """Return whether lower is better in rows of `trial_results()`; None where they don't say, or differ."""
    measures = rows["measure"].cast(pl.String).unique().to_list()
    known = {"endpoint_better", "endpoint_family"} <= set(rows.columns)
    if not known:
        return True if set(measures) <= set(EVENT_RATIOS) else None
    kinds: list[tuple[Any, ...]] = (
        rows.select(pl.col("measure", "endpoint_family", "endpoint_better").cast(pl.String)).unique().rows()
    )
    sides = {lower_is_better(*kind) for kind in kinds}
    return sides.pop() if len(sides) == 1 else None
