"""The card that a page opens with: which of a trial's results it shows, and whose side effects."""

from __future__ import annotations

import pytest

from luminaldb.loaders.biomarkers import BIOMARKERS, population_biomarkers
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.portal.evidence import Evidence
from luminaldb.publish.portal.pages.shared_sections import is_randomised
from luminaldb.publish.portal.summary import choose_headline_effects, summarise_side_effects


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(choose_content())


@pytest.mark.parametrize("marker", BIOMARKERS, ids=[b.key for b in BIOMARKERS])
def test_the_primary_result_in_patients_with_a_biomarker_comes_before_its_subgroups(
    evidence: Evidence, marker: object
) -> None:
    names = {
        r["population_id"]: population_biomarkers(r["name"], r["biomarker"], r["her2_status"])
        for r in evidence["populations"].rows
    }
    rows = [
        r for r in evidence["effects"].rows
        if marker.key in names[r["population_id"]] and is_randomised(r) and r["effect_id"] in evidence.latest  # type: ignore[attr-defined]
    ]  # fmt: skip
    primary = {
        (r["trial_id"], r["endpoint_id"])
        for r in rows if r["is_primary_endpoint"] == "true" and r["estimate"] and r["randomised"] != "false"
    }  # fmt: skip
    for shown in choose_headline_effects(evidence, rows, by_trial=True, main_populations_only=False):
        if (shown["trial_id"], shown["endpoint_id"]) in primary:
            assert shown["is_primary_endpoint"] == "true", shown["effect_id"]


def test_trials_that_measured_survival_come_before_those_that_measured_a_surrogate(evidence: Evidence) -> None:
    endpoints = evidence["endpoints"]
    for therapy in ("fulvestrant", "trastuzumab"):
        arms = evidence.arms_with({therapy})
        rows = [r for r in evidence["effects"].rows if r["experimental_arm_id"] in arms and is_randomised(r)]
        shown = choose_headline_effects(evidence, rows, by_trial=True)
        trials = dict.fromkeys(r["trial_id"] for r in shown if evidence["trials"].row(r["trial_id"])["phase"] == "3")
        timed = [
            any(endpoints.row(r["endpoint_id"])["family"] == "time_to_event" for r in shown if r["trial_id"] == t)
            for t in trials
        ]
        assert timed == sorted(timed, reverse=True)
        assert True in timed and False in timed


def test_the_side_effects_of_a_trial_are_those_of_all_its_patients(evidence: Evidence) -> None:
    with_both = 0
    for trial in evidence["trials"].rows:
        rows = evidence["adverse_events"].where("trial_id", trial["trial_id"])
        whole = [r for r in rows if not evidence.is_subgroup(r)]
        events = summarise_side_effects(evidence, trial["trial_id"])
        if events is None or not whole or len(whole) == len(rows):
            continue
        with_both += 1
        percents = {f"{r['percent']} %" for r in whole if r["percent"]} | {"no record"}
        percents |= {f"{r['events']} of {r['n']}" for r in whole if r["events"] and r["n"]}
        for _, shares in events.rows:
            assert {share.removesuffix(" (grade 3 or 4)") for share in shares} <= percents, trial["trial_id"]
    assert with_both
