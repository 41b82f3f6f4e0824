"""Rules on rows that others must refer to: nothing unused, no arm without therapies, no trial without a result."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from ..lookups import ReferenceCount
from .rule import Example, Rule, has_fields

_CITING = (
    "therapies", "therapy_names", "therapy_identifiers", "therapy_targets", "approvals", "mechanism_genes",
    "mechanism_evidence", "interactions", "trials", "effects", "outcomes", "adverse_events", "claims", "waivers",
)  # fmt: skip
_CITING_COLUMNS_SINCE_3 = (
    ("review_trials", "citation_id"), ("effects", "numbers_citation_id"), ("outcomes", "numbers_citation_id"),
    ("adverse_events", "numbers_citation_id"), ("printed_numbers", "citation_id"), ("second_reads", "citation_id"),
    ("regulatory_events", "citation_id"),
)  # fmt: skip
# Of each table its key, and the columns of other tables that refer to it.
_REFERRERS = {
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


def _is_used(table: str, schema: TableSchema) -> Iterator[Check]:
    if table not in _REFERRERS or _REFERRERS[table][0] not in schema.names:
        return
    key, references = _REFERRERS[table]
    uses = ReferenceCount("::uses", key, references, _CITING_COLUMNS_SINCE_3 if table == "citations" else ())
    yield Check(
        "LDB601",
        (key,),
        nw.col(uses.alias) > 0,
        "nothing uses {" + key + "}",
        "Delete the row, or add a row that refers to it.",
        joined_columns=(uses.alias,),
        lookups=(uses,),
    )


def _arm_has_therapies(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "arms" or not has_fields(schema, "arm_id"):
        return
    therapies = ReferenceCount("::therapies", "arm_id", (("arm_therapies", "arm_id"),))
    yield Check(
        "LDB603",
        ("arm_id",),
        nw.col(therapies.alias) > 0,
        "the arm {arm_id} gives nothing",
        "Say in arm_therapies what it gives; observation and placebo are therapies too.",
        joined_columns=(therapies.alias,),
        lookups=(therapies,),
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


RULES = (
    Rule(
        "LDB601",
        "Nothing is unused",
        "A row that no other names answers no question.",
        _is_used,
        passing=Example("citations", ({"citation_id": "kaufman-2009-tandem", "::uses": 12},)),
        failing=Example("citations", ({"citation_id": "kaufman-2009-tandem", "::uses": 0},)),
    ),
    Rule(
        "LDB603",
        "An arm gives something",
        "Without its therapies an arm can't be compared.",
        _arm_has_therapies,
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
)
