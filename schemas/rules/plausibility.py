"""Rules on values that can't be: more patients than an arm has, medians of fifty years, p values of another test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import narwhals as nw

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined_column, text_of
from ..checks import Check
from .clean_text import is_own_table
from .dates import PARTIAL_DATES
from .intervals import INTERVAL, RATIOS, half_unit, highest, lowest
from .rule import Example, Rule, has_fields

_ARM_COUNTS = (
    ("n_experimental", "experimental_arm_id"), ("events_experimental", "experimental_arm_id"),
    ("n_control", "control_arm_id"), ("events_control", "control_arm_id"), ("n", "arm_id"), ("events", "arm_id"),
)  # fmt: skip
_ARM_SIZE_PAIRS = (("n_experimental", "n_control"), ("n_control", "n_experimental"))
_LONGEST_MEDIAN_MONTHS = 600
_MARGIN_HYPOTHESES = ("non_inferiority", "equivalence")
# p of a log-rank and of a Wald test of the same data differ by less than this factor.
_P_FACTOR = 5
_TOLERANCE = 1e-9
# Up to a tenth more patients than the arm was assigned may have crossed over to its treatment.
_CROSSOVER_FACTOR = 1.1


def _within_arm(schema: TableSchema, factor: float) -> Iterator[Check]:
    keys = {key.columns for key in schema.all_references()}
    for column, arm in _ARM_COUNTS:
        if has_fields(schema, column, arm) and (arm,) in keys:
            arm_size = joined_column(arm, "n_assigned")
            yield Check(
                "LDB113",
                (column, arm),
                nw.col(column) <= factor * nw.col(arm_size),
                f"{{{column}}} are more than the arm {{{arm}}} was assigned",
                "Read the number again; the arms may be swapped, or the arm's own number be of another stage.",
                joined_columns=(arm_size,),
            )


def _arms_not_swapped(schema: TableSchema) -> Iterator[Check]:
    arms = ("experimental", "control")
    if not has_fields(schema, *(f"n_{arm}" for arm in arms), *(f"{arm}_arm_id" for arm in arms)):
        return
    (experimental_n, control_n), (experimental_size, control_size) = (
        [nw.col(f"n_{arm}") for arm in arms],
        [nw.col(joined_column(f"{arm}_arm_id", "n_assigned")) for arm in arms],
    )
    yield Check(
        "LDB113",
        ("n_experimental", "n_control"),
        (experimental_size == control_size) | ~((experimental_n == control_size) & (control_n == experimental_size)),
        "{n_experimental} and {n_control} are the patients of the other arm",
        "Swap the numbers, or the arms.",
        joined_columns=tuple(joined_column(f"{arm}_arm_id", "n_assigned") for arm in arms),
    )


def _within_population(schema: TableSchema) -> Iterator[Check]:
    if ("population_id",) not in {key.columns for key in schema.all_references()}:
        return
    population_size = joined_column("population_id", "n")
    # LDB105 compares n of one arm, and of two arms together.
    for column, other in (("events", ""), ("events_experimental", ""), ("events_control", ""), *_ARM_SIZE_PAIRS):
        if has_fields(schema, "population_id", *filter(None, (column, other))):
            fits = nw.col(column) <= nw.col(population_size)
            yield Check(
                "LDB113",
                (column, "population_id"),
                ~nw.col(other).is_null() | fits if other else fits,
                f"{{{column}}} are more than the population {{population_id}} has",
                "Read the number again; the population may be another one.",
                joined_columns=(population_size,),
            )


def _counts(table: str, schema: TableSchema) -> Iterator[Check]:
    # Adverse events are counted by treatment received: patients of another arm may have crossed over.
    yield from _within_arm(schema, _CROSSOVER_FACTOR if table == "adverse_events" else 1)
    yield from _arms_not_swapped(schema)
    yield from _within_population(schema)


def _plausible_median(_: str, schema: TableSchema) -> Iterator[Check]:
    if has_fields(schema, "measure", "estimate", "at_months"):
        yield Check(
            "LDB114",
            ("estimate", "measure"),
            (text_of("measure") != "median_months") | (nw.col("estimate") <= _LONGEST_MEDIAN_MONTHS),
            "a median of {estimate} months",
            "Read the value and its unit again: days and weeks are converted to months.",
        )


def _p_contradicts(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, *INTERVAL, "ci_level", "measure", "p_value", "p_operator", "p_sides", "hypothesis"):
        return
    alpha = 1 - nw.col("ci_level") / 100
    excludes_one = (lowest("ci_low") > 1) | (highest("ci_high") < 1)
    includes_one = (highest("ci_low") < 1) & (lowest("ci_high") > 1)
    operator, p = text_of("p_operator"), nw.col("p_value")
    above = operator.is_in(("=", ">", ">=")) & (p - half_unit("p_value") > alpha * _P_FACTOR)
    # Half of alpha, since the p may be one-sided.
    below = operator.is_in(("=", "<", "<=")) & (p + half_unit("p_value") < alpha / 2 / _P_FACTOR)
    tests_superiority = ~text_of("hypothesis").fill_null("").is_in(_MARGIN_HYPOTHESES)
    contradicts = tests_superiority & ((excludes_one & above) | (includes_one & below))
    yield Check(
        "LDB115",
        ("p_value", "ci_low", "ci_high"),
        ~text_of("measure").is_in(RATIOS) | ~contradicts,
        "p {p_value} can't belong to the interval {ci_low} to {ci_high}",
        "Read both again: one of them is of another comparison, or a digit is wrong.",
    )


def _no_date_ahead(table: str, schema: TableSchema) -> Iterator[Check]:
    if not is_own_table(table, schema):
        return
    # The clock of a machine may be behind the release that it checks.
    created = str(installed.package_of(table).descriptor.properties.get("created", ""))[: len("2024-02-09")]
    latest = max(datetime.now(tz=UTC).date().isoformat(), created)
    for field in schema.fields:
        is_date = field.type == "date" or field.name in PARTIAL_DATES
        if is_date or (field.type == "integer" and "year" in field.name.split("_")):
            not_in_future = text_of(field.name) <= latest if is_date else nw.col(field.name) <= int(latest[:4])
            yield Check(
                "LDB116",
                (field.name,),
                not_in_future,
                f"{field.name} {{{field.name}}} lies in the future",
                "Read the date again; only what has happened is entered.",
            )


def _boundary_agrees(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "significance", "significance_boundary", "p_value", "p_operator", "p_sides"):
        return
    operator, p, boundary = text_of("p_operator"), nw.col("p_value"), nw.col("significance_boundary")
    is_two_sided = text_of("p_sides") == "2"
    above = operator.is_in(("=", ">", ">=")) & (
        p - half_unit("p_value") > boundary + half_unit("significance_boundary")
    )
    below = operator.is_in(("=", "<", "<=")) & (
        p + half_unit("p_value") < boundary - half_unit("significance_boundary")
    )
    significance = text_of("significance")
    columns = ("significance", "p_value", "significance_boundary")
    hint = (
        "Read p, boundary and the source's own words again; not_tested is for a test that the hierarchy didn't reach."
    )
    yield Check(
        "LDB117",
        columns,
        ~((significance == "met") & is_two_sided & above),
        "significance is met, and p {p_value} is above the boundary {significance_boundary}",
        hint,
    )
    yield Check(
        "LDB117",
        columns,
        ~((significance == "not_met") & is_two_sided & below),
        "significance is not met, and p {p_value} is below the boundary {significance_boundary}",
        hint,
    )


def _margin_is_stated(_: str, schema: TableSchema) -> Iterator[Check]:
    if has_fields(schema, "hypothesis", "margin", "significance"):
        yield Check(
            "LDB208",
            ("margin", "hypothesis"),
            ~text_of("hypothesis").is_in(_MARGIN_HYPOTHESES)
            | ~text_of("margin").is_null()
            | (text_of("significance") == "not_stated"),
            "a test of {hypothesis} without its margin",
            "Enter the margin as printed, or not_stated in significance where the source names none.",
            severity="warning",
        )


_RATIO = {
    "measure": "hazard_ratio", "estimate": "0.60", "ci_low": "0.40", "ci_high": "0.90", "ci_level": "95",
    "p_operator": "=",
}  # fmt: skip
_SIGNIFICANCE_MET = {"significance": "met", "significance_boundary": "0.0104", "p_operator": "=", "p_sides": "2"}
_NON_INFERIORITY = {"hypothesis": "non_inferiority", "significance": "met"}

RULES = (
    Rule(
        "LDB113",
        "A result counts no more patients than its arm and its population have",
        "Patients and events of a result are some of those assigned to the arm, and of those in the population.",
        _counts,
        passing=Example(
            "outcomes", ({"n": "103", "events": "87", "arm_id::n_assigned": 103, "population_id::n": 207},)
        ),
        failing=Example(
            "outcomes", ({"n": "130", "events": "87", "arm_id::n_assigned": 103, "population_id::n": 207},)
        ),
        formula="n, events <= n_assigned of the arm (1.1 n_assigned for adverse events); events, and n of one arm "
        "alone, <= n of the population",
    ),
    Rule(
        "LDB114",
        "A median is below fifty years",
        "A larger one is in days or weeks, or of another row.",
        _plausible_median,
        passing=Example("outcomes", ({"measure": "median_months", "estimate": "4.8"},)),
        failing=Example("outcomes", ({"measure": "median_months", "estimate": "1200"},)),
        formula="median <= 600 months",
    ),
    Rule(
        "LDB115",
        "p value and interval can be of the same test",
        "LDB107 remarks on p and interval on opposite sides of significance, which a stratified test may explain. No "
        "test, no rounding and no one-sided p explains a p beyond five times the level.",
        _p_contradicts,
        passing=Example("effects", ({**_RATIO, "p_value": "0.06"},)),
        failing=Example("effects", ({**_RATIO, "p_value": "0.5"},)),
        formula="not (1 outside the interval and p > 5 (1 - level)), nor (1 inside and p < (1 - level) / 10)",
        source="Altman and Bland, BMJ 2011;343:d2304",
    ),
    Rule(
        "LDB116",
        "No date lies in the future",
        "A data cut-off, an approval or a reading that hasn't happened yet is a typing error.",
        _no_date_ahead,
        passing=Example("effects", ({"effect_id": "e", "data_cutoff": "2021-02-01"},)),
        failing=Example("effects", ({"effect_id": "e", "data_cutoff": "2201-02-01"},)),
        formula="date <= the later of today and the day on which the package was made",
    ),
    Rule(
        "LDB117",
        "Significance agrees with p and its boundary",
        "A two-sided p above the boundary that the source names does not meet it, and one below does.",
        _boundary_agrees,
        passing=Example("effects", ({**_SIGNIFICANCE_MET, "p_value": "0.0016"},)),
        failing=Example("effects", ({**_SIGNIFICANCE_MET, "p_value": "0.016"},)),
        formula="met: p- <= boundary+; not_met: p+ >= boundary-, where x- and x+ are the ends of what prints as x",
    ),
    Rule(
        "LDB208",
        "A test of non-inferiority names its margin",
        "Without its margin nobody can tell what a test of non-inferiority or equivalence has shown.",
        _margin_is_stated,
        passing=Example("effects", ({**_NON_INFERIORITY, "margin": "1.29"},)),
        failing=Example("effects", ({**_NON_INFERIORITY, "margin": ""},)),
        severity="warning",
    ),
)
