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


def why_no_interval(database: Database) -> pl.Expr:
    """Return why a result has no standard error.

    That a source prints none is only reported where the row's note states it, or where its numbers were copied from the
    source and no interval is among them.

    Args:
        database: of the results.
    """
    without: list[str] = []
    if "printed_numbers" in database.owners:
        copied = database.frame("printed_numbers").filter(
            pl.col("table_name") == "effects", ~pl.col("printed").str.contains(_LOOKS_LIKE_INTERVAL)
        )
        without = [f"{row}|{citation}" for row, citation in copied.select("row_key", "citation_id").iter_rows()]
    key = pl.concat_str("result_id", "citation_id", separator="|")
    has_note = pl.col("note").str.contains(_NOTES_WITHOUT_INTERVAL).fill_null(value=False)
    missing = pl.col("estimate").is_null() & pl.col("log_estimate").is_null()
    exact = (pl.col("p_operator").cast(pl.String) == "=").fill_null(value=False) & ~missing
    text = (
        pl.when(missing)
        .then(pl.lit("no estimate was found in the sources read"))
        .when(has_note | key.is_in(without))
        .then(pl.lit("the source prints no interval"))
        .otherwise(pl.lit("no interval was found in the sources read"))
    )
    return pl.when(exact).then(pl.concat_str(text, pl.lit("; derive='p_value' uses its exact p value"))).otherwise(text)
