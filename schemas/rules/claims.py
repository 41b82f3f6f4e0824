"""Rules that compare claims with the results in the tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, text_of
from ..checks import Check
from ..lookups import Frame, Frames, has_columns
from .rule import Example, Rule, has_fields

_RESULTS = ("trials", "effects", "outcomes", "adverse_events")
_DECIMAL = re.compile(r"(?<![\w.])[0-9]*\.[0-9]+(?![\w.]*[0-9])(?!% (?:CI|confidence|credible))")
_NUMBERS = {
    "effects": ("estimate", "ci_low", "ci_high", "p_value", "median_follow_up_months"),
    "outcomes": ("estimate", "ci_low", "ci_high", "median_follow_up_months"),
    "adverse_events": ("percent",),
}
_STATEMENT = "statement" + TEXT
# Characters for the decimal point in old papers, and in some journals to this day.
MIDDLE_DOTS = "[\u00b7\u2027\u2219\u22c5\u30fb\u2022]"
_CLAIM, _TRIAL, _SOURCE = "claim_id" + TEXT, "trial_id" + TEXT, "citation_id" + TEXT


@dataclass(frozen=True, slots=True)
class OtherTrial:
    """Whether the tables have results of a claim's source only for other trials than the one the claim is about."""

    alias: str = "::other_trial"

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("claims", *_RESULTS)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; unchanged where claims or results aren't at hand."""
        results = [tables.get(t) for t in _RESULTS]
        claims: Any = tables.get("claims")
        if not all(has_columns(t, _TRIAL, _SOURCE) for t in results) or not has_columns(claims, _CLAIM, _SOURCE):
            return frame
        if not has_columns(frame, _CLAIM, _TRIAL):
            return frame
        pairs = nw.concat([t.select(_SOURCE, _TRIAL) for t in results if t is not None]).unique()
        sources_with_results = pairs.select(_SOURCE).unique().with_columns(nw.lit(value=True).alias("::known"))
        pairs_with_results = pairs.with_columns(nw.lit(value=True).alias("::same"))
        sources = claims.select(_CLAIM, _SOURCE).group_by(_CLAIM).agg(nw.col(_SOURCE).min())
        joined = frame.join(sources, on=_CLAIM, how="left").join(sources_with_results, on=_SOURCE, how="left")
        joined = joined.join(pairs_with_results, on=[_SOURCE, _TRIAL], how="left")
        is_other = ~nw.col(_TRIAL).is_null() & ~nw.col("::known").is_null() & nw.col("::same").is_null()
        return joined.with_columns(is_other.alias(self.alias)).drop(_SOURCE, "::known", "::same")


@dataclass(frozen=True, slots=True)
class UnfavourableTrial:
    """Whether every primary result of a row's trial favours the control arm beyond chance."""

    alias: str = "::trial_against"

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("effects",)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; unchanged where effects aren't at hand."""
        effects = tables.get("effects")
        required_columns = (_TRIAL, "is_primary_endpoint", "ci_low", "measure" + TEXT)
        if not has_columns(effects, *required_columns) or not has_columns(frame, _TRIAL):
            return frame
        is_time_to_event = text_of("measure").is_in(("hazard_ratio", "rate_ratio"))
        primary = tables["effects"].filter(
            nw.col("is_primary_endpoint") & is_time_to_event & ~nw.col("ci_low").is_null()
        )
        lowest_limit = primary.group_by(_TRIAL).agg(nw.col("ci_low").min().alias(self.alias))
        joined = frame.join(lowest_limit, on=_TRIAL, how="left")
        return joined.with_columns((nw.col(self.alias) > 1).fill_null(value=False).alias(self.alias))


@dataclass(frozen=True, slots=True)
class StatedResults:
    """Whether the numbers with decimals of a claim are those of results of its trial, of all or of a subgroup.

    Results count from the same source alone, and so do numbers copied from it. Null where nothing is known.

    Attributes:
        alias: name of the column it adds.
    """

    alias: str = "::is_estimate"

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("claim_subjects", "printed_numbers", *_NUMBERS)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        numbers = {table: [column + TEXT for column in columns] for table, columns in _NUMBERS.items()}
        complete = all(has_columns(tables.get(t), _TRIAL, _SOURCE, *columns) for t, columns in numbers.items())
        if not complete or not has_columns(tables.get("claim_subjects"), _CLAIM, _TRIAL):
            return frame
        if not has_columns(frame, _CLAIM, _SOURCE, _STATEMENT):
            return frame
        trials: dict[str, set[str]] = defaultdict(set)
        for claim, trial in collect_rows(tables["claim_subjects"], _CLAIM, _TRIAL):
            if trial:
                trials[claim].add(trial)
        claims = collect_rows(frame, _CLAIM, _SOURCE, _STATEMENT)
        is_source_of_claims = nw.col(_SOURCE).is_in({source for _, source, _ in claims if source})
        printed: dict[tuple[str, str], set[float]] = defaultdict(set)
        for table, columns in numbers.items():
            for trial, source, *cells in collect_rows(
                tables[table].filter(is_source_of_claims), _TRIAL, _SOURCE, *columns
            ):
                printed[trial, source].update(decimals(" ".join(filter(None, cells))))
        copies = copied_decimals(tables)
        claims_by_result: dict[bool, list[str]] = {True: [], False: []}
        for claim, source, statement in claims:
            results = (printed.get((trial, source), set()) for trial in trials[claim])
            printed_numbers = copies.get((claim, source), set()).union(*results)
            if printed_numbers and statement:
                claims_by_result[decimals(statement) <= printed_numbers].append(claim)
        claim_id = nw.col(_CLAIM)
        true_or_null = nw.when(claim_id.is_in(claims_by_result[True])).then(nw.lit(value=True))
        result = nw.when(claim_id.is_in(claims_by_result[False])).then(nw.lit(value=False)).otherwise(true_or_null)
        return frame.with_columns(result.alias(self.alias))


def collect_rows(frame: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a frame as rows in memory; for small tables."""
    rows: list[tuple[Any, ...]] = frame.select(*columns).collect(backend="polars").to_native().rows()
    return rows


def copied_decimals(tables: Frames) -> dict[tuple[str, str], set[float]]:
    """Return the numbers with decimals that were copied for claims, by claim and source; none without such a table."""
    entry = [column + TEXT for column in ("row_key", "citation_id", "printed")]
    table = tables.get("printed_numbers")
    if not has_columns(table, *entry, "table_name" + TEXT):
        return {}
    copies = tables["printed_numbers"].filter(text_of("table_name") == "claims")
    return {
        (claim, source): decimals(_with_decimal_points(text))
        for claim, source, text in collect_rows(copies, *entry)
        if text
    }


def _with_decimal_points(text: str) -> str:
    return re.sub(f"(?<=[0-9]){MIDDLE_DOTS}(?=[0-9])", ".", text)


def decimals(text: str) -> set[float]:
    """Return the numbers with decimals in a text, but those that are a level, as in 97.5% CI.

    >>> sorted(decimals("hazard ratio 0.63 (97.5% CI 0.47 to .84), 3.2%"))
    [0.47, 0.63, 0.84, 3.2]
    """
    return {float(number) for number in _DECIMAL.findall(text)}


def _states_results(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "claims" or not has_fields(schema, "claim_id", "statement", "citation_id"):
        return
    lookup = StatedResults()
    yield Check(
        "LDB620",
        ("statement", "citation_id"),
        nw.col(lookup.alias),
        "a number of the statement is in no result of its trial from {citation_id}",
        "Read claim and results again in the source; copy a number of the claim alone to printed_numbers.",
        joined_columns=(lookup.alias,),
        lookups=(lookup,),
    )


def _cites_trial(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "claim_subjects" or not has_fields(schema, "claim_id", "trial_id"):
        return
    lookup = OtherTrial()
    yield Check(
        "LDB606",
        ("trial_id", "claim_id"),
        ~nw.col(lookup.alias),
        "{claim_id} is about {trial_id}, and its source is entered here for other trials only",
        "Look whether the claim names the right trial, or cites the right source.",
        severity="warning",
        joined_columns=(lookup.alias,),
        lookups=(lookup,),
    )


def _agrees_with_trial(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "claim_subjects" or not has_fields(schema, "claim_id", "trial_id", "stance"):
        return
    lookup = UnfavourableTrial()
    yield Check(
        "LDB607",
        ("stance", "claim_id", "trial_id"),
        ~((text_of("stance") == "supports") & nw.col(lookup.alias)),
        "{claim_id} is supported by {trial_id}, whose primary result favours the control arm",
        "Look at the direction of the trial's result, and at the claim's stance.",
        severity="warning",
        joined_columns=(lookup.alias,),
        lookups=(lookup,),
    )


_CLAIM_ROW = {"claim_id": "c", "statement": "Trastuzumab prolonged survival (hazard ratio 0.63).", "citation_id": "a"}
_SUBJECT = {"claim_id": "c", "position": "1", "trial_id": "tandem"}

RULES = (
    Rule(
        "LDB606",
        "A claim about a trial cites a source on that trial",
        "A source whose numbers are entered for another trial is a sign that trial or source were mixed up.",
        _cites_trial,
        passing=Example("claim_subjects", ({**_SUBJECT, "stance": "about", "::other_trial": False},)),
        failing=Example("claim_subjects", ({**_SUBJECT, "stance": "about", "::other_trial": True},)),
        severity="warning",
    ),
    Rule(
        "LDB607",
        "A trial that supports a claim didn't go against it",
        "A trial whose every primary interval favours the control arm supports no claim for the experimental one.",
        _agrees_with_trial,
        passing=Example("claim_subjects", ({**_SUBJECT, "stance": "supports", "::trial_against": False},)),
        failing=Example("claim_subjects", ({**_SUBJECT, "stance": "supports", "::trial_against": True},)),
        severity="warning",
    ),
    Rule(
        "LDB620",
        "A claim states the numbers that its trial's results hold",
        "A number with decimals that no result of the trial has, of all patients or a subgroup, though results were "
        "entered from the same source, or numbers copied from it for the claim: one was misread, or they are of two "
        "analyses. Claims of whose source nothing else is entered are not checked.",
        _states_results,
        passing=Example("claims", ({**_CLAIM_ROW, "::is_estimate": True},)),
        failing=Example("claims", ({**_CLAIM_ROW, "::is_estimate": False},)),
    ),
)
