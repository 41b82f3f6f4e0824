"""Trials of a switch: an arm that gives a therapy for a part of the time, and another one for the rest."""

from __future__ import annotations

import re

import polars as pl

from luminaldb.loaders.database import Database

from .arm_comparison import ADD_ON, ArmComparer

_YEARS = re.compile(r"(?<!year )(\d+(?:\.\d+)?)(?: to \d+(?:\.\d+)?)? years?\b")
_REST = re.compile(r"\bto year (\d+(?:\.\d+)?)")
_PAIR = ("arm_id", "control_arm_id")


def mark_switches(rows: pl.DataFrame, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    """Correct the kind of comparisons in which the therapy takes the place of years of the control arm's therapy.

    Tamoxifen for two years and then anastrozole, against tamoxifen for five years, has tamoxifen in both arms and
    anastrozole in one; but anastrozole isn't added: it replaces three years of tamoxifen.

    Args:
        rows: with the columns of compared arms, see `candidate_results`.
        comparer: names what is replaced.
        database: whose schedules say how long a therapy is given.
    """
    pairs = rows.filter(pl.col("::kind") == ADD_ON).select(_PAIR).drop_nulls().unique(maintain_order=True)
    schedules = _schedules(database, {arm for column in _PAIR for arm in pairs[column]})
    switches = []
    for arm, control in pairs.iter_rows():
        replaced = sorted(shortened_therapies(schedules.get(arm, {}), schedules.get(control, {})) - comparer.asked)
        if replaced:
            switches.append((arm, control, comparer.class_of(replaced), replaced))
    if not switches:
        return rows
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "arm_id": pl.String, "control_arm_id": pl.String, "::class": pl.String, "::shorter": pl.List(pl.String),
    }  # fmt: skip
    found = pl.DataFrame(switches, schema=schema, orient="row")
    rows = rows.join(found, on=_PAIR, how="left", maintain_order="left")
    switched = pl.col("::class").is_not_null() & (pl.col("::kind") == ADD_ON)
    return rows.with_columns(
        pl.when(switched).then("::class").otherwise("::kind").alias("::kind"),
        pl.when(switched).then("::shorter").otherwise("::replaced").alias("::replaced"),
    ).drop("::class", "::shorter")


def _schedules(database: Database, arms: set[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    given = database.frame("arm_therapies").filter(pl.col("arm_id").is_in(sorted(arms)))
    for arm, therapy, schedule in given.select("arm_id", "therapy_id", "schedule").iter_rows():
        found.setdefault(arm, {})[therapy] = schedule or ""
    return found


def shortened_therapies(schedules: dict[str, str], control: dict[str, str]) -> set[str]:
    """Return the therapies of both arms that are given for fewer years in the first arm than in the control arm."""
    shorter = set()
    for therapy in set(schedules) & set(control):
        whole = _YEARS.search(control[therapy])
        part, rest = _YEARS.search(schedules[therapy]), _REST.search(schedules[therapy])
        if whole is None:
            continue
        if (part and float(part[1]) < float(whole[1])) or (rest and float(rest[1]) <= float(whole[1])):
            shorter.add(therapy)
    return shorter
