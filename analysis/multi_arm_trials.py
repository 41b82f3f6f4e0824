"""One result per trial: arms of multi-arm trials combined, split or chosen; patients counted once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import polars as pl

from .arm_comparison import IN_PLACE, OTHER
from .confidence_intervals import interval_at_level
from .count_data import COLUMNS, COUNTED, with_effect_sizes
from .exclusion import Reason
from .overlapping_patients import explain_shared_patients, find_shared_patients

_Row = dict[str, Any]
_SAME = ("comparison", "population_id", "endpoint_id", "measure", "assessor", "period", "at_months")
# A two-arm comparison whose events are not printed: two log ratios that share an arm of equal size correlate by a half.
_EQUAL_ARMS = 0.5
# A joint analysis of which one trial alone is known counts patients of others as well.
_LEAST_JOINED = 2
COMBINED, SPLIT = "arms combined", "shared arm split"
_JOINED = ("result_id", "arm_id", "arm", "control_arm_id", "control_arm")


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
    kept: list[_Row] = []
    reasons: dict[str, Reason] = {}
    notes: list[str] = []
    repeated = rows.filter(pl.col("trial_id").is_duplicated())
    for _, trial in _sort_rows(repeated).group_by("trial_id", maintain_order=True):
        own = trial.to_dicts()
        groups: list[list[_Row]] = []
        while own:
            group = _comparisons_with_shared_arm(own)
            taken = {row["result_id"] for row in group}
            groups.append(group)
            own = [row for row in own if row["result_id"] not in taken]
        lead = pl.DataFrame([group[0] for group in groups], schema=trial.schema)
        for group, shared in zip(groups, find_shared_patients(lead), strict=True):
            if shared is not None:
                first = groups[shared][0]
                reasons |= {row["result_id"]: explain_shared_patients(row, first) for row in group}
            elif len(group) == 1:
                kept.append(group[0])
            elif arms == "split":
                kept += _split(group)
                notes.append(f"{_name(group[0])}: its {len(group)} comparisons share an arm, whose patients were split")
            else:
                kept.append(_combine(group))
                names = "; ".join(_differing_columns(group))
                notes.append(
                    f"{_name(group[0])}: arms combined ({names}); arms='split' or an arm's id chooses otherwise"
                )
    single = rows.filter(~pl.col("trial_id").is_duplicated())
    return pl.concat([single, pl.DataFrame(kept, schema=rows.schema)]), reasons, notes


def _sort_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort: arms that differ least, then the longest follow-up, then most patients, then the latest source.

    Follow-up is compared only where every result of the trial states it.
    """
    kind = pl.col("comparison")
    unlike = pl.when(kind == OTHER).then(2).when(kind.str.starts_with(IN_PLACE)).then(1).otherwise(0)
    months = pl.col("median_follow_up_months")
    follow_up = pl.when(months.null_count().over("trial_id") == 0).then(months)
    patients = pl.coalesce(pl.col("n_experimental") + pl.col("n_control"), pl.col("population_n")).fill_null(0)
    order = ["trial_id", unlike, follow_up, patients, "source_year", "result_id"]
    return rows.sort(order, descending=[False, False, True, True, True, False], nulls_last=True)


def _comparisons_with_shared_arm(rows: list[_Row]) -> list[_Row]:
    """Return the first row and those that compare other arms of its trial with the same arm."""
    first = rows[0]
    alike = [row for row in rows if all(row[c] == first[c] for c in _SAME)]
    for shared, other in (("control_arm_id", "arm_id"), ("arm_id", "control_arm_id")):
        group = [first]
        for row in alike:
            if row[shared] == first[shared] and row[other] not in [one[other] for one in group]:
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
    shared = "control" if len({row["arm_id"] for row in group}) > 1 else "experimental"
    other = "experimental" if shared == "control" else "control"
    row = dict(group[0])
    for column in (f"n_{other}", f"events_{other}"):
        values = [one[column] for one in group]
        row[column] = None if None in values else sum(values)
    for column in _JOINED:
        row[column] = "+".join(dict.fromkeys(str(one[column]) for one in group))
    is_ratio = row["log_estimate"] is not None
    if row["measure"] in COUNTED and None not in [row[column] for column in COLUMNS]:
        counts = pl.DataFrame({column: [row[column]] for column in COLUMNS})
        sized = with_effect_sizes(counts, row["measure"]).row(0, named=True)
        return _with_estimate(
            row, sized["log_estimate"] if is_ratio else sized["estimate"], sized["standard_error"], is_ratio, COMBINED
        )
    y = [one["log_estimate" if is_ratio else "estimate"] for one in group]
    errors = [one["standard_error"] for one in group]
    events = group[0].get(f"events_{shared}")
    if is_ratio and events and all(error**2 > 1 / events for error in errors):
        # A matrix of one covariance beside the diagonal has a closed inverse (Sherman & Morrison 1950).
        weights = [1 / (error**2 - 1 / events) for error in errors]
        variance = 1 / sum(weights) + 1 / events
    else:
        inverse = [1 / error for error in errors]
        common = sum(inverse) / (len(group) + 1)
        weights = [2 * one * (one - common) for one in inverse]
        variance = 1 / sum(weights)
    mean = sum(w * one for w, one in zip(weights, y, strict=True)) / sum(weights)
    return _with_estimate(row, mean, math.sqrt(variance), is_ratio, COMBINED)


def _split(group: list[_Row]) -> list[_Row]:
    """Share the patients of the common arm out among the comparisons, whose standard errors grow accordingly.

    The variance of a log ratio is 1 / events of each arm; a shared arm's part is multiplied by the number of
    comparisons. Where events aren't printed, both arms' parts count as equal.
    """
    shared = "control" if len({row["arm_id"] for row in group}) > 1 else "experimental"
    parts = len(group)
    rows = []
    for one in group:
        row = dict(one)
        variance = row["standard_error"] ** 2
        events = row.get(f"events_{shared}")
        own = 1 / events if events and 1 / events < variance else variance * _EQUAL_ARMS
        for column in (f"n_{shared}", f"events_{shared}"):
            if row[column] is not None:
                row[column] = round(row[column] / parts)
        is_ratio = row["log_estimate"] is not None
        mean = row["log_estimate"] if is_ratio else row["estimate"]
        rows.append(_with_estimate(row, mean, math.sqrt(variance + (parts - 1) * own), is_ratio, SPLIT))
    return rows


def _with_estimate(row: _Row, mean: float, error: float, is_ratio: bool, mark: str) -> _Row:
    row["log_estimate"] = mean if is_ratio else None
    row["estimate"] = math.exp(mean) if is_ratio else mean
    row["standard_error"] = error
    row["ci_level"] = 95.0
    row["ci_low"], row["ci_high"] = interval_at_level(row["estimate"], error, is_ratio=is_ratio)
    row["p_value"] = row["p_operator"] = None
    row["derived_from"] = "; ".join(filter(None, (row["derived_from"], mark)))
    return row


def _name(row: _Row) -> str:
    return str(row["acronym"] or row["trial_id"])


def joint_analyses(rows: pl.DataFrame, components: dict[str, frozenset[str]]) -> dict[str, Reason]:
    """Exclude joint analyses whose trials answer for themselves, and trials whose joint analysis covers more of them.

    Args:
        rows: results that answer the question, each patient once per trial.
        components: the trials of each joint analysis, by its trial_id.
    """
    own = {row["trial_id"]: row for row in rows.select("trial_id", "acronym", "result_id").iter_rows(named=True)}
    reasons: dict[str, Reason] = {}
    for joint, trials in components.items():
        if joint not in own:
            continue
        present = sorted(trials & set(own))
        if len(present) == len(trials) >= _LEAST_JOINED:
            names = ", ".join(_name(own[t]) for t in present)
            reasons[own[joint]["result_id"]] = Reason(
                f"a joint analysis of trials whose own results answer the question: {names}",
                "; ".join(own[t]["result_id"] for t in present),
            )
        elif present:
            ids = rows.filter(pl.col("trial_id").is_in(present))["result_id"]
            text = f"the joint analysis {_name(own[joint])} counts its patients and those of other trials"
            reasons |= dict.fromkeys(ids, Reason(text, own[joint]["result_id"]))
    return reasons


def joint_components(notes: Iterable[tuple[str, str | None]], trials: set[str]) -> dict[str, frozenset[str]]:
    """Find the trials of joint analyses, which their notes name by id."""
    found = {}
    for joint, note in notes:
        words = {word.strip(".,;:()") for word in (note or "").split()}
        found[joint] = frozenset((words & trials) - {joint})
    return found
