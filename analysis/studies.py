"""Which frames are studies that can be pooled, whatever library they come from."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError
from luminaldb.loaders.database import Database
from luminaldb.loaders.standard_errors import RATIOS

from .count_data import COLUMNS, COUNTED
from .criteria import JOINT
from .multi_arm_trials import SPLIT, joint_components
from .overlapping_patients import find_shared_patients
from .selection import Selection

FEWEST = 2
POOLED_ANALYSIS_DESIGNS = ("pooled_analysis", "meta_analysis")
MEASURES = (*RATIOS, "risk_difference")
_TAKEN = "a polars, pandas or Arrow frame, a DuckDB relation, or what comparisons() returns"


def studies_of(data: Any, *, counts: bool = False) -> pl.DataFrame:
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
        if frame.height < FEWEST:
            few = f"{_too_few(frame.height)}: {_describe_exclusions(data)}"
            raise LuminaldbError(few, hint=_argument_that_adds(data))
    else:
        frame = read_frame(data)
    return _usable_studies(frame, counts=counts)


def read_frame(data: Any) -> pl.DataFrame:
    """Return any frame as one of polars; see `studies_of`."""
    try:
        frame: pl.DataFrame = nw.from_native(data).lazy().collect("polars").to_native()
    except ImportError:
        raise MissingExtraError("pyarrow is not installed; run: pip install 'luminaldb[pandas]'") from None
    except (TypeError, ValueError) as error:
        kind = type(data).__name__
        raise LuminaldbError(f"meta_analysis() takes {_TAKEN}; this {kind} can't be read: {error}") from None
    return frame


def _usable_studies(frame: pl.DataFrame, *, counts: bool) -> pl.DataFrame:
    needed = {"measure", *(COLUMNS if counts else ("standard_error", "estimate"))}
    if missing := sorted(needed - set(frame.columns)):
        raise LuminaldbError(f"pooling needs the columns {', '.join(missing)}, as trial_results() has them")
    if frame.height < FEWEST:
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
    took = selection.flow.filter(pl.col("results") > 0)
    counts = ", ".join(f"{row['criterion']} {row['results']}" for row in took.iter_rows(named=True))
    last = took.filter(pl.col("trials_left") < FEWEST)
    emptied = f"; {last['criterion'][0]} left {last['trials_left'][0] or 'no'} trial" if last.height else ""
    return f"excluded by {counts}{emptied}" if counts else "no trial tests it"


def _argument_that_adds(selection: Selection) -> str:
    """Name the argument that lets the results in that the default choice of one setting or comparator excluded."""
    counted = dict(selection.counts())
    argument = {"setting": "setting", "mixed comparator": "comparator"}
    if selection.question is not None and any(name == "setting" for name, _ in selection.question.trial_values):
        del argument["setting"]
    added = [name for criterion, name in argument.items() if counted.get(criterion)]
    return f"add mixed={'True' if len(added) > 1 else repr(added[0])} to pool those too" if added else ""


def _refuse_repeated_patients(frame: pl.DataFrame) -> None:
    rows = frame
    if "derived_from" in rows.columns:
        # Comparisons whose shared arm was split count each of its patients once.
        rows = rows.filter(~pl.col("derived_from").cast(pl.String).str.contains(SPLIT).fill_null(value=False))
    again = [position for position in find_shared_patients(rows) if position is not None]
    if again:
        twice = rows.filter(pl.col("trial_id").is_in(rows["trial_id"].gather(again).implode()))
        raise LuminaldbError(f"one trial's patients would count twice: {_list_results(twice)}: keep one row per trial")


def _refuse_pooled_trials(frame: pl.DataFrame) -> None:
    """Refuse meta-analyses, and joint analyses of trials that are among the rows."""
    design = pl.col("trial_design").cast(pl.String)
    pooled = frame.filter(design.is_in(POOLED_ANALYSIS_DESIGNS))
    if pooled.height and "trial_id" in frame.columns:
        trials = Database.installed().frame("trials").select("trial_id", "note")
        present = set(frame["trial_id"])
        parts = joint_components(trials.iter_rows(), set(trials["trial_id"]))
        apart = [t for t in pooled.filter(design == JOINT)["trial_id"] if parts.get(t) and not parts[t] & present]
        pooled = pooled.filter(~pl.col("trial_id").is_in(apart))
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
    sound = pl.col(column).is_finite() & pl.col("estimate").is_finite() & (error > 0)
    bad = frame.filter(~(sound & (error**-2).is_finite() & (error**-2 > 0)).fill_null(value=False))
    if bad.height:
        raise LuminaldbError(f"no estimate or standard error for {_list_results(bad)}: leave such rows out")
    return frame


def _counts(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    if measure not in COUNTED:
        raise LuminaldbError(f"a {measure} can't be pooled from counts; choose from {', '.join(COUNTED)}")
    frame = _numbers(frame, set(COLUMNS))
    arms = ((COLUMNS[0], COLUMNS[1]), (COLUMNS[2], COLUMNS[3]))
    sound = [(pl.col(n) > 0) & (pl.col(e) >= 0) & (pl.col(e) <= pl.col(n)) & pl.col(n).is_finite() for e, n in arms]
    bad = frame.filter(~pl.all_horizontal(sound).fill_null(value=False))
    if bad.height:
        raise LuminaldbError(
            f"no events and patients by arm for {_list_results(bad)}: leave such rows out, or pool by reml"
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
