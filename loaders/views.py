"""Joined frames that answer a question in one call."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

import polars as pl

from .convert import FrameType, convert
from .database import Database
from .datapackage.field_types import dtype
from .frames import DataSource
from .latest_results import latest_results
from .standard_errors import with_standard_error

ReadTable = Callable[[str], pl.DataFrame]
# Publication status of sources whose numbers no longer count; those of corrected sources do.
RETRACTED = ("retracted", "retracted_republished")
# The therapy class of placebo, observation and the like, which no trial tests.
CONTROL_CLASS = "control"
_NUMBER_COLUMNS = (
    "analysis", "assessor", "period", "adjustment", "is_primary_endpoint", "measure", "at_months", "estimate", "ci_low",
    "ci_high", "ci_level", "ci_level_assumed", "log_estimate", "standard_error", "standard_error_from", "p_operator",
    "p_value", "p_sides", "significance", "significance_boundary", "hypothesis", "margin", "o_minus_e", "variance",
    "n_experimental", "n_control", "events_experimental", "events_control", "n", "events", "median_follow_up_months",
    "follow_up_printed", "data_cutoff", "derived_from",
)  # fmt: skip
# What results are joined from.
RESULT_TABLES = (
    "effects", "outcomes", "trials", "populations", "endpoints", "arms", "arm_therapies", "citations", "second_reads",
)  # fmt: skip
_MAX_COLUMNS_NAMED = 4
_TRIAL_COLUMNS = (
    "acronym", "registry_id", "phase", "design", "setting", "line", "hr_status", "her2_status", "menopausal_status",
    "n_enrolled",
)  # fmt: skip


@overload
def trial_results(
    *,
    analysis: Literal["all", "latest"] = "all",
    include_superseded: bool = False,
    to: Literal["polars"] = "polars",
    version: str | None = None,
    path: DataSource = None,
    as_printed: bool = False,
) -> pl.DataFrame: ...
@overload
def trial_results(
    *,
    analysis: Literal["all", "latest"] = "all",
    include_superseded: bool = False,
    to: FrameType,
    version: str | None = None,
    path: DataSource = None,
    as_printed: bool = False,
) -> Any: ...
def trial_results(
    *,
    analysis: Literal["all", "latest"] = "all",
    include_superseded: bool = False,
    to: FrameType = "polars",
    version: str | None = None,
    path: DataSource = None,
    as_printed: bool = False,
) -> Any:
    """Join every result with its trial, arms, population, endpoint and source.

    Args:
        analysis: `latest` keeps one row per trial, population, endpoint, measure, time and arms: the latest by data
            cut-off, then follow-up, then year of the source; see `latest_results`.
        include_superseded: True brings back results of retracted sources, and those of a source whose
            successor (`superseded_by`) reports the same population, endpoint and measure.
        to: polars, pandas, arrow or duckdb.
        version: a release, see `load`. Columns that it lacks are empty, and a warning names them.
        path: a folder or zip, see `load`.
        as_printed: give the numbers of the tables as text, as the file prints them: `0.60` and not 0.6.

    Returns:
        One row per row of effects (result_type `effect`, arm_id is the experimental arm) and of outcomes
        (`outcome`, no control arm), sorted by result_id. `log_estimate` is the natural logarithm of a
        ratio; for a risk difference and an outcome it is null. `standard_error` is that of log_estimate,
        (ln U - ln L) / (2 z), z the normal quantile of the interval's own level (Cochrane Handbook 6.3.2);
        of the estimate itself for a risk difference, in percentage points.

    Raises:
        ValueError: `analysis` is neither `all` nor `latest`.
        UnknownTableError: the release lacks a table that results are joined from.
    """
    if analysis not in ("all", "latest"):
        raise ValueError(f"analysis={analysis!r} is neither 'all' nor 'latest'")
    database = Database.find(path, version=version)
    results = join_results(
        read_with_current_columns(database, RESULT_TABLES), analysis=analysis, include_superseded=include_superseded
    )
    return convert(_as_printed(results, database) if as_printed else results, to)


def read_with_current_columns(database: Database, names: Sequence[str]) -> ReadTable:
    """Return a reader of tables that have every column of the installed ones, empty where the database lacks it.

    What is lacking is named in one warning. Fields that are read are those of `database`.

    Args:
        database: whose tables to read.
        names: of the tables.

    Raises:
        UnknownTableError: the database lacks one of the tables.
    """
    installed_database = Database.installed()
    if database is installed_database:
        return database.frame
    frames, missing_columns = {}, []
    for name in names:
        frame = database.frame(name)
        fields = installed_database.resource(name).schema.fields
        missing_dtypes = {f.name: dtype(f) for f in fields if f.name not in frame.columns}
        missing_columns += [f"{name}.{column}" for column in missing_dtypes]
        frames[name] = frame.with_columns(
            pl.lit(None, dtype=kind).alias(column) for column, kind in missing_dtypes.items()
        )
    if missing_columns:
        named_columns = ", ".join(missing_columns[:_MAX_COLUMNS_NAMED]) + (
            f" and {len(missing_columns) - _MAX_COLUMNS_NAMED} more"
            if len(missing_columns) > _MAX_COLUMNS_NAMED
            else ""
        )
        warnings.warn(f"{database.label} has no {named_columns}; they are empty here", stacklevel=4)
    return frames.__getitem__


def _as_printed(results: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Put the numbers of effects and outcomes as their files print them in place of the parsed ones."""
    printed_frames = [
        database.frame_as_printed(table).with_columns(pl.lit(kind).alias("::type"), pl.col(key).alias("::id"))
        for table, key, kind in (("effects", "effect_id", "effect"), ("outcomes", "outcome_id", "outcome"))
    ]
    computed = {"standard_error", "log_estimate"}
    numbers = [c for c, kind in results.schema.items() if kind.is_numeric() and c not in computed]
    printed_numbers = pl.concat(
        [
            frame.select("::type", "::id", *(c for c in numbers if frame.schema.get(c) == pl.String))
            for frame in printed_frames
        ],
        how="diagonal",
    )
    joined = results.with_columns(pl.col("result_type").cast(pl.String).alias("::type")).join(
        printed_numbers, left_on=["::type", "result_id"], right_on=["::type", "::id"], how="left", suffix="::text"
    )
    replaced = [c for c in numbers if f"{c}::text" in joined.columns]
    return joined.with_columns(pl.col(f"{c}::text").alias(c) for c in replaced).select(results.columns)


def join_results(
    read: ReadTable, *, analysis: Literal["all", "latest"] = "all", include_superseded: bool = False
) -> pl.DataFrame:
    """Join every result of a set of tables; see `trial_results`.

    Args:
        read: gives the frame of a table by name.
        analysis: see `trial_results`.
        include_superseded: see `trial_results`.
    """
    frame = (
        _results(read)
        .join(_add_prefix(read("trials"), "trial_id", "trial_", _TRIAL_COLUMNS), on="trial_id", how="left")
        .join(_populations(read), on="population_id", how="left")
        .join(_endpoints(read), on="endpoint_id", how="left")
        .join(_arms(read, "arm"), on="arm_id", how="left")
        .join(_arms(read, "control_arm"), on="control_arm_id", how="left")
        .join(name_sources(read("citations")), on="citation_id", how="left")
        .join(_second_reads(read), on=("result_type", "result_id", "citation_id"), how="left")
        .with_columns(pl.col("second_read").fill_null("not_yet"))
    )
    if not include_superseded:
        frame = without_superseded_sources(frame)
    if analysis == "latest":
        frame = latest_results(frame)
    return _order_columns(frame).sort("result_id")


def _results(read: ReadTable) -> pl.DataFrame:
    effects = with_standard_error(read("effects")).rename({"effect_id": "result_id", "experimental_arm_id": "arm_id"})
    outcomes = read("outcomes").rename({"outcome_id": "result_id"})
    kinds = pl.Enum(["effect", "outcome"])
    text = pl.col(pl.Enum).cast(pl.String)
    return pl.concat(
        [
            effects.with_columns(text, pl.lit("effect", dtype=kinds).alias("result_type")),
            outcomes.with_columns(text, pl.lit("outcome", dtype=kinds).alias("result_type")),
        ],
        how="diagonal",
    )


def without_superseded_sources(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out results of retracted sources, and those that a source's successor reports again."""
    without_retracted = frame.filter(~pl.col("publication_status").is_in(RETRACTED))
    shared_columns = ["trial_id", "population_id", "endpoint_id", "measure"]
    successors = without_retracted.select(pl.col("citation_id").alias("superseded_by"), *shared_columns).unique()
    return without_retracted.join(successors, on=["superseded_by", *shared_columns], how="anti", maintain_order="left")


def _add_prefix(frame: pl.DataFrame, key: str, prefix: str, columns: tuple[str, ...]) -> pl.DataFrame:
    return frame.select(key, *(pl.col(c).alias(c if c == "acronym" else prefix + c) for c in columns))


def _populations(read: ReadTable) -> pl.DataFrame:
    columns = ("name", "analysis_set", "hr_status", "her2_status", "menopausal_status", "biomarker", "n")
    return _add_prefix(read("populations"), "population_id", "population_", columns)


def _endpoints(read: ReadTable) -> pl.DataFrame:
    return read("endpoints").select(
        "endpoint_id",
        pl.col("name").alias("endpoint"),
        pl.col("better").alias("endpoint_better"),
        pl.col("family").alias("endpoint_family"),
    )


def _arms(read: ReadTable, prefix: str) -> pl.DataFrame:
    therapies = (
        read("arm_therapies")
        .sort("arm_id", "optional", "therapy_id")
        .group_by("arm_id", maintain_order=True)
        .agg(pl.col("therapy_id").str.join("; ").alias(f"{prefix}_therapies"))
    )
    arms = read("arms").select("arm_id", pl.col("label").alias(prefix))
    return arms.join(therapies, on="arm_id", how="left").rename({"arm_id": f"{prefix}_id"})


def name_sources(citations: pl.DataFrame) -> pl.DataFrame:
    """Name each citation by its first author and year, with its status.

    A citation without authors is named by its publisher or journal; without those by its type and the beginning of
    its title.
    """
    family = pl.col("authors").str.extract(r"^([^;]+?)(?: [A-Z]+)?(?:;|$)")
    publisher = [pl.col("publisher")] if "publisher" in citations.columns else []
    kind = pl.col("citation_type").cast(pl.String).str.replace_all("_", " ", literal=True)
    name = pl.coalesce(family, *publisher, "journal", pl.concat_str(kind, _title_start(), ignore_nulls=True))
    year = pl.col("year").cast(pl.String)
    name_and_year = pl.concat_str(name, year, separator=" ", ignore_nulls=True)
    return citations.select(
        "citation_id",
        pl.when(name.str.contains(year, literal=True)).then(name).otherwise(name_and_year).alias("source"),
        pl.col("year").alias("source_year"),
        "pmid",
        "doi",
        "url",
        "publication_status",
        "notice",
        "superseded_by",
    )


def _title_start() -> pl.Expr:
    """Return the first words of a title in quotation marks after a blank; null where the title wasn't seen."""
    title = pl.col("title").str.strip_chars("[]").str.replace(r"^Abstract [^:]{1,12}: ", "")
    start = title.str.extract(r"^((?:\S+\s+){0,5}\S+)").str.strip_chars_end(",;:.")
    beginning = pl.when(start == title).then(start).otherwise(start + "\u2026")
    return (
        pl.when(title.str.starts_with("title not seen")).then(None).otherwise(pl.format(" \u201c{}\u201d", beginning))
    )


def _second_reads(read: ReadTable) -> pl.DataFrame:
    tables = {"effects": "effect", "outcomes": "outcome"}
    second_reads = read("second_reads").filter(pl.col("table_name").is_in(list(tables)))
    return second_reads.filter(pl.col("method") == "independent_read").select(
        pl.col("table_name").replace_strict(tables, return_dtype=pl.Enum(["effect", "outcome"])).alias("result_type"),
        pl.col("row_key").alias("result_id"),
        "citation_id",
        pl.col("result").cast(pl.String).alias("second_read"),
    )


def _order_columns(frame: pl.DataFrame) -> pl.DataFrame:
    leading_columns = ["result_id", "result_type", "trial_id", "acronym", "endpoint_id", "endpoint", "population_id"]
    leading_columns += ["population_name", "arm_id", "arm", "arm_therapies", "control_arm_id", "control_arm"]
    leading_columns += [
        "control_arm_therapies",
        "randomised",
        *_NUMBER_COLUMNS,
        "citation_id",
        "numbers_citation_id",
        "source",
        "locator",
    ]
    leading_columns += ["source_level", "note"]
    return frame.select(*leading_columns, pl.exclude(leading_columns))
