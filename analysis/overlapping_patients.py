"""Which results may count the same patients."""

from __future__ import annotations

from typing import Any

import polars as pl

from .exclusion import Reason
from .names_in_words import name_result

_Row = dict[str, Any]
_ARM_COLUMNS = ("arm_id", "control_arm_id")


def find_shared_patients(rows: pl.DataFrame) -> list[int | None]:
    """Return, for each row, the position of the first row kept before it with which it may share patients.

    Two results of one trial share none where its cohorts were randomised apart: no arm in common, two populations of
    all who were randomised, and both together as many as the trial enrolled. Whatever doesn't say so may share.

    Args:
        rows: of `trial_results()`, the ones to keep first; rows without a trial_id share with none.

    Returns:
        None for a row that is kept.
    """
    kept_rows: dict[str, list[tuple[int, _Row]]] = {}
    positions: list[int | None] = []
    for position, row in enumerate(rows.iter_rows(named=True)):
        trial = row["trial_id"]
        kept_rows_of_trial = kept_rows.setdefault(trial, []) if trial is not None else []
        shared_position = next((p for p, kept_row in kept_rows_of_trial if not _are_disjoint(row, kept_row)), None)
        if shared_position is None:
            kept_rows_of_trial.append((position, row))
        positions.append(shared_position)
    return positions


def _are_disjoint(first_row: _Row, second_row: _Row) -> bool:
    enrolled = first_row.get("trial_n_enrolled")
    whole_trial = ("randomised", "itt")
    if any(
        (row.get("trial_design"), row.get("population_analysis_set")) != whole_trial for row in (first_row, second_row)
    ):
        return False
    arms = [row.get(arm) for row in (first_row, second_row) for arm in _ARM_COLUMNS]
    sizes = [size for row in (first_row, second_row) if (size := row.get("population_n")) is not None]
    if None in arms or len(sizes) < len((first_row, second_row)) or enrolled is None:
        return False
    return (
        len(set(arms)) == len(arms)
        and first_row["population_id"] != second_row["population_id"]
        and sum(sizes) == enrolled
    )


def explain_shared_patients(row: _Row, kept_row: _Row) -> Reason:
    """Return why a row is excluded and another one of its trial kept: by the first property in which they differ."""
    shares_text = (
        "shares" if {row[arm] for arm in _ARM_COLUMNS} & {kept_row[arm] for arm in _ARM_COLUMNS} else "may share"
    )
    population = kept_row["population_name"]
    population_text = f"{population}, " if population and population != row["population_name"] else ""
    result = f"another result of its trial, {population_text}{name_result(kept_row, excluded=row)}"
    return Reason(f"{shares_text} patients with {result}, {_advantage(row, kept_row)}", kept_row["result_id"])


def _advantage(row: _Row, kept_row: _Row) -> str:
    if row["comparison"] != kept_row["comparison"]:
        return f"whose arms differ otherwise: {kept_row['comparison']}"
    months, kept_months = row["median_follow_up_months"], kept_row["median_follow_up_months"]
    if months is not None and kept_months is not None and kept_months > months:
        return f"which is followed longer ({kept_months:g} months, not {months:g})"
    patients, kept_patients = _patients(row), _patients(kept_row)
    if patients is not None and kept_patients is not None and kept_patients > patients:
        return f"which counts more patients ({kept_patients}, not {patients})"
    if row["source_year"] and kept_row["source_year"] and kept_row["source_year"] > row["source_year"]:
        return "which is later"
    return "of other arms; arms= chooses between them"


def _patients(row: _Row) -> int | None:
    both = (row["n_experimental"], row["n_control"])
    return row["population_n"] if None in both else sum(both)
