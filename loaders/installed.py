"""The packages that come with luminaldb, by name and by table."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType

from luminaldb.errors import UnknownTableError

from .datapackage.package import Package, unknown_table_message
from .datapackage.store import DESCRIPTOR, FolderStore

# References go one way only: each package refers only to those before it.
PACKAGE_ORDER = ("citations", "vocabularies", "therapies", "mechanisms", "trials", "claims", "curation")


def datasets_folder() -> Path:
    """Return the folder of the installed packages, in an installation or a checkout."""
    from importlib.util import find_spec

    spec = find_spec("luminaldb.datasets")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("luminaldb.datasets is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def packages() -> MappingProxyType[str, Package]:
    """Return the installed packages by short name, in the order of their references."""
    folder = datasets_folder()
    packages_by_name = {p: Package(FolderStore(folder / p, f"datasets/{p}"), DESCRIPTOR) for p in PACKAGE_ORDER}
    return MappingProxyType(packages_by_name)


@cache
def packages_by_table() -> MappingProxyType[str, Package]:
    """Map each installed table to its package."""
    return MappingProxyType({table: package for package in packages().values() for table in package.table_names})


def package_of(table: str) -> Package:
    """Return the installed package of a table.

    Raises:
        UnknownTableError: no package has it; the message names the nearest.
    """
    if table not in packages_by_table():
        raise UnknownTableError(unknown_table_message(table, list(packages_by_table()), "luminaldb"))
    return packages_by_table()[table]
