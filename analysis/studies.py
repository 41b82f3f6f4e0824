"""Which frames are studies that can be pooled, whatever library they come from."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.loaders.views import RATIOS

from .overlapping_patients import sharing
from .selection import Selection

FEWEST = 2
POOLED_DESIGNS = ("pooled_analysis", "meta_analysis")
MEASURES = (*RATIOS, "risk_difference")
_TAKEN = "a polars, pandas or Arrow frame, a DuckDB relation, or what comparisons() gives"


def studies_of(given: Any) -> pl.DataFrame:
    """Give the rows to pool as a polars frame.

    Args:
        given: a polars, pandas or Arrow frame, a DuckDB relation, or what `comparisons()` gives.

    Raises:
        LuminaldbError: it is nothing of these, or its rows can't be pooled.
        MissingExtraError: a pandas frame, and pyarrow isn't installed.
    """
    if isinstance(given, Selection):
        frame = given.included
    else:
        try:
            frame = nw.from_native(given).lazy().collect("polars").to_native()
        except ImportError:
            raise MissingExtraError("pyarrow is not installed; run: pip install 'luminaldb[pandas]'") from None
        except (TypeError, ValueError) as error:
            kind = type(given).__name__
            raise LuminaldbError(f"meta_analysis() takes {_TAKEN}; this {kind} can't be read: {error}") from None
    return _fit(frame)


def _fit(frame: pl.DataFrame) -> pl.DataFrame:
    needed = {"measure", "standard_error", "estimate"}
    if missing := sorted(needed - set(frame.columns)):
        raise LuminaldbError(f"pooling needs the columns {', '.join(missing)}, as trial_results() has them")
    if frame.height < FEWEST:
        raise LuminaldbError(f"pooling needs at least two results; there {'is one' if frame.height else 'are none'}")
    measures = frame["measure"].cast(pl.String).unique(maintain_order=True).to_list()
    if unknown := [m for m in measures if m not in MEASURES]:
        raise LuminaldbError(f"no measure {unknown[0]!r} can be pooled; choose from {', '.join(MEASURES)}")
    if len(measures) > 1:
        raise LuminaldbError(f"results of different measures can't be pooled: {', '.join(map(str, measures))}")
    column = "log_estimate" if measures[0] in RATIOS else "estimate"
    if column not in frame.columns:
        raise LuminaldbError(f"pooling needs the column {column}, as trial_results() has it")
    frame = _numbers(frame, {column, "estimate", "standard_error"})
    error = pl.col("standard_error")
    # A weight is 1 over the square: what is too small or too large for that is no standard error either.
    sound = pl.col(column).is_finite() & pl.col("estimate").is_finite() & (error > 0)
    bad = frame.filter(~(sound & (error**-2).is_finite() & (error**-2 > 0)).fill_null(value=False))
    if bad.height:
        raise LuminaldbError(f"no estimate or standard error for {_named(bad)}: leave such rows out")
    if "trial_id" in frame.columns:
        again = [position for position in sharing(frame) if position is not None]
        if again:
            twice = frame.filter(pl.col("trial_id").is_in(frame["trial_id"].gather(again).implode()))
            raise LuminaldbError(f"one trial's patients would count twice: {_named(twice)}: keep one row per trial")
    if "trial_design" in frame.columns:
        pooled = frame.filter(pl.col("trial_design").cast(pl.String).is_in(POOLED_DESIGNS))
        if pooled.height:
            raise LuminaldbError(
                f"patients of other trials may count twice: {_named(pooled)} pools several trials: leave it out, or "
                "drop the column trial_design if none of them is among the rows"
            )
    return frame


def _numbers(frame: pl.DataFrame, columns: set[str]) -> pl.DataFrame:
    for column in sorted(columns):
        kind = frame.schema[column]
        if not (kind.is_numeric() or kind == pl.Null):
            raise LuminaldbError(f"pooling needs numbers in the column {column}; it holds {kind}")
    return frame.with_columns(pl.col(*columns).cast(pl.Float64))


def _named(rows: pl.DataFrame) -> str:
    column = next((c for c in ("result_id", "effect_id", "trial_id") if c in rows.columns), None)
    return ", ".join(map(str, rows[column].to_list()[:5])) if column else f"{rows.height} rows"
