"""Which trials and endpoints have a result that can be pooled."""

from __future__ import annotations

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.views import RESULT_TABLES, join_results, read_with_current_columns

from .arm_counts import with_counts
from .count_data import COUNT_COLUMNS, COUNTED_MEASURES

_MEASURES_BY_ARM = ("percent", "percent_at")
_RESULT_COLUMNS = ["trial_id", "population_id", "endpoint_id", "measure", "at_months", "analysis", "period"]


def usable_pairs(database: Database) -> pl.DataFrame:
    """Return the pairs of trial_id and endpoint_id of which `comparisons()` can use a result.

    Args:
        database: whose results to look at.
    """
    results = join_results(read_with_current_columns(database, RESULT_TABLES), include_superseded=True)
    printed = results.filter(pl.col("result_type") == "effect")
    has_error = (
        pl.col("standard_error").is_not_null() & pl.col("log_estimate").fill_null(pl.col("estimate")).is_not_null()
    )
    has_counts = pl.all_horizontal(pl.col(c).is_not_null() for c in COUNT_COLUMNS)
    effects = printed.filter(has_error | (has_counts & pl.col("measure").cast(pl.String).is_in(COUNTED_MEASURES)))
    by_arm = results.filter(
        pl.col("result_type") == "outcome", pl.col("measure").cast(pl.String).is_in(_MEASURES_BY_ARM)
    )
    by_arm = with_counts(by_arm, database).filter(pl.col("::counts_from").is_not_null())
    arms = by_arm.group_by(_RESULT_COLUMNS).agg(pl.col("arm_id").n_unique().alias("arms")).filter(pl.col("arms") > 1)
    pairs = [frame.select("trial_id", "endpoint_id") for frame in (effects, arms)]
    return pl.concat(pairs).unique().sort("trial_id", "endpoint_id")
