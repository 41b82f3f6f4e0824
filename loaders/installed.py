"""The packages that come with luminaldb: which there are, and which table is in which."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

from luminaldb.errors import UnknownTableError

from .datapackage.package import Package, unknown_table
from .datapackage.store import DESCRIPTOR, FolderStore

# References go one way only: each package refers only to those before it.
ORDER = ("citations", "vocabularies", "therapies", "mechanisms", "trials", "claims", "curation")


def root() -> Path:
    """Return the folder of the installed packages: beside this package, in the wheel and in a checkout."""
    from importlib.util import find_spec

    spec = find_spec("luminaldb.datasets")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("luminaldb.datasets is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def packages() -> MappingProxyType[str, Package]:
    """Return the installed packages by short name, in the order of their references."""
    here = root()
    opened = {p: Package(FolderStore(here / p, f"datasets/{p}"), DESCRIPTOR) for p in ORDER}
    return MappingProxyType(opened)


@cache
def owners() -> MappingProxyType[str, Package]:
    """Map each table to the package that holds it."""
    return MappingProxyType({table: package for package in packages().values() for table in package.table_names})


def owner(table: str) -> Package:
    """Return the installed package that holds a table.

    Raises:
        UnknownTableError: no package has it; the nearest name is given.
    """
    if table not in owners():
        raise UnknownTableError(unknown_table(table, list(owners()), "luminaldb"))
    return owners()[table]
