"""Consistency rules: what a Table Schema can't say. One module per kind, one registry."""

from __future__ import annotations

from collections.abc import Iterator

from ...loaders.descriptor import TableSchema
from ..checks import Check
from . import (
    agreement,
    belonging,
    claims,
    completeness,
    counts,
    graph,
    identifiers,
    intervals,
    naming,
    pooled,
    retired,
    texts,
)
from .rule import Rule

_MODULES = (
    intervals, counts, agreement, pooled, completeness, belonging, identifiers, texts, graph, claims, retired,
    naming,
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(sorted((r for m in _MODULES for r in m.RULES), key=lambda rule: rule.code))


def rule_checks(table: str, schema: TableSchema, *, warnings: bool = False) -> Iterator[Check]:
    """Give the checks of every rule that applies to a table, by its name or by the columns it has.

    Args:
        table: name of the table.
        schema: of the table.
        warnings: whether to give the rules that only warn, too.
    """
    for rule in RULES:
        if warnings or rule.severity == "error":
            yield from rule.checks(table, schema)
