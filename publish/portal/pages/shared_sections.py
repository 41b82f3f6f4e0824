"""What pages of several kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..cells import Section
from ..evidence import Evidence, Row
from ..sections import SectionBuilder

MAX_CLAIMS, MAX_ROWS = 20, 20


def without_empty_sections(*sections: Section | None) -> list[Section]:
    """Leave out sections without rows."""
    return [s for s in sections if s is not None]


def make_claims_section(
    builder: SectionBuilder,
    columns: Mapping[str, set[str]],
    title: str = "Claims",
    more_claim_ids: set[str] | None = None,
) -> Section | None:
    """Return the claims one of whose subjects is one of these, and some others, established ones first."""
    subjects = builder.evidence["claim_subjects"]
    claim_ids = {r["claim_id"] for c, ids in columns.items() for value in ids for r in subjects.where(c, value)}
    claim_ids |= more_claim_ids or set()
    order = ("established", "supported", "contested", "hypothesis")
    rows = [builder.evidence["claims"].row(c) for c in sorted(claim_ids)]
    rows.sort(key=lambda r: order.index(r["certainty"]) if r["certainty"] in order else len(order))
    return builder.section("claims", title, "claims", rows, max_rows=MAX_CLAIMS, all_rows_address="claims/index.html")


def sort_newest_first(trials: Sequence[Row]) -> list[Row]:
    """Sort trials by the year they began, those that don't say it last."""
    return sorted(trials, key=lambda r: (-int(r["start_year"] or 0), r["acronym"]))


def effects_that_test(evidence: Evidence, therapies: set[str]) -> list[Row]:
    """Return the effects that test these therapies: the experimental arm holds one, the control arm none."""
    arms = evidence.arms_with(therapies)
    return [r for r in evidence["effects"].rows if r["experimental_arm_id"] in arms and r["control_arm_id"] not in arms]


def is_randomised(effect: Row) -> bool:
    """Return whether the two arms of an effect were randomised against one another, in a trial that is."""
    return effect["randomised"] != "false"


def list_subjects(evidence: Evidence, claim: Row) -> Iterable[tuple[str, str]]:
    """Yield the column and the id of each subject of a claim."""
    for row in evidence["claim_subjects"].where("claim_id", claim["claim_id"]):
        for column in ("therapy_id", "class_id", "mechanism_id", "trial_id", "gene_id"):
            if row[column]:
                yield column, row[column]
