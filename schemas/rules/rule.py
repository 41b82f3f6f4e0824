"""What a consistency rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from luminaldb.issues import Severity
from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..checks import Check


@dataclass(frozen=True, slots=True)
class Example:
    """Rows of a table that show a rule, as their cells are written.

    Attributes:
        table: name of an installed table, or of one with the types below.
        rows: the rows; a column joined from another table (`population_id::n`) has its typed value.
        types: Table Schema types of the columns where the table isn't an installed one.
    """

    table: str
    rows: tuple[Mapping[str, object], ...]
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A consistency rule.

    Attributes:
        code: its code, never changed or reused.
        title: what is true of every row that keeps the rule.
        reason: why a row that breaks it is wrong.
        formula: what is computed; empty where the title says it all.
        source: where the formula comes from; empty for plain arithmetic.
        build: from a table's name and schema to the checks that apply to it, none where it doesn't.
        passing: rows that keep the rule.
        failing: rows of which at least one breaks it.
        severity: `error`, or `warning`: run only with `--warnings`.
    """

    code: str
    title: str
    reason: str
    build: Callable[[str, TableSchema], Iterator[Check]]
    passing: Example
    failing: Example
    formula: str = ""
    source: str = ""
    severity: Severity = "error"

    def checks(self, table: str, schema: TableSchema) -> Iterator[Check]:
        """Return the rule's checks of one table."""
        return self.build(table, schema)


def has_fields(schema: TableSchema, *columns: str) -> bool:
    """Return whether a table has all of these columns."""
    return set(columns) <= set(schema.names)
