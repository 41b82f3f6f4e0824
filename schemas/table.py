"""A table to check: what its descriptor says of it, and where its rows are."""

from __future__ import annotations

from dataclasses import dataclass

from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.package import Package

WAIVERS = "waivers"


@dataclass(frozen=True, slots=True)
class Table:
    """A table to check.

    Attributes:
        package: short name of its package.
        source: the package.
        resource: what the descriptor says of the table.
        file: its file, as messages name it.
        referred: whether a key of some table refers to it, so that its rows must be at hand.
    """

    package: str
    source: Package
    resource: Resource
    file: str
    referred: bool = False

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.resource.name
