"""Rules on what claims say against what the tables hold."""

from __future__ import annotations

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
_RATIO = "(?:hazard|odds|risk|rate) ratio (?:of )?"
_CLAIM, _TRIAL, _SOURCE = "claim_id" + TEXT, "trial_id" + TEXT, "citation_id" + TEXT


@dataclass(frozen=True, slots=True)
class OtherTrial:
    """Whether a claim's source is known here only for trials other than the one the claim is about."""

    alias: str = "::other_trial"

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; unchanged where claims or results aren't at hand."""
        held = [tables.get(t) for t in _RESULTS]
        claims: Any = tables.get("claims")
        if not all(has_columns(t, _TRIAL, _SOURCE) for t in held) or not has_columns(claims, _CLAIM, _SOURCE):
            return frame
        if not has_columns(frame, _CLAIM, _TRIAL):
            return frame
        pairs = nw.concat([t.select(_SOURCE, _TRIAL) for t in held if t is not None]).unique()
        known = pairs.select(_SOURCE).unique().with_columns(nw.lit(value=True).alias("::known"))
        same = pairs.with_columns(nw.lit(value=True).alias("::same"))
        sources = claims.select(_CLAIM, _SOURCE).group_by(_CLAIM).agg(nw.col(_SOURCE).min())
        joined = frame.join(sources, on=_CLAIM, how="left").join(known, on=_SOURCE, how="left")
        joined = joined.join(same, on=[_SOURCE, _TRIAL], how="left")
        other = ~nw.col(_TRIAL).is_null() & ~nw.col("::known").is_null() & nw.col("::same").is_null()
        return joined.with_columns(other.alias(self.alias)).drop(_SOURCE, "::known", "::same")


@dataclass(frozen=True, slots=True)
class TrialAgainst:
    """Whether every primary result of a row's trial favours the control arm beyond chance."""

    alias: str = "::trial_against"

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; unchanged where effects aren't at hand."""
        effects = tables.get("effects")
        needed = (_TRIAL, "is_primary_endpoint", "ci_low", "measure" + TEXT)
        if not has_columns(effects, *needed) or not has_columns(frame, _TRIAL):
            return frame
        timed = text_of("measure").is_in(("hazard_ratio", "rate_ratio"))
        primary = tables["effects"].filter(nw.col("is_primary_endpoint") & timed & ~nw.col("ci_low").is_null())
        least = primary.group_by(_TRIAL).agg(nw.col("ci_low").min().alias(self.alias))
        joined = frame.join(least, on=_TRIAL, how="left")
        return joined.with_columns((nw.col(self.alias) > 1).fill_null(value=False).alias(self.alias))


@dataclass(frozen=True, slots=True)
class PrintedRatio:
    """Whether the ratio that a claim states is an estimate of its trial in the same source; null where none is entered.

    Attributes:
        alias: name of the column it adds.
    """

    alias: str = "::is_estimate"

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        subjects, effects = tables.get("claim_subjects"), tables.get("effects")
        statement = "statement" + TEXT
        complete = has_columns(subjects, _CLAIM, _TRIAL) and has_columns(effects, _TRIAL, _SOURCE, "estimate")
        if not complete or not has_columns(frame, _CLAIM, _SOURCE, statement):
            return frame
        text = nw.col(statement)
        number = text.str.replace_all(rf"^.*?{_RATIO}", "").str.replace_all(r"\.?[^0-9.].*$", "")
        stated = frame.select(_CLAIM, _SOURCE, statement).filter(text.str.contains(rf"{_RATIO}[0-9]\.[0-9]"))
        values = stated.select(_CLAIM, _SOURCE, number.str.replace_all(r"\.$", "").cast(nw.Float64).alias("::stated"))
        trials = tables["claim_subjects"].select(_CLAIM, _TRIAL).filter(~nw.col(_TRIAL).is_null()).unique()
        known = tables["effects"].select(_TRIAL, _SOURCE, "estimate").filter(~nw.col("estimate").is_null()).unique()
        pairs = values.join(trials, on=_CLAIM, how="inner").join(known, on=[_TRIAL, _SOURCE], how="inner")
        same = (nw.col("::stated") == nw.col("estimate")).cast(nw.Int64).alias("::same")
        found = pairs.select(_CLAIM, same).group_by(_CLAIM).agg(nw.col("::same").max())
        joined = frame.join(found, on=_CLAIM, how="left")
        return joined.with_columns((nw.col("::same") > 0).alias(self.alias)).drop("::same")


def _states_its_estimate(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "claims" or not has_fields(schema, "claim_id", "statement", "citation_id"):
        return
    lookup = PrintedRatio()
    yield Check(
        "LDB620",
        ("statement", "citation_id"),
        nw.col(lookup.alias),
        "the ratio in the statement is none that effects holds for its trial from {citation_id}",
        "Read claim and effect again in the source; one of the two may be of another analysis.",
        severity="warning",
        joined_columns=(lookup.alias,),
        lookups=(lookup,),
    )


def _cites_its_trial(table: str, schema: TableSchema) -> Iterator[Check]:
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


def _agrees_with_its_trial(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "claim_subjects" or not has_fields(schema, "claim_id", "trial_id", "stance"):
        return
    lookup = TrialAgainst()
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


_CLAIMED = {"claim_id": "c", "statement": "Trastuzumab prolonged survival (hazard ratio 0.63).", "citation_id": "a"}
_SUBJECT = {"claim_id": "c", "position": "1", "trial_id": "tandem"}

RULES = (
    Rule(
        "LDB606",
        "A claim about a trial cites a source on that trial",
        "A source whose numbers are entered for another trial is a sign that trial or source were mixed up.",
        _cites_its_trial,
        passing=Example("claim_subjects", ({**_SUBJECT, "stance": "about", "::other_trial": False},)),
        failing=Example("claim_subjects", ({**_SUBJECT, "stance": "about", "::other_trial": True},)),
        severity="warning",
    ),
    Rule(
        "LDB607",
        "A trial that supports a claim didn't go against it",
        "A trial whose every primary interval favours the control arm supports no claim for the experimental one.",
        _agrees_with_its_trial,
        passing=Example("claim_subjects", ({**_SUBJECT, "stance": "supports", "::trial_against": False},)),
        failing=Example("claim_subjects", ({**_SUBJECT, "stance": "supports", "::trial_against": True},)),
        severity="warning",
    ),
    Rule(
        "LDB620",
        "A claim states the ratio that its trial's effect holds",
        "A claim and an effect of the same trial from the same source that print two ratios: one was misread, or they "
        "are of two analyses.",
        _states_its_estimate,
        passing=Example("claims", ({**_CLAIMED, "::is_estimate": True},)),
        failing=Example("claims", ({**_CLAIMED, "::is_estimate": False},)),
        severity="warning",
    ),
)
