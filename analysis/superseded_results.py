"""Why one result of a trial gave way to another that counts the same patients."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from luminaldb.loaders.views import ANALYSIS_ORDER, LATEST_OF, latest

_Row = dict[str, Any]
_ADJUSTED = re.compile(r"\badjusted\b", re.IGNORECASE)


def given_way(found: pl.DataFrame) -> dict[str, str]:
    """Map each result that `latest()` leaves out to what tells it from the one that stays.

    Args:
        found: rows of `trial_results()`.
    """
    kept = {_question(row): row for row in latest(found).iter_rows(named=True)}
    stays = {row["result_id"] for row in kept.values()}
    out = (row for row in found.iter_rows(named=True) if row["result_id"] not in stays)
    return {row["result_id"]: _reason(row, kept[_question(row)]) for row in out}


def _question(row: _Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in LATEST_OF)


def _reason(row: _Row, kept: _Row) -> str:
    other = kept["result_id"]
    if _is_later(kept, row):
        return f"a later analysis of the trial, {other}, counts the same patients"
    if row["assessor"] and kept["assessor"] and row["assessor"] != kept["assessor"]:
        judges = (one["assessor"].replace("_", " ") for one in (row, kept))
        return "judged by another assessor ({}, not {}) than {}, which counts the same patients".format(*judges, other)
    if _is_adjusted(row) and not _is_adjusted(kept):
        return f"an adjusted ratio of patients that {other} counts unadjusted"
    if row["analysis"] != kept["analysis"]:
        return f"an {row['analysis']} analysis of patients that {other} counts"
    if row["citation_id"] == kept["citation_id"] or row["analysis"] == "updated":
        return f"another {row['analysis']} result, {other}, counts the same patients"
    if kept["source_year"] and row["source_year"] and kept["source_year"] > row["source_year"]:
        return f"a later report of the same analysis, {other}, counts the same patients"
    return f"another report of the same analysis, {other}, counts the same patients"


def _is_later(kept: _Row, row: _Row) -> bool:
    if kept["analysis"] != row["analysis"]:
        return ANALYSIS_ORDER[kept["analysis"]] > ANALYSIS_ORDER[row["analysis"]] >= 0
    when = ("data_cutoff", "median_follow_up_months", *(("source_year",) if row["analysis"] == "updated" else ()))
    return any(row[w] is not None and kept[w] is not None and kept[w] > row[w] for w in when)


def _is_adjusted(row: _Row) -> bool:
    # No column says it: the note does.
    return bool(_ADJUSTED.search(row["note"] or ""))
