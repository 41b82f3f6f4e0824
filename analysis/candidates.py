"""The results that a question is asked of: those of every trial that tests the therapy, with what criteria need."""

from __future__ import annotations

from typing import Any

import polars as pl

from luminaldb.loaders.database import Database

from .arm_comparison import ArmComparer, ArmComparison
from .criteria import population_rank
from .question import Question

_SWAPPED = (
    ("arm_id", "control_arm_id"), ("arm", "control_arm"), ("arm_therapies", "control_arm_therapies"),
    ("n_experimental", "n_control"), ("events_experimental", "events_control"),
)  # fmt: skip
_PAIR = ["arm_therapies", "control_arm_therapies"]
_CHEMOTHERAPY = "chemotherapy"


def candidate_results(
    results: pl.DataFrame, question: Question, comparer: ArmComparer, database: Database
) -> pl.DataFrame:
    """Give every result of the trials that test the therapy, with the columns that criteria look at.

    Args:
        results: comparisons of two arms, as `trial_results(include_superseded=True)` has them.
        question: what is asked.
        comparer: compares arms for the question.
        database: of the results.
    """
    rows = _of_trials(results, comparer, database)
    rows = _with_trial_facts(rows, database)
    rows = rows.with_columns(population_rank(question.populations).alias("::population_rank"))
    return _compared(rows, question, comparer)


def _of_trials(results: pl.DataFrame, comparer: ArmComparer, database: Database) -> pl.DataFrame:
    if not comparer.asked:
        return results
    arms = database.frame("arms").select("arm_id", "trial_id")
    given = database.frame("arm_therapies").filter(pl.col("therapy_id").is_in(list(comparer.asked)))
    arms = arms.with_columns(pl.col("arm_id").is_in(given["arm_id"].implode()).alias("has"))
    tests = pl.col("has").any() if comparer.same else pl.col("has").any() & ~pl.col("has").all()
    trials = arms.group_by("trial_id").agg(tests.alias("tests")).filter("tests")["trial_id"]
    return results.filter(pl.col("trial_id").is_in(trials.implode()))


def _with_trial_facts(rows: pl.DataFrame, database: Database) -> pl.DataFrame:
    trials = database.frame("trials").select("trial_id", pl.col("masking").alias("trial_masking"))
    populations = database.frame("populations")
    known = [c for c in ("biomarker_gene_id", "biomarker_alteration") if c in populations.columns]
    populations = populations.select(
        "population_id",
        *(pl.col(c).cast(pl.String).alias(f"::{c}") for c in known),
        *(
            pl.lit(None, pl.String).alias(f"::{c}")
            for c in ("biomarker_gene_id", "biomarker_alteration")
            if c not in known
        ),
    )
    primary = rows.filter(pl.col("is_primary_endpoint").fill_null(value=False)).select("population_id").unique()
    return (
        rows.join(trials, on="trial_id", how="left", maintain_order="left")
        .join(populations, on="population_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("population_id").is_in(primary["population_id"].implode()).alias("::is_primary_population")
        )
    )


def _compared(rows: pl.DataFrame, question: Question, comparer: ArmComparer) -> pl.DataFrame:
    """Compare the arms of each row; turn round those whose control arm has the therapy."""
    pairs = rows.select(_PAIR).unique(maintain_order=True)
    facts = [_facts(row, question, comparer) for row in pairs.iter_rows(named=True)]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "::tests": pl.Boolean, "::comparator_given": pl.Boolean, "::kind": pl.String, "::replaced": pl.List(pl.String),
        "::chemotherapy": pl.Boolean, "::turn": pl.Boolean, "::why_not_tested": pl.String,
    }  # fmt: skip
    compared = pairs.hstack(pl.DataFrame(facts, schema=schema, orient="row"))
    rows = rows.join(compared, on=_PAIR, how="left", nulls_equal=True, maintain_order="left")
    return _turned_round(rows)


def _facts(row: dict[str, Any], question: Question, comparer: ArmComparer) -> tuple[Any, ...]:
    given, against = (row[column] for column in _PAIR)
    one, turn, why = comparer.compare(given, against), False, ""
    if comparer.asked and not one.tests and not comparer.same:
        other = comparer.compare(against, given)
        if other.tests and "inverted" in question.derive:
            one, turn = other, True
        else:
            why = _why_not(given, against, comparer, inverted=other.tests)
    chemotherapy = any(
        comparer.is_within([therapy], _CHEMOTHERAPY)
        for text in (given, against)
        for therapy in comparer.therapies(text)
    )
    return (*_as_tuple(one), chemotherapy, turn, why or "its arms don't compare the therapy asked for")


def _as_tuple(one: ArmComparison) -> tuple[Any, ...]:
    return one.tests, one.comparator_given, one.kind, sorted(one.replaced)


def _why_not(given: str | None, against: str | None, comparer: ArmComparer, *, inverted: bool) -> str:
    if inverted:
        return "its control arm has the therapy; derive='inverted' turns it round"
    if comparer.therapies(given) & comparer.asked:
        return "both of its arms have the therapy"
    return "neither of its arms has the therapy"


def _turned_round(rows: pl.DataFrame) -> pl.DataFrame:
    turn = pl.col("::turn").fill_null(value=False)
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
