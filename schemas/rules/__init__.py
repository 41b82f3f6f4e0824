"""Consistency rules: what a Table Schema can't say. One module per kind, one registry."""

from __future__ import annotations

from collections.abc import Iterator

from ...loaders.descriptor import TableSchema
from ..checks import Check
from .belonging import RULES as BELONGING
from .completeness import RULES as COMPLETENESS
from .counts import RULES as COUNTS
from .intervals import RULES as INTERVALS
from .rule import Rule

RULES: tuple[Rule, ...] = (*INTERVALS, *COUNTS, *COMPLETENESS, *BELONGING)


def rule_checks(table: str, schema: TableSchema) -> Iterator[Check]:
    """Give the checks of every rule that applies to a table, by its name or by the columns it has."""
    for rule in RULES:
        yield from rule.checks(table, schema)
