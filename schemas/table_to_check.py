"""A table to check: its part of the descriptor, and where its rows are."""

from __future__ import annotations

from dataclasses import dataclass

from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.package import Package

from .checks import Check
from .rule_sets import TRIAL_EVIDENCE

WAIVERS = "waivers"


@dataclass(frozen=True, slots=True)
class TableToCheck:
    """A table to check.

    Attributes:
        package: short name of its package.
        source: the package.
        resource: what the descriptor says of the table.
        file: its file, as messages name it.
        is_referenced: whether a key of some table refers to it, so that its rows must be at hand.
        rule_sets: names of the rule sets that it is checked by, see `rule_sets`.
        in_frame: whether its rows are those of a data frame.
    """

    package: str
    source: Package
    resource: Resource
    file: str
    is_referenced: bool = False
    rule_sets: frozenset[str] = frozenset()
    in_frame: bool = False

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.resource.name

    def rule_checks(self, *, warnings: bool) -> list[Check]:
        """Return the checks of the rules on trial evidence, where the table is checked by them."""
        if TRIAL_EVIDENCE not in self.rule_sets:
            return []
        from .rules import rule_checks

        return list(rule_checks(self.name, self.resource.schema, warnings=warnings))
