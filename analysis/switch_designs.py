"""Trials of a switch: an arm that gives a therapy for a part of the time, and another one for the rest."""

from __future__ import annotations

import re

import polars as pl

from luminaldb.loaders.database import Database

from .arm_comparison import ADD_ON, ArmComparer

_YEARS = re.compile(r"(?<!year )(\d+(?:\.\d+)?)(?: to \d+(?:\.\d+)?)? years?\b")
_REMAINING_YEARS = re.compile(r"\bto year (\d+(?:\.\d+)?)")
_ARM_COLUMNS = ("arm_id", "control_arm_id")


def mark_switches(rows: pl.DataFrame, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    """Correct the kind of comparisons in which the therapy takes the place of years of the control arm's therapy.

    Tamoxifen for two years and then anastrozole, against tamoxifen for five years, has tamoxifen in both arms and
    anastrozole in one; but anastrozole isn't added: it replaces three years of tamoxifen.

    Args:
        rows: with the columns of compared arms, see `candidate_results`.
        comparer: names what is replaced.
        database: whose schedules say how long a therapy is given.
    """
    pairs = rows.filter(pl.col("::kind") == ADD_ON).select(_ARM_COLUMNS).drop_nulls().unique(maintain_order=True)
    schedules = _schedules(database, {arm for column in _ARM_COLUMNS for arm in pairs[column]})
    switches = []
    for arm, control in pairs.iter_rows():
        replaced = sorted(
            shortened_therapies(schedules.get(arm, {}), schedules.get(control, {})) - comparer.question_therapies
        )
        if replaced:
            switches.append((arm, control, comparer.nearest_common_class(replaced), replaced))
    if not switches:
        return rows
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "arm_id": pl.String, "control_arm_id": pl.String, "::class": pl.String, "::shorter": pl.List(pl.String),
    }  # fmt: skip
    switch_frame = pl.DataFrame(switches, schema=schema, orient="row")
    rows = rows.join(switch_frame, on=_ARM_COLUMNS, how="left", maintain_order="left")
    is_switch = pl.col("::class").is_not_null() & (pl.col("::kind") == ADD_ON)
    return rows.with_columns(
        pl.when(is_switch).then("::class").otherwise("::kind").alias("::kind"),
        pl.when(is_switch).then("::shorter").otherwise("::replaced").alias("::replaced"),
    ).drop("::class", "::shorter")


def _schedules(database: Database, arms: set[str]) -> dict[str, dict[str, str]]:
    schedules: dict[str, dict[str, str]] = {}
    therapies_of_arms = database.frame("arm_therapies").filter(pl.col("arm_id").is_in(sorted(arms)))
    for arm, therapy, schedule in therapies_of_arms.select("arm_id", "therapy_id", "schedule").iter_rows():
        schedules.setdefault(arm, {})[therapy] = schedule or ""
    return schedules


def shortened_therapies(schedules: dict[str, str], control: dict[str, str]) -> set[str]:
    """Return the therapies of both arms that are given for fewer years in the first arm than in the control arm."""
    shortened_ids = set()
    for therapy in set(schedules) & set(control):
        control_years = _YEARS.search(control[therapy])
        experimental_years, remaining_years = (
            _YEARS.search(schedules[therapy]),
            _REMAINING_YEARS.search(schedules[therapy]),
        )
        if control_years is None:
            continue
        if (experimental_years and float(experimental_years[1]) < float(control_years[1])) or (
            remaining_years and float(remaining_years[1]) <= float(control_years[1])
        ):
            shortened_ids.add(therapy)
    return shortened_ids
