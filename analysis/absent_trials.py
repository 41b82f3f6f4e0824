"""Why trials that a question asks for aren't among the included ones."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from luminaldb.loaders.database import Database

from .selection import Selection


def why_absent(selection: Selection, candidates: Set[str], database: Database) -> list[str]:
    """Return why trials that were asked for aren't included: no result, or the last criterion that excluded one.

    Args:
        selection: that asks for trials.
        candidates: ids of the trials that had results to choose from.
        database: that has their results.
    """
    asked = selection.question.trials if selection.question is not None else ()
    present = set(selection.included["trial_id"])
    names = dict(database.frame("trials").select("trial_id", "acronym").iter_rows())
    order = selection.flow["criterion"].to_list() if selection.flow is not None else []
    reasons: dict[str, list[str]] = {}
    for trial in (one for one in asked if one not in present):
        reason = "no result compares arms that differ in the therapy"
        if trial in candidates:
            took = selection.excluded.filter(pl.col("acronym") == names[trial])
            last = max(took["criterion"].to_list(), key=order.index, default="no result")
            why = took.filter(criterion=last)["reason"].unique().to_list()
            reason = why[0] if len(why) == 1 else last
        reasons.setdefault(reason, []).append(names[trial] or trial)
    listed = "; ".join(f"{', '.join(trials)} ({reason})" for reason, trials in reasons.items())
    return [f"asked for, but not included: {listed}"] if listed else []
