"""Why a result has no standard error."""

from __future__ import annotations

import polars as pl

from luminaldb.loaders.database import Database

# As curators write it; "no interval in the part that was read" is no statement about the source.
_NOTES_WITHOUT_INTERVAL = (
    r"(?i)(?:no interval(?: printed| in the (?:abstract|paper|report|digest|label|registry))?"
    r"|without (?:an|the) interval|instead of an interval)(?:[.;,]|$)"
)
_LOOKS_LIKE_INTERVAL = r"(?i)\bci\b|interval|\d\s*(?:to|-|\x{2013})\s*\d"


def explain_missing_interval(database: Database) -> pl.Expr:
    """Return why a result has no standard error.

    That a source prints none is only reported where the row's note states it, or where its numbers were copied from the
    source and no interval is among them.

    Args:
        database: of the results.
    """
    copied_without_interval: list[str] = []
    if "printed_numbers" in database.packages_by_table:
        copied = database.frame("printed_numbers").filter(
            pl.col("table_name") == "effects", ~pl.col("printed").str.contains(_LOOKS_LIKE_INTERVAL)
        )
        copied_without_interval = [
            f"{row}|{citation}" for row, citation in copied.select("row_key", "citation_id").iter_rows()
        ]
    key = pl.concat_str("result_id", "citation_id", separator="|")
    has_note = pl.col("note").str.contains(_NOTES_WITHOUT_INTERVAL).fill_null(value=False)
    has_no_estimate = pl.col("estimate").is_null() & pl.col("log_estimate").is_null()
    has_exact_p = (pl.col("p_operator").cast(pl.String) == "=").fill_null(value=False) & ~has_no_estimate
    text = (
        pl.when(has_no_estimate)
        .then(pl.lit("no estimate was found in the sources read"))
        .when(has_note | key.is_in(copied_without_interval))
        .then(pl.lit("the source prints no interval"))
        .otherwise(pl.lit("no interval was found in the sources read"))
    )
    return (
        pl.when(has_exact_p)
        .then(pl.concat_str(text, pl.lit("; derive='p_value' uses its exact p value")))
        .otherwise(text)
    )
