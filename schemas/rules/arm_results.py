"""Rules on results of one arm beside one another: survival, medians and rates, grades of side effects, responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, text_of
from ..checks import Check
from ..lookups import ValueLookup
from .intervals import highest, lowest
from .rule import Example, Rule, has_fields

# Endpoints that count a death as an event, so that a patient reaches them no later than death.
_DEATH_COUNTS = ("pfs", "pfs2", "efs", "dfs", "idfs", "drfs")
# Endpoints whose rates are shares of patients without an event.
_EVENT_FREE = (
    "os", "pfs", "pfs2", "efs", "dfs", "idfs", "adfs", "rfs", "rfi", "drfs", "drfi", "ddfs", "bcfs", "bcfi", "bcss",
    "cfs", "dor", "ttp", "ttf", "cns_pfs",
)  # fmt: skip
# Each response, and those that include it.
_INCLUDED_IN: Mapping[str, tuple[str, ...]] = {
    "cr": ("orr", "cbr"), "orr": ("cbr",), "pcr_strict": ("pcr_breast_nodes", "pcr_breast"),
    "pcr_breast_nodes": ("pcr_breast",),
}  # fmt: skip
# Each grade of side effects, and the grades that it includes.
_GRADES: Mapping[str, tuple[str, ...]] = {
    "any": ("1_2", "3", "3_plus", "4", "5", "serious", "fatal", "leading_to_discontinuation"),
    "3_plus": ("3", "4", "5", "fatal"),
}
_MEDIAN, _RATE, _SHARE = "median_months", "percent_at", "percent"
_TOLERANCE = 1e-9
_HALF = 50
# A median in months is rounded, and a curve falls in steps.
_NEAR_MEDIAN_MONTHS = 0.5


def _same(*columns: str) -> tuple[tuple[str, str], ...]:
    return tuple((column, column) for column in columns)


def _survival_of_arms(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "outcomes" or not has_fields(schema, "arm_id", "endpoint_id", "measure", "estimate", "derived_from"):
        return
    counts_death = text_of("endpoint_id").is_in(_DEATH_COUNTS)
    hint = "Read both again; one of them may be of another endpoint, arm or population."
    median = ValueLookup(
        "::survival_median", "outcomes", _same("population_id", "arm_id"), "estimate",
        (("measure", _MEDIAN), ("endpoint_id", "os")),
    )  # fmt: skip
    rate = ValueLookup(
        "::survival_rate", "outcomes", _same("population_id", "arm_id", "at_months"), "estimate",
        (("measure", _RATE), ("endpoint_id", "os")),
    )  # fmt: skip
    deaths = ValueLookup(
        "::deaths", "outcomes", _same("population_id", "arm_id", "analysis", "data_cutoff", "citation_id"), "events",
        (("measure", _MEDIAN), ("endpoint_id", "os")),
    )  # fmt: skip
    columns = ("estimate", "endpoint_id")
    is_median = text_of("measure") == _MEDIAN
    yield Check(
        "LDB123",
        columns,
        ~(counts_death & is_median) | (nw.col("estimate") <= nw.col(median.alias)),
        "the median of {endpoint_id}, {estimate} months, is longer than overall survival of the same arm",
        hint,
        joined_columns=(median.alias,),
        lookups=(median,),
    )
    # Points read off a printed curve differ by more than the curves themselves.
    applies = counts_death & (text_of("measure") == _RATE) & text_of("derived_from").is_null()
    yield Check(
        "LDB123",
        columns,
        ~applies | (nw.col("estimate") <= nw.col(rate.alias)),
        "{estimate} percent of {endpoint_id} are more than are alive in the same arm at that time",
        hint,
        joined_columns=(rate.alias,),
        lookups=(rate,),
    )
    yield Check(
        "LDB123",
        ("events", "endpoint_id"),
        ~(counts_death & is_median) | (nw.col("events") >= nw.col(deaths.alias)),
        "{events} events of {endpoint_id} are fewer than the deaths that the same report counts in the arm",
        hint,
        joined_columns=(deaths.alias,),
        lookups=(deaths,),
    )


def _survival_of_comparisons(table: str, schema: TableSchema) -> Iterator[Check]:
    compared = ("population_id", "experimental_arm_id", "control_arm_id")
    if table != "effects" or not has_fields(schema, *compared, "endpoint_id", "events_experimental", "events_control"):
        return
    for arm in ("experimental", "control"):
        events = f"events_{arm}"
        matching_columns = _same(*compared, "analysis", "data_cutoff", "citation_id")
        deaths = ValueLookup(f"::deaths_{arm}", "effects", matching_columns, events, (("endpoint_id", "os"),))
        yield Check(
            "LDB123",
            (events, "endpoint_id"),
            ~text_of("endpoint_id").is_in(_DEATH_COUNTS) | (nw.col(events) >= nw.col(deaths.alias)),
            f"{{{events}}} events of {{endpoint_id}} are fewer than the deaths that the same report counts in the arm",
            "Read both again; one of them may be of another endpoint, arm or population.",
            joined_columns=(deaths.alias,),
            lookups=(deaths,),
        )


def _survival(table: str, schema: TableSchema) -> Iterator[Check]:
    yield from _survival_of_arms(table, schema)
    yield from _survival_of_comparisons(table, schema)


def _grades(table: str, schema: TableSchema) -> Iterator[Check]:
    matching_columns = ("arm_id", "population_id", "term", "attribution", "citation_id")
    if table != "adverse_events" or not has_fields(schema, *matching_columns, "grade", "percent", "events"):
        return
    for wide_grade, narrow_grades in _GRADES.items():
        for column in ("percent", "events"):
            including_grade = ValueLookup(
                f"::{wide_grade}_{column}", table, _same(*matching_columns), column, (("grade", wide_grade),)
            )
            yield Check(
                "LDB125",
                (column, "grade", "term"),
                ~text_of("grade").is_in(narrow_grades) | (nw.col(column) <= nw.col(including_grade.alias)),
                f"{column} {{{column}}} of grade {{grade}} is above that of grade {wide_grade} in the same arm",
                "Read both again; grade, term or arm of one of them may be wrong.",
                joined_columns=(including_grade.alias,),
                lookups=(including_grade,),
            )


def _responses(table: str, schema: TableSchema) -> Iterator[Check]:
    matching_columns = ("arm_id", "population_id", "citation_id", "analysis", "assessor")
    if table != "outcomes" or not has_fields(schema, *matching_columns, "endpoint_id", "measure", "estimate"):
        return
    for wide_response in sorted({w for wide_responses in _INCLUDED_IN.values() for w in wide_responses}):
        narrow_responses = tuple(
            narrow_response
            for narrow_response, wide_responses in _INCLUDED_IN.items()
            if wide_response in wide_responses
        )
        including_response = ValueLookup(
            f"::{wide_response}_share",
            table,
            _same(*matching_columns),
            "estimate",
            (("measure", _SHARE), ("endpoint_id", wide_response)),
        )
        applies = text_of("endpoint_id").is_in(narrow_responses) & (text_of("measure") == _SHARE)
        yield Check(
            "LDB126",
            ("estimate", "endpoint_id"),
            ~applies | (nw.col("estimate") <= nw.col(including_response.alias)),
            f"{{estimate}} percent of {{endpoint_id}} are more than of {wide_response}, which includes it, "
            "in the same arm",
            "Read both again; endpoint, arm or value of one of them may be wrong.",
            joined_columns=(including_response.alias,),
            lookups=(including_response,),
        )


@dataclass(frozen=True, slots=True)
class EarlierRate:
    """The lowest rate of the same arm, endpoint and report at an earlier time; null where there is none.

    Attributes:
        alias: name of the column it adds.
    """

    alias: str = "::earlier_rate"
    ordered: bool = False

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        return (
            "arm_id", "population_id", "endpoint_id", "citation_id", "analysis", "assessor", "period", "measure",
            "at_months", "estimate",
        )  # fmt: skip

    def compute(self, frame: pl.DataFrame) -> pl.Series:
        """Compute the column; see WholeTableLookup."""
        curve = [pl.col(column + TEXT).fill_null("") for column in self.needed_columns[:-3]]
        time, rate = (pl.col(column + TEXT).cast(pl.Float64, strict=False) for column in ("at_months", "estimate"))
        times = frame.select(pl.concat_str(curve, separator="|").alias("curve"), time.alias("time"))
        rates = times.with_columns(frame.select(rate.alias("rate"), pl.col("measure" + TEXT).alias("measure")))
        complete_rates = rates.filter(
            (pl.col("measure") == _RATE) & pl.col("time").is_not_null() & pl.col("rate").is_not_null()
        )
        lowest_rate = complete_rates.group_by("curve", "time").agg(pl.col("rate").min()).sort("time")
        earlier = lowest_rate.select("curve", "time", pl.col("rate").cum_min().shift(1).over("curve").alias(self.alias))
        return rates.join(earlier, on=["curve", "time"], how="left", maintain_order="left")[self.alias]


def _rate_falls(table: str, schema: TableSchema) -> Iterator[Check]:
    lookup = EarlierRate()
    if table != "outcomes" or not has_fields(schema, *lookup.needed_columns):
        return
    yield Check(
        "LDB127",
        ("estimate", "at_months", "endpoint_id"),
        ~_is_event_free() | (nw.col("estimate") <= nw.col(lookup.alias) + _TOLERANCE),
        "{estimate} percent of {endpoint_id} at {at_months} months are more than the same report prints for earlier",
        "Read both again; value, time or arm of one of them may be wrong.",
        joined_columns=(lookup.alias,),
        lookups=(lookup,),
    )


def _fits_median(table: str, schema: TableSchema) -> Iterator[Check]:
    matching_columns = ("arm_id", "population_id", "endpoint_id", "citation_id", "analysis", "assessor", "period")
    if table != "outcomes" or not has_fields(schema, *matching_columns, "measure", "at_months", "estimate"):
        return
    median = ValueLookup("::own_median", table, _same(*matching_columns), "estimate", (("measure", _MEDIAN),))
    months_after_median = nw.col("at_months") - nw.col(median.alias)
    fits = ((months_after_median >= -_NEAR_MEDIAN_MONTHS) | (highest("estimate") >= _HALF)) & (
        (months_after_median <= _NEAR_MEDIAN_MONTHS) | (lowest("estimate") <= _HALF)
    )
    yield Check(
        "LDB128",
        ("estimate", "at_months", "endpoint_id"),
        ~_is_event_free() | fits,
        "{estimate} percent of {endpoint_id} at {at_months} months don't fit the median of the same arm and report",
        "Read both again; value, time, arm or endpoint of one of them may be wrong.",
        joined_columns=(median.alias,),
        lookups=(median,),
    )


def _is_event_free() -> nw.Expr:
    return (text_of("measure") == _RATE) & text_of("endpoint_id").is_in(_EVENT_FREE)


_ARM = {"outcome_id": "o", "arm_id": "a", "population_id": "p", "citation_id": "c", "analysis": "primary"}
_PFS = {**_ARM, "endpoint_id": "pfs", "measure": "median_months"}
_RATE_OF_PFS = {**_ARM, "endpoint_id": "pfs", "measure": "percent_at"}
_EVENT = {"adverse_event_id": "a", "arm_id": "a", "term": "diarrhea", "grade": "3_plus", "::any_percent": 44.0}

RULES = (
    Rule(
        "LDB123",
        "Survival without progression isn't longer than survival",
        "A death counts in both, so medians and rates are at most those of overall survival, and events at least as "
        "many as deaths. Where they aren't, a result was entered under the other endpoint. Old trials whose "
        "disease-free survival leaves deaths out are waived.",
        _survival,
        passing=Example("outcomes", ({**_PFS, "estimate": "11.3", "::survival_median": 30.2},)),
        failing=Example("outcomes", ({**_PFS, "estimate": "30.2", "::survival_median": 11.3},)),
        formula="median and rate <= those of overall survival of the arm; events >= deaths of arm, analysis and source",
    ),
    Rule(
        "LDB125",
        "A grade of a side effect is no more frequent than the grades that include it",
        "A patient with a grade 3 event has an event of any grade.",
        _grades,
        passing=Example("adverse_events", ({**_EVENT, "percent": "9.7"},)),
        failing=Example("adverse_events", ({**_EVENT, "percent": "97"},)),
    ),
    Rule(
        "LDB126",
        "A response is no more frequent than the one that includes it",
        "A complete response is a response, a response a clinical benefit; of breasts without tumor "
        "some have nodes with it.",
        _responses,
        passing=Example(
            "outcomes", ({**_ARM, "endpoint_id": "orr", "measure": "percent", "estimate": "24", "::cbr_share": 43.0},)
        ),
        failing=Example(
            "outcomes", ({**_ARM, "endpoint_id": "orr", "measure": "percent", "estimate": "53", "::cbr_share": 43.0},)
        ),
        formula="complete response <= response <= clinical benefit; breast and nodes <= breast alone",
    ),
    Rule(
        "LDB127",
        "A share without an event falls with time",
        "Nobody loses an event again; a share that rises is of another time, arm or endpoint.",
        _rate_falls,
        passing=Example(
            "outcomes",
            (
                {**_RATE_OF_PFS, "at_months": "12", "estimate": "60", "::earlier_rate": None},
                {**_RATE_OF_PFS, "at_months": "24", "estimate": "41", "::earlier_rate": 60.0},
            ),
        ),
        failing=Example("outcomes", ({**_RATE_OF_PFS, "at_months": "24", "estimate": "71", "::earlier_rate": 60.0},)),
    ),
    Rule(
        "LDB128",
        "Median and rates of an arm agree",
        "Before the median more than half of the patients are without an event, after it fewer.",
        _fits_median,
        passing=Example("outcomes", ({**_RATE_OF_PFS, "at_months": "12", "estimate": "44", "::own_median": 10.1},)),
        failing=Example("outcomes", ({**_RATE_OF_PFS, "at_months": "12", "estimate": "64", "::own_median": 10.1},)),
        formula="time < median - 0.5: rate >= 50; time > median + 0.5: rate <= 50",
    ),
)
