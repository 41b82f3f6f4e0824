"""Collect every row on one therapy: its approvals, results, mechanisms, claims and trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from .database import Database
from .frames import DataSource
from .names import therapy_id

SummaryColumns = Sequence[str | pl.Expr]
# Of a database, a therapy_id and the class_ids of the therapy: its rows of one table.
_Finder = Callable[[Database, str, list[str]], pl.DataFrame]
SCHEMA = {
    "table": pl.String,
    "row_key": pl.String,
    "relation": pl.String,
    "summary": pl.String,
    "citation_id": pl.String,
    "locator": pl.String,
    "source_level": pl.String,
    "endpoint_id": pl.String,
    "measure": pl.String,
    "estimate": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
}
_RESULT_COLUMNS = ("endpoint_id", "measure", "estimate", "ci_low", "ci_high")
# What a reader looks for first comes first.
_TABLE_ORDER = (
    "therapies", "approvals", "effects", "outcomes", "adverse_events", "mechanism_evidence", "claims", "trials",
    "therapy_targets", "therapy_names", "therapy_identifiers",
)  # fmt: skip
_KEY_OF_TABLE = {
    "effects": "effect_id", "outcomes": "outcome_id", "adverse_events": "adverse_event_id", "trials": "trial_id",
}  # fmt: skip
_SOURCE_LEVELS = ("full_text", "abstract", "label", "registry", "secondary")


def evidence_for(therapy: str, *, version: str | None = None, path: DataSource = None) -> pl.DataFrame:
    """Collect every row on a therapy, by any of its names.

    Args:
        therapy: an id, name, brand, code, abbreviation or registry identifier; case doesn't matter.
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Returns:
        One row per row found: table, row_key (its primary key, parts joined by a bar), relation
        (`therapy`: the row names it; `class`: the row names its class or one above; `arm`: an arm of the
        row receives it), summary, citation_id, locator, source_level; of a result also endpoint_id, measure,
        estimate, ci_low and ci_high; and `rank`, from 1 on, by which the rows are sorted: the therapy and its
        approvals, then results (of phase 3 trials first, of them the primary endpoint, what was read in full text, and
        the latest), then mechanisms, claims, trials and names.

    Raises:
        LuminaldbError: no therapy has that name, or several have.
    """
    database = Database.find(path, version=version)
    therapy = therapy_id(therapy, database)
    record = database.frame("therapies").filter(pl.col("therapy_id") == therapy)
    classes = database.class_ancestors(record["class_id"][0])
    parts = [find(database, therapy, classes) for find in _FINDERS]
    return _rank_rows(pl.concat(parts, how="vertical"), database)


def _rank_rows(evidence: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Sort the rows by what a reader looks for first, and number them."""
    trials = database.frame("trials").select(
        "trial_id", pl.col("phase").cast(pl.String).is_in(["3", "2/3"]).alias("is_phase_3")
    )
    result_flags = []
    for table, key in _KEY_OF_TABLE.items():
        rows = database.frame(table)
        primary_column = "is_primary_endpoint"
        primary = (
            pl.col(primary_column).fill_null(value=False) if primary_column in rows.columns else pl.lit(value=False)
        )
        rows = rows.select(
            pl.lit(table).alias("table"), pl.col(key).alias("row_key"), "trial_id", primary.alias("primary")
        )
        result_flags.append(rows.join(trials, on="trial_id", how="left").drop("trial_id"))
    years = database.frame("citations").select("citation_id", "year")
    table_rank = pl.col("table").replace_strict(
        {name: rank for rank, name in enumerate(_TABLE_ORDER)}, return_dtype=pl.Int64
    )
    level_rank = pl.col("source_level").replace_strict(
        {name: rank for rank, name in enumerate(_SOURCE_LEVELS)}, default=len(_SOURCE_LEVELS), return_dtype=pl.Int64
    )
    is_of_class = pl.col("relation") == "class"
    return (
        evidence.join(pl.concat(result_flags), on=["table", "row_key"], how="left", maintain_order="left")
        .join(years, on="citation_id", how="left", maintain_order="left")
        .sort(
            table_rank, ~pl.col("is_phase_3").fill_null(value=False), ~pl.col("primary").fill_null(value=False),
            is_of_class, level_rank, -pl.col("year").cast(pl.Int64), "row_key",
            nulls_last=True, maintain_order=True,
        )
        .select(*SCHEMA)
        .with_row_index("rank", offset=1)
        .select(*SCHEMA, pl.col("rank").cast(pl.Int64))
    )  # fmt: skip


def _rows(
    frame: pl.DataFrame,
    table: str,
    key: list[str],
    summary: SummaryColumns,
    relation: pl.Expr | None = None,
) -> pl.DataFrame:
    texts = [(pl.col(s) if isinstance(s, str) else s).cast(pl.String) for s in summary]
    source_columns = [
        pl.col(c).cast(pl.String) if c in frame.columns else pl.lit(None, dtype=pl.String).alias(c)
        for c in ("citation_id", "locator", "source_level")
    ]
    result_dtypes = {name: SCHEMA[name] for name in _RESULT_COLUMNS}
    numbers = [
        (pl.col(c).cast(pl.String).cast(dtype) if c in frame.columns else pl.lit(None, dtype=dtype)).alias(c)
        for c, dtype in result_dtypes.items()
    ]
    return frame.select(
        pl.lit(table).alias("table"),
        pl.concat_str([pl.col(k).cast(pl.String) for k in key], separator="|").alias("row_key"),
        (pl.lit("therapy") if relation is None else relation).alias("relation"),
        pl.concat_str(texts, separator=" ", ignore_nulls=True).alias("summary"),
        *source_columns,
        *numbers,
    ).cast(pl.Schema(SCHEMA))


def _of_therapy(table: str, key: list[str], summary: SummaryColumns) -> _Finder:
    def find(database: Database, therapy: str, _: list[str]) -> pl.DataFrame:
        return _rows(database.frame(table).filter(pl.col("therapy_id") == therapy), table, key, summary)

    return find


def _targets(database: Database, therapy: str, _: list[str]) -> pl.DataFrame:
    rows = database.frame("therapy_targets").filter(pl.col("therapy_id") == therapy)
    symbols = database.frame("genes").select("gene_id", "symbol")
    key = ["therapy_id", "gene_id", "action"]
    return _rows(
        rows.join(symbols, on="gene_id", how="left"),
        "therapy_targets",
        key,
        ["action", pl.lit("of"), "symbol"],
    )


def _evidence(database: Database, therapy: str, classes: list[str]) -> pl.DataFrame:
    frame = database.frame("mechanism_evidence")
    rows = frame.filter((pl.col("therapy_id") == therapy) | pl.col("class_id").is_in(classes))
    summary: SummaryColumns = [
        "mechanism_id",
        "significance",
        pl.lit("level"),
        "evidence_level",
        pl.lit(":"),
        "statement",
    ]
    return _rows(rows, "mechanism_evidence", ["evidence_id"], summary, _relation())


def _claims(database: Database, therapy: str, classes: list[str]) -> pl.DataFrame:
    is_about_therapy = (pl.col("therapy_id") == therapy) | pl.col("class_id").is_in(classes)
    subjects = database.frame("claim_subjects").filter(is_about_therapy)
    one_subject_each = subjects.sort(pl.col("therapy_id").is_null(), maintain_order=True).unique(
        "claim_id", keep="first", maintain_order=True
    )
    rows = one_subject_each.select("claim_id", "therapy_id").join(database.frame("claims"), on="claim_id")
    return _rows(rows, "claims", ["claim_id"], ["statement"], _relation())


def _relation() -> pl.Expr:
    return pl.when(pl.col("therapy_id").is_not_null()).then(pl.lit("therapy")).otherwise(pl.lit("class"))


def _arms_with(database: Database, therapy: str) -> pl.DataFrame:
    arms = database.frame("arm_therapies").filter(pl.col("therapy_id") == therapy).select("arm_id")
    return arms.join(database.frame("arms"), on="arm_id")


def _trials(database: Database, therapy: str, _: list[str]) -> pl.DataFrame:
    trial_ids = _arms_with(database, therapy).select("trial_id").unique()
    rows = database.frame("trials").join(trial_ids, on="trial_id", how="semi")
    return _rows(rows, "trials", ["trial_id"], ["acronym", pl.lit(":"), "title"], pl.lit("arm"))


def _effects(database: Database, therapy: str, _: list[str]) -> pl.DataFrame:
    arms = _arms_with(database, therapy)["arm_id"].implode()
    has_arm = pl.col("experimental_arm_id").is_in(arms) | pl.col("control_arm_id").is_in(arms)
    summary: SummaryColumns = [
        "endpoint_id",
        "population_id",
        "analysis",
        "measure",
        "estimate",
        pl.format("({}-{})", "ci_low", "ci_high"),
    ]
    return _rows(database.frame("effects").filter(has_arm), "effects", ["effect_id"], summary, pl.lit("arm"))


def _of_arms(table: str, key: str, summary: SummaryColumns) -> _Finder:
    def find(database: Database, therapy: str, _: list[str]) -> pl.DataFrame:
        rows = database.frame(table).filter(pl.col("arm_id").is_in(_arms_with(database, therapy)["arm_id"].implode()))
        return _rows(rows, table, [key], summary, pl.lit("arm"))

    return find


_FINDERS: tuple[_Finder, ...] = (
    _of_therapy("therapies", ["therapy_id"], ["name", pl.lit(":"), "mechanism_of_action"]),
    _of_therapy(
        "therapy_names",
        ["therapy_id", "name"],
        ["name", pl.format("({})", pl.col("name_type").cast(pl.String))],
    ),
    _of_therapy("therapy_identifiers", ["therapy_id", "registry"], ["registry", "identifier"]),
    _targets,
    _of_therapy("approvals", ["approval_id"], ["agency", "approved_on", "status", pl.lit(":"), "indication"]),
    _evidence,
    _trials,
    _effects,
    _of_arms(
        "outcomes",
        "outcome_id",
        ["endpoint_id", "population_id", "analysis", "measure", "at_months", "estimate"],
    ),
    _of_arms("adverse_events", "adverse_event_id", ["term", "grade", pl.format("{}%", "percent")]),
    _claims,
)
