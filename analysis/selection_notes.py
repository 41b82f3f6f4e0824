"""Notes on the results of a selection: what differs between them, and what was derived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from .arm_comparison import IN_PLACE, SCHEDULE, name_classes

_DIFFERENCES = (
    ("trial_setting", "setting"), ("comparison", "comparison"), ("endpoint", "endpoint"),
    ("population_analysis_set", "analysis set"), ("trial_line", "line"), ("trial_her2_status", "HER2 status"),
    ("trial_menopausal_status", "menopausal status"), ("assessor", "assessor"),
)  # fmt: skip


def selection_notes(included: pl.DataFrame, class_names: Mapping[str, str]) -> list[str]:
    """Name what differs between the included results, and what was derived."""
    notes = []
    for column, name in _DIFFERENCES:
        stated = pl.col(column).cast(pl.String)
        if column == "trial_her2_status":
            stated = pl.coalesce(pl.col("population_her2_status").cast(pl.String), stated)
        values = [(value or "not stated").replace("_", " ") for value in included.select(stated).to_series().to_list()]
        if column == "comparison":
            values = [_comparison_in_words(value, class_names) for value in values]
        if len(set(values)) > 1:
            notes.append(f"{name} differs: {_count_values(values)}")
    schedules = included.filter(comparison=SCHEDULE)
    if schedules.height > 1:
        arms = "; ".join(
            f"{row['acronym'] or row['trial_id']}: {row['arm']} against {row['control_arm']}"
            for row in schedules.iter_rows(named=True)
        )
        notes.append(f"arms differ in {SCHEDULE}, in each trial in its own way, so pool only those that agree: {arms}")
    derived = included["derived_from"].drop_nulls().to_list()
    if derived:
        sources = [value.replace("; ", " + ") for value in derived]
        notes.append(f"derived in {len(derived)} of {included.height} results: {_count_values(sources)}")
    return notes


def _comparison_in_words(comparison: str, class_names: Mapping[str, str]) -> str:
    """Name the class that the therapy replaces, instead of its id."""
    if not comparison.startswith(IN_PLACE):
        return comparison
    return f"{IN_PLACE}{name_classes(comparison.removeprefix(IN_PLACE), class_names)}"


def _count_values(values: list[str]) -> str:
    return ", ".join(
        f"{value} ({count})" for value, count in sorted(Counter(values).items(), key=lambda i: (-i[1], i[0]))
    )
