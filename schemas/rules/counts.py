"""Rules on counts: parts don't exceed their whole, and a share agrees with its count."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined_column, text_of
from ..checks import Check
from .intervals import half_unit
from .rule import Example, Rule, has_fields

_PAIRS = (("events", "n"), ("events_experimental", "n_experimental"), ("events_control", "n_control"))
_TOLERANCE = 1e-9


def _events_within_n(_: str, schema: TableSchema) -> Iterator[Check]:
    for events, n in _PAIRS:
        if has_fields(schema, events, n):
            yield Check(
                "LDB103",
                (events, n),
                nw.col(events) <= nw.col(n),
                f"{{{events}}} patients with an event among {{{n}}}",
                "Read both counts in the source again; they may be swapped.",
            )


def _percent_agrees(_: str, schema: TableSchema) -> Iterator[Check]:
    column = "percent" if has_fields(schema, "percent") else "estimate"
    if not has_fields(schema, column, "n", "events"):
        return
    is_crude = text_of("measure") == "percent" if has_fields(schema, "measure") else ~text_of(column).is_null()
    share = 100 * nw.col("events") / nw.col("n")
    share_fits = (share - nw.col(column)).abs() <= half_unit(column) + _TOLERANCE
    applies = is_crude & (nw.col("n") > 0)
    yield Check(
        "LDB104",
        (column, "events", "n"),
        ~applies | share_fits,
        f"{{events}} of {{n}} is not {{{column}}} percent",
        "Read count, total and share in the source again; keep only those it prints for the same patients.",
    )
    count = nw.col(column) * nw.col("n") / 100
    half_width = half_unit(column) * nw.col("n") / 100
    # The whole numbers that lie between the ends of what prints as the share.
    has_whole_number = (count + half_width + _TOLERANCE).floor() >= (count - half_width - _TOLERANCE).ceil()
    has_no_count = applies & text_of("events").is_null()
    yield Check(
        "LDB104",
        (column, "n"),
        ~has_no_count | has_whole_number,
        f"no whole number of {{n}} patients is {{{column}}} percent",
        "Read share and total in the source again; the share may be of other patients, or an estimate by time.",
    )


def _parts_within_total(table: str, schema: TableSchema) -> Iterator[Check]:
    hint = "Read the numbers again; the population may be another one."
    keys = {key.columns for key in schema.all_references()}
    if has_fields(schema, "n_experimental", "n_control") and ("population_id",) in keys:
        total = joined_column("population_id", "n")
        yield Check(
            "LDB105",
            ("n_experimental", "n_control"),
            nw.col("n_experimental") + nw.col("n_control") <= nw.col(total),
            "{n_experimental} and {n_control} are more than the population has",
            hint,
            joined_columns=(total,),
        )
    if has_fields(schema, "n") and ("population_id",) in keys:
        total = joined_column("population_id", "n")
        yield Check(
            "LDB105",
            ("n",),
            nw.col("n") <= nw.col(total),
            "{n} are more than the population has",
            hint,
            joined_columns=(total,),
        )
    if has_fields(schema, "n", "trial_id") and (table == "adverse_events" or "analysis_set" in schema.names):
        total = joined_column("trial_id", "n_enrolled")
        yield Check(
            "LDB105",
            ("n",),
            nw.col("n") <= nw.col(total),
            "{n} are more than the trial enrolled",
            hint,
            joined_columns=(total,),
        )
    if has_fields(schema, "n_assigned", "trial_id"):
        total = joined_column("trial_id", "n_enrolled")
        yield Check(
            "LDB105",
            ("n_assigned", "trial_id"),
            nw.col("n_assigned").sum().over("trial_id") <= nw.col(total),
            "the arms of {trial_id} add up to more than it enrolled",
            "Read the arms' numbers and the trial's in the source again.",
            joined_columns=(total,),
            compared_columns=("trial_id",),
        )


RULES = (
    Rule(
        "LDB103",
        "Events don't exceed patients",
        "A patient is counted once.",
        _events_within_n,
        passing=Example("outcomes", ({"events": "40", "n": "103"},)),
        failing=Example("outcomes", ({"events": "104", "n": "103"},)),
        formula="events <= n",
    ),
    Rule(
        "LDB104",
        "A share agrees with its count",
        "A crude share is 100 events / n; a share that no whole number of events gives is a wrong digit, or a "
        "Kaplan-Meier rate entered as a crude one (those are percent_at, which the rule leaves alone).",
        _percent_agrees,
        passing=Example("adverse_events", ({"percent": "36.6", "events": "104", "n": "284"},)),
        failing=Example("adverse_events", ({"percent": "63.6", "events": "104", "n": "284"},)),
        formula="|100 events / n - p| <= half a unit of p's last decimal; without events, some whole number of "
        "events must satisfy it, which says nothing once n >= 10^(d + 2)",
    ),
    Rule(
        "LDB105",
        "Parts don't exceed their whole",
        "Arms are part of a trial, a comparison is part of its population, a population part of its trial.",
        _parts_within_total,
        passing=Example("effects", ({"n_experimental": "103", "n_control": "104", "population_id::n": 207},)),
        failing=Example("effects", ({"n_experimental": "130", "n_control": "104", "population_id::n": 207},)),
        formula="n_experimental + n_control <= n of the population; n of a population, and the sum of the arms, "
        "<= n_enrolled",
    ),
)
