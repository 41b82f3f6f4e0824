"""The flow of a selection: criteria in order, each with the results that it excludes and the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl


class Reason(NamedTuple):
    """Why a result is excluded, in words, and the result that is used in its place (several joined by `; `)."""

    text: str
    other_result_id: str | None = None


Reasons = Mapping[str, Reason]
"""Why results are excluded, by result_id."""
_EXCLUDED_COLUMNS = ("result_id", "acronym", "source", "criterion", "reason", "other_result_id")
_FLOW_SCHEMA = {
    "criterion": pl.String, "results": pl.Int64, "trials": pl.Int64, "results_left": pl.Int64, "trials_left": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of exclusion that compares results with one another.

    Attributes:
        name: what it is called, in a word or two.
        excluded: of the rows that the criteria before it left, those that it excludes, with the reason.
    """

    name: str
    excluded: Callable[[pl.DataFrame], Reasons]


@dataclass(frozen=True, slots=True)
class RowCriterion:
    """A criterion of exclusion that looks at each row alone.

    Attributes:
        name: what it is called, in a word or two.
        fails: true for a row to exclude; null counts as false.
        reason: of the exclusion, or an expression of it.
    """

    name: str
    fails: pl.Expr
    reason: str | pl.Expr


class Flow:
    """The results that remain, and how many each criterion excluded (as in a PRISMA flow diagram)."""

    def __init__(self, rows: pl.DataFrame) -> None:
        """Begin with every result of the trials that test the therapy."""
        self.rows = rows
        self._excluded_frames: list[pl.DataFrame] = []
        self._steps: list[tuple[str, int, int, int, int]] = []

    def exclude_rows(self, criteria: Sequence[RowCriterion]) -> None:
        """Apply criteria that look at each row alone, in order; a row is excluded by the first that it fails."""
        if not criteria:
            return
        first_failed = pl.coalesce(
            pl.when(criterion.fails.fill_null(value=False)).then(index) for index, criterion in enumerate(criteria)
        )
        reason = pl.coalesce(
            pl.when(pl.col("::criterion") == index).then(
                pl.lit(c.reason) if isinstance(c.reason, str) else c.reason.cast(pl.String)
            )
            for index, c in enumerate(criteria)
        )
        rows = self.rows.with_columns(first_failed.cast(pl.Int64).alias("::criterion"))
        excluded_rows = rows.filter(pl.col("::criterion").is_not_null())
        failed_positions, trial_ids = rows["::criterion"].to_list(), rows["trial_id"].to_list()
        for index, criterion in enumerate(criteria):
            excluded_trials = [
                trial for position, trial in zip(failed_positions, trial_ids, strict=True) if position == index
            ]
            remaining_trials = [
                trial
                for position, trial in zip(failed_positions, trial_ids, strict=True)
                if position is None or position > index
            ]
            self._count_step(criterion.name, excluded_trials, remaining_trials)
        if excluded_rows.height:
            names = [criteria[index].name for index in excluded_rows["::criterion"].to_list()]
            excluded_rows = excluded_rows.with_columns(
                reason.alias("reason"),
                pl.Series("criterion", names, dtype=pl.String),
                pl.lit(None, pl.String).alias("other_result_id"),
            )
            self._excluded_frames.append(excluded_rows.select(*_EXCLUDED_COLUMNS).cast(pl.String))
            rows = rows.filter(pl.col("::criterion").is_null())
        self.rows = rows.drop("::criterion")

    def exclude(self, criterion: Criterion) -> None:
        """Apply a criterion that compares results with one another."""
        reasons = dict(criterion.excluded(self.rows)) if self.rows.height else {}
        before = self.rows
        if reasons:
            is_excluded = pl.col("result_id").is_in(list(reasons))
            excluded_rows = before.filter(is_excluded)
            reasons_in_order = [reasons[result] for result in excluded_rows["result_id"].to_list()]
            excluded_rows = excluded_rows.with_columns(
                pl.lit(criterion.name).alias("criterion"),
                pl.Series("reason", [reason.text for reason in reasons_in_order], dtype=pl.String),
                pl.Series("other_result_id", [reason.other_result_id for reason in reasons_in_order], dtype=pl.String),
            )
            self._excluded_frames.append(excluded_rows.select(*_EXCLUDED_COLUMNS).cast(pl.String))
            self.rows = before.filter(~is_excluded)
        remaining_trials = self.rows["trial_id"].to_list()
        excluded_trials = [
            trial
            for result, trial in zip(before["result_id"].to_list(), before["trial_id"].to_list(), strict=True)
            if result in reasons
        ]
        self._count_step(criterion.name, excluded_trials, remaining_trials)

    def _count_step(self, criterion_name: str, excluded_trials: list[str], remaining_trials: list[str]) -> None:
        """Count results and trials that a criterion excluded and left, given the trial of each result."""
        self._steps.append(
            (
                criterion_name,
                len(excluded_trials),
                len(set(excluded_trials)),
                len(remaining_trials),
                len(set(remaining_trials)),
            )
        )

    @property
    def excluded(self) -> pl.DataFrame:
        """Every excluded result with its criterion and reason."""
        frames = self._excluded_frames or [pl.DataFrame(schema=dict.fromkeys(_EXCLUDED_COLUMNS, pl.String))]
        return pl.concat(frames).sort("result_id")

    @property
    def steps(self) -> pl.DataFrame:
        """How many results and trials each criterion excluded and left."""
        return pl.DataFrame(self._steps, schema=_FLOW_SCHEMA, orient="row")
