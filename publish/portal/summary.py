"""Makes the card that a page opens with: latest results on one axis, what changed, worst side effects by arm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from luminaldb.loaders.latest_results import OTHER_ADJUSTMENTS

from ..labels import code_in_words, count_in_words
from ..results_table import pair_in_words
from .effect_texts import draw_interval, effect_in_words, limits, make_scale, read_number, significance_in_words
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
from .side_effect_texts import ANY_EVENT, excludes_deaths, note_excluded_deaths, share_in_words, share_of_patients
from .summary_outcomes import make_outcome_headlines
from .summary_parts import Events, Headline, Link, Summary

_MAX_EVENTS = 10
_TITLES = {"3_plus": "Side effects of grade 3 or worse", "any": "Side effects of any grade"}
_BOTH_ARMS = 2
_ESTIMAND_COLUMNS = ("trial_id", "endpoint_id", "population_id", "experimental_arm_id", "control_arm_id", "measure")


def make_summary(
    evidence: Evidence,
    effects: Sequence[Row],
    *,
    title: str,
    max_lines: int,
    note: str = "",
    all_results: Link | None = None,
    trial: str = "",
    main_populations_only: bool = True,
    outcomes: Sequence[Row] = (),
    events: Events | None = None,
) -> Summary | None:
    """Make the card of the latest results among some effects; None where there is nothing to show.

    Args:
        evidence: the tables.
        effects: results, earlier analyses included.
        title: of the card.
        max_lines: how many endpoints it shows.
        note: a sentence below the title.
        all_results: a link to them.
        main_populations_only: whether results in subgroups are left out.
        trial: the trial whose side effects it shows; empty on pages of several trials.
        outcomes: results of arms, shown where no effect on their endpoint is.
        events: side effects to show on pages of several trials.
    """
    headline_rows = choose_headline_effects(
        evidence, effects, by_trial=not trial, main_populations_only=main_populations_only
    )[:max_lines]
    events = summarise_side_effects(evidence, trial) if trial else events
    by_arm = make_outcome_headlines(
        evidence,
        outcomes,
        by_trial=not trial,
        without_endpoints={r["endpoint_id"] for r in headline_rows},
        max_lines=max_lines - len(headline_rows),
    )
    if not headline_rows and not by_arm and events is None:
        return None
    scale = make_scale(evidence, headline_rows)
    lines = [_headline(evidence, row, effects, scale, named=not trial) for row in headline_rows]
    axis = scale.axis() if any(h.drawing for h in lines) else None
    return Summary((*lines, *by_arm), axis, title, note, all_results, events)


def choose_headline_effects(
    evidence: Evidence, effects: Iterable[Row], *, by_trial: bool, main_populations_only: bool = True
) -> list[Row]:
    """Return the latest results in the main populations: primary endpoints, then overall survival, then others.

    Results of several trials: phase 3 first, then those on survival or its like, then by the size of the trial; two
    endpoints of each.
    """
    latest = [r for r in effects if r["effect_id"] in evidence.latest and r["estimate"]]
    rows = _in_main_populations(evidence, latest) if main_populations_only else latest
    rows.sort(key=lambda r: (*_rank(evidence, r), r["effect_id"]))
    if not by_trial:
        return rows
    rows_by_trial: dict[str, list[Row]] = {}
    for row in rows:
        rows_of_trial = rows_by_trial.setdefault(row["trial_id"], [])
        if len(rows_of_trial) < MAX_ENDPOINTS_PER_TRIAL and row["endpoint_id"] not in {
            r["endpoint_id"] for r in rows_of_trial
        }:
            rows_of_trial.append(row)
    size = {t: int(evidence["trials"].row(t)["n_enrolled"] or 0) for t in rows_by_trial}
    is_phase_3 = {t: evidence["trials"].row(t)["phase"] == "3" for t in rows_by_trial}
    endpoints = evidence["endpoints"]
    has_survival = {
        t: any(endpoints.row(r["endpoint_id"])["family"] == "time_to_event" for r in rows_by_trial[t])
        for t in rows_by_trial
    }
    return [
        r
        for t in sorted(rows_by_trial, key=lambda t: (not is_phase_3[t], not has_survival[t], -size[t], t))
        for r in rows_by_trial[t]
    ]


def _in_main_populations(evidence: Evidence, effects: Iterable[Row]) -> list[Row]:
    """Return the results of each trial in all its patients and in those its primary endpoint is about.

    A trial without such a result gives those in its largest population.
    """
    rows_by_trial: dict[str, list[Row]] = {}
    for row in effects:
        rows_by_trial.setdefault(row["trial_id"], []).append(row)
    return [row for rows_of_trial in rows_by_trial.values() for row in _in_main_population(evidence, rows_of_trial)]


def _in_main_population(evidence: Evidence, rows: list[Row]) -> list[Row]:
    main = {
        r["population_id"]
        for r in rows
        if r["is_primary_endpoint"] == "true" or evidence.analysis_set(r) in MAIN_ANALYSIS_SETS
    }
    if not main:
        patients = {r["population_id"]: int(evidence["populations"].row(r["population_id"])["n"] or 0) for r in rows}
        main = {max(sorted(patients), key=lambda population: patients[population])}
    return [r for r in rows if r["population_id"] in main]


def _rank(evidence: Evidence, row: Row) -> tuple[int, bool, bool, int, int, int]:
    """Rank a result: by endpoint, then the primary result, then by how much of the trial it is about."""
    population = evidence["populations"].row(row["population_id"])
    trial = evidence["trials"].row(row["trial_id"])
    primary = row["is_primary_endpoint"] == "true" or row["endpoint_id"] == trial["primary_endpoint_id"]
    return (
        rank_endpoint(row["endpoint_id"], is_primary=primary),
        row["randomised"] == "false",
        row["is_primary_endpoint"] != "true",
        rank_analysis_set(evidence, row),
        population["biomarker"].count(";"),
        -int(population["n"] or 0),
    )


def _headline(evidence: Evidence, row: Row, effects: Sequence[Row], scale: Any, *, named: bool) -> Headline:
    flat = evidence.flat_results[row["effect_id"]]
    earlier = _earlier(evidence, row, effects)
    return Headline(
        endpoint=flat["endpoint"],
        who=link_patients(evidence, row, flat, named=named),
        comparison=f"{flat['experimental']} against {flat['control']}",
        result=effect_in_words(row),
        arms=_by_arm(flat),
        drawing=draw_interval(evidence, row, scale),
        test=_test(row, earlier),
        met={"met": "yes", "not_met": "no"}.get(row["significance"], ""),
        counts=_counts(row),
        date=describe_date(evidence, row),
        grade=grade_certainty(evidence, "effects", row),
        source=link_source(evidence, row["citation_id"]),
        address=row_address(evidence, "effects", row),
        earlier=tuple((_earlier_in_words(evidence, r), link_source(evidence, r["citation_id"])) for r in earlier),
        change=_change(evidence, earlier[0], row) if earlier else "",
    )  # fmt: skip


def _test(row: Row, earlier: Sequence[Row]) -> str:
    """Describe the formal test of a result; where its source states none, that of the earlier analysis that met one."""
    formal_test = significance_in_words(row)
    met = next((r for r in earlier if r["significance"] == "met"), None)
    if formal_test or met is None:
        return formal_test or "no formal test stated"
    return f"an earlier analysis ({code_in_words(met['analysis'])}) {significance_in_words(met)}"


def _by_arm(flat: Mapping[str, Any]) -> str:
    experimental, control = (_main_value(flat[c]) for c in ("experimental_value", "control_value"))
    return pair_in_words(experimental, control) if experimental and control else ""


def _earlier_in_words(evidence: Evidence, row: Row) -> str:
    return f"{code_in_words(row['analysis'])}, {describe_date(evidence, row)}: {effect_in_words(row)}"


def _main_value(values: str) -> str:
    """Choose of the values of an arm: the median, else the share at the latest time."""
    parts = [v for v in values.split("; ") if v]
    medians = [v for v in parts if v.endswith("months") and "%" not in v]
    return (medians or parts or [""])[-1]


def _counts(row: Row) -> str:
    patients = [row[c] for c in ("n_experimental", "n_control") if row[c]]
    events = [row[c] for c in ("events_experimental", "events_control") if row[c]]
    parts = [count_in_words(sum(map(int, patients)), "patient")] if len(patients) == _BOTH_ARMS else []
    parts += [f"{' and '.join(events)} events"] if len(events) == _BOTH_ARMS else []
    return ", ".join(parts)


def _earlier(evidence: Evidence, row: Row, effects: Sequence[Row]) -> list[Row]:
    """Return the earlier analyses of what a result estimates, newest first."""
    earlier_rows = [
        r for r in effects
        if r is not row and r["estimate"] and all(r[c] == row[c] for c in _ESTIMAND_COLUMNS)
        and not r["period"] and r["assessor"] == row["assessor"]
        and (r["adjustment"] in OTHER_ADJUSTMENTS) == (row["adjustment"] in OTHER_ADJUSTMENTS)
    ]  # fmt: skip
    year = {r["effect_id"]: evidence["citations"].row(r["citation_id"])["year"] for r in earlier_rows}
    earlier_rows.sort(
        key=lambda r: (r["data_cutoff"] or year[r["effect_id"]], r["median_follow_up_months"].zfill(6)), reverse=True
    )
    return earlier_rows


def _change(evidence: Evidence, before: Row, after: Row) -> str:
    """Describe how a ratio moved between two analyses: 0.55 to 0.73, nearer to no difference, still in favour."""
    estimate_before, estimate_after = read_number(before["estimate"]), read_number(after["estimate"])
    if not estimate_before or not estimate_after:
        return ""
    change_text = f"{before['estimate']} \u2192 {after['estimate']}"
    if estimate_before == estimate_after:
        return f"unchanged: {change_text}"
    if (estimate_before - 1) * (estimate_after - 1) < 0:
        return f"{change_text}, now on the other side of no difference"
    is_nearer = abs(estimate_after - 1) < abs(estimate_before - 1)
    interval = limits(evidence, after)
    excludes_no_difference = interval is not None and not interval[0] <= 1 <= interval[1]
    direction = "nearer to no difference" if is_nearer else "further from no difference"
    certainty = "still on the same side" if excludes_no_difference else "the interval includes no difference"
    return f"{change_text}, {direction}, {certainty}"


def summarise_side_effects(evidence: Evidence, trial: str) -> Events | None:
    """Set the most frequent side effects of grade 3 or worse side by side by arm; of any grade where none are given."""
    rows = evidence["adverse_events"].where("trial_id", trial)
    rows = [r for r in rows if not evidence.is_subgroup(r)] or rows
    printed_grades = {r["grade"] for r in rows if share_in_words(r)}
    grade = next((g for g in _TITLES if g in printed_grades), "")
    if not grade:
        return None
    table: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["grade"] == grade and share_in_words(row):
            table.setdefault(row["term"], {}).setdefault(row["arm_id"], row)
    arms = list(dict.fromkeys(a for rows_by_arm in table.values() for a in rows_by_arm))
    roles = {a: evidence["arms"].row(a)["role"] for a in arms}
    arms.sort(key=lambda a: (roles[a] == "control", a))
    order = sorted(
        table, key=lambda t: (t != ANY_EVENT, -max(share_of_patients(r) or 0.0 for r in table[t].values()), t)
    )[:_MAX_EVENTS]
    shown_rows = [r for t in order for r in table[t].values()]
    citation_ids = dict.fromkeys(r["citation_id"] for r in shown_rows)
    without_deaths = all(excludes_deaths(r) for r in shown_rows)
    return Events(
        "Side effects of grade 3 or 4 (deaths are apart)" if without_deaths else _TITLES[grade],
        [evidence["arms"].row(a)["label"] for a in arms],
        [(t, [_share(table[t].get(a), marked=not without_deaths) for a in arms]) for t in order],
        [link_source(evidence, c) for c in citation_ids],
        Link("All side effects of this trial", "#adverse_events")
        if len(evidence["adverse_events"].where("trial_id", trial)) > sum(len(table[t]) for t in order)
        else None,
    )


def _share(row: Row | None, *, marked: bool) -> str:
    if row is None:
        return "no record"
    return share_in_words(row) + (note_excluded_deaths(row) if marked else "")
