"""Joined frames that answer a question in one call."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Literal, overload

import polars as pl

from .frames import Target, convert, load

# Standings of a source whose numbers no longer count; corrected ones do.
NOT_STANDING = ("retracted", "retracted_republished")
RATIOS = ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio")
ANALYSIS_ORDER = {"interim": 0, "primary": 1, "final": 2, "updated": 3, "exploratory": -1}
# Of two reports of the same analysis the paper's own stands.
LEVEL_ORDER = {"secondary": 0, "label": 1, "registry": 1, "abstract": 2, "full_text": 3}
LATEST_OF = (
    "result_type", "trial_id", "population_id", "endpoint_id", "measure", "at_months", "arm_id", "control_arm_id",
)  # fmt: skip
_NUMBERS = (
    "analysis", "assessor", "is_primary_endpoint", "measure", "at_months", "estimate", "ci_low", "ci_high", "ci_level",
    "log_estimate", "standard_error", "p_operator", "p_value", "p_sides", "n_experimental", "n_control",
    "events_experimental", "events_control", "n", "events", "median_follow_up_months", "data_cutoff",
)  # fmt: skip
_TRIAL = (
    "acronym", "registry_id", "phase", "design", "setting", "line", "hr_status", "her2_status", "menopausal_status",
)  # fmt: skip


@overload
def trial_results(
    *,
    analysis: Literal["all", "latest"] = "all",
    include_superseded: bool = False,
    to: Literal["polars"] = "polars",
) -> pl.DataFrame: ...
@overload
def trial_results(
    *, analysis: Literal["all", "latest"] = "all", include_superseded: bool = False, to: Target
) -> Any: ...
def trial_results(
    *, analysis: Literal["all", "latest"] = "all", include_superseded: bool = False, to: Target = "polars"
) -> Any:
    """Join every result with its trial, arms, population, endpoint and source.

    Args:
        analysis: `latest` keeps one row per trial, population, endpoint, measure, time and arms: the last
            analysis (updated, final, primary, interim, exploratory), of several the one published last.
        include_superseded: True brings back results of retracted sources, and those of a source whose
            successor (`superseded_by`) reports the same population, endpoint and measure.
        to: polars, pandas, arrow or duckdb.

    Returns:
        One row per row of effects (result_type `effect`, arm_id is the experimental arm) and of outcomes
        (`outcome`, no control arm), sorted by result_id. `log_estimate` is the natural logarithm of a
        ratio; for a risk difference and an outcome it is null. `standard_error` is that of log_estimate,
        (ln U - ln L) / (2 z), z the normal quantile of the interval's own level (Cochrane Handbook 6.3.2);
        of the estimate itself for a risk difference, in percentage points.

    Raises:
        ValueError: `analysis` is neither `all` nor `latest`.
    """
    if analysis not in ("all", "latest"):
        raise ValueError(f"analysis={analysis!r} is neither 'all' nor 'latest'")
    citations = load("citations")
    frame = (
        _results()
        .join(_prefixed("trials", "trial_id", "trial_", _TRIAL), on="trial_id", how="left")
        .join(_populations(), on="population_id", how="left")
        .join(_endpoints(), on="endpoint_id", how="left")
        .join(_arms("arm"), on="arm_id", how="left")
        .join(_arms("control_arm"), on="control_arm_id", how="left")
        .join(sources(citations), on="citation_id", how="left")
        .join(_second_reads(), on=("result_type", "result_id"), how="left")
        .with_columns(pl.col("second_read").fill_null("not_yet"))
    )
    if not include_superseded:
        frame = standing(frame)
    if analysis == "latest":
        frame = latest(frame)
    return convert(_ordered(frame).sort("result_id"), to)


def _results() -> pl.DataFrame:
    effects = with_standard_error(load("effects")).rename({"effect_id": "result_id", "experimental_arm_id": "arm_id"})
    outcomes = load("outcomes").rename({"outcome_id": "result_id"})
    kinds = pl.Enum(["effect", "outcome"])
    text = pl.col(pl.Enum).cast(pl.String)
    return pl.concat(
        [
            effects.with_columns(text, pl.lit("effect", dtype=kinds).alias("result_type")),
            outcomes.with_columns(text, pl.lit("outcome", dtype=kinds).alias("result_type")),
        ],
        how="diagonal",
    )


def with_standard_error(effects: pl.DataFrame) -> pl.DataFrame:
    """Add log_estimate and standard_error to a frame with measure, estimate, ci_low, ci_high, ci_level.

    Source of the formula: Cochrane Handbook for Systematic Reviews, section 6.3.2. A limit of zero or
    below has no logarithm: the standard error is null there.
    """
    levels = effects["ci_level"].drop_nulls().unique(maintain_order=True).to_list()
    quantiles = {level: NormalDist().inv_cdf(0.5 + level / 200) for level in levels}
    ratio = pl.col("measure").cast(pl.String).is_in(RATIOS)
    z = pl.col("ci_level").replace_strict(quantiles, default=None, return_dtype=pl.Float64)
    positive = (pl.col("ci_low") > 0) & (pl.col("ci_high") > 0)
    logarithms = pl.when(ratio & positive).then(pl.col("ci_high").log() - pl.col("ci_low").log())
    plain = pl.when(~ratio).then(pl.col("ci_high") - pl.col("ci_low"))
    return effects.with_columns(
        pl.when(ratio & (pl.col("estimate") > 0)).then(pl.col("estimate").log()).alias("log_estimate"),
        (pl.coalesce(logarithms, plain) / (2 * z)).alias("standard_error"),
    )


def standing(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out results of retracted sources, and those that a source's successor reports anew."""
    sound = frame.filter(~pl.col("publication_status").is_in(NOT_STANDING))
    same = ["trial_id", "population_id", "endpoint_id", "measure"]
    successors = sound.select(pl.col("citation_id").alias("superseded_by"), *same).unique()
    return sound.join(successors, on=["superseded_by", *same], how="anti", maintain_order="left")


def latest(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the last analysis of each trial, population, endpoint, measure, time and arms."""
    order = pl.col("analysis").replace_strict(ANALYSIS_ORDER, return_dtype=pl.Int64)
    level = pl.col("source_level").cast(pl.String).replace_strict(LEVEL_ORDER, return_dtype=pl.Int64)
    # Where investigator and central review differ in the same analysis, the trial's primary judgement stands.
    primary = pl.col("is_primary_endpoint").fill_null(value=False)
    by_time = [order, pl.col("source_year"), pl.col("data_cutoff"), pl.col("median_follow_up_months")]
    return frame.sort([*by_time, level, primary], nulls_last=False, maintain_order=True).unique(
        LATEST_OF, keep="last", maintain_order=True
    )


def _prefixed(table: str, key: str, prefix: str, columns: tuple[str, ...]) -> pl.DataFrame:
    frame = load(table)
    return frame.select(key, *(pl.col(c).alias(c if c == "acronym" else prefix + c) for c in columns))


def _populations() -> pl.DataFrame:
    columns = ("name", "analysis_set", "hr_status", "her2_status", "menopausal_status", "biomarker", "n")
    return _prefixed("populations", "population_id", "population_", columns)


def _endpoints() -> pl.DataFrame:
    return load("endpoints").select(
        "endpoint_id",
        pl.col("name").alias("endpoint"),
        pl.col("better").alias("endpoint_better"),
        pl.col("family").alias("endpoint_family"),
    )


def _arms(prefix: str) -> pl.DataFrame:
    given = (
        load("arm_therapies")
        .sort("arm_id", "optional", "therapy_id")
        .group_by("arm_id", maintain_order=True)
        .agg(pl.col("therapy_id").str.join("; ").alias(f"{prefix}_therapies"))
    )
    arms = load("arms").select("arm_id", pl.col("label").alias(prefix))
    return arms.join(given, on="arm_id", how="left").rename({"arm_id": f"{prefix}_id"})


def sources(citations: pl.DataFrame) -> pl.DataFrame:
    """Name each citation by its first author (else its journal, else its id) and year, with its standing."""
    family = pl.col("authors").str.extract(r"^([^;]+?)(?: [A-Z]+)?(?:;|$)")
    name = pl.coalesce(family, "journal", "citation_id")
    year = pl.col("year").cast(pl.String)
    dated = pl.concat_str(name, year, separator=" ", ignore_nulls=True)
    return citations.select(
        "citation_id",
        pl.when(name.str.contains(year, literal=True)).then(name).otherwise(dated).alias("source"),
        pl.col("year").alias("source_year"),
        "pmid",
        "doi",
        "url",
        "publication_status",
        "notice",
        "superseded_by",
    )


def _second_reads() -> pl.DataFrame:
    tables = {"effects": "effect", "outcomes": "outcome"}
    reads = load("second_reads").filter(pl.col("table_name").is_in(list(tables)))
    return reads.filter(pl.col("method") == "independent_read").select(
        pl.col("table_name").replace_strict(tables, return_dtype=pl.Enum(["effect", "outcome"])).alias("result_type"),
        pl.col("row_key").alias("result_id"),
        pl.col("result").cast(pl.String).alias("second_read"),
    )


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    first = ["result_id", "result_type", "trial_id", "acronym", "endpoint_id", "endpoint", "population_id"]
    first += ["population_name", "arm_id", "arm", "arm_therapies", "control_arm_id", "control_arm"]
    first += ["control_arm_therapies", "randomised", *_NUMBERS, "citation_id", "source", "locator", "source_level"]
    return frame.select(*first, pl.exclude(first))
