"""Select the results that can be pooled to answer one question, and give the reason why others can't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource
from luminaldb.loaders.views import trial_results, without_superseded_sources

from .absent_trials import explain_absent_trials
from .arm_comparison import ADD_ON, IN_PLACE_OF, OTHER, SCHEDULE, ArmComparer
from .arm_counts import COUNTS
from .candidates import Candidates
from .criteria import JOINT, design_criteria, question_criteria
from .exclusion import Criterion, Flow, Reason, Reasons, RowCriterion
from .missing_intervals import explain_missing_interval
from .mixtures import mixture_criteria
from .multi_arm_trials import joint_analyses, joint_components, resolve_trials
from .names_in_words import name_result
from .question import ASSESSORS, Question
from .question_checks import make_question
from .selection import Selection, selection_notes
from .superseded_results import superseded_results

DEFAULT_DERIVATIONS = ("counts", "percent", "inverted")


def comparisons(
    endpoint: str | Sequence[str] | None = None,
    *,
    adverse_event: str | None = None,
    grade: str = "any",
    therapy: str | None = None,
    therapy_class: str | None = None,
    control: str | None = None,
    control_class: str | None = None,
    population: str | Sequence[str] | None = None,
    biomarker: str | None = None,
    setting: str | Sequence[str] | None = None,
    line: str | Sequence[str] | None = None,
    her2_status: str | Sequence[str] | None = None,
    hr_status: str | Sequence[str] | None = None,
    menopausal_status: str | Sequence[str] | None = None,
    chemotherapy: bool | None = None,
    phase: str | Sequence[str] | None = None,
    masking: str | Sequence[str] | None = None,
    years: tuple[int | None, int | None] | None = None,
    trials: str | Sequence[str] | None = None,
    source_level: str | Sequence[str] | None = None,
    measure: str | None = None,
    at_months: float | None = None,
    assessor: str | Sequence[str] = ASSESSORS,
    arms: str | Sequence[str] = "combine",
    mixed: bool | str | Sequence[str] = False,
    derive: str | Sequence[str] = DEFAULT_DERIVATIONS,
    add_on: bool = False,
    analysis: str = "latest",
    results: pl.DataFrame | None = None,
    version: str | None = None,
    path: DataSource = None,
) -> Selection:
    """Select the randomised comparisons that answer one question.

    Where several values are given, any of them will do; of endpoints, populations and assessors, a trial is
    represented by the first that it has.

    Args:
        endpoint: id of an endpoint, such as `pfs`; several in order of preference, such as `["pfs", "ttp"]`; or `pcr`,
            which means the four endpoints of pathologic complete response.
        adverse_event: in place of an endpoint, a term of `adverse_event_terms` by id, name or synonym; `any` is any
            adverse event.
        grade: of the adverse event: any, 3_plus, serious, ….
        therapy: a therapy by any of its names, which only the experimental arm has.
        therapy_class: a class by id or name, in place of a therapy: the experimental arm has a therapy of the class,
            or of a class below it, and the control arm has none.
        control: a therapy that the control arm has. The same as `therapy`: comparisons of dose, schedule or duration.
        control_class: a class, by id or name, of which the control arm has a therapy.
        population: an analysis set (`itt`, `per_protocol`, …), a population's id without the trial's id before it
            (`hr-positive`, `esr1m`), or `primary`, the population of the trial's primary endpoint; several in order of
            preference. `itt` if neither it nor a biomarker is given; of responses `["itt", "evaluable"]`.
        biomarker: symbol of a gene that is altered in the population (`ESR1`), or a biomarker as populations name it.
        setting: of the trial: prevention, neoadjuvant, adjuvant, extended_adjuvant, metastatic.
        line: of the trial: first, first_or_second, second_plus, any, na.
        her2_status: of the population, else of the trial: positive, negative, low, any, ….
        hr_status: of the population, else of the trial: positive, negative, mixed, any.
        menopausal_status: of the population, else of the trial: any, postmenopausal, premenopausal (which also takes
            premenopausal_or_perimenopausal), ….
        chemotherapy: True for comparisons with chemotherapy in an arm, False for those without.
        phase: of the trial: 1, 1/2, 2, 2/3, 3, 4, na.
        masking: of the trial: double_blind, open_label, ….
        years: first and last year of the source; None leaves an end open.
        trials: the only trials to use, by id, acronym or registration, such as `["PHARE", "PERSEPHONE"]`; all others
            are in `excluded`.
        source_level: what was read: full_text, abstract, registry, label, secondary.
        measure: hazard_ratio, odds_ratio, risk_ratio, rate_ratio or risk_difference. If it isn't given, hazard_ratio
            for a time-to-event endpoint and risk_ratio for what is counted.
        at_months: for rates at a time, the time in months.
        assessor: whose assessment is preferred, in order. Where a trial has none of these, its own is used.
        arms: of a trial with several comparisons that share an arm: `combine` them into one, `split` the patients of
            the shared arm, keep `each` (for a network meta-analysis), or the ids of the arms to use.
        mixed: what may differ between the included trials: `setting`, `comparator`, both, or True for all. Otherwise
            the setting, and the kind of comparison, that most trials have is used; `notes` names it. Without a control
            asked for, only trials that test the therapy count for that; those in which it is the control arm's don't.
        derive: numbers that may be derived, each marked in `derived_from`: `counts` (from events and n), `percent`
            (from a percentage and n), `inverted` (a ratio printed the other way round), `p_value` and `events` (a
            standard error from an exact p value, or from events by arm), or `all`.
        add_on: whether to include only comparisons whose arms differ in nothing but the therapy. Placebo and
            observation don't count as a difference.
        analysis: `latest`, or only analyses of one kind: interim, primary, final, updated, exploratory.
        results: the frame of `trial_results(include_superseded=True)`; saves time over many calls.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.

    Returns:
        `included` has one row per trial, or per cohort with a randomisation of its own. `excluded` has every other
        result of the trials that test the therapy, with the criterion and the reason.

    Raises:
        LuminaldbError: an unknown name; the message gives the nearest. Also contradictory arguments.

    Example:
        >>> import luminaldb
        >>> selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic")
        >>> selection.excluded.columns
        ['result_id', 'acronym', 'source', 'criterion', 'reason', 'other_result_id']
    """
    database = Database.find(path, version=version)
    question = make_question(
        database,
        endpoint=endpoint, adverse_event=adverse_event, grade=grade, therapy=therapy, therapy_class=therapy_class,
        control=control, control_class=control_class, population=population, biomarker=biomarker, setting=setting,
        line=line, her2_status=her2_status, hr_status=hr_status, menopausal_status=menopausal_status,
        chemotherapy=chemotherapy, phase=phase, masking=masking, years=years, trials=trials, source_level=source_level,
        measure=measure, at_months=at_months, assessor=assessor, arms=arms, mixed=mixed, derive=derive, add_on=add_on,
        analysis=analysis,
    )  # fmt: skip
    if results is None:
        results = trial_results(include_superseded=True, version=version, path=path)
    return select_comparisons(question, Candidates(results, database))


def make_default_question(database: Database, endpoint: str, **arguments: Any) -> Question:
    """Make the question that `comparisons` makes of the same arguments.

    Raises:
        LuminaldbError: see `comparisons`.
    """
    return make_question(database, endpoint=endpoint, **{**(comparisons.__kwdefaults__ or {}), **arguments})


def select_comparisons(question: Question, candidates: Candidates) -> Selection:
    """Select the comparisons that answer a question; see `comparisons`.

    Args:
        question: with every name checked.
        candidates: the results to select from.
    """
    database = candidates.database
    comparer = ArmComparer(question, database)
    flow = Flow(candidates.for_question(question, comparer))
    candidate_trials = set(flow.rows["trial_id"])
    notes: list[str] = []
    if not comparer.question_therapies and question.arms != "each":
        notes.append("no therapy or class was asked for: the comparisons are of different therapies")
    flow.exclude_rows([*question_criteria(question, bool(comparer.question_therapies)), *design_criteria()])
    flow.exclude(Criterion("superseded source", _exclude_superseded_sources))
    components = _components_of(flow.rows, database)
    flow.exclude_rows(mixture_criteria(question, comparer, flow.rows, components, notes))
    flow.exclude_rows(
        [RowCriterion("no interval", pl.col("standard_error").is_null(), explain_missing_interval(database))]
    )
    flow.exclude(Criterion("better data", _exclude_less_complete))
    flow.exclude(Criterion("superseded result", lambda rows: superseded_results(rows, question.assessors)))
    flow.exclude(Criterion("preference", lambda rows: _exclude_less_preferred(rows, question)))
    arms = question.arms
    if isinstance(arms, tuple):
        flow.exclude(Criterion("arms", lambda rows: _exclude_other_arms(rows, arms)))
    resolved, shared_patients, arm_notes = resolve_trials(_describe_derivation(flow.rows), question.arms)
    flow.exclude(Criterion("shared patients", lambda _: shared_patients))
    counted_twice = joint_analyses(resolved, components)
    flow.exclude(Criterion("joint analysis", lambda _: counted_twice))
    included = resolved.filter(~pl.col("result_id").is_in(list(counted_twice))).sort("source_year", "result_id")
    notes += [*arm_notes, *selection_notes(included, comparer.class_names)]
    selection = Selection(included, flow.excluded, question, tuple(notes), flow.steps)
    absence_notes = explain_absent_trials(selection, candidate_trials, database) if question.trials else ()
    return replace(selection, notes=(*absence_notes, *notes))


def _components_of(rows: pl.DataFrame, database: Database) -> dict[str, frozenset[str]]:
    """Return the trials of the joint analyses among some results."""
    joint = set(rows.filter(pl.col("trial_design") == JOINT)["trial_id"])
    if not joint:
        return {}
    trials = database.frame("trials")
    notes = trials.filter(pl.col("trial_id").is_in(joint)).select("trial_id", "note")
    return joint_components(notes.iter_rows(), set(trials["trial_id"]))


def _exclude_superseded_sources(rows: pl.DataFrame) -> Reasons:
    if rows["superseded_by"].null_count() == rows.height:
        return {}
    kept_ids = set(without_superseded_sources(rows)["result_id"])
    reason = Reason("a later paper of its source reports the result again")
    return {r: reason for r in rows["result_id"] if r not in kept_ids}


def _exclude_less_complete(rows: pl.DataFrame) -> Reasons:
    """Keep counts rather than a printed ratio, and that rather than percentages; any event rather than related ones."""
    if rows["::derived"].null_count() == rows.height and rows["::attribution"].null_count() == rows.height:
        return {}
    derived = pl.col("::derived")
    completeness = pl.when(derived == COUNTS).then(0).when(derived.is_null()).then(1).otherwise(2)
    is_related = (pl.col("::attribution") == "treatment_related").fill_null(value=False).cast(pl.Int64)
    comparison_columns = ["trial_id", "population_id", "endpoint_id", "arm_id", "control_arm_id"]
    ranked = rows.with_columns((3 * is_related + completeness).alias("::data")).with_columns(
        pl.col("::data").min().over(comparison_columns).alias("::best"),
        pl.col("result_id").sort_by("::data", "result_id").first().over(comparison_columns).alias("::kept"),
    )
    less_complete_rows = ranked.filter(pl.col("::data") > pl.col("::best"))
    rows_by_id = {row["result_id"]: row for row in rows.iter_rows(named=True)}
    kinds = ("counts", "a printed result", "all events")
    reasons = {}
    for row in less_complete_rows.iter_rows(named=True):
        used_row, data_kind = rows_by_id[row["::kept"]], kinds[row["::best"] % 3]
        text = f"{name_result(used_row, excluded=row)} reports the same comparison by {data_kind}"
        reasons[row["result_id"]] = Reason(text, used_row["result_id"])
    return reasons


def _exclude_less_preferred(rows: pl.DataFrame, question: Question) -> Reasons:
    """Keep, of each trial, the endpoint and then the population that comes first."""
    if len(question.endpoints) <= 1 and len(question.populations) <= 1:
        return {}
    endpoint = pl.col("endpoint_id").replace_strict(
        {name: rank for rank, name in enumerate(question.endpoints)}, default=0, return_dtype=pl.Int64
    )
    ranked = rows.with_columns(endpoint.alias("::endpoint_rank")).with_columns(
        pl.struct("::endpoint_rank", "::population_rank").rank("dense").alias("::rank")
    )
    used_row_of_each_trial = ranked.sort("::rank", "result_id").unique("trial_id", keep="first", maintain_order=True)
    used_rows = {row["trial_id"]: row for row in used_row_of_each_trial.iter_rows(named=True)}
    reasons = {}
    for row in ranked.iter_rows(named=True):
        used_row = used_rows[row["trial_id"]]
        if row["::rank"] == used_row["::rank"]:
            continue
        differing_choice = "endpoint" if row["::endpoint_rank"] != used_row["::endpoint_rank"] else "population"
        name = used_row[{"endpoint": "endpoint", "population": "population_name"}[differing_choice]]
        reasons[row["result_id"]] = Reason(
            f"its trial is represented by another {differing_choice}: {name} ({used_row['source']})",
            used_row["result_id"],
        )
    return reasons


def _exclude_other_arms(rows: pl.DataFrame, chosen: tuple[str, ...]) -> Reasons:
    """Of trials with a chosen arm, keep the comparisons of chosen arms."""
    has_chosen_arm = pl.col("arm_id").is_in(chosen) | pl.col("control_arm_id").is_in(chosen)
    trials = rows.filter(has_chosen_arm)["trial_id"].implode()
    others = rows.filter(pl.col("trial_id").is_in(trials) & ~has_chosen_arm)
    return dict.fromkeys(others["result_id"], Reason("other arms of its trial were chosen"))


def _describe_derivation(rows: pl.DataFrame) -> pl.DataFrame:
    """Add from what a number was derived and how the arms differ; drop the columns that only criteria use."""
    derivation_columns = [c for c in ("::derived", "::error_from", "::inverted") if c in rows.columns]
    derived = pl.concat_str(
        [pl.col("derived_from").cast(pl.String), *derivation_columns], separator="; ", ignore_nulls=True
    )
    kind = pl.col("::kind")
    comparison = (
        pl.when(kind.is_in([ADD_ON, OTHER, SCHEDULE, ""]))
        .then(kind)
        .otherwise(pl.concat_str(pl.lit(IN_PLACE_OF), kind))
    )
    return rows.with_columns(
        pl.when(derived != "").then(derived).alias("derived_from"), comparison.replace("", None).alias("comparison")
    ).drop(pl.selectors.starts_with("::"))
