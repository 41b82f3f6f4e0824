"""Why one result of a trial is superseded by another that counts the same patients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from luminaldb.loaders.latest_results import OTHER_ADJUSTMENTS, estimand_expression, estimand_key, latest_results

from .exclusion import Reason
from .names_in_words import name_result

_Row = dict[str, Any]


def superseded_results(rows: pl.DataFrame, assessors: Sequence[str] = ()) -> dict[str, Reason]:
    """Map each result that `latest_results()` leaves out to how it differs from the one that is used.

    Args:
        rows: of `trial_results()`.
        assessors: whose assessment is preferred, see `latest_results`.
    """
    rows = rows.filter(estimand_expression().is_duplicated())
    if rows.is_empty():
        return {}
    latest_rows = latest_results(rows, assessors=assessors)
    latest_by_estimand = {estimand_key(row): row for row in latest_rows.iter_rows(named=True)}
    latest_ids = set(latest_rows["result_id"])
    superseded_rows = (row for row in rows.iter_rows(named=True) if row["result_id"] not in latest_ids)
    pairs = ((row, latest_by_estimand[estimand_key(row)]) for row in superseded_rows)
    return {row["result_id"]: Reason(_reason(row, latest_row), latest_row["result_id"]) for row, latest_row in pairs}


def _reason(row: _Row, latest: _Row) -> str:
    latest_name = name_result(latest, excluded=row)
    if row["period"] and not latest["period"]:
        return f"counts a part of follow-up ({row['period']}); {latest_name} counts the whole"
    if row["adjustment"] in OTHER_ADJUSTMENTS and latest["adjustment"] not in OTHER_ADJUSTMENTS:
        return f"an adjusted ratio ({row['adjustment']}) of patients that {latest_name} counts as randomised"
    if row["derived_from"] and not latest["derived_from"]:
        return f"derived from a figure; that of {latest_name} is printed"
    if row["assessor"] and latest["assessor"] and row["assessor"] != latest["assessor"]:
        assessors = (result["assessor"].replace("_", " ") for result in (row, latest))
        return "events assessed by another assessor ({}, not {}) than in {}".format(*assessors, latest_name)
    for column in ("data_cutoff", "median_follow_up_months", "source_year"):
        before, after = row[column], latest[column]
        if before is not None and after is not None and before != after:
            return f"a later analysis of the trial, {latest_name}, counts the same patients"
    return f"another report of the same analysis, {latest_name}, counts the same patients"
