"""The evidence map: setting by therapy class, how many patients were enrolled, and which side the trials favour."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from luminaldb.analysis.studies import POOLED_ANALYSIS_DESIGNS
from luminaldb.loaders.views import CONTROL_CLASS

from ..labels import code_in_words
from .effect_texts import favours
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, page_address
from .pages.shared_sections import effects_that_test, is_randomised
from .site import Site

SETTINGS = ("prevention", "neoadjuvant", "adjuvant", "extended_adjuvant", "metastatic")
SIDES = ("experimental", "neither", "control", "unknown")
_MAX_RADIUS = 17.0
_MIN_RADIUS = 4.0


@dataclass(frozen=True, slots=True)
class Bubble:
    """The trials of one class and setting whose primary endpoints favour the same side."""

    side: str
    trials: int
    patients: str
    radius: float
    center_x: float


TrialsBySetting = dict[str, dict[str, list[Row]]]
"""The trials that test a class, by setting and by the side that their primary endpoint favours."""


def write_evidence_map(site: Site) -> list[dict[str, Any]]:
    """Write the map; return its rows, one per therapy class."""
    evidence = site.evidence
    cells = {row["class_id"]: _trials_of_class(evidence, row["class_id"]) for row in evidence["therapy_classes"].rows}
    largest = max(
        (p for by_setting in cells.values() for sides in by_setting.values() for p in _patients(sides).values()),
        default=1,
    )
    lines = [
        {
            "name": row["name"],
            "depth": depth,
            "address": page_address(KIND_BY_TABLE["therapy_classes"], row["class_id"]),
            "cells": [
                {
                    **_draw_cell(cells[row["class_id"]].get(setting, {}), largest),
                    "within_class": len(_trials_within_class(evidence, cells, row["class_id"], setting)),
                }
                for setting in SETTINGS
            ],
        }
        for row, depth in _tree(evidence)
        if row["class_id"] != CONTROL_CLASS
        and any(any(cells[c].values()) for c in evidence.classes_below[row["class_id"]])
    ]
    site.write_page(
        "evidence-map.html", "evidence_map", "Evidence map", settings=[code_in_words(s) for s in SETTINGS], lines=lines
    )
    return lines


def _tree(evidence: Evidence, parent_id: str = "", depth: int = 0) -> Iterator[tuple[Row, int]]:
    for row in sorted(
        evidence["therapy_classes"].where("parent_class_id", parent_id), key=lambda r: r["name"].casefold()
    ):
        yield row, depth
        yield from _tree(evidence, row["class_id"], depth + 1)


def _trials_of_class(evidence: Evidence, class_id: str) -> TrialsBySetting:
    """Map setting and side to the trials that test a class there."""
    latest = evidence.latest
    by_trial: dict[str, list[Row]] = defaultdict(list)
    for effect in effects_that_test(evidence, evidence.therapies_of(class_id)):
        if effect["effect_id"] in latest and is_randomised(effect):
            by_trial[effect["trial_id"]].append(effect)
    result: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for key, effects in by_trial.items():
        trial = evidence["trials"].row(key)
        if trial["design"] not in POOLED_ANALYSIS_DESIGNS:
            result[trial["setting"]][_side(evidence, trial, effects)].append(trial)
    return result


def _side(evidence: Evidence, trial: Row, effects: list[Row]) -> str:
    """Return the side that a trial's primary endpoint favours in its intention-to-treat population."""
    itt = [e for e in effects if evidence["populations"].row(e["population_id"])["analysis_set"] == "itt"]
    primary = [e for e in itt if e["endpoint_id"] == trial["primary_endpoint_id"]]
    sides = [favours(evidence, e) for e in primary]
    known_sides = [s for s in sides if s != "unknown"]
    return known_sides[0] if known_sides else "unknown"


def _trials_within_class(
    evidence: Evidence, cells: dict[str, TrialsBySetting], class_id: str, setting: str
) -> set[str]:
    """Return the trials that test a subclass but not the class: their control arm has another therapy of the class."""

    def tests_class(key: str) -> set[str]:
        return {trial["trial_id"] for trials in cells[key].get(setting, {}).values() for trial in trials}

    return set().union(*map(tests_class, evidence.classes_below[class_id])) - tests_class(class_id)


def _patients(sides: dict[str, list[Row]]) -> dict[str, int]:
    return {side: sum(int(t["n_enrolled"] or 0) for t in trials) for side, trials in sides.items()}


def patients_in_words(trials: Sequence[Row]) -> str:
    """Return how many patients trials enrolled, and of how many of them that is known."""
    enrolments = [int(t["n_enrolled"]) for t in trials if t["n_enrolled"]]
    if not enrolments:
        return "enrolment not known"
    label = f"{sum(enrolments):,} patients"
    return label if len(enrolments) == len(trials) else f"{label} in the {len(enrolments)} with known enrolment"


def _draw_cell(sides: dict[str, list[Row]], largest: int) -> dict[str, Any]:
    patients = _patients(sides)
    bubbles, x = [], 0.0
    for side in SIDES:
        if side in sides:
            radius = round(max(_MIN_RADIUS, _MAX_RADIUS * math.sqrt(patients[side] / largest)), 1)
            bubbles.append(
                Bubble(side, len(sides[side]), patients_in_words(sides[side]), radius, round(x + radius + 2, 1))
            )
            x += 2 * radius + 4
    return {
        "bubbles": bubbles,
        "width": round(x, 1),
        "trials": sum(b.trials for b in bubbles),
        "patients": patients_in_words([t for trials in sides.values() for t in trials]),
    }
