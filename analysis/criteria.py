"""The criteria that look at each result alone, in the order in which a reviewer applies them."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from luminaldb.loaders.views import RETRACTED

from .exclusion import RowCriterion
from .names_in_words import column_in_words
from .question import PRIMARY, Question

_RANDOMISED = ("randomised", "randomised_factorial")
JOINT = "pooled_analysis"
TRIALS, NOT_ASKED = "trials", "not among the trials asked for"
_NOT_STATED = "not stated"


def question_criteria(question: Question, has_therapy: bool) -> list[RowCriterion]:
    """Return the criteria of what is compared, in whom and how it is measured.

    Args:
        question: whose parts become criteria.
        has_therapy: whether a therapy was asked for.
    """
    criteria = []
    if question.trials:
        criteria.append(RowCriterion(TRIALS, ~pl.col("trial_id").is_in(question.trials), NOT_ASKED))
    if has_therapy:
        criteria.append(RowCriterion("comparison", ~pl.col("::tests_therapy"), pl.col("::why_not_tested")))
    if question.control or question.control_class:
        reason = pl.format(
            "its control arm has no {} ({})", pl.lit(question.control_name), _text_or_not_stated("control_arm")
        )
        criteria.append(RowCriterion("comparator", ~pl.col("::has_comparator"), reason))
    if question.adverse_event is not None:
        exclusion_reason = pl.format("another adverse event: {}", _text_or_not_stated("endpoint"))
        criteria.append(
            RowCriterion("endpoint", pl.col("endpoint_id").ne_missing(question.adverse_event), exclusion_reason)
        )
        exclusion_reason = pl.format("another grade: {}", _spaced_text_or_not_stated("::grade"))
        criteria.append(RowCriterion("grade", pl.col("::grade") != question.grade, exclusion_reason))
    if question.endpoints:
        exclusion_reason = pl.format("another endpoint: {}", _text_or_not_stated("endpoint"))
        criteria.append(RowCriterion("endpoint", ~pl.col("endpoint_id").is_in(question.endpoints), exclusion_reason))
    if question.populations:
        exclusion_reason = pl.format("another population: {}", _text_or_not_stated("population_name"))
        criteria.append(RowCriterion("population", pl.col("::population_rank").is_null(), exclusion_reason))
    if question.biomarker is not None:
        exclusion_reason = pl.format("another population: {}", _text_or_not_stated("population_name"))
        criteria.append(RowCriterion("biomarker", ~_has_biomarker(question).fill_null(value=False), exclusion_reason))
    criteria.append(
        RowCriterion("no counterpart", pl.col("::unpaired_reason").is_not_null(), pl.col("::unpaired_reason"))
    )
    criteria.append(
        RowCriterion(
            "measure",
            ~pl.col("measure").is_in([question.measure]),
            pl.format("measured as {}", _spaced_text_or_not_stated("measure")),
        )
    )
    if question.at_months is not None:
        exclusion_reason = pl.format("at another time: {} months", _text_or_not_stated("at_months"))
        criteria.append(RowCriterion("time", pl.col("at_months").ne_missing(question.at_months), exclusion_reason))
    for column, values in question.trial_values:
        criteria.append(_value_criterion(column, values))
    if question.chemotherapy is not None:
        with_or_without = "no chemotherapy in its arms" if question.chemotherapy else "chemotherapy in its arms"
        criteria.append(
            RowCriterion("chemotherapy", pl.col("::chemotherapy") != question.chemotherapy, with_or_without)
        )
    if question.years is not None:
        first, last = question.years
        is_too_early = pl.col("source_year") < first if first is not None else pl.lit(value=False)
        is_too_late = pl.col("source_year") > last if last is not None else pl.lit(value=False)
        criteria.append(
            RowCriterion(
                "year", is_too_early | is_too_late, pl.format("published in {}", _text_or_not_stated("source_year"))
            )
        )
    if question.analysis != "latest":
        exclusion_reason = pl.format("another analysis: {}", _spaced_text_or_not_stated("analysis"))
        criteria.append(
            RowCriterion("analysis", pl.col("analysis").cast(pl.String) != question.analysis, exclusion_reason)
        )
    return criteria


def design_criteria() -> list[RowCriterion]:
    """Return the criteria of what kind of study a result is from, whatever the question."""
    return [
        RowCriterion("retracted source", pl.col("publication_status").is_in(RETRACTED), "its source was retracted"),
        RowCriterion(
            "design", ~pl.col("trial_design").is_in([*_RANDOMISED, JOINT]), "not a randomised trial of its own"
        ),
        RowCriterion("not randomised", ~pl.col("randomised"), "its arms were not randomised against one another"),
    ]


def population_rank(populations: Iterable[str]) -> pl.Expr:
    """Return the place of a row's population among those asked for; null where it is none of them.

    A population is an analysis set, the end of a population's id, or `primary`: the population in which the trial
    tested its primary endpoint.
    """
    suffix = pl.col("population_id").str.strip_prefix(pl.concat_str("trial_id", pl.lit("-")))
    analysis_set = pl.col("population_analysis_set").cast(pl.String)
    matches = [
        pl.col("::is_primary_population") if name == PRIMARY else (analysis_set == name) | (suffix == name)
        for name in populations
    ]
    if not matches:
        return pl.lit(0)
    return pl.coalesce(pl.when(match.fill_null(value=False)).then(rank) for rank, match in enumerate(matches))


def _has_biomarker(question: Question) -> pl.Expr:
    if question.biomarker_gene is None:
        return pl.col("population_biomarker") == question.biomarker
    return (pl.col("::biomarker_gene_id") == question.biomarker_gene) & pl.col("::biomarker_alteration").is_not_null()


def _value_criterion(column: str, values: tuple[str, ...]) -> RowCriterion:
    if column == "source_level":
        value = pl.col(column).cast(pl.String)
    elif column in ("her2_status", "hr_status", "menopausal_status"):
        # What a population says of itself comes before what its trial says of everybody.
        population_value = pl.col(f"population_{column}").cast(pl.String)
        value = (
            pl.when(population_value.is_null() | (population_value == "any"))
            .then(pl.col(f"trial_{column}").cast(pl.String))
            .otherwise(population_value)
        )
    else:
        value = pl.col(f"trial_{column}").cast(pl.String)
    reason = pl.format(
        "{} is {}", pl.lit(column_in_words(column)), value.str.replace_all("_", " ").fill_null(_NOT_STATED)
    )
    matches = value.is_in(values)
    if column == "menopausal_status":
        # Women before menopause are also those of premenopausal_or_perimenopausal.
        matches = pl.any_horizontal(value.str.starts_with(status) for status in values)
    return RowCriterion(column.replace("_", " "), ~matches.fill_null(value=False), reason)


def _text_or_not_stated(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null(_NOT_STATED)


def _spaced_text_or_not_stated(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.replace_all("_", " ").fill_null(_NOT_STATED)
