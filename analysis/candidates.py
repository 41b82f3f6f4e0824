"""The results to select from: those of every trial that tests the therapy, with the columns that criteria need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.loaders.database import Database

from .arm_comparison import ArmComparer
from .arm_counts import add_effects_from_counts, arm_results, counted_comparisons, unpaired_rows
from .criteria import population_rank
from .derived_errors import derive_standard_errors
from .question import PRIMARY, Question
from .switch_designs import mark_switches

_SWAPPED_COLUMNS = (
    ("arm_id", "control_arm_id"), ("arm", "control_arm"), ("arm_therapies", "control_arm_therapies"),
    ("n_experimental", "n_control"), ("events_experimental", "events_control"),
)  # fmt: skip
_THERAPY_COLUMNS = ["arm_therapies", "control_arm_therapies"]
_CHEMOTHERAPY = "chemotherapy"


class Candidates:
    """The results that questions are asked of; questions that differ only in what criteria look at share them."""

    def __init__(self, results: pl.DataFrame, database: Database) -> None:
        """Begin with the frame of `trial_results(include_superseded=True)`."""
        self.database = database
        self._results = results
        self._frames: dict[Question, pl.DataFrame] = {}

    def for_question(self, question: Question, comparer: ArmComparer) -> pl.DataFrame:
        """Return those of one question, see `candidate_results`."""
        masking = tuple(pair for pair in question.trial_values if pair[0] == "masking")
        question_of_all = replace(
            question, trial_values=masking, chemotherapy=None, years=None, assessors=(), arms="combine", mixed=(),
            trials=(), add_on=False, analysis="latest", title="", control_name="",
        )  # fmt: skip
        if question_of_all not in self._frames:
            self._frames[question_of_all] = candidate_results(self._results, question, comparer, self.database)
        return self._frames[question_of_all]


def candidate_results(
    results: pl.DataFrame, question: Question, comparer: ArmComparer, database: Database
) -> pl.DataFrame:
    """Return every result of the trials that test the therapy, with the columns that criteria look at.

    Args:
        results: the frame of `trial_results(include_superseded=True)`. Results by arm are used where the question is
            about a counted measure.
        question: what is asked.
        comparer: compares arms for the question.
        database: of the results.
    """
    rows = _results_of_trials(_with_counts(results, question, comparer, database), comparer, database)
    rows = _with_missing_columns(rows, question, database)
    rows = rows.with_columns(population_rank(question.populations).alias("::population_rank"))
    rows = derive_standard_errors(rows, question.derive)
    return _with_roles(mark_switches(_compare_arms(rows, question, comparer), comparer, database), database)


def _with_counts(results: pl.DataFrame, question: Question, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    """Return the printed comparisons and, of a counted measure, those calculated from counts and the rows left over."""
    printed = results.filter(pl.col("result_type") == "effect")
    empty_columns = [
        pl.lit(None, pl.String).alias(f"::{name}") for name in ("derived", "unpaired_reason", "grade", "attribution")
    ]
    if not question.is_counted:
        return printed.with_columns(empty_columns)
    by_arm = arm_results(question, results, database)
    pairs = counted_comparisons(question, by_arm, comparer, printed)
    unpaired = unpaired_rows(by_arm, pairs)
    unpaired = unpaired.select(
        *(c for c in printed.columns if c in unpaired.columns), "::unpaired_reason", "::grade", "::attribution"
    )
    frames = [pairs, unpaired]
    if question.adverse_event is None:
        counted = add_effects_from_counts(printed, question)
        frames.insert(0, counted)
    return pl.concat([pl.DataFrame(schema=printed.schema), *frames], how="diagonal_relaxed").with_columns(
        pl.lit(None, pl.String).alias(f"::{name}")
        for name in ("derived", "unpaired_reason", "grade", "attribution")
        if not any(f"::{name}" in frame.columns for frame in frames)
    )


def _results_of_trials(results: pl.DataFrame, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    if not comparer.question_therapies:
        return results
    arms = database.frame("arms").select("arm_id", "trial_id")
    experimental = database.frame("arm_therapies").filter(pl.col("therapy_id").is_in(list(comparer.question_therapies)))
    arms = arms.with_columns(pl.col("arm_id").is_in(experimental["arm_id"].implode()).alias("has"))
    tests = pl.col("has").any() if comparer.has_same_comparator else pl.col("has").any() & ~pl.col("has").all()
    trials = arms.group_by("trial_id").agg(tests.alias("tests")).filter("tests")["trial_id"]
    return results.filter(pl.col("trial_id").is_in(trials.implode()))


def _with_missing_columns(rows: pl.DataFrame, question: Question, database: Database) -> pl.DataFrame:
    """Add what `trial_results()` lacks, where the question looks at it."""
    if any(name == "masking" for name, _ in question.trial_values):
        masking = database.frame("trials").select("trial_id", pl.col("masking").alias("trial_masking"))
        rows = rows.join(masking, on="trial_id", how="left", maintain_order="left")
    if question.biomarker_gene is not None:
        populations = database.frame("populations")
        trial_columns = [
            (pl.col(c).cast(pl.String) if c in populations.columns else pl.lit(None, pl.String)).alias(f"::{c}")
            for c in ("biomarker_gene_id", "biomarker_alteration")
        ]
        populations = populations.select("population_id", *trial_columns)
        rows = rows.join(populations, on="population_id", how="left", maintain_order="left")
    if PRIMARY in question.populations:
        primary = rows.filter(pl.col("is_primary_endpoint").fill_null(value=False))["population_id"].unique()
        rows = rows.with_columns(pl.col("population_id").is_in(primary.implode()).alias("::is_primary_population"))
    return rows


def _compare_arms(rows: pl.DataFrame, question: Question, comparer: ArmComparer) -> pl.DataFrame:
    """Compare the arms of each row; turn round those whose control arm has the therapy."""
    pairs = rows.select(_THERAPY_COLUMNS).unique(maintain_order=True)
    comparison_values = [_comparison_columns(row, question, comparer) for row in pairs.iter_rows(named=True)]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "::tests_therapy": pl.Boolean, "::has_comparator": pl.Boolean, "::kind": pl.String,
        "::replaced": pl.List(pl.String), "::chemotherapy": pl.Boolean, "::swap": pl.Boolean,
        "::why_not_tested": pl.String,
    }  # fmt: skip
    comparisons = pairs.hstack(pl.DataFrame(comparison_values, schema=schema, orient="row"))
    rows = rows.join(comparisons, on=_THERAPY_COLUMNS, how="left", nulls_equal=True, maintain_order="left")
    # A row that found no counterpart compares nothing; it is excluded for that, with its own reason.
    is_unpaired = pl.col("::unpaired_reason").is_not_null()
    rows = rows.with_columns(
        (pl.col("::tests_therapy") | is_unpaired).alias("::tests_therapy"),
        (pl.col("::has_comparator") | is_unpaired).alias("::has_comparator"),
    )
    return _swap_arms(rows)


def _with_roles(rows: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Mark the comparisons whose trial tests the other arm: the therapy asked for is that of its control arm."""
    arms = database.frame("arms").select("arm_id", pl.col("role").cast(pl.String))
    for column in ("arm_id", "control_arm_id"):
        role = arms.rename({"arm_id": column, "role": f"::role {column}"})
        rows = rows.join(role, on=column, how="left", maintain_order="left")
    is_therapy_in_control = (pl.col("::role arm_id") == "control") & (pl.col("::role control_arm_id") == "experimental")
    return rows.with_columns(is_therapy_in_control.fill_null(value=False).alias("::therapy_in_control"))


def _comparison_columns(row: dict[str, Any], question: Question, comparer: ArmComparer) -> tuple[Any, ...]:
    experimental, control = (row[column] for column in _THERAPY_COLUMNS)
    comparison, swap, reason_not_tested = comparer.compare(experimental, control), False, ""
    if comparer.question_therapies and not comparison.tests_therapy and not comparer.has_same_comparator:
        swapped_comparison = comparer.compare(control, experimental)
        if swapped_comparison.tests_therapy and "inverted" in question.derive:
            comparison, swap = swapped_comparison, True
        else:
            reason_not_tested = _why_not_tested(
                experimental, control, comparer, inverted=swapped_comparison.tests_therapy
            )
    chemotherapy = any(
        comparer.is_within([therapy], _CHEMOTHERAPY)
        for text in (experimental, control)
        for therapy in comparer.parse_therapies(text)
    )
    reason_not_tested = reason_not_tested or "its arms don't compare the therapy asked for"
    return (
        comparison.tests_therapy,
        comparison.has_comparator,
        comparison.kind,
        sorted(comparison.replaced),
        chemotherapy,
        swap,
        reason_not_tested,
    )


def _why_not_tested(experimental: str | None, control: str | None, comparer: ArmComparer, *, inverted: bool) -> str:
    if inverted:
        return "its control arm has the therapy; derive='inverted' turns it round"
    if comparer.parse_therapies(experimental) & comparer.question_therapies:
        return "both of its arms have the therapy"
    return "neither of its arms has the therapy"


def _swap_arms(rows: pl.DataFrame) -> pl.DataFrame:
    swap = pl.col("::swap").fill_null(value=False) & pl.col("::unpaired_reason").is_null()
    if not rows.select(swap.any()).item():
        return rows
    is_ratio = pl.col("log_estimate").is_not_null()
    swapped_columns = [
        pl.when(swap).then(pl.col(b)).otherwise(pl.col(a)).alias(a)
        for pair in _SWAPPED_COLUMNS
        for a, b in (pair, pair[::-1])
    ]

    def inverse(column: str) -> pl.Expr:
        return pl.when(is_ratio).then(1 / pl.col(column)).otherwise(-pl.col(column))

    return rows.with_columns(
        *swapped_columns,
        pl.when(swap).then(inverse("estimate")).otherwise("estimate").alias("estimate"),
        pl.when(swap).then(inverse("ci_high")).otherwise("ci_low").alias("ci_low"),
        pl.when(swap).then(inverse("ci_low")).otherwise("ci_high").alias("ci_high"),
        pl.when(swap).then(-pl.col("log_estimate")).otherwise("log_estimate").alias("log_estimate"),
        pl.when(swap).then(-pl.col("o_minus_e")).otherwise("o_minus_e").alias("o_minus_e"),
        pl.when(swap).then(pl.lit("inverted")).alias("::inverted"),
    )
