"""Results and side effects as answers: who was compared, what was measured, the number, the trial, the source."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from luminaldb.loaders.views import RESULT_TABLES, join_results, read_with_current_columns

from .documents import Document, group, join_parts
from .phrases import topic_of_time
from .tables import Row, Tables

# Weights of a result, by which its score for a query is multiplied.
_LATEST, _EARLIER, _SUBGROUP = 1.25, 0.85, 0.85
_WORST_GRADES = {"3_plus": 0.1, "any": 0.02}
_MEASURES = {"hazard_ratio": "HR", "odds_ratio": "OR", "risk_ratio": "RR", "rate_ratio": "rate ratio"}
_GRADES = {
    "3_plus": "grade 3 or worse", "any": "any grade", "serious": "serious",
    "leading_to_discontinuation": "stopped for it",
    "1_2": "grade 1 or 2", "fatal": "fatal", "dose_reduction": "dose reduced for it",
}  # fmt: skip
_SHOWN_ARMS = 3
_HER2_CLASS = "class:her2-targeted"
_MONTHS_OF_A_YEAR = 12
_NOT_PRINTED, _NOT_RANDOMISED, _RETRACTED = 0.8, 0.75, 0.5
# Where a query names no endpoint, times to an event come before responses and laboratory measures.
_SURROGATE_FACTOR = 0.95
# Large trials come before small ones that answer the same: a tenth more at ten thousand patients.
_SIZE_FACTOR = 0.025


def results(tables: Tables) -> Iterator[Document]:
    """Yield a document for each effect, each outcome without an effect, each side effect of a trial."""
    latest = _latest(tables)
    outcomes = group(tables["outcomes"], ("trial_id", "population_id", "endpoint_id", "citation_id"))
    keys_of_effects = set()
    for row in tables["effects"]:
        key = (row["trial_id"], row["population_id"], row["endpoint_id"], row["citation_id"])
        keys_of_effects.add(key)
        arm_outcomes = outcomes.get(key, ())
        document = _effect(tables, row, _values_of_both_arms(tables, arm_outcomes, row), row["effect_id"] in latest)
        same_analysis = [r for r in arm_outcomes if r["analysis"] == row["analysis"]]
        yield replace(document, topics=document.topics | _times(same_analysis))
    other_outcomes = group(
        [r for k, rows in outcomes.items() if k not in keys_of_effects for r in rows],
        ("trial_id", "population_id", "endpoint_id", "analysis", "measure", "at_months", "citation_id"),
    )
    for rows in other_outcomes.values():
        yield _outcomes(tables, rows, any(r["outcome_id"] in latest for r in rows))
    events = group(
        tables["adverse_events"], ("trial_id", "population_id", "term", "grade", "attribution", "citation_id")
    )
    for rows in events.values():
        yield _events(tables, rows)


def _latest(tables: Tables) -> set[str]:
    """Return the ids of the results that are the latest of their question."""
    required_tables = (
        "effects",
        "outcomes",
        "trials",
        "populations",
        "endpoints",
        "arms",
        "arm_therapies",
        "citations",
    )
    if not all(t in tables.database.packages_by_table for t in (*required_tables, "second_reads")):
        return {r["effect_id"] for r in tables["effects"]}
    read = read_with_current_columns(tables.database, RESULT_TABLES)
    return set(join_results(read, analysis="latest")["result_id"])


def _times(outcomes: Sequence[Row]) -> set[str]:
    return {topic_of_time(r["at_months"]) for r in outcomes if r.get("at_months")}


def _endpoint(tables: Tables, row: Row) -> str:
    return tables.endpoints[row["endpoint_id"]]["name"]


def _estimate(row: Row) -> str:
    unit = _MEASURES.get(row["measure"], row["measure"].replace("_", " "))
    if not row["estimate"]:
        return f"{unit} not printed"
    limits = f" ({row['ci_low']}\u2013{row['ci_high']})" if row["ci_low"] and row["ci_high"] else ""
    return f"{unit} {row['estimate']}{limits}"


def _value(row: Row) -> str:
    if not row["estimate"]:
        return "not reached" if row["measure"] == "median_months" else "not printed"
    unit = {"median_months": " months", "percent": " %", "percent_at": " %"}.get(row["measure"], "")
    when = f" at {row['at_months']} months" if row["at_months"] else ""
    return f"{row['estimate']}{unit}{when}"


def _size_weight(tables: Tables, row: Row) -> float:
    enrolled = tables.trials[row["trial_id"]]["n_enrolled"]
    return 1.0 + _SIZE_FACTOR * math.log10(max(1.0, float(enrolled or 1)))


def _values_of_both_arms(tables: Tables, outcomes: Sequence[Row], effect: Row) -> str:
    """Set the values of both arms of an effect side by side."""
    values = []
    for key, rows in group(outcomes, ("measure", "at_months", "analysis")).items():
        arms = {r["arm_id"]: r for r in rows}
        pair = [arms.get(effect["experimental_arm_id"]), arms.get(effect["control_arm_id"])]
        if key[2] == effect["analysis"] and all(pair):
            first, second = (_value(r) for r in pair if r)
            values.append(f"{first.split(' months')[0] if key[0] == 'median_months' else first} against {second}")
    return "; ".join(values[:2])


def _is_subgroup(tables: Tables, row: Row) -> bool:
    population = tables.populations.get(row["population_id"])
    return population is not None and population["analysis_set"] == "subgroup"


def _trial_and_population(tables: Tables, row: Row) -> str:
    trial = tables.trials[row["trial_id"]]
    population = tables.populations.get(row["population_id"], {"name": "", "analysis_set": ""})
    name = "" if population["analysis_set"] == "itt" and "ntention" in population["name"] else population["name"]
    return join_parts(trial["acronym"], name)


def _context_topics(tables: Tables, row: Row) -> set[str]:
    """Return the topics of a row's trial and population; the population's own receptors overrule the trial's."""
    topics = tables.trial_topics(tables.trials[row["trial_id"]])
    population = tables.populations.get(row["population_id"])
    if population is not None:
        population_topics = tables.population_topics(population)
        kinds = {t.partition(":")[0] for t in population_topics if not t.startswith("biomarker")}
        topics = {t for t in topics if t.partition(":")[0] not in kinds} | population_topics
    return topics


def _durations(label: str) -> set[str]:
    """Give the topics of the times in an arm's name: Trastuzumab for 6 months, tamoxifen to year 10."""
    matches = re.findall(r"(\d+) (month|year)s?\b|\b(year) (\d+)", label)
    months = [int(n or m) * (1 if unit == "month" else _MONTHS_OF_A_YEAR) for n, unit, _, m in matches]
    return {topic_of_time(str(n)) for n in months}


def _effect(tables: Tables, row: Row, arm_values: str, is_latest: bool) -> Document:
    arms = [tables.arms[row[c]] for c in ("experimental_arm_id", "control_arm_id")]
    therapies_by_arm = [tables.arm_therapies.get(a["arm_id"], []) for a in arms]
    tested_therapies = [t for t in therapies_by_arm[0] if t not in therapies_by_arm[1]]
    control_therapies = [t for t in therapies_by_arm[1] if t not in therapies_by_arm[0]] or (
        therapies_by_arm[0] if not tested_therapies else []
    )
    topics = _context_topics(tables, row) | tables.therapy_topics(tested_therapies)
    topics |= {"kind:result", f"endpoint:{row['endpoint_id']}"}
    all_topics = tables.therapy_topics([*therapies_by_arm[0], *therapies_by_arm[1]])
    if "class:chemotherapy" not in all_topics:
        topics.add("no:chemotherapy")
    is_dual = _has_two_her2_drugs(tables, therapies_by_arm[0]) and not _has_two_her2_drugs(tables, therapies_by_arm[1])
    topics |= {"topic:dual-her2"} if is_dual else set()
    # Arms of one drug for different times differ in duration only, so the durations are topics.
    durations = [_durations(arm["label"]) for arm in arms]
    topics |= (durations[0] | durations[1]) if durations[0] != durations[1] else set()
    retracted = tables.citations[row["citation_id"]]["publication_status"].startswith("retracted")
    weight = (_LATEST if is_latest else _EARLIER) * (_SUBGROUP if _is_subgroup(tables, row) else 1.0)
    weight *= (1.08 if row["is_primary_endpoint"] == "true" else 1.0) * _size_weight(tables, row)
    weight *= 1.0 if row["estimate"] else _NOT_PRINTED
    weight *= 1.0 if tables.endpoints[row["endpoint_id"]]["family"] == "time_to_event" else _SURROGATE_FACTOR
    weight *= _NOT_RANDOMISED if row.get("randomised") == "false" else 1.0
    topics |= {"analysis:latest"} if is_latest else set()
    analysis = f"{row['analysis']} analysis" + ("" if is_latest or retracted else ", not the latest")
    source = tables.source_names[row["citation_id"]]
    boundary_result = {"met": "boundary met", "not_met": "boundary not met"}.get(row.get("significance", ""), "")
    title = f"{arms[0]['label']} against {arms[1]['label']}, {_endpoint(tables, row)}: {_estimate(row)}"
    return Document(
        "result",
        "effects",
        row["effect_id"],
        title,
        join_parts(_trial_and_population(tables, row), arm_values, boundary_result, analysis, source),
        weight * (_RETRACTED if retracted else 1.0),
        frozenset(topics | ({"status:retracted"} if retracted else set())),
        frozenset(all_topics),
        f"{arms[0]['label']} {arms[1]['label']} {tables.trials[row['trial_id']]['acronym']}",
        " ".join(
            (
                _trial_and_population(tables, row),
                row["analysis"],
                source,
                row["note"],
                tables.trials[row["trial_id"]]["title"],
            )
        ),
        compared=frozenset(tables.therapy_topics(control_therapies, classes=not tested_therapies)),
    )


def _has_two_her2_drugs(tables: Tables, therapies: Sequence[str]) -> bool:
    return sum(_HER2_CLASS in tables.therapy_topics([t]) for t in therapies) > 1


def _outcomes(tables: Tables, rows: Sequence[Row], is_latest: bool) -> Document:
    first = rows[0]
    arms = [tables.arms[r["arm_id"]] for r in rows]
    values = "; ".join(f"{a['label']} {_value(r)}" for a, r in zip(arms, rows, strict=True))
    therapies = [t for r in rows for t in tables.arm_therapies.get(r["arm_id"], [])]
    topics = _context_topics(tables, first) | tables.therapy_topics(therapies, classes=False)
    source = tables.source_names[first["citation_id"]]
    return Document(
        "result",
        "outcomes",
        first["outcome_id"],
        f"{_endpoint(tables, first)}: {values}",
        join_parts(_trial_and_population(tables, first), f"{first['analysis']} analysis", source),
        (1.0 if is_latest else 0.75) * (_SUBGROUP if _is_subgroup(tables, first) else 1.0),
        frozenset(topics | {"kind:result", f"endpoint:{first['endpoint_id']}"} | _times(rows)),
        frozenset(tables.therapy_topics(therapies)),
        " ".join(
            [
                *(a["label"] for a in arms),
                tables.trials[first["trial_id"]]["acronym"],
                _trial_and_population(tables, first),
            ]
        ),
        join_parts(source, first["note"], tables.trials[first["trial_id"]]["title"]),
    )


def _events(tables: Tables, rows: Sequence[Row]) -> Document:
    first = rows[0]
    arms = [tables.arms[r["arm_id"]] for r in rows]
    values = [f"{a['label']} {_percent_or_count(r)}" for a, r in zip(arms, rows, strict=True)]
    therapies_by_arm = [tables.arm_therapies.get(r["arm_id"], []) for r in rows]
    shared_therapies = (
        set(therapies_by_arm[0]).intersection(*therapies_by_arm[1:]) if len(therapies_by_arm) > 1 else set()
    )
    tested_therapies = [t for therapies in therapies_by_arm for t in therapies if t not in shared_therapies]
    grade = _GRADES.get(first["grade"], f"grade {first['grade']}")
    largest_percent = max((float(r["percent"]) for r in rows if r["percent"]), default=0.0)
    source = tables.source_names[first["citation_id"]]
    topics = _context_topics(tables, first) | tables.therapy_topics(tested_therapies or sorted(shared_therapies))
    topics |= {"kind:adverse_event", f"event:{first.get('term_id') or first['term']}"}
    return Document(
        "side effect",
        "adverse_events",
        first["adverse_event_id"],
        f"{first['term']}, {grade}: {'; '.join(values[:_SHOWN_ARMS])}",
        join_parts(tables.trials[first["trial_id"]]["acronym"], first["attribution"].replace("_", " "), source),
        0.95 + _WORST_GRADES.get(first["grade"], 0.0) + largest_percent / 1000 + (0.05 if len(rows) > 1 else 0.0),
        frozenset(topics),
        frozenset(tables.therapy_topics(sorted(shared_therapies))),
        f"{first['term']} {first.get('term_printed', '')} {grade} {tables.trials[first['trial_id']]['acronym']}",
        " ".join([*(a["label"] for a in arms), source, first["note"]]),
    )


def _percent_or_count(row: Row) -> str:
    if row["percent"]:
        return f"{row['percent']} %"
    return f"{row['events']} of {row['n']}" if row["n"] else row["events"] or "not printed"
