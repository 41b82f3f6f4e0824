"""Judge data packages: descriptor, file form, types, constraints, keys within and across packages, rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.issue_codes import (
    BROKEN_STANDARD,
    UNREADABLE_FILE,
    UNUSABLE_FIELD,
    UNUSABLE_RESOURCE,
)
from luminaldb.issues import Issue, Place, Report
from luminaldb.loaders.datapackage.descriptor import ForeignKey, Resource
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.remote_store import RemoteStore
from luminaldb.loaders.datapackage.resource_formats import paths_of

from .descriptor_profiles import breaches, foreign
from .table_in_chunks import table_for
from .table_in_memory import Table
from .waivers import Waivers


class Validation:
    """One run over a set of packages.

    `warnings` says whether to run the rules that only warn, too, or on which tables.
    """

    def __init__(
        self,
        packages: dict[str, Package],
        *,
        trusted: bool = False,
        warnings: bool | Collection[str] = False,
        table: Callable[[str, Package, Resource], Table] | None = None,
    ) -> None:
        self._warnings = warnings
        self._packages = packages
        self._table = table
        self._trusted = trusted
        self._notes: list[str] = []

    @cached_property
    def _tables(self) -> dict[tuple[str, str], Table]:
        everything = [(n, p, r) for n, p in self._packages.items() for r in p.descriptor.resources]
        if self._table is not None:
            return {
                (name, resource.name): self._table(name, package, resource) for name, package, resource in everything
            }
        referred = {
            (key.reference.package or name, key.reference.table or resource.name)
            for name, _, resource in everything
            for key in resource.schema.all_references()
        }
        return {
            (name, resource.name): table_for(name, package, resource, referred=(name, resource.name) in referred)
            for name, package, resource in everything
        }

    def report(self) -> Report:
        """Run every check and collect what they find."""
        findings: list[Issue] = []
        if not self._trusted:
            for name, package in self._packages.items():
                findings += _descriptor_findings(name, package)
                findings += _unusable(name, package)
                findings += _absent(name, package)
                self._notes += _unjudged(name, package)
        waivers = Waivers(self._tables.values())
        frames = Frames({table.name: table for table in self._tables.values()}, self._without_rows())
        for table in self._tables.values():
            findings += table.form_findings()
            findings += self._aimless(table)
            warnings = self._warns(table.name)
            doubted = warnings or table.name in waivers.tables
            targets = self._targets(table, frames)
            findings += table.findings(targets, frames, doubted=doubted, warnings=warnings)
        findings = waivers.apply(findings)
        for name in sorted(frames.broken):
            self._notes.append(f"not checked: what keys and rules of other rows ask of {name}, until its file is fixed")
        rows = sum(t.rows for t in self._tables.values())
        return Report(findings, len(self._tables), rows, self._notes)

    def _without_rows(self) -> set[str]:
        """Name the resources whose rows nobody can look at, though the packages have them."""
        return {name for p in self._packages.values() for name in (*p.descriptor.unusable, *p.descriptor.skipped)}

    def _warns(self, table: str) -> bool:
        """Tell whether the rules that only warn are run on a table: on all, none, or those named."""
        return self._warnings if isinstance(self._warnings, bool) else table in self._warnings

    def _aimless(self, table: Table) -> Iterator[Issue]:
        """Find keys to tables of the same package that it doesn't have, or to fields that such a table doesn't."""
        for key in table.resource.schema.foreign_keys:
            name = key.reference.table or table.name
            target = self._tables.get((table.package, name))
            if key.reference.package is not None:
                continue
            descriptor = self._packages[table.package].descriptor
            if target is None and name not in descriptor.skipped and name not in descriptor.unusable:
                message = f"a key refers to {name}, which is no resource of the package"
                yield table.finding(UNUSABLE_FIELD, 0, key.columns[0], message, "Fix the descriptor.")
            known = target.resource.schema.names if target is not None else ()
            for column in (c for c in key.reference.columns if known and c not in known):
                message = f"a key refers to {name}.{column}, which is not a field"
                yield table.finding(UNUSABLE_FIELD, 0, key.columns[0], message, "Fix the descriptor.")

    def _targets(self, table: Table, frames: Frames) -> dict[int, Any]:
        targets: dict[int, Any] = {}
        for number, key in enumerate(table.resource.schema.all_references()):
            target = self._tables.get((key.reference.package or table.package, key.reference.table or table.name))
            if target is not None and target.whole:
                targets[number] = target.frame
            elif target is not None:
                frames.broken.add(target.name)
            else:
                self._note(table, key)
        return targets

    def _note(self, table: Table, key: ForeignKey) -> None:
        where = ".".join(p for p in (key.reference.package, key.reference.table) if p)
        note = f"not checked: {table.name}.{', '.join(key.columns)} against {where}, a table that was not given"
        self._notes.append(note)


class Frames(Mapping[str, Any]):
    """The frames of tables by name, each made when a rule first looks at it.

    A frame without columns stands for a table whose rows say nothing: its file is broken, or it can't be used.

    Attributes:
        broken: names of the tables that were asked for and whose file is broken.
    """

    def __init__(self, tables: Mapping[str, Table], without_rows: Collection[str] = ()) -> None:
        self._tables = tables
        self._names = dict.fromkeys((*tables, *without_rows))
        self.broken: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        table = self._tables.get(name)
        if table is not None and table.whole:
            return table.frame
        if table is not None:
            self.broken.add(name)
        return next(iter(self._tables.values())).nothing

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def primary_key(self, name: str) -> tuple[str, ...]:
        """Give the columns of a table's primary key; none where it has none or isn't known."""
        return self._tables[name].resource.schema.primary_key if name in self._tables else ()


def _descriptor_findings(name: str, package: Package) -> Iterator[Issue]:
    place = Place(name, file=package.descriptor_file)
    for note in breaches(package.descriptor.raw):
        message = f"the descriptor breaks the standard: {note}"
        yield Issue(BROKEN_STANDARD, message, "Fix the descriptor.", place=place)


def _unusable(name: str, package: Package) -> Iterator[Issue]:
    """Report the tables that can't be checked because of what the descriptor says of them."""
    for resource, error in package.descriptor.unusable.items():
        own = error.issue
        place = Place(name, resource, file=package.descriptor_file)
        yield Issue(own.code or UNUSABLE_RESOURCE, own.message, own.hint or "Fix the descriptor.", place=place)


def _absent(name: str, package: Package) -> Iterator[Issue]:
    """Report the missing files of resources that are no tables: they must be there, whatever is in them."""
    for item in package.descriptor.raw["resources"]:
        name_of = item.get("name") if isinstance(item, dict) else None
        skipped = isinstance(name_of, str) and name_of in package.descriptor.skipped
        for path in paths_of(item, "") if skipped else ():
            if "://" in path or (isinstance(package.store, RemoteStore) and package.store.base):
                continue  # nothing is downloaded that isn't checked
            try:
                place = package.store.local_path(path)
                if place is None or not place.exists():
                    package.store.read(path)
            except LuminaldbError as error:
                own = error.issue
                where = Place(name, item["name"], file=f"{package.store.label}/{path}")
                hint = "Add the file, or fix the path in the descriptor."
                yield Issue(own.code or UNREADABLE_FILE, own.message, hint, place=where)


def _unjudged(name: str, package: Package) -> Iterator[str]:
    """Say what of a package is passed over, so that nothing is in silence."""
    label = name or package.store.label
    for resource, reason in package.descriptor.skipped.items():
        yield f"not checked: {label}.{resource}, {reason}"
    for profile in foreign(package.descriptor.raw):
        yield f"not checked: {label} against the profile {profile}, which is not one of the standard's own"
