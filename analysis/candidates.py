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

_SWAPPED = (
    ("arm_id", "control_arm_id"), ("arm", "control_arm"), ("arm_therapies", "control_arm_therapies"),
    ("n_experimental", "n_control"), ("events_experimental", "events_control"),
)  # fmt: skip
_PAIR = ["arm_therapies", "control_arm_therapies"]
_CHEMOTHERAPY = "chemotherapy"


class Candidates:
    """The results that questions are asked of; questions that differ only in what criteria look at share them."""

    def __init__(self, results: pl.DataFrame, database: Database) -> None:
        """Begin with the frame of `trial_results(include_superseded=True)`."""
        self.database = database
        self._results = results
        self._found: dict[Question, pl.DataFrame] = {}

    def of(self, question: Question, comparer: ArmComparer) -> pl.DataFrame:
        """Give those of one question, see `candidate_results`."""
        masking = tuple(pair for pair in question.trial_values if pair[0] == "masking")
        shared = replace(
            question, trial_values=masking, chemotherapy=None, years=None, assessors=(), arms="combine", mixed=(),
            trials=(), add_on=False, analysis="latest", title="", control_name="",
        )  # fmt: skip
        if shared not in self._found:
            self._found[shared] = candidate_results(self._results, question, comparer, self.database)
        return self._found[shared]


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
    rows = _with_trial_facts(rows, question, database)
    rows = rows.with_columns(population_rank(question.populations).alias("::population_rank"))
    rows = derive_standard_errors(rows, question.derive)
    return _with_roles(mark_switches(_compare_arms(rows, question, comparer), comparer, database), database)


def _with_counts(results: pl.DataFrame, question: Question, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    """Return the printed comparisons and, of a counted measure, those calculated from counts and the rows left over."""
    printed = results.filter(pl.col("result_type") == "effect")
    empty = [pl.lit(None, pl.String).alias(f"::{name}") for name in ("derived", "alone", "grade", "attribution")]
    if not question.is_counted:
        return printed.with_columns(empty)
    by_arm = arm_results(question, results, database)
    pairs = counted_comparisons(question, by_arm, comparer, printed)
    alone = unpaired_rows(by_arm, pairs)
    alone = alone.select(*(c for c in printed.columns if c in alone.columns), "::alone", "::grade", "::attribution")
    parts = [pairs, alone]
    if question.adverse_event is None:
        counted = add_effects_from_counts(printed, question)
        parts.insert(0, counted)
    return pl.concat([pl.DataFrame(schema=printed.schema), *parts], how="diagonal_relaxed").with_columns(
        pl.lit(None, pl.String).alias(f"::{name}")
        for name in ("derived", "alone", "grade", "attribution")
        if not any(f"::{name}" in part.columns for part in parts)
    )


def _results_of_trials(results: pl.DataFrame, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    if not comparer.asked:
        return results
    arms = database.frame("arms").select("arm_id", "trial_id")
    experimental = database.frame("arm_therapies").filter(pl.col("therapy_id").is_in(list(comparer.asked)))
    arms = arms.with_columns(pl.col("arm_id").is_in(experimental["arm_id"].implode()).alias("has"))
    tests = pl.col("has").any() if comparer.same else pl.col("has").any() & ~pl.col("has").all()
    trials = arms.group_by("trial_id").agg(tests.alias("tests")).filter("tests")["trial_id"]
    return results.filter(pl.col("trial_id").is_in(trials.implode()))


def _with_trial_facts(rows: pl.DataFrame, question: Question, database: Database) -> pl.DataFrame:
    """Add what `trial_results()` lacks, where the question looks at it."""
    if any(name == "masking" for name, _ in question.trial_values):
        masking = database.frame("trials").select("trial_id", pl.col("masking").alias("trial_masking"))
        rows = rows.join(masking, on="trial_id", how="left", maintain_order="left")
    if question.biomarker_gene is not None:
        populations = database.frame("populations")
        facts = [
            (pl.col(c).cast(pl.String) if c in populations.columns else pl.lit(None, pl.String)).alias(f"::{c}")
            for c in ("biomarker_gene_id", "biomarker_alteration")
        ]
        populations = populations.select("population_id", *facts)
        rows = rows.join(populations, on="population_id", how="left", maintain_order="left")
    if PRIMARY in question.populations:
        primary = rows.filter(pl.col("is_primary_endpoint").fill_null(value=False))["population_id"].unique()
        rows = rows.with_columns(pl.col("population_id").is_in(primary.implode()).alias("::is_primary_population"))
    return rows


def _compare_arms(rows: pl.DataFrame, question: Question, comparer: ArmComparer) -> pl.DataFrame:
    """Compare the arms of each row; turn round those whose control arm has the therapy."""
    pairs = rows.select(_PAIR).unique(maintain_order=True)
    facts = [_comparison_columns(row, question, comparer) for row in pairs.iter_rows(named=True)]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "::tests": pl.Boolean, "::comparator_given": pl.Boolean, "::kind": pl.String, "::replaced": pl.List(pl.String),
        "::chemotherapy": pl.Boolean, "::turn": pl.Boolean, "::why_not_tested": pl.String,
    }  # fmt: skip
    compared = pairs.hstack(pl.DataFrame(facts, schema=schema, orient="row"))
    rows = rows.join(compared, on=_PAIR, how="left", nulls_equal=True, maintain_order="left")
    # A row that found no counterpart compares nothing; it is excluded for that, with its own reason.
    alone = pl.col("::alone").is_not_null()
    rows = rows.with_columns(
        (pl.col("::tests") | alone).alias("::tests"), (pl.col("::comparator_given") | alone).alias("::comparator_given")
    )
    return _swap_arms(rows)


def _with_roles(rows: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Mark the comparisons whose trial tests the other arm: the therapy asked for is that of its control arm."""
    arms = database.frame("arms").select("arm_id", pl.col("role").cast(pl.String))
    for column in ("arm_id", "control_arm_id"):
        role = arms.rename({"arm_id": column, "role": f"::role {column}"})
        rows = rows.join(role, on=column, how="left", maintain_order="left")
    as_control = (pl.col("::role arm_id") == "control") & (pl.col("::role control_arm_id") == "experimental")
    return rows.with_columns(as_control.fill_null(value=False).alias("::as_control"))


def _comparison_columns(row: dict[str, Any], question: Question, comparer: ArmComparer) -> tuple[Any, ...]:
    experimental, control = (row[column] for column in _PAIR)
    one, turn, why = comparer.compare(experimental, control), False, ""
    if comparer.asked and not one.tests and not comparer.same:
        other = comparer.compare(control, experimental)
        if other.tests and "inverted" in question.derive:
            one, turn = other, True
        else:
            why = _why_not_tested(experimental, control, comparer, inverted=other.tests)
    chemotherapy = any(
        comparer.is_within([therapy], _CHEMOTHERAPY)
        for text in (experimental, control)
        for therapy in comparer.therapies(text)
    )
    why = why or "its arms don't compare the therapy asked for"
    return one.tests, one.has_comparator, one.kind, sorted(one.replaced), chemotherapy, turn, why


def _why_not_tested(experimental: str | None, control: str | None, comparer: ArmComparer, *, inverted: bool) -> str:
    if inverted:
        return "its control arm has the therapy; derive='inverted' turns it round"
    if comparer.therapies(experimental) & comparer.asked:
        return "both of its arms have the therapy"
    return "neither of its arms has the therapy"


def _swap_arms(rows: pl.DataFrame) -> pl.DataFrame:
    turn = pl.col("::turn").fill_null(value=False) & pl.col("::alone").is_null()
    if not rows.select(turn.any()).item():
        return rows
    ratio = pl.col("log_estimate").is_not_null()
    swapped = [
        pl.when(turn).then(pl.col(b)).otherwise(pl.col(a)).alias(a) for pair in _SWAPPED for a, b in (pair, pair[::-1])
    ]

    def inverse(column: str) -> pl.Expr:
        return pl.when(ratio).then(1 / pl.col(column)).otherwise(-pl.col(column))

    return rows.with_columns(
        *swapped,
        pl.when(turn).then(inverse("estimate")).otherwise("estimate").alias("estimate"),
        pl.when(turn).then(inverse("ci_high")).otherwise("ci_low").alias("ci_low"),
        pl.when(turn).then(inverse("ci_low")).otherwise("ci_high").alias("ci_high"),
        pl.when(turn).then(-pl.col("log_estimate")).otherwise("log_estimate").alias("log_estimate"),
        pl.when(turn).then(-pl.col("o_minus_e")).otherwise("o_minus_e").alias("o_minus_e"),
        pl.when(turn).then(pl.lit("inverted")).alias("::inverted"),
    )
