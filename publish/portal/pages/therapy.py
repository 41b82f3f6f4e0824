"""Pages of therapies and of therapy classes."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from ...labels import code_in_words
from ...results_table import RESULTS_TABLE
from ..cells import LabelledValue, Page, Section, text
from ..evidence import Evidence, Row
from ..page_kinds import KIND_BY_TABLE, page_address
from ..sections import SectionBuilder, section_builder
from ..side_effect_pages import side_effects_address, summarise_events_of_class, summarise_events_of_therapy
from ..summary import choose_headline_effects, make_summary
from ..summary_parts import Link
from .shared_sections import (
    MAX_ROWS,
    effects_that_test,
    is_randomised,
    make_claims_section,
    sort_newest_first,
    without_empty_sections,
)

_MAX_HEADLINES, _MAX_CLASS_HEADLINES = 10, 12
_NOTE_ON_COMPARISONS = (
    "The latest results of randomised comparisons that add it, in all patients of the trial or in those its primary "
    "endpoint is about, largest phase 3 trials first."
)
_NOTE_ON_ARMS = (
    "No randomised comparison that adds it is in the tables. The latest results of arms that give it, largest trials "
    "first."
)


def therapy_page(evidence: Evidence, row: Row, latest_ids: set[str]) -> Page:
    """Make the page of one therapy: what it is, its trials, and the claims on it and its classes."""
    key = row["therapy_id"]
    classes = evidence.class_and_ancestors(row["class_id"])
    arms = evidence.arms_with({key})
    effects = _latest_effects(evidence, arms, latest_ids)
    randomised_effects = [e for e in effects_that_test(evidence, {key}) if is_randomised(e)]
    headline_rows = choose_headline_effects(evidence, randomised_effects, by_trial=True)
    outcomes = [] if headline_rows else _outcomes_of_arms(evidence, arms)
    builder = section_builder(evidence, effects)
    kind = KIND_BY_TABLE["therapies"]
    results_link = Link(
        "All its results as a table: filter, pool, download", f"browse/{RESULTS_TABLE}.html#drug={quote(row['name'])}"
    )
    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["name"],
        row["mechanism_of_action"],
        [
            LabelledValue("Class", tuple(builder.link("therapy_classes", c) for c in classes)),
            LabelledValue("Other names", text(_names(evidence, key))),
            LabelledValue("Kind", text(code_in_words(row["modality"]))),
            LabelledValue("Given", text(code_in_words(row["route"]))),
            LabelledValue("Status", text(code_in_words(row["development_status"]))),
            LabelledValue("Source of these", builder.source(row)),
        ],
        without_empty_sections(
            builder.section("approvals", "Approvals", "approvals",
                            sorted(evidence["approvals"].where("therapy_id", key), key=lambda r: r["approved_on"],
                                 reverse=True), without_columns=["therapy_id"]),
            builder.section("regulatory_events", "Regulatory events", "regulatory_events",
                            sorted(evidence["regulatory_events"].where("therapy_id", key), key=lambda r: r["event_on"]),
                            without_columns=["therapy_id"]),
            *_trials_and_results(builder, arms, effects, results_link.address),
            _mechanisms(builder, {"therapy_id": {key}, "class_id": set(classes)}),
            make_claims_section(builder, {"therapy_id": {key}, "class_id": set(classes)},
                                "Claims about it and its classes"),
            builder.section("targets", "Targets", "therapy_targets",
                            evidence["therapy_targets"].where("therapy_id", key), without_columns=["therapy_id"]),
            builder.section("names", "Names", "therapy_names", evidence["therapy_names"].where("therapy_id", key),
                            without_columns=["therapy_id"], collapsed=True),
            builder.section("identifiers", "Identifiers", "therapy_identifiers",
                            evidence["therapy_identifiers"].where("therapy_id", key), without_columns=["therapy_id"],
                            collapsed=True),
        ),
        summary=make_summary(evidence, randomised_effects, title=f"What trials of {row['name']} found",
                             max_lines=_MAX_HEADLINES, all_results=results_link,
                             note=_NOTE_ON_COMPARISONS if headline_rows else _NOTE_ON_ARMS, outcomes=outcomes,
                        events=summarise_events_of_therapy(
                            evidence, key, dict.fromkeys(r["trial_id"] for r in headline_rows))),
        actions=_actions(evidence, "therapies", key),
    )  # fmt: skip


def class_page(evidence: Evidence, row: Row, latest_ids: set[str]) -> Page:
    """Make the page of one class: its place in the tree, its therapies, the trials that test it."""
    key = row["class_id"]
    class_ids = evidence.classes_below[key]
    therapies = evidence.therapies_of(key)
    effects_of_class = effects_that_test(evidence, therapies)
    randomised_effects = [e for e in effects_of_class if is_randomised(e)]
    headline_rows = choose_headline_effects(evidence, randomised_effects, by_trial=True)
    effects = [r for r in effects_of_class if r["effect_id"] in latest_ids]
    builder = section_builder(evidence, effects)
    kind = KIND_BY_TABLE["therapy_classes"]
    ancestors = evidence.class_and_ancestors(key)[1:]
    children = evidence["therapy_classes"].where("parent_class_id", key)
    members = (r for r in evidence["therapies"].rows if r["therapy_id"] in therapies)
    trials = sorted({r["trial_id"] for r in randomised_effects})
    results_link = Link(
        "All its results as a table: filter, pool, download",
        f"browse/{RESULTS_TABLE}.html#therapy_class={quote(row['name'])}",
    )
    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["name"],
        row["definition"],
        [
            LabelledValue("Part of", tuple(builder.link("therapy_classes", c) for c in ancestors)),
            LabelledValue("Holds", tuple(builder.link("therapy_classes", c["class_id"]) for c in children)),
            LabelledValue("Therapies", text(str(len(therapies)))),
            LabelledValue("Trials that test it", text(str(len(trials)))),
        ],
        without_empty_sections(
            builder.section("therapies", "Therapies", "therapies", members),
            builder.section("trials", "Trials that test it", "trials",
                            sort_newest_first([evidence["trials"].row(t) for t in trials]),
                            intro="A trial tests a class when the experimental arm of a result holds it, the control "
                            "arm doesn't, and the two were randomised against one another."),
            builder.section("effects", "Latest results", "effects", effects, max_rows=MAX_ROWS,
                            all_rows_address=results_link.address,
                            intro="The latest result of each comparison; retracted and superseded ones left out."),
            _mechanisms(builder, {"therapy_id": therapies, "class_id": class_ids | set(ancestors)}),
            make_claims_section(builder, {"class_id": class_ids | set(ancestors)}, "Claims about it"),
        ),
        summary=make_summary(evidence, randomised_effects, title=f"What trials of {row['name']} found",
                        max_lines=_MAX_CLASS_HEADLINES, all_results=results_link,
                        note=_NOTE_ON_COMPARISONS if headline_rows else _NOTE_ON_ARMS,
                        outcomes=[] if headline_rows else _outcomes_of_arms(evidence, evidence.arms_with(therapies)),
                        events=summarise_events_of_class(evidence, key)),
        actions=(*_actions(evidence, "therapy_classes", key), ("Forest plots", f"forest/index.html#class={key}")),
    )  # fmt: skip


def _names(evidence: Evidence, key: str) -> str:
    return ", ".join(r["name"] for r in evidence["therapy_names"].where("therapy_id", key))


def _outcomes_of_arms(evidence: Evidence, arms: set[str]) -> list[Row]:
    return [r for arm in sorted(arms) for r in evidence["outcomes"].where("arm_id", arm)]


def _latest_effects(evidence: Evidence, arms: set[str], latest_ids: set[str]) -> list[Row]:
    return [
        r
        for r in evidence["effects"].rows
        if r["effect_id"] in latest_ids and {r["experimental_arm_id"], r["control_arm_id"]} & arms
    ]


def _actions(evidence: Evidence, table: str, key: str) -> tuple[tuple[str, str], ...]:
    address = side_effects_address(evidence, table, key)
    return (("Side effects", address),) if address else ()


def _trials_and_results(
    builder: SectionBuilder, arms: set[str], effects: list[Row], results_address: str
) -> Iterable[Section | None]:
    evidence = builder.evidence
    trials = dict.fromkeys(r["trial_id"] for r in evidence["arms"].rows if r["arm_id"] in arms)
    rows = sort_newest_first([evidence["trials"].row(t) for t in trials])
    yield builder.section(
        "trials", "Trials that give it", "trials", rows, max_rows=2 * MAX_ROWS, all_rows_address="trials/index.html"
    )
    yield builder.section(
        "effects",
        "Latest results of arms that give it",
        "effects",
        effects,
        max_rows=MAX_ROWS,
        all_rows_address=results_address,
        intro="The latest result of each comparison; retracted and superseded ones left out. Where both arms hold the "
        "therapy, the result is about something else.",
    )


def _mechanisms(builder: SectionBuilder, columns: dict[str, set[str]]) -> Section | None:
    rows = [r for r in builder.evidence["mechanism_evidence"].rows if any(r[c] in ids for c, ids in columns.items())]
    rows.sort(key=lambda r: (r["evidence_level"], r["mechanism_id"]))
    return builder.section(
        "mechanism_evidence",
        "Resistance and sensitivity",
        "mechanism_evidence",
        rows,
        max_rows=MAX_ROWS,
        all_rows_address="browse/mechanism_evidence.html",
        intro="Levels after CIViC: A validated, B clinical, C case, D preclinical, E inferential.",
    )
