"""Why trials that a question asks for aren't among the included ones."""

from __future__ import annotations

from collections.abc import Set

import polars as pl

from luminaldb.loaders.database import Database

from .selection import Selection


def explain_absent_trials(selection: Selection, candidates: Set[str], database: Database) -> list[str]:
    """Return why trials that were asked for aren't included: no result, or the last criterion that excluded one.

    Args:
        selection: that asks for trials.
        candidates: ids of the trials that had results to choose from.
        database: that has their results.
    """
    requested_ids = selection.question.trials if selection.question is not None else ()
    included_ids = set(selection.included["trial_id"])
    names = dict(database.frame("trials").select("trial_id", "acronym").iter_rows())
    criteria_in_order = selection.flow["criterion"].to_list() if selection.flow is not None else []
    reasons: dict[str, list[str]] = {}
    for trial in (trial_id for trial_id in requested_ids if trial_id not in included_ids):
        reason = "no result compares arms that differ in the therapy"
        if trial in candidates:
            exclusions = selection.excluded.filter(pl.col("acronym") == names[trial])
            last_criterion = max(exclusions["criterion"].to_list(), key=criteria_in_order.index, default="no result")
            reasons_of_trial = exclusions.filter(criterion=last_criterion)["reason"].unique().to_list()
            reason = reasons_of_trial[0] if len(reasons_of_trial) == 1 else last_criterion
        reasons.setdefault(reason, []).append(names[trial] or trial)
    reasons_text = "; ".join(f"{', '.join(trials)} ({reason})" for reason, trials in reasons.items())
    return [f"asked for, but not included: {reasons_text}"] if reasons_text else []
