"""Rules on results against their trial: its primary endpoint, its control arm, its own papers, its terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, joined_column, text_of
from ..checks import Check
from ..lookups import Frame, Frames, ReferenceCount, ValueLookup, has_columns
from .rule import Example, Rule, has_fields

_RANDOMISED = ("randomised", "randomised_factorial")
_RESULTS = ("effects", "outcomes", "adverse_events")


def _primary_endpoint(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "effects" or not has_fields(schema, "trial_id", "endpoint_id", "is_primary_endpoint"):
        return
    trial_endpoint = nw.col(joined_column("trial_id", "primary_endpoint_id" + TEXT))
    is_marked_primary = nw.col("is_primary_endpoint")
    matches = (is_marked_primary & (text_of("endpoint_id") == trial_endpoint)).fill_null(value=False)
    any_matches = matches.cast(nw.Int64).max().over("trial_id" + TEXT) > 0
    yield Check(
        "LDB616",
        ("is_primary_endpoint", "endpoint_id", "trial_id"),
        ~is_marked_primary | trial_endpoint.is_null() | any_matches,
        "{endpoint_id} is marked primary, and the primary endpoint of {trial_id} is another",
        "Read in the registry or the paper which endpoint is primary; correct the row or the trial. Co-primary "
        "endpoints are marked beside the trial's own.",
        joined_columns=(joined_column("trial_id", "primary_endpoint_id" + TEXT),),
        compared_columns=("trial_id" + TEXT,),
    )


def _has_control(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "trials" or not has_fields(schema, "trial_id", "design", "note"):
        return
    arms = ReferenceCount("::arms", "trial_id", (("arms", "trial_id"),))
    control = ValueLookup("::control_arm", "arms", (("trial_id", "trial_id"),), "label", (("role", "control"),))
    yield Check(
        "LDB617",
        ("design", "trial_id"),
        ~text_of("design").is_in(_RANDOMISED)
        | (nw.col(arms.alias) == 0)
        | ~nw.col(control.alias).is_null()
        | text_of("note").fill_null("").str.contains("(?i)no control arm"),
        "{trial_id} is randomised and has no control arm",
        'Say in role which arm is the control; or correct the design; or, where all arms are experimental, write "No '
        'control arm" in note.',
        joined_columns=(arms.alias, control.alias),
        lookups=(arms, control),
    )


def _arms_match_roles(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "effects" or not has_fields(schema, "experimental_arm_id", "control_arm_id", "note"):
        return
    experimental, control = (
        nw.col(joined_column(f"{role}_arm_id", "role" + TEXT)) for role in ("experimental", "control")
    )
    swapped = (experimental == "control") & (control == "experimental")
    yield Check(
        "LDB623",
        ("experimental_arm_id", "control_arm_id", "note"),
        ~swapped | ~text_of("note").is_null(),
        "the trial's control arm {experimental_arm_id} is compared with its experimental arm {control_arm_id}",
        "Swap the arms; where the source prints the ratio that way round, say so in note.",
        joined_columns=tuple(joined_column(f"{role}_arm_id", "role" + TEXT) for role in ("experimental", "control")),
    )


@dataclass(frozen=True, slots=True)
class NamedTrial:
    """The acronym of the only other trial on a row's source, where the title names it and not the row's own trial.

    Attributes:
        alias: name of the column it adds.
    """

    alias: str = "::named_trial"

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("trials", "citations", *_RESULTS)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        source, trial, acronym, title = ("citation_id" + TEXT, "trial_id" + TEXT, "acronym" + TEXT, "title" + TEXT)
        results = [tables.get(name) for name in _RESULTS]
        trials, citations = tables.get("trials"), tables.get("citations")
        complete = all(has_columns(t, source, trial) for t in results) and has_columns(trials, trial, acronym)
        if not complete or not has_columns(citations, source, title) or not has_columns(frame, source, trial):
            return frame
        pairs = nw.concat([t.select(source, trial) for t in results if t is not None]).unique()
        sources_of_two_trials = pairs.group_by(source).agg(nw.len().alias("::trials")).filter(nw.col("::trials") == 2)  # noqa: PLR2004
        pairs_with_title = (
            pairs.join(sources_of_two_trials.select(source), on=source, how="inner")
            .join(tables["trials"].select(trial, acronym), on=trial, how="inner")
            .join(tables["citations"].select(source, title), on=source, how="inner")
            .with_columns(nw.col(title).str.contains(nw.col(acronym), literal=True).alias("::in_title"))
        )
        row_trial_in_title = pairs_with_title.select(source, trial, nw.col("::in_title").alias("::own_in_title"))
        named_trials = (
            pairs_with_title.filter(nw.col("::in_title")).group_by(source).agg(nw.col(acronym).min().alias(self.alias))
        )
        joined_frame = frame.join(row_trial_in_title, on=[source, trial], how="left").join(
            named_trials, on=source, how="left"
        )
        named_trial = nw.when(~nw.col("::own_in_title").fill_null(value=True)).then(nw.col(self.alias))
        return joined_frame.with_columns(named_trial.alias(self.alias)).drop("::own_in_title")


def _cites_paper_of_trial(table: str, schema: TableSchema) -> Iterator[Check]:
    if table not in _RESULTS or not has_fields(schema, "trial_id", "citation_id"):
        return
    named_trial = NamedTrial()
    yield Check(
        "LDB618",
        ("citation_id", "trial_id"),
        nw.col(named_trial.alias).is_null(),
        "the title of {citation_id} names another trial than {trial_id}",
        "Look whether the row cites the paper of its own trial.",
        severity="warning",
        joined_columns=(named_trial.alias,),
        lookups=(named_trial,),
    )


def _approved_has_approval(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "therapies" or not has_fields(schema, "therapy_id", "development_status", "modality", "locator"):
        return
    approvals = ReferenceCount("::approvals", "therapy_id", (("approvals", "therapy_id"),))
    yield Check(
        "LDB619",
        ("therapy_id", "development_status"),
        (text_of("development_status") != "approved")
        | (text_of("modality").fill_null("") == "any_of_class")
        | (nw.col(approvals.alias) > 0)
        | text_of("locator").fill_null("").str.contains("(?i)approv|licen[cs]|label|registered|marketed"),
        "{therapy_id} is approved, and no approval says by whom",
        "Enter the approval, or say in locator where the source says that the drug is approved.",
        severity="warning",
        joined_columns=(approvals.alias,),
        lookups=(approvals,),
    )


def _term_is_in_vocabulary(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "adverse_events" or not has_fields(schema, "term", "term_id", "term_printed"):
        return
    name = joined_column("term_id", "name" + TEXT)
    yield Check(
        "LDB621",
        ("term", "term_id"),
        text_of("term") == nw.col(name),
        "{term} is not the name of the term {term_id}",
        "Write the vocabulary's name in term, and the source's own words in term_printed.",
        joined_columns=(name,),
    )
    yield Check(
        "LDB621",
        ("term_printed", "term"),
        text_of("term_printed") != text_of("term"),
        "term_printed {term_printed} is the term itself",
        "Empty term_printed where the source prints the vocabulary's own name.",
    )


_EFFECT = {"effect_id": "e", "trial_id": "tandem", "is_primary_endpoint": "true"}
_TERM = {"adverse_event_id": "a", "term_id": "diarrhea", "term_id::name::text": "diarrhea"}
_ROLES = {"experimental_arm_id::role::text": "control", "control_arm_id::role::text": "experimental"}
_PFS = {"trial_id::primary_endpoint_id::text": "pfs"}

RULES = (
    Rule(
        "LDB616",
        "Results marked primary include the trial's primary endpoint",
        "Where results are marked primary and none is of the trial's own primary endpoint, one of the two is wrong.",
        _primary_endpoint,
        passing=Example("effects", ({**_EFFECT, **_PFS, "endpoint_id": "pfs"},)),
        failing=Example("effects", ({**_EFFECT, **_PFS, "endpoint_id": "os"},)),
    ),
    Rule(
        "LDB617",
        "A randomised trial has a control arm",
        "A ratio needs to know against what; without a control, roles were mixed up or an arm is missing.",
        _has_control,
        passing=Example(
            "trials", ({"trial_id": "tandem", "design": "randomised", "::arms": 2, "::control_arm": "Anastrozole"},)
        ),
        failing=Example(
            "trials", ({"trial_id": "tandem", "design": "randomised", "::arms": 2, "::control_arm": None},)
        ),
    ),
    Rule(
        "LDB618",
        "A result cites a paper of its trial",
        "Of two trials that share a source the title names one: the row of the other may have been copied.",
        _cites_paper_of_trial,
        passing=Example("effects", ({"trial_id": "tandem", "citation_id": "a", "::named_trial": None},)),
        failing=Example("effects", ({"trial_id": "tandem", "citation_id": "a", "::named_trial": "PERTAIN"},)),
        severity="warning",
    ),
    Rule(
        "LDB619",
        "An approved therapy has an approval",
        "A drug is approved by an agency, on a day, for a use; or the place that says so is named.",
        _approved_has_approval,
        passing=Example(
            "therapies", ({"therapy_id": "anastrozole", "development_status": "approved", "::approvals": 2},)
        ),
        failing=Example(
            "therapies",
            ({"therapy_id": "anastrozole", "development_status": "approved", "locator": "abstract", "::approvals": 0},),
        ),
        severity="warning",
    ),
    Rule(
        "LDB621",
        "An adverse event has its vocabulary's name",
        "Tables are put side by side by one term; what the source calls it stands beside it where it differs.",
        _term_is_in_vocabulary,
        passing=Example("adverse_events", ({**_TERM, "term": "diarrhea", "term_printed": "Diarrhoea"},)),
        failing=Example("adverse_events", ({**_TERM, "term": "diarrhoea", "term_printed": ""},)),
    ),
    Rule(
        "LDB623",
        "A comparison follows the roles of its arms",
        "A ratio of control against experimental arm reads as the opposite of what was found. Where a source prints it "
        "so, the note says it.",
        _arms_match_roles,
        passing=Example("effects", ({**_EFFECT, **_ROLES, "note": "Printed for placebo against lapatinib."},)),
        failing=Example("effects", ({**_EFFECT, **_ROLES, "note": ""},)),
    ),
)
