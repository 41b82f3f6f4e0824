"""The tables as they stood somewhere: in a release, a folder, a zip, or the working tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from luminaldb.errors import LuminaldbError

from . import installed
from .datapackage.descriptor import Resource
from .datapackage.package import Package
from .datapackage.store import DESCRIPTOR
from .datapackage.text_reader import raise_first

_VERSION = re.compile(r"v?(\d+\.\d+\.\d+)")
RETIRED = "retired_ids"


@dataclass(frozen=True)
class Snapshot:
    """Every table of one state of the data.

    Attributes:
        label: what a reader calls it.
        version: what its descriptor says; empty where it says none.
        packages: that hold the tables; no two of them a table of the same name.
    """

    label: str
    version: str
    packages: tuple[Package, ...]

    @cached_property
    def holders(self) -> Mapping[str, Package]:
        """The package of each table, in the order of the packages."""
        return {name: package for package in self.packages for name in package.table_names}

    def resource(self, table: str) -> Resource:
        """Give a table's part of the descriptor."""
        return self.holders[table].resource(table)

    def text(self, table: str) -> pl.DataFrame:
        """Give a table as written, an empty cell as "".

        Raises:
            TableError: the form of its file is broken.
        """
        package = self.holders[table]
        found = package.text(table)
        raise_first(found, package.file(table))
        return found.frame

    def successors(self) -> dict[str, dict[str, str]]:
        """Map each table to its retired ids that have a successor; empty where no table of them is there."""
        if RETIRED not in self.holders:
            return {}
        renamed: dict[str, dict[str, str]] = {}
        for table, old, new in self.text(RETIRED).select("table_name", "old_id", "successor_id").iter_rows():
            if new:
                renamed.setdefault(table, {})[old] = new
        return renamed

    def retired(self) -> set[tuple[str, str]]:
        """Give table and id of each retired id."""
        if RETIRED not in self.holders:
            return set()
        return set(self.text(RETIRED).select("table_name", "old_id").iter_rows())


def snapshot(where: str | Path | None = None) -> Snapshot:
    """Open a state of the data.

    Args:
        where: a released version (`0.1.0`); a checkout, a folder of packages, a package's folder, its
            datapackage.json or a zip of it; the installed tables where omitted.

    Raises:
        LuminaldbError: nothing of the kind is there.
    """
    if where is None:
        own = tuple(installed.packages().values())
        return Snapshot("the installed tables", own[0].descriptor.version, own)
    path = Path(where)
    if not path.exists():
        if version := _VERSION.fullmatch(str(where)):
            from .releases.versions import released

            return _of(version[1], [released(version[1])])
        raise LuminaldbError(f"{where}: neither a file or folder nor a version; luminaldb versions lists the releases")
    return _of(str(where), [Package.open(p) for p in _roots(path)])


def _roots(path: Path) -> Iterable[Path]:
    if not path.is_dir() or (path / DESCRIPTOR).is_file():
        return [path]
    for folder in (path, path / "datasets"):
        if inside := sorted(p.parent for p in folder.glob(f"*/{DESCRIPTOR}")):
            return inside
    raise LuminaldbError(f"{path}: no {DESCRIPTOR} here, one folder below, or in datasets; name a data package")


def _of(label: str, packages: Iterable[Package]) -> Snapshot:
    # In the order of their references, as the installed ones are: a bundle's bytes depend on it.
    rank = {f"luminaldb-{name}": n for n, name in enumerate(installed.ORDER)}
    own = tuple(sorted(packages, key=lambda p: rank.get(p.name, len(rank))))
    held: set[str] = set()
    for package in own:
        for error in package.descriptor.unusable.values():
            raise error
        if twice := held & set(package.table_names):
            raise LuminaldbError(f"{label}: two packages hold a table named {min(twice)!r}; name one of them")
        held |= set(package.table_names)
    return Snapshot(label, next((p.descriptor.version for p in own), ""), own)
