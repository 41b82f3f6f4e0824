"""Rules on how rows refer to one another: none unused, none its own ancestor, no arm or trial that is empty."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from ..lookups import Ancestry, ReferenceCount
from .rule import Example, Rule, has_fields

_CITING = (
    "therapies", "therapy_names", "therapy_identifiers", "therapy_targets", "approvals", "mechanism_genes",
    "mechanism_evidence", "interactions", "trials", "effects", "outcomes", "adverse_events", "claims", "waivers",
)  # fmt: skip
_CITING_SINCE_3 = (
    ("review_trials", "citation_id"), ("effects", "numbers_citation_id"), ("outcomes", "numbers_citation_id"),
    ("adverse_events", "numbers_citation_id"), ("printed_numbers", "citation_id"), ("second_reads", "citation_id"),
    ("regulatory_events", "citation_id"),
)  # fmt: skip
# Table: its key, and who may use it.
_USED = {
    "citations": ("citation_id", (*((t, "citation_id") for t in _CITING), ("citations", "superseded_by"))),
    "genes": (
        "gene_id",
        (
            ("therapy_targets", "gene_id"), ("mechanism_genes", "gene_id"), ("interactions", "source_gene_id"),
            ("interactions", "target_gene_id"), ("claim_subjects", "gene_id"),
        ),
    ),
    "therapies": (
        "therapy_id",
        (
            ("arm_therapies", "therapy_id"), ("mechanism_evidence", "therapy_id"), ("claim_subjects", "therapy_id"),
            ("approvals", "therapy_id"), ("therapy_targets", "therapy_id"), ("therapy_identifiers", "therapy_id"),
        ),
    ),
    "mechanisms": (
        "mechanism_id",
        (
            ("mechanism_evidence", "mechanism_id"), ("mechanism_genes", "mechanism_id"),
            ("interactions", "mechanism_id"), ("claim_subjects", "mechanism_id"),
        ),
    ),
    "endpoints": (
        "endpoint_id",
        (("effects", "endpoint_id"), ("outcomes", "endpoint_id"), ("trials", "primary_endpoint_id")),
    ),
}  # fmt: skip


def _no_orphan(table: str, schema: TableSchema) -> Iterator[Check]:
    if table not in _USED or _USED[table][0] not in schema.names:
        return
    key, used_by = _USED[table]
    uses = ReferenceCount("::uses", key, used_by, _CITING_SINCE_3 if table == "citations" else ())
    yield Check(
        "LDB601",
        (key,),
        nw.col(uses.alias) > 0,
        "nothing uses {" + key + "}",
        "Delete the row, or enter what it is there for.",
        joined_columns=(uses.alias,),
        lookups=(uses,),
    )


def _no_cycle(_: str, schema: TableSchema) -> Iterator[Check]:
    for key in schema.foreign_keys:
        own = schema.primary_key
        if key.reference.table or len(own) != 1 or len(key.columns) != 1 or not key.columns[0].startswith("parent_"):
            continue
        parent = key.columns[0]
        circle = Ancestry("::circle", own[0], parent)
        yield Check(
            "LDB602",
            (parent, own[0]),
            ~nw.col(circle.alias),
            "{" + own[0] + "} is its own ancestor",
            "Follow the parents upward and fix the one that points back.",
            joined_columns=(circle.alias,),
            lookups=(circle,),
        )


def _arm_gives(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "arms" or not has_fields(schema, "arm_id"):
        return
    given = ReferenceCount("::therapies", "arm_id", (("arm_therapies", "arm_id"),))
    yield Check(
        "LDB603",
        ("arm_id",),
        nw.col(given.alias) > 0,
        "the arm {arm_id} gives nothing",
        "Say in arm_therapies what it gives; observation and placebo are therapies too.",
        joined_columns=(given.alias,),
        lookups=(given,),
    )


def _trial_has_result(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "trials" or not has_fields(schema, "trial_id", "note"):
        return
    results = ReferenceCount(
        "::results", "trial_id", tuple((t, "trial_id") for t in ("effects", "outcomes", "adverse_events"))
    )
    yield Check(
        "LDB604",
        ("trial_id", "note"),
        (nw.col(results.alias) > 0) | ~text_of("note").is_null(),
        "the trial {trial_id} has neither a result nor a note that says why",
        "Enter a result, or say in note why there is none.",
        joined_columns=(results.alias,),
        lookups=(results,),
    )


def _supported_side(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "effects" or not has_fields(schema, "ci_low", "ci_high", "measure", "note"):
        return
    better = nw.col("endpoint_id::family::text") == "time_to_event"
    worse = (nw.col("ci_low") > 1) & text_of("measure").is_in(("hazard_ratio", "rate_ratio"))
    yield Check(
        "LDB605",
        ("ci_low", "note"),
        ~(better & worse) | ~text_of("note").is_null(),
        "the interval, from {ci_low}, favours the control arm, and no note says so",
        "Look at the direction again; if the experimental arm did worse, say so in note.",
        severity="warning",
        joined_columns=("endpoint_id::family::text",),
    )


_SERD = {"class_id": "serd", "name": "SERD"}

RULES = (
    Rule(
        "LDB601",
        "Nothing is unused",
        "A row that no other names answers no question.",
        _no_orphan,
        passing=Example("citations", ({"citation_id": "kaufman-2009-tandem", "::uses": 12},)),
        failing=Example("citations", ({"citation_id": "kaufman-2009-tandem", "::uses": 0},)),
    ),
    Rule(
        "LDB602",
        "Nothing is its own ancestor",
        "A tree of classes ends at a top.",
        _no_cycle,
        passing=Example("therapy_classes", ({**_SERD, "parent_class_id": "endocrine-therapy", "::circle": False},)),
        failing=Example("therapy_classes", ({**_SERD, "parent_class_id": "oral-serd", "::circle": True},)),
    ),
    Rule(
        "LDB603",
        "An arm gives something",
        "Without its therapies an arm can't be compared.",
        _arm_gives,
        passing=Example("arms", ({"arm_id": "tandem-anastrozole", "::therapies": 1},)),
        failing=Example("arms", ({"arm_id": "tandem-anastrozole", "::therapies": 0},)),
    ),
    Rule(
        "LDB604",
        "A trial has a result or a reason",
        "A trial without either looks like one that nobody has read.",
        _trial_has_result,
        passing=Example("trials", ({"trial_id": "sascia", "note": "No result reported.", "::results": 0},)),
        failing=Example("trials", ({"trial_id": "sascia", "note": "", "::results": 0},)),
    ),
    Rule(
        "LDB605",
        "A result against the experimental arm is remarked on",
        "Most experimental arms do better or no worse; where the interval says worse, the arms may be swapped.",
        _supported_side,
        passing=Example(
            "effects",
            ({"ci_low": "1.10", "ci_high": "1.60", "measure": "hazard_ratio", "note": "Worse.",
              "endpoint_id::family::text": "time_to_event"},),
        ),
        failing=Example(
            "effects",
            ({"ci_low": "1.10", "ci_high": "1.60", "measure": "hazard_ratio", "note": "",
              "endpoint_id::family::text": "time_to_event"},),
        ),
        severity="warning",
    ),
)  # fmt: skip
