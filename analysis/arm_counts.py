"""Comparisons from what arms report: events and patients of responses, rates and adverse events of both arms."""

from __future__ import annotations

import polars as pl

from luminaldb.loaders.database import Database
from luminaldb.loaders.views import RESULT_TABLES, join_results, read_with_current_columns

from .arm_comparison import ADD_ON, ArmComparer
from .count_data import COUNT_COLUMNS, with_effect_sizes
from .effect_direction import RESULT_ID_SEPARATOR
from .question import Question

COUNTS, PERCENT = "events and n", "percent and n"
_WHOLE_ARM_ANALYSIS_SETS = ("itt", "safety")
# Two arms' rows are of one result where these agree.
_PAIRING_COLUMNS = (
    "trial_id", "population_id", "endpoint_id", "measure", "at_months", "analysis", "assessor", "period",
    "derived_from", "::grade", "::attribution",
)  # fmt: skip
_CONTROL_COLUMNS = (
    "result_id", "arm_id", "arm", "arm_therapies", "citation_id", "::n", "::events", "::counts_from", "::role",
    "estimate",
)  # fmt: skip


def adverse_event_results(database: Database) -> pl.DataFrame:
    """Join the adverse events with their trials, arms and sources, in the columns of `trial_results()`.

    `endpoint_id` is the term, `estimate` the percentage, `::grade` and `::attribution` are those of the row.
    """
    read_table = read_with_current_columns(database, RESULT_TABLES)
    events = database.frame("adverse_events")
    as_outcomes = events.select(
        outcome_id="adverse_event_id",
        endpoint_id="term_id",
        measure=pl.lit("percent", dtype=read_table("outcomes").schema["measure"]),
        estimate=pl.col("percent").cast(pl.Float64),
        **{
            c: pl.col(c)
            for c in ("trial_id", "population_id", "arm_id", "n", "events", "citation_id", "locator", "note")
        },
        source_level=pl.col("source_level").cast(read_table("outcomes").schema["source_level"]),
    )
    outcomes = pl.concat([read_table("outcomes").clear(), as_outcomes], how="diagonal_relaxed")
    replacement_frames = {"effects": read_table("effects").clear(), "outcomes": outcomes}
    joined = join_results(
        lambda name: replacement_frames[name] if name in replacement_frames else read_table(name),
        include_superseded=True,
    )
    terms = database.frame("adverse_event_terms").select(pl.col("term_id").alias("endpoint_id"), "name")
    kinds = events.select(
        pl.col("adverse_event_id").alias("result_id"),
        pl.col("grade").cast(pl.String).alias("::grade"),
        pl.col("attribution").cast(pl.String).fill_null("any").alias("::attribution"),
    )
    joined = joined.join(kinds, on="result_id", how="left", maintain_order="left")
    # A table prints its number of patients once, above the terms.
    joined = joined.with_columns(pl.coalesce("n", pl.col("n").max().over("arm_id", "population_id")).alias("n"))
    return (
        joined.join(terms, on="endpoint_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("name").alias("endpoint"), endpoint_better=pl.lit("lower", dtype=joined.schema["endpoint_better"])
        )
        .drop("name")
    )


def arm_results(question: Question, results: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Return the rows by arm that a question about counts may use, with events, patients and where both are from.

    Args:
        question: about a counted measure.
        results: the frame of `trial_results(include_superseded=True)`.
        database: of the results.
    """
    if question.adverse_event is not None:
        rows = adverse_event_results(database)
    else:
        empty = pl.lit(None, pl.String)
        rows = results.filter(pl.col("result_type") == "outcome")
        rows = rows.with_columns(empty.alias("::grade"), empty.alias("::attribution"))
    return with_counts(rows, database)


def with_counts(rows: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Add `::events`, `::n` and `::counts_from` to rows by arm; null where they can't be known.

    Where no number of patients is printed, that of the arm is used for a result of all who were assigned to it.
    Events that aren't printed are the percentage of the patients, rounded.
    """
    arms = database.frame("arms").select("arm_id", "n_assigned", pl.col("role").cast(pl.String).alias("::role"))
    rows = rows.join(arms, on="arm_id", how="left", maintain_order="left")
    is_whole_arm = pl.col("population_analysis_set").cast(pl.String).is_in(_WHOLE_ARM_ANALYSIS_SETS)
    n = pl.coalesce(pl.col("n"), pl.when(is_whole_arm).then("n_assigned"))
    from_percent = (pl.col("estimate") * n / 100).round().cast(pl.Int64)
    events = pl.coalesce(pl.col("events"), from_percent)
    counts_source = (
        pl.when(pl.col("events").is_not_null() & pl.col("n").is_not_null())
        .then(pl.lit(COUNTS))
        .when(pl.col("events").is_not_null())
        .then(pl.lit("events and the arm's n"))
        .when(pl.col("n").is_not_null())
        .then(pl.lit(PERCENT))
        .otherwise(pl.lit("percent and the arm's n"))
    )
    is_valid = (events >= 0) & (events <= n) & (n > 0)
    return rows.with_columns(
        pl.when(is_valid).then(n).cast(pl.Int64).alias("::n"),
        pl.when(is_valid).then(events).cast(pl.Int64).alias("::events"),
        pl.when(is_valid).then(counts_source).alias("::counts_from"),
    ).drop("n_assigned")


def pair_arms(rows: pl.DataFrame, comparer: ArmComparer) -> pl.DataFrame:
    """Put the rows of two arms of one result side by side, the arm with the therapy first.

    Args:
        rows: by arm, as `arm_results` gives them.
        comparer: compares arms for the question.

    Returns:
        The columns of the experimental arm's row, and those of the control arm with `::control` before their names.
        Rows of one source are paired first.
    """
    control = rows.select(*_PAIRING_COLUMNS, *(pl.col(c).alias(f"::control {c}") for c in _CONTROL_COLUMNS))
    pairs = rows.join(control, on=_PAIRING_COLUMNS, how="inner", nulls_equal=True, maintain_order="left").filter(
        pl.col("arm_id") != pl.col("::control arm_id")
    )
    therapies = pairs.select("arm_therapies", "::control arm_therapies").unique(maintain_order=True)
    comparisons = [comparer.compare(*row) for row in therapies.iter_rows()]
    therapies = therapies.with_columns(
        pl.Series("::kind", [comparison.kind for comparison in comparisons], dtype=pl.String),
        pl.Series("::tests_therapy", [comparison.tests_therapy for comparison in comparisons], dtype=pl.Boolean),
    ).filter("::tests_therapy")
    on = ["arm_therapies", "::control arm_therapies"]
    pairs = pairs.join(therapies, on=on, how="inner", nulls_equal=True, maintain_order="left")
    # Where the therapies don't say which arm is the control, the trial does.
    is_directed_by_trial = (pl.col("::role") != "control") & (pl.col("::control ::role") != "experimental")
    is_directed_by_therapy = pl.lit(bool(comparer.question_therapies and not comparer.has_same_comparator)) | (
        pl.col("::kind") == ADD_ON
    )
    pairs = pairs.filter(is_directed_by_therapy | is_directed_by_trial)
    is_same_source = pl.col("citation_id").eq_missing(pl.col("::control citation_id"))
    arms = ["arm_id", "::control arm_id", *_PAIRING_COLUMNS]
    return pairs.filter(is_same_source | ~is_same_source.any().over(arms))


def counted_comparisons(
    question: Question, rows: pl.DataFrame, comparer: ArmComparer, results: pl.DataFrame
) -> pl.DataFrame:
    """Return comparisons calculated from the arms' counts, in the columns of `trial_results()`.

    `::derived` names what they were calculated from.

    Args:
        question: about a counted measure.
        rows: by arm, as `arm_results` gives them.
        comparer: compares arms for the question.
        results: comparisons as printed, which say whether two arms were randomised against one another.
    """
    measure = "percent" if question.at_months is None else "percent_at"
    endpoints = [question.adverse_event] if question.adverse_event is not None else question.endpoints
    usable = rows.filter(
        pl.col("::counts_from").is_not_null(),
        pl.col("measure").cast(pl.String) == measure,
        pl.col("endpoint_id").is_in(endpoints),
    )
    pairs = pair_arms(usable, comparer)
    has_printed_counts = (pl.col("::counts_from") == COUNTS) & (pl.col("::control ::counts_from") == COUNTS)
    counts_sources = (
        pl.concat_list("::counts_from", "::control ::counts_from").list.unique(maintain_order=True).list.join("; ")
    )
    pairs = pairs.with_columns(
        pl.concat_str("result_id", "::control result_id", separator=RESULT_ID_SEPARATOR).alias("result_id"),
        pl.lit("effect", dtype=results.schema["result_type"]).alias("result_type"),
        pl.lit(question.measure).alias("measure"),
        *(pl.col(f"::control {c}").alias(f"control_{c}") for c in ("arm_id", "arm", "arm_therapies")),
        pl.col("::events").alias("events_experimental"),
        pl.col("::n").alias("n_experimental"),
        pl.col("::control ::events").alias("events_control"),
        pl.col("::control ::n").alias("n_control"),
        pl.when(has_printed_counts).then(pl.lit(COUNTS)).otherwise(counts_sources).alias("::derived"),
        pl.lit(None, dtype=pl.Int64).alias("n"),
        pl.lit(None, dtype=pl.Int64).alias("events"),
        pl.lit(None, dtype=pl.Float64).alias("at_months") if question.at_months is None else pl.col("at_months"),
    )
    pairs = pairs.filter(
        pl.when(has_printed_counts).then("counts" in question.derive).otherwise("percent" in question.derive)
    )
    not_randomised = (
        results.filter(~pl.col("randomised").fill_null(value=True)).select("arm_id", "control_arm_id").unique()
    )
    pairs = pairs.drop("randomised").join(
        not_randomised.with_columns(randomised=pl.lit(value=False)),
        on=["arm_id", "control_arm_id"],
        how="left",
        maintain_order="left",
    )
    with_effects = with_effect_sizes(pairs, question.measure)
    return with_effects.select(
        *(c for c in results.columns if c in with_effects.columns), "::derived", "::grade", "::attribution"
    ).unique("result_id", maintain_order=True)


def add_effects_from_counts(printed: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Calculate the effects that are printed without an interval but with the counts of both arms."""
    is_usable = pl.all_horizontal(pl.col(c).is_not_null() & (pl.col(c) > 0) for c in COUNT_COLUMNS[1::2])
    is_usable &= pl.all_horizontal(
        (pl.col(events) >= 0) & (pl.col(events) <= pl.col(n)) for events, n in (COUNT_COLUMNS[:2], COUNT_COLUMNS[2:])
    )
    is_calculable = (
        is_usable
        & pl.col("standard_error").is_null()
        & (pl.col("measure").cast(pl.String) == question.measure)
        & ("counts" in question.derive)
    ).fill_null(value=False)
    calculated = with_effect_sizes(printed.filter(is_calculable), question.measure).with_columns(
        pl.lit(COUNTS).alias("::derived")
    )
    return pl.concat([printed.filter(~is_calculable), calculated], how="diagonal_relaxed")


def unpaired_rows(rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the rows by arm that no comparison uses, with the reason in `::unpaired_reason`."""
    used_ids = (
        pairs["result_id"].str.split(RESULT_ID_SEPARATOR).explode() if pairs.height else pl.Series([], dtype=pl.String)
    )
    reason = (
        pl.when(pl.col("::counts_from").is_null())
        .then(pl.lit("no number of patients was found in the sources read"))
        .otherwise(pl.lit("no comparison arm has the same result with a number of patients"))
    )
    return rows.filter(~pl.col("result_id").is_in(used_ids.implode())).with_columns(reason.alias("::unpaired_reason"))
