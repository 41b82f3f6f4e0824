"""The lines of a summary card for results of arms that no effect compares, as of trials with one arm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..results_table import pair_in_words, value_in_words
from .effect_texts import outcome_interval
from .evidence import Evidence, Row
from .headline_texts import (
    MAIN_ANALYSIS_SETS,
    MAX_ENDPOINTS_PER_TRIAL,
    describe_date,
    grade_certainty,
    link_patients,
    link_source,
    rank_analysis_set,
    rank_endpoint,
)
from .page_kinds import row_address
from .summary_parts import Headline

_TWO_ARMS = 2


def make_outcome_headlines(
    evidence: Evidence, outcomes: Iterable[Row], *, by_trial: bool, without_endpoints: set[str], max_lines: int
) -> list[Headline]:
    """Return a line per endpoint, its arms side by side; several lines where there are more than two arms.

    Args:
        evidence: the tables.
        outcomes: the results of arms.
        by_trial: whether they are of several trials, which the lines then name; two endpoints of each.
        without_endpoints: those that have a line already.
        max_lines: how many lines there may be.
    """
    by_endpoint: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(_latest(evidence, outcomes), key=lambda r: _rank(evidence, r)):
        if row["endpoint_id"] in without_endpoints:
            continue
        rows_of_endpoint = by_endpoint.setdefault((row["trial_id"], row["endpoint_id"]), [])
        # One population and one measure per endpoint: those that rank first.
        is_comparable = all(r[c] == row[c] for r in rows_of_endpoint[:1] for c in ("population_id", "measure"))
        if is_comparable and row["arm_id"] not in {r["arm_id"] for r in rows_of_endpoint}:
            rows_of_endpoint.append(row)
    groups = _largest_trials_first(evidence, by_endpoint) if by_trial else list(by_endpoint.values())
    lines: list[Headline] = []
    for rows in groups:
        if len(rows) <= _TWO_ARMS:
            lines.append(_line(evidence, rows, named=by_trial))
        else:
            lines += [_line(evidence, [row], named=by_trial) for row in rows]
    return lines[:max_lines]


def _latest(evidence: Evidence, outcomes: Iterable[Row]) -> list[Row]:
    flat_results = evidence.flat_results
    latest = [
        r for r in outcomes
        if r["estimate"] and (flat := flat_results.get(r["outcome_id"])) and flat["latest"] == "latest"
    ]  # fmt: skip
    trials = {r["trial_id"] for r in latest if evidence.analysis_set(r) in MAIN_ANALYSIS_SETS}
    return [r for r in latest if evidence.analysis_set(r) in MAIN_ANALYSIS_SETS or r["trial_id"] not in trials]


def _rank(evidence: Evidence, row: Row) -> tuple[int, int, int, bool, str]:
    trial = evidence["trials"].row(row["trial_id"])
    patients = int(evidence["populations"].row(row["population_id"])["n"] or 0)
    return (
        rank_endpoint(row["endpoint_id"], is_primary=row["endpoint_id"] == trial["primary_endpoint_id"]),
        rank_analysis_set(evidence, row),
        -patients,
        evidence["arms"].row(row["arm_id"])["role"] == "control",
        row["outcome_id"],
    )


def _largest_trials_first(evidence: Evidence, by_endpoint: dict[tuple[str, str], list[Row]]) -> list[list[Row]]:
    groups_by_trial: dict[str, list[list[Row]]] = {}
    for (trial, _), rows in by_endpoint.items():
        groups_of_trial = groups_by_trial.setdefault(trial, [])
        if len(groups_of_trial) < MAX_ENDPOINTS_PER_TRIAL:
            groups_of_trial.append(rows)
    size = {t: int(evidence["trials"].row(t)["n_enrolled"] or 0) for t in groups_by_trial}
    return [rows for t in sorted(groups_by_trial, key=lambda t: (-size[t], t)) for rows in groups_by_trial[t]]


def _line(evidence: Evidence, rows: Sequence[Row], *, named: bool) -> Headline:
    row = rows[0]
    flat = evidence.flat_results[row["outcome_id"]]
    values = [value_in_words(r) for r in rows]
    intervals = [interval for r in rows if (interval := outcome_interval(r))]
    patients = [r["n"] for r in rows if r["n"]]
    return Headline(
        endpoint=flat["endpoint"],
        who=link_patients(evidence, row, flat, named=named),
        comparison=" against ".join(evidence["arms"].row(r["arm_id"])["label"] for r in rows),
        result=values[0] if len(values) == 1 else pair_in_words(*values),
        arms=" against ".join(intervals) if len(intervals) == len(rows) else "",
        drawing=None,
        test="",
        met="",
        counts=f"{' and '.join(patients)} patients" if len(patients) == len(rows) else "",
        date=describe_date(evidence, row),
        grade=grade_certainty(evidence, "outcomes", row),
        source=link_source(evidence, row["citation_id"]),
        address=row_address(evidence, "outcomes", row),
    )
