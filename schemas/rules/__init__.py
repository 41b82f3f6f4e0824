"""Consistency rules: what a Table Schema can't say. One module per kind, one registry."""

from __future__ import annotations

from collections.abc import Iterator

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..checks import Check
from . import (
    agreement,
    ancestors,
    arm_results,
    claims,
    clean_text,
    completeness,
    contradictions,
    counts,
    dates,
    identifiers,
    impossible_values,
    intervals,
    meta_analyses,
    one_row_each,
    plausibility,
    printed_endpoint,
    printed_numbers,
    registration_years,
    retired_ids,
    row_ids,
    row_references,
    same_trial,
    second_reads,
    sentences,
    sources,
    texts,
    trial_design,
    unfavourable_effects,
    unused_rows,
)
from .rule import Rule

_MODULES = (
    intervals, counts, agreement, meta_analyses, completeness, same_trial, identifiers, texts, unused_rows,
    ancestors, unfavourable_effects, claims, retired_ids, row_references, one_row_each, printed_numbers,
    second_reads, sources, plausibility, trial_design, clean_text, dates, arm_results, row_ids,
    printed_endpoint, sentences, registration_years, contradictions, impossible_values,
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(sorted((r for m in _MODULES for r in m.RULES), key=lambda rule: rule.code))


def rule_checks(table: str, schema: TableSchema, *, warnings: bool = False) -> Iterator[Check]:
    """Yield the checks of every rule that applies to a table, by its name or by the columns it has.

    Args:
        table: name of the table.
        schema: of the table.
        warnings: whether to give the rules that only warn, too.
    """
    for rule in RULES:
        if warnings or rule.severity == "error":
            yield from rule.checks(table, schema)
