"""The lines of a summary card for results of arms that no effect compares, as of trials with one arm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..results_table import pair_in_words, value_in_words
from .effect_texts import outcome_interval
from .evidence import Evidence, Row
from .page_kinds import BY_TABLE, address, row_address
from .summary_parts import Grade, Headline, Link

_WHOLE = ("itt", "evaluable", "per_protocol")
_FIRST = {"os": 1, "idfs": 2, "dfs": 2, "pfs": 2, "pcr": 2, "orr": 3, "efs": 3, "cbr": 4, "dor": 5}
_PAIR = 2


def outcome_headlines(
    evidence: Evidence, outcomes: Iterable[Row], *, by_trial: bool, without: set[str], most: int
) -> list[Headline]:
    """Return a line per endpoint, its arms side by side; several lines where there are more than two arms.

    Args:
        evidence: the tables.
        outcomes: the results of arms.
        by_trial: whether they are of several trials, which the lines then name; two endpoints of each.
        without: endpoints that have a line already.
        most: how many lines there may be.
    """
    by_endpoint: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(_latest(evidence, outcomes), key=lambda r: _rank(evidence, r)):
        if row["endpoint_id"] in without:
            continue
        own = by_endpoint.setdefault((row["trial_id"], row["endpoint_id"]), [])
        # One population and one measure per endpoint: those that rank first.
        alike = all(r[c] == row[c] for r in own[:1] for c in ("population_id", "measure"))
        if alike and row["arm_id"] not in {r["arm_id"] for r in own}:
            own.append(row)
    ordered = _largest_trials_first(evidence, by_endpoint) if by_trial else list(by_endpoint.values())
    lines: list[Headline] = []
    for rows in ordered:
        if len(rows) <= _PAIR:
            lines.append(_line(evidence, rows, named=by_trial))
        else:
            lines += [_line(evidence, [row], named=by_trial) for row in rows]
    return lines[:most]


def _latest(evidence: Evidence, outcomes: Iterable[Row]) -> list[Row]:
    known = evidence.flat_results
    latest = [
        r for r in outcomes
        if r["estimate"] and (flat := known.get(r["outcome_id"])) and flat["latest"] == "latest"
    ]  # fmt: skip
    trials = {r["trial_id"] for r in latest if evidence.analysis_set(r) in _WHOLE}
    return [r for r in latest if evidence.analysis_set(r) in _WHOLE or r["trial_id"] not in trials]


def _rank(evidence: Evidence, row: Row) -> tuple[int, int, int, bool, str]:
    trial = evidence["trials"].row(row["trial_id"])
    whole = evidence.analysis_set(row)
    patients = int(evidence["populations"].row(row["population_id"])["n"] or 0)
    return (
        0 if row["endpoint_id"] == trial["primary_endpoint_id"] else _FIRST.get(row["endpoint_id"], 6),
        _WHOLE.index(whole) if whole in _WHOLE else len(_WHOLE),
        -patients,
        evidence["arms"].row(row["arm_id"])["role"] == "control",
        row["outcome_id"],
    )


def _largest_trials_first(evidence: Evidence, by_endpoint: dict[tuple[str, str], list[Row]]) -> list[list[Row]]:
    each = 2
    of_trials: dict[str, list[list[Row]]] = {}
    for (trial, _), rows in by_endpoint.items():
        own = of_trials.setdefault(trial, [])
        if len(own) < each:
            own.append(rows)
    size = {t: int(evidence["trials"].row(t)["n_enrolled"] or 0) for t in of_trials}
    return [rows for t in sorted(of_trials, key=lambda t: (-size[t], t)) for rows in of_trials[t]]


def _line(evidence: Evidence, rows: Sequence[Row], *, named: bool) -> Headline:
    row = rows[0]
    flat = evidence.flat_results[row["outcome_id"]]
    population = flat["population"] or ""
    shown = "" if population.lower().startswith(("all ", "intention")) else population
    trial = address(BY_TABLE["trials"], row["trial_id"])
    values = [value_in_words(r) for r in rows]
    intervals = [interval for r in rows if (interval := outcome_interval(r))]
    patients = [r["n"] for r in rows if r["n"]]
    known = evidence.certainty_of("outcomes", row)
    date = f"data of {row['data_cutoff']}" if row["data_cutoff"] else ""
    return Headline(
        endpoint=flat["endpoint"],
        who=Link(
            ", ".join(t for t in (flat["trial"] if named else "", shown) if t) or population, trial if named else ""
        ),
        comparison=" against ".join(evidence["arms"].row(r["arm_id"])["label"] for r in rows),
        result=values[0] if len(values) == 1 else pair_in_words(*values),
        arms=" against ".join(intervals) if len(intervals) == len(rows) else "",
        drawing=None,
        test="",
        met="",
        counts=f"{' and '.join(patients)} patients" if len(patients) == len(rows) else "",
        date=date or evidence["citations"].row(row["citation_id"])["year"] or "year not known",
        grade=Grade(known.grade, known.name, ", ".join(known.reasons)),
        source=Link(evidence.source_names[row["citation_id"]], address(BY_TABLE["citations"], row["citation_id"])),
        place=row_address(evidence, "outcomes", row),
    )
