"""What a consistency rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...loaders.descriptor import TableSchema
from ..checks import Check


@dataclass(frozen=True, slots=True)
class Rule:
    """A consistency rule.

    Attributes:
        code: its code, stable for ever.
        title: what holds when it holds.
        reason: why a row that breaks it is wrong.
        source: where its formula comes from; empty for plain arithmetic.
        build: from a table's name and schema to the checks that apply to it, none where it doesn't.
    """

    code: str
    title: str
    reason: str
    source: str
    build: Callable[[str, TableSchema], Iterator[Check]]

    def checks(self, table: str, schema: TableSchema) -> Iterator[Check]:
        """Give the rule's checks of one table."""
        return self.build(table, schema)


def has(schema: TableSchema, *columns: str) -> bool:
    """Tell whether a table has all of these columns."""
    return set(columns) <= set(schema.names)
