"""Which of several results of one estimand is the latest: by data cut-off, then follow-up, then year of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

# What a result estimates, its estimand: results that agree in these columns and in their patients share it.
_ESTIMAND = ("result_type", "trial_id", "endpoint_id", "measure", "at_months", "arm_id", "control_arm_id")
# Analyses by intention to treat are of the same patients, however many had been enrolled or excluded at each of them.
_INTENTION_TO_TREAT = "itt"
# Ratios that estimate something else than the randomised comparison as it was.
OTHER_ADJUSTMENTS = ("adjusted", "ipcw", "rpsft")
# Where times can't be compared the paper's result is used; a label mostly repeats the analysis of the approval.
LEVEL_ORDER = {"label": 0, "registry": 0, "secondary": 1, "abstract": 2, "full_text": 3}
# An interim analysis comes before the final one, and both it and the primary one mostly before an updated one.
_INTERIM_BEFORE_FINAL = {"interim": 0, "final": 1}
_STAGES = {"interim": 0, "primary": 0, "updated": 1, "final": 1}
_TIMES = ("data_cutoff", "median_follow_up_months", "end", "paper_year", "stage", "other_year")
# Where nothing else tells two results apart, the ratio adjusted as planned is used; the default is 1.
_ADJUSTMENT_RANKS = {"stratified": 2, "unadjusted": 0, "adjusted": -1}
_PAPERS = ("abstract", "full_text")
_REISSUED_SOURCES = ("label", "registry")


def estimand_expression() -> pl.Expr:
    """Return the estimand of a result, as a struct that is equal for results of one estimand."""
    is_intention_to_treat = pl.col("population_analysis_set").cast(pl.String) == _INTENTION_TO_TREAT
    patients = (
        pl.when(is_intention_to_treat)
        .then(pl.lit(_INTENTION_TO_TREAT))
        .otherwise(pl.col("population_id").cast(pl.String))
    )
    return pl.struct(*_ESTIMAND, patients.alias("patients"))


def estimand_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the estimand of a row of `trial_results()`, as `estimand_expression` does."""
    is_intention_to_treat = row["population_analysis_set"] == _INTENTION_TO_TREAT
    return (
        *(row[column] for column in _ESTIMAND),
        _INTENTION_TO_TREAT if is_intention_to_treat else row["population_id"],
    )


def latest_results(results: pl.DataFrame, *, assessors: Sequence[str] = ()) -> pl.DataFrame:
    """Keep the latest result of each estimand.

    An estimand is a measure of an endpoint between arms of a trial, or in one, in some patients. All populations of a
    trial that are analyzed by intention to treat count as the same patients.

    Two results of an estimand are compared by the first of data cut-off, median follow-up and year of the source that
    both have and in which they differ. Years of a paper and of another kind of source are not compared: a drug label,
    a registry record and a review repeat what is older than themselves. The name of the analysis decides where cut-off
    and follow-up can't (a final one follows an interim one), and where the years of papers can't either (a final or
    updated one follows an interim or primary one). Of results whose times can't be compared, one whose source was
    replaced by a later source comes last; of the others the one from the better source is used (full text, abstract,
    somebody else's report, label or registry record), then the one flagged as primary endpoint, then the one adjusted
    as planned.

    A result is partial if it is of a part of follow-up (`period`), has an adjustment that changes the estimand
    (ipcw, rpsft; adjusted, unless in the final or an updated analysis of the primary endpoint), is by another
    assessor than the estimand's, or is derived from a figure. Where an estimand has no complete result, the latest of
    each kind of partial ones is kept; the columns named here show its kind. The assessor of an estimand is that of the
    row flagged as primary endpoint; if none is flagged, that of the rows which name no assessor; else the independent
    central review.

    Args:
        results: rows of `trial_results()`.
        assessors: whose assessment is preferred to the estimand's own, in order.

    Returns:
        The same columns, in the same order of rows, at most one complete result per estimand.
    """
    rows = results.with_row_index("::row").with_columns(
        estimand_expression().rank("dense").alias("::estimand"),
        _changes_estimand().alias("::other"),
    )
    rows = rows.join(_estimand_assessor(rows, assessors), on="::estimand", how="left", maintain_order="left")
    assessor = pl.col("assessor").cast(pl.String)
    complete = (
        pl.col("period").is_null()
        & ~pl.col("::other")
        & (assessor.is_null() | (assessor == pl.col("::assessor")).fill_null(value=True))
        & pl.col("derived_from").is_null()
    )
    kind = pl.struct(
        "period", pl.when("::other").then(pl.col("adjustment").cast(pl.String)), assessor, pl.col("derived_from")
    )
    rows = rows.with_columns(complete.alias("::complete")).with_columns(
        pl.when("::complete").then(0).otherwise(kind.rank("dense")).alias("::kind")
    )
    rows = rows.filter(pl.col("::complete") | ~pl.col("::complete").any().over("::estimand"))
    latest = _latest_rows(rows)
    return results.with_row_index("::row").join(latest, on="::row", how="semi").drop("::row")


def _changes_estimand() -> pl.Expr:
    """Return whether a ratio's adjustment changes its estimand, see `latest_results`."""
    adjustment = pl.col("adjustment").cast(pl.String)
    is_last = (_analysis_rank(_STAGES) == 1).fill_null(value=False)
    is_planned = (adjustment == "adjusted") & is_last & pl.col("is_primary_endpoint").fill_null(value=False)
    changes_estimand = adjustment.is_in(OTHER_ADJUSTMENTS) & ~is_planned
    return changes_estimand.fill_null(value=False)


def _analysis_rank(order: Mapping[str, int]) -> pl.Expr:
    """Return the rank of the analysis in an order; null where the order lacks it."""
    return pl.col("analysis").cast(pl.String).replace_strict(order, default=None, return_dtype=pl.Int64)


def _estimand_assessor(rows: pl.DataFrame, preferred: Sequence[str]) -> pl.DataFrame:
    """Return the assessor of each estimand; null where its rows name none."""
    flagged = pl.col("is_primary_endpoint").fill_null(value=False)
    assessor = pl.col("assessor").cast(pl.String)
    order = pl.when(flagged).then(0).when(assessor.is_null()).then(1).when(assessor == "independent_central").then(2)
    rank = order.otherwise(3)
    for index, preferred_assessor in enumerate(preferred):
        rank = pl.when(assessor == preferred_assessor).then(index - len(preferred)).otherwise(rank)
    return (
        rows.select("::estimand", assessor.alias("::assessor"), rank.alias("::order"))
        .sort("::order", maintain_order=True)
        .group_by("::estimand", maintain_order=True)
        .agg(pl.col("::assessor").first())
    )


def _latest_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the `::row` of the latest row of each estimand and kind: the one that no other comes after."""
    level = pl.col("source_level").cast(pl.String).replace_strict(LEVEL_ORDER, return_dtype=pl.Int64)
    adjustment = pl.col("adjustment").cast(pl.String).replace_strict(_ADJUSTMENT_RANKS, default=1)
    is_paper = pl.col("source_level").cast(pl.String).is_in(_PAPERS)
    is_revised = pl.col("source_level").cast(pl.String).is_in(_REISSUED_SOURCES)
    ranked = rows.select(
        "::row",
        "::estimand",
        "::kind",
        "data_cutoff",
        "median_follow_up_months",
        _analysis_rank(_INTERIM_BEFORE_FINAL).alias("end"),
        pl.when(is_paper).then(pl.col("source_year")).alias("paper_year"),
        _analysis_rank(_STAGES).alias("stage"),
        pl.when(~is_paper & ~is_revised).then(pl.col("source_year")).alias("other_year"),
        pl.col("superseded_by").is_null().cast(pl.Int64).alias("not_superseded"),
        level.alias("level"),
        pl.col("is_primary_endpoint").fill_null(value=False).cast(pl.Int64).alias("flagged"),
        adjustment.alias("as_planned"),
        pl.col("result_id").rank("dense").cast(pl.Int64).alias("id"),
    )
    pairs = ranked.join(ranked, on=["::estimand", "::kind"], suffix="::other").filter(
        pl.col("::row") != pl.col("::row::other")
    )
    criteria = (*_TIMES, "not_superseded", "level", "flagged", "as_planned", "id")
    compared = pl.coalesce(
        pl.when(pl.col(c) != pl.col(f"{c}::other")).then(pl.col(c) > pl.col(f"{c}::other")) for c in criteria
    )
    wins = pairs.group_by("::row").agg(compared.cast(pl.Int64).sum().alias("wins"))
    return (
        ranked.join(wins, on="::row", how="left")
        .with_columns(pl.col("wins").fill_null(0))
        .sort("wins", *_TIMES, "not_superseded", "level", "id", nulls_last=False, maintain_order=True)
        .unique(["::estimand", "::kind"], keep="last", maintain_order=True)
        .select("::row")
    )
