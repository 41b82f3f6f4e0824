"""Which frames are studies that can be pooled, whatever library they come from."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.loaders.database import Database
from luminaldb.loaders.standard_errors import RATIOS

from .count_data import COUNT_COLUMNS, COUNTED_MEASURES
from .criteria import JOINT
from .multi_arm_trials import SPLIT, joint_components
from .overlapping_patients import find_shared_patients
from .selection import Selection

MIN_STUDIES = 2
POOLED_ANALYSIS_DESIGNS = ("pooled_analysis", "meta_analysis")
MEASURES = (*RATIOS, "risk_difference")
_ACCEPTED_FRAMES = "a polars, pandas or Arrow frame, a DuckDB relation, or what comparisons() returns"


def read_studies(data: Any, *, counts: bool = False) -> pl.DataFrame:
    """Return the rows to pool as a polars frame.

    Args:
        data: a polars, pandas or Arrow frame, a DuckDB relation, or what `comparisons()` returns.
        counts: whether they are pooled from events and patients by arm.

    Raises:
        LuminaldbError: it is nothing of these, or its rows can't be pooled.
        MissingExtraError: a pandas frame, and pyarrow isn't installed.
    """
    if isinstance(data, Selection):
        frame = data.included
        if frame.height < MIN_STUDIES:
            message = f"{_too_few(frame.height)}: {_describe_exclusions(data)}"
            raise LuminaldbError(message, hint=_argument_that_adds(data))
    else:
        frame = read_frame(data)
    return _usable_studies(frame, counts=counts)


def read_frame(data: Any) -> pl.DataFrame:
    """Return any frame as one of polars; see `read_studies`."""
    try:
        frame: pl.DataFrame = nw.from_native(data).lazy().collect("polars").to_native()
    except ImportError:
        raise MissingExtraError("pyarrow is not installed; run: pip install 'luminaldb[pandas]'") from None
    except (TypeError, ValueError) as error:
        kind = type(data).__name__
        raise LuminaldbError(f"meta_analysis() takes {_ACCEPTED_FRAMES}; this {kind} can't be read: {error}") from None
    return frame


def _usable_studies(frame: pl.DataFrame, *, counts: bool) -> pl.DataFrame:
    needed_columns = {"measure", *(COUNT_COLUMNS if counts else ("standard_error", "estimate"))}
    if missing := sorted(needed_columns - set(frame.columns)):
        raise LuminaldbError(f"pooling needs the columns {', '.join(missing)}, as trial_results() has them")
    if frame.height < MIN_STUDIES:
        raise LuminaldbError(_too_few(frame.height))
    measures = frame["measure"].cast(pl.String).unique(maintain_order=True).to_list()
    if unknown := [m for m in measures if m not in MEASURES]:
        raise LuminaldbError(f"no measure {unknown[0]!r} can be pooled; choose from {', '.join(MEASURES)}")
    if len(measures) > 1:
        raise LuminaldbError(f"results of different measures can't be pooled: {', '.join(map(str, measures))}")
    frame = _counts(frame, str(measures[0])) if counts else _estimates(frame, str(measures[0]))
    if "trial_id" in frame.columns:
        _refuse_repeated_patients(frame)
    if "trial_design" in frame.columns:
        _refuse_pooled_trials(frame)
    return frame


def _too_few(height: int) -> str:
    return f"pooling needs at least two results; there {'is one' if height else 'are none'}"


def _describe_exclusions(selection: Selection) -> str:
    """Return how many results and trials each criterion of a selection excluded, and which one took the last."""
    if selection.flow is None or selection.flow.is_empty():
        return "no trial tests it"
    steps_that_excluded = selection.flow.filter(pl.col("results") > 0)
    counts = ", ".join(f"{row['criterion']} {row['results']}" for row in steps_that_excluded.iter_rows(named=True))
    last_step = steps_that_excluded.filter(pl.col("trials_left") < MIN_STUDIES)
    last_step_text = (
        f"; {last_step['criterion'][0]} left {last_step['trials_left'][0] or 'no'} trial" if last_step.height else ""
    )
    return f"excluded by {counts}{last_step_text}" if counts else "no trial tests it"


def _argument_that_adds(selection: Selection) -> str:
    """Name the argument that lets the results in that the default choice of one setting or comparator excluded."""
    counts = dict(selection.counts())
    values_by_criterion = {"setting": "setting", "mixed comparator": "comparator"}
    if selection.question is not None and any(name == "setting" for name, _ in selection.question.trial_values):
        del values_by_criterion["setting"]
    values = [name for criterion, name in values_by_criterion.items() if counts.get(criterion)]
    return f"add mixed={'True' if len(values) > 1 else repr(values[0])} to pool those too" if values else ""


def _refuse_repeated_patients(frame: pl.DataFrame) -> None:
    rows = frame
    if "derived_from" in rows.columns:
        # Comparisons whose shared arm was split count each of its patients once.
        rows = rows.filter(~pl.col("derived_from").cast(pl.String).str.contains(SPLIT).fill_null(value=False))
    repeated_positions = [position for position in find_shared_patients(rows) if position is not None]
    if repeated_positions:
        repeated_rows = rows.filter(pl.col("trial_id").is_in(rows["trial_id"].gather(repeated_positions).implode()))
        raise LuminaldbError(
            f"one trial's patients would count twice: {_list_results(repeated_rows)}: keep one row per trial"
        )


def _refuse_pooled_trials(frame: pl.DataFrame) -> None:
    """Refuse meta-analyses, and joint analyses of trials that are among the rows."""
    design = pl.col("trial_design").cast(pl.String)
    pooled = frame.filter(design.is_in(POOLED_ANALYSIS_DESIGNS))
    if pooled.height and "trial_id" in frame.columns:
        trials = Database.installed().frame("trials").select("trial_id", "note")
        present_ids = set(frame["trial_id"])
        components = joint_components(trials.iter_rows(), set(trials["trial_id"]))
        ids_without_overlap = [
            t
            for t in pooled.filter(design == JOINT)["trial_id"]
            if components.get(t) and not components[t] & present_ids
        ]
        pooled = pooled.filter(~pl.col("trial_id").is_in(ids_without_overlap))
    if pooled.height:
        raise LuminaldbError(
            f"patients of other trials may count twice: {_list_results(pooled)} pools several trials: leave it out, or "
            "drop the column trial_design if none of them is among the rows"
        )


def _estimates(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    column = "log_estimate" if measure in RATIOS else "estimate"
    if column not in frame.columns:
        raise LuminaldbError(f"pooling needs the column {column}, as trial_results() has it")
    frame = _numbers(frame, {column, "estimate", "standard_error"})
    error = pl.col("standard_error")
    # A weight is 1 over the square: what is too small or too large for that is no standard error either.
    is_valid = pl.col(column).is_finite() & pl.col("estimate").is_finite() & (error > 0)
    invalid_rows = frame.filter(~(is_valid & (error**-2).is_finite() & (error**-2 > 0)).fill_null(value=False))
    if invalid_rows.height:
        raise LuminaldbError(f"no estimate or standard error for {_list_results(invalid_rows)}: leave such rows out")
    return frame


def _counts(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    if measure not in COUNTED_MEASURES:
        raise LuminaldbError(f"a {measure} can't be pooled from counts; choose from {', '.join(COUNTED_MEASURES)}")
    frame = _numbers(frame, set(COUNT_COLUMNS))
    arms = ((COUNT_COLUMNS[0], COUNT_COLUMNS[1]), (COUNT_COLUMNS[2], COUNT_COLUMNS[3]))
    is_valid = [(pl.col(n) > 0) & (pl.col(e) >= 0) & (pl.col(e) <= pl.col(n)) & pl.col(n).is_finite() for e, n in arms]
    invalid_rows = frame.filter(~pl.all_horizontal(is_valid).fill_null(value=False))
    if invalid_rows.height:
        raise LuminaldbError(
            f"no events and patients by arm for {_list_results(invalid_rows)}: leave such rows out, or pool by reml"
        )
    return frame


def _numbers(frame: pl.DataFrame, columns: set[str]) -> pl.DataFrame:
    for column in sorted(columns):
        kind = frame.schema[column]
        if not (kind.is_numeric() or kind == pl.Null):
            raise LuminaldbError(f"pooling needs numbers in the column {column}; it holds {kind}")
    return frame.with_columns(pl.col(*columns).cast(pl.Float64))


def _list_results(rows: pl.DataFrame) -> str:
    column = next((c for c in ("result_id", "effect_id", "trial_id") if c in rows.columns), None)
    return ", ".join(map(str, rows[column].to_list()[:5])) if column else f"{rows.height} rows"
