"""One result per trial: arms of multi-arm trials combined, split or chosen; patients counted once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import polars as pl

from .arm_comparison import IN_PLACE_OF, OTHER
from .confidence_intervals import interval_at_level
from .count_data import COUNT_COLUMNS, COUNTED_MEASURES, with_effect_sizes
from .exclusion import Reason
from .overlapping_patients import explain_shared_patients, find_shared_patients

_Row = dict[str, Any]
_SHARED_COLUMNS = ("comparison", "population_id", "endpoint_id", "measure", "assessor", "period", "at_months")
# A two-arm comparison whose events are not printed: two log ratios that share an arm of equal size correlate by a half.
_ARM_SHARE_OF_VARIANCE = 0.5
# A joint analysis of which one trial alone is known counts patients of others as well.
_MIN_JOINT_TRIALS = 2
COMBINED, SPLIT = "arms combined", "shared arm split"
_COMBINED_COLUMNS = ("result_id", "arm_id", "arm", "control_arm_id", "control_arm")


def resolve_trials(
    rows: pl.DataFrame, arms: str | tuple[str, ...]
) -> tuple[pl.DataFrame, dict[str, Reason], list[str]]:
    """Return rows in which no patient counts twice.

    Of a trial's results, the one whose arms differ least comes first, then the one followed longest, then the one of
    most patients, then the latest; standard errors are not looked at.

    Args:
        rows: results that answer the question, one per population and pair of arms.
        arms: combine, split or each, or the ids of arms that were chosen already, which are combined.

    Returns:
        The rows, why others are excluded by result_id, and a sentence for each trial whose arms were combined or split.
    """
    if arms == "each" or not rows["trial_id"].is_duplicated().any():
        return rows, {}, []
    resolved_rows: list[_Row] = []
    reasons: dict[str, Reason] = {}
    notes: list[str] = []
    rows_of_repeated_trials = rows.filter(pl.col("trial_id").is_duplicated())
    for _, trial in _sort_rows(rows_of_repeated_trials).group_by("trial_id", maintain_order=True):
        remaining = trial.to_dicts()
        groups: list[list[_Row]] = []
        while remaining:
            group = _comparisons_with_shared_arm(remaining)
            group_ids = {row["result_id"] for row in group}
            groups.append(group)
            remaining = [row for row in remaining if row["result_id"] not in group_ids]
        first_rows = pl.DataFrame([group[0] for group in groups], schema=trial.schema)
        for group, shared_position in zip(groups, find_shared_patients(first_rows), strict=True):
            if shared_position is not None:
                first_row = groups[shared_position][0]
                reasons |= {row["result_id"]: explain_shared_patients(row, first_row) for row in group}
            elif len(group) == 1:
                resolved_rows.append(group[0])
            elif arms == "split":
                resolved_rows += _split(group)
                notes.append(f"{_name(group[0])}: its {len(group)} comparisons share an arm, whose patients were split")
            else:
                resolved_rows.append(_combine(group))
                names = "; ".join(_differing_columns(group))
                notes.append(
                    f"{_name(group[0])}: arms combined ({names}); arms='split' or an arm's id chooses otherwise"
                )
    rows_of_single_trials = rows.filter(~pl.col("trial_id").is_duplicated())
    return pl.concat([rows_of_single_trials, pl.DataFrame(resolved_rows, schema=rows.schema)]), reasons, notes


def _sort_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort: arms that differ least, then the longest follow-up, then most patients, then the latest source.

    Follow-up is compared only where every result of the trial states it.
    """
    kind = pl.col("comparison")
    difference_rank = pl.when(kind == OTHER).then(2).when(kind.str.starts_with(IN_PLACE_OF)).then(1).otherwise(0)
    months = pl.col("median_follow_up_months")
    follow_up = pl.when(months.null_count().over("trial_id") == 0).then(months)
    patients = pl.coalesce(pl.col("n_experimental") + pl.col("n_control"), pl.col("population_n")).fill_null(0)
    order = ["trial_id", difference_rank, follow_up, patients, "source_year", "result_id"]
    return rows.sort(order, descending=[False, False, True, True, True, False], nulls_last=True)


def _comparisons_with_shared_arm(rows: list[_Row]) -> list[_Row]:
    """Return the first row and those that compare other arms of its trial with the same arm."""
    first = rows[0]
    candidates = [row for row in rows if all(row[c] == first[c] for c in _SHARED_COLUMNS)]
    for shared_column, other_column in (("control_arm_id", "arm_id"), ("arm_id", "control_arm_id")):
        group = [first]
        for row in candidates:
            if row[shared_column] == first[shared_column] and row[other_column] not in [
                comparison[other_column] for comparison in group
            ]:
                group.append(row)
        if len(group) > 1:
            return group
    return [first]


def _differing_columns(group: list[_Row]) -> list[str]:
    side = "arm" if len({row["arm_id"] for row in group}) > 1 else "control_arm"
    return [str(row[side]) for row in group]


def _combine(group: list[_Row]) -> _Row:
    """Combine comparisons with a shared arm into one (Cochrane Handbook 23.3.4).

    Counts are added where all are known. Ratios and differences are averaged with the weights of least variance that
    allow for the arm that they share: two log ratios have the covariance 1 / events of that arm; where events aren't
    printed, half the product of their standard errors.
    """
    shared_side = "control" if len({row["arm_id"] for row in group}) > 1 else "experimental"
    other_side = "experimental" if shared_side == "control" else "control"
    row = dict(group[0])
    for column in (f"n_{other_side}", f"events_{other_side}"):
        values = [comparison[column] for comparison in group]
        row[column] = None if None in values else sum(values)
    for column in _COMBINED_COLUMNS:
        row[column] = "+".join(dict.fromkeys(str(comparison[column]) for comparison in group))
    is_ratio = row["log_estimate"] is not None
    if row["measure"] in COUNTED_MEASURES and None not in [row[column] for column in COUNT_COLUMNS]:
        counts = pl.DataFrame({column: [row[column]] for column in COUNT_COLUMNS})
        effect = with_effect_sizes(counts, row["measure"]).row(0, named=True)
        return _with_estimate(
            row,
            effect["log_estimate"] if is_ratio else effect["estimate"],
            effect["standard_error"],
            is_ratio,
            COMBINED,
        )
    y = [comparison["log_estimate" if is_ratio else "estimate"] for comparison in group]
    errors = [comparison["standard_error"] for comparison in group]
    events = group[0].get(f"events_{shared_side}")
    if is_ratio and events and all(error**2 > 1 / events for error in errors):
        # A matrix of one covariance beside the diagonal has a closed inverse (Sherman & Morrison 1950).
        weights = [1 / (error**2 - 1 / events) for error in errors]
        variance = 1 / sum(weights) + 1 / events
    else:
        precisions = [1 / error for error in errors]
        common = sum(precisions) / (len(group) + 1)
        weights = [2 * precision * (precision - common) for precision in precisions]
        variance = 1 / sum(weights)
    mean = sum(weight * effect for weight, effect in zip(weights, y, strict=True)) / sum(weights)
    return _with_estimate(row, mean, math.sqrt(variance), is_ratio, COMBINED)


def _split(group: list[_Row]) -> list[_Row]:
    """Share the patients of the common arm out among the comparisons, whose standard errors grow accordingly.

    The variance of a log ratio is 1 / events of each arm; a shared arm's part is multiplied by the number of
    comparisons. Where events aren't printed, both arms' parts count as equal.
    """
    shared_side = "control" if len({row["arm_id"] for row in group}) > 1 else "experimental"
    count = len(group)
    rows = []
    for comparison in group:
        row = dict(comparison)
        variance = row["standard_error"] ** 2
        events = row.get(f"events_{shared_side}")
        shared_part = 1 / events if events and 1 / events < variance else variance * _ARM_SHARE_OF_VARIANCE
        for column in (f"n_{shared_side}", f"events_{shared_side}"):
            if row[column] is not None:
                row[column] = round(row[column] / count)
        is_ratio = row["log_estimate"] is not None
        mean = row["log_estimate"] if is_ratio else row["estimate"]
        rows.append(_with_estimate(row, mean, math.sqrt(variance + (count - 1) * shared_part), is_ratio, SPLIT))
    return rows


def _with_estimate(row: _Row, mean: float, error: float, is_ratio: bool, derivation: str) -> _Row:
    row["log_estimate"] = mean if is_ratio else None
    row["estimate"] = math.exp(mean) if is_ratio else mean
    row["standard_error"] = error
    row["ci_level"] = 95.0
    row["ci_low"], row["ci_high"] = interval_at_level(row["estimate"], error, is_ratio=is_ratio)
    row["p_value"] = row["p_operator"] = None
    row["derived_from"] = "; ".join(filter(None, (row["derived_from"], derivation)))
    return row


def _name(row: _Row) -> str:
    return str(row["acronym"] or row["trial_id"])


def joint_analyses(rows: pl.DataFrame, components: dict[str, frozenset[str]]) -> dict[str, Reason]:
    """Exclude joint analyses whose trials answer for themselves, and trials whose joint analysis covers more of them.

    Args:
        rows: results that answer the question, each patient once per trial.
        components: the trials of each joint analysis, by its trial_id.
    """
    rows_by_trial = {
        row["trial_id"]: row for row in rows.select("trial_id", "acronym", "result_id").iter_rows(named=True)
    }
    reasons: dict[str, Reason] = {}
    for joint, trials in components.items():
        if joint not in rows_by_trial:
            continue
        present_ids = sorted(trials & set(rows_by_trial))
        if len(present_ids) == len(trials) >= _MIN_JOINT_TRIALS:
            names = ", ".join(_name(rows_by_trial[t]) for t in present_ids)
            reasons[rows_by_trial[joint]["result_id"]] = Reason(
                f"a joint analysis of trials whose own results answer the question: {names}",
                "; ".join(rows_by_trial[t]["result_id"] for t in present_ids),
            )
        elif present_ids:
            ids = rows.filter(pl.col("trial_id").is_in(present_ids))["result_id"]
            text = f"the joint analysis {_name(rows_by_trial[joint])} counts its patients and those of other trials"
            reasons |= dict.fromkeys(ids, Reason(text, rows_by_trial[joint]["result_id"]))
    return reasons


def joint_components(notes: Iterable[tuple[str, str | None]], trials: set[str]) -> dict[str, frozenset[str]]:
    """Find the trials of joint analyses, which their notes name by id."""
    components = {}
    for joint, note in notes:
        words = {word.strip(".,;:()") for word in (note or "").split()}
        components[joint] = frozenset((words & trials) - {joint})
    return components
