"""Find anything by a name, synonym, id, DOI, PMID, registry number or word."""

from __future__ import annotations

import re

import polars as pl

from .database import Database
from .frames import Where
from .names import every_name, plain

# Table: primary key, label, and the columns a reader may know a row by.
_SEARCHED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "trials": ("trial_id", "acronym", ("trial_id", "acronym", "registry_id", "other_registry_ids", "title")),
    "genes": (
        "gene_id",
        "symbol",
        ("gene_id", "symbol", "name", "ensembl_gene_id", "ncbi_gene_id", "uniprot_id"),
    ),
    "endpoints": ("endpoint_id", "name", ("endpoint_id", "name", "abbreviation")),
    "therapy_classes": ("class_id", "name", ("class_id", "name")),
    "mechanisms": ("mechanism_id", "name", ("mechanism_id", "name", "summary")),
    "citations": ("citation_id", "title", ("citation_id", "pmid", "pmcid", "doi", "url", "authors", "title")),
    "claims": ("claim_id", "statement", ("claim_id", "statement")),
}
# What stands before an identifier, or the address that resolves it: keep in step with publish/portal/static/portal.js.
_WRAPPED = re.compile(
    r"^(?:https?://)?(?:(?:dx\.)?doi\.org/|(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/(?:pubmed|pmc/articles)/"
    r"|pmc\.ncbi\.nlm\.nih\.gov/articles/|clinicaltrials\.gov/(?:ct2/show|study)/))"
    r"|^(?:doi|pmid|pmcid)(?:\s*:\s*|\s+|(?=\d))",
    re.IGNORECASE,
)
_RANKS = ("exact", "starts_with", "contains")


def search(text: str, *, version: str | None = None, path: Where = None) -> pl.DataFrame:
    """Search every name, synonym, identifier, title and statement; case, blanks and hyphens don't matter.

    Args:
        text: a name (`T-DM1`), an id, a DOI, PMID or NCT number bare, labelled or as an address, a word.
        version: a release, see `load`.
        path: a folder or zip, see `load`.

    Returns:
        One row per row found, best first: table, row_key, label, field (that matched), value, match
        (exact, starts_with, contains).
    """
    database = Database.find(path, version=version)
    wanted = _bare(text.strip().lower())
    needle = pl.select(plain(pl.lit(wanted))).item()
    parts = [_therapies(database), *(_searched(database, table) for table in _SEARCHED)]
    parts += [_retired(database, part) for part in parts]
    value = plain(pl.col("value"))
    rank = (
        pl.when(value == needle)
        .then(pl.lit(0))
        .when(value.str.starts_with(needle))
        .then(pl.lit(1))
        .when(value.str.contains(needle, literal=True))
        .then(pl.lit(2))
    )
    found = pl.concat(parts).with_columns(rank.alias("rank")).filter(pl.col("rank").is_not_null())
    if not needle:
        found = found.clear()
    return (
        found.sort("rank", pl.col("value").str.len_chars(), maintain_order=True)
        .unique(["table", "row_key"], keep="first", maintain_order=True)
        .with_columns(pl.col("rank").replace_strict(dict(enumerate(_RANKS)), return_dtype=pl.String).alias("match"))
        .drop("rank")
    )


def _bare(text: str) -> str:
    """Take an identifier out of the address or the words it is printed in: `PMID 27717303` is 27717303."""
    taken = _WRAPPED.sub("", text)
    return text if taken == text else taken.rstrip("/?#").strip()


def _therapies(database: Database) -> pl.DataFrame:
    labels = database.frame("therapies").select("therapy_id", pl.col("name").alias("label"))
    return (
        every_name(database)
        .join(labels, on="therapy_id", how="left")
        .select(
            pl.lit("therapies").alias("table"),
            pl.col("therapy_id").alias("row_key"),
            "label",
            pl.col("kind").alias("field"),
            pl.col("name").alias("value"),
        )
    )


def _searched(database: Database, table: str) -> pl.DataFrame:
    key, label, columns = _SEARCHED[table]
    frame = database.frame(table)
    return (
        frame.select(
            pl.lit(table).alias("table"),
            pl.col(key).alias("row_key"),
            pl.col(label).alias("label"),
            *(pl.col(c).cast(pl.String).alias(f"value:{c}") for c in columns),
        )
        .unpivot(index=["table", "row_key", "label"], variable_name="field", value_name="value")
        .drop_nulls("value")
        .with_columns(pl.col("field").str.strip_prefix("value:"))
    )


def _retired(database: Database, part: pl.DataFrame) -> pl.DataFrame:
    """Give the rows that took the place of a retired id, to be found by that id."""
    pairs = [(table, old, new) for (table, old), new in database.retired_ids.items() if new is not None]
    gone = pl.DataFrame(pairs, schema={"table": pl.String, "value": pl.String, "row_key": pl.String}, orient="row")
    labels = part.select("table", "row_key", "label").unique(maintain_order=True)
    found = gone.join(labels, on=["table", "row_key"], maintain_order="left")
    return found.select("table", "row_key", "label", pl.lit("retired_id").alias("field"), "value")
