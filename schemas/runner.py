"""Run every check over a set of packages: descriptor, file form, types, constraints, keys, rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from luminaldb.issue_codes import UNUSABLE_FIELD
from luminaldb.issues import Issue, Report
from luminaldb.loaders.datapackage.descriptor import ForeignKey
from luminaldb.loaders.datapackage.package import Package

from .backend import Backend
from .checked_table import CheckedTable
from .descriptor_issues import descriptor_issues, skipped_notes
from .engines.polars_backend import PolarsBackend
from .table import Table
from .waivers import Waivers


def check_packages(
    packages: Mapping[str, Package],
    backend: Backend | None = None,
    *,
    trusted: bool = False,
    warnings: bool | Collection[str] = False,
) -> Report:
    """Validate a set of packages.

    Args:
        packages: by short name; keys from one to another are checked among them.
        backend: what runs the checks; polars in this process where omitted.
        trusted: whether the descriptors are known to be right.
        warnings: whether to run the rules that only warn, too, or the names of the tables on which to.
    """
    return _Run(packages, backend or PolarsBackend(), warnings).report(trusted=trusted)


class _Run:
    """One validation of a set of packages."""

    def __init__(self, packages: Mapping[str, Package], backend: Backend, warnings: bool | Collection[str]) -> None:
        self._packages = packages
        self._backend = backend
        self._warnings = warnings
        self._notes: list[str] = []

    @cached_property
    def _tables(self) -> dict[tuple[str, str], CheckedTable]:
        resources = [(n, p, r) for n, p in self._packages.items() for r in p.descriptor.resources]
        referred = {
            (key.reference.package or name, key.reference.table or resource.name)
            for name, _, resource in resources
            for key in resource.schema.all_references()
        }
        tables = (
            Table(name, package, resource, package.file(resource.name), (name, resource.name) in referred)
            for name, package, resource in resources
        )
        return {(t.package, t.name): CheckedTable(t, self._backend) for t in tables}

    def report(self, *, trusted: bool) -> Report:
        """Run every check and collect the issues."""
        issues: list[Issue] = []
        if not trusted:
            for name, package in self._packages.items():
                issues += descriptor_issues(name, package)
                self._notes += skipped_notes(name, package)
        tables = list(self._tables.values())
        waivers = Waivers(tables)
        frames = Frames({t.name: t for t in tables}, self._backend, self._without_rows())
        for table in tables:
            issues += table.form_issues()
            issues += self._dangling_keys(table)
            warnings = self._warnings if isinstance(self._warnings, bool) else table.name in self._warnings
            issues += table.value_issues(
                self._targets(table, frames),
                frames,
                expect_failures=warnings or table.name in waivers.tables,
                warnings=warnings,
            )
        notes = [*self._notes, *_broken_notes(frames), *(note for t in tables for note in t.rows.notes)]
        notes += _keyless_notes(tables)
        return Report(waivers.apply(issues), len(tables), sum(t.rows.count for t in tables), notes)

    def _without_rows(self) -> set[str]:
        """Name the resources whose rows nobody can look at, though the packages have them."""
        return {name for p in self._packages.values() for name in (*p.descriptor.unusable, *p.descriptor.skipped)}

    def _dangling_keys(self, table: CheckedTable) -> Iterator[Issue]:
        """Find keys to tables of the same package that it doesn't have, or to fields that such a table doesn't."""
        package = table.table.package
        for key in table.table.resource.schema.foreign_keys:
            name = key.reference.table or table.name
            target = self._tables.get((package, name))
            if key.reference.package is not None:
                continue
            descriptor = self._packages[package].descriptor
            if target is None and name not in descriptor.skipped and name not in descriptor.unusable:
                message = f"a key refers to {name}, which is no resource of the package"
                yield table.issue(UNUSABLE_FIELD, message, "Fix the descriptor.", column=key.columns[0])
            known = target.table.resource.schema.names if target is not None else ()
            for column in (c for c in key.reference.columns if known and c not in known):
                message = f"a key refers to {name}.{column}, which is not a field"
                yield table.issue(UNUSABLE_FIELD, message, "Fix the descriptor.", column=key.columns[0])

    def _targets(self, table: CheckedTable, frames: Frames) -> dict[int, Any]:
        targets: dict[int, Any] = {}
        for number, key in enumerate(table.table.resource.schema.all_references()):
            where = (key.reference.package or table.table.package, key.reference.table or table.name)
            target = self._tables.get(where)
            if target is not None and target.complete:
                targets[number] = target.frame
            elif target is not None:
                frames.broken.add(target.name)
            else:
                self._notes.append(_unknown_target(table, key))
        return targets


def _unknown_target(table: CheckedTable, key: ForeignKey) -> str:
    where = ".".join(p for p in (key.reference.package, key.reference.table) if p)
    return f"not checked: {table.name}.{', '.join(key.columns)} against {where}, a table that was not given"


def _broken_notes(frames: Frames) -> Iterator[str]:
    for name in sorted(frames.broken):
        yield f"not checked: what keys and rules of other rows ask of {name}, until its file is fixed"


def _keyless_notes(tables: Collection[CheckedTable]) -> Iterator[str]:
    for table in tables:
        if not table.rows.located and not table.table.resource.schema.primary_key and table.rows.count:
            yield f"{table.name} has no primary key: its findings can't say in which row"


class Frames(Mapping[str, Any]):
    """The frames of tables by name, each made when a rule first looks at it.

    A frame without columns stands for a table whose rows say nothing: its file is broken, or it can't be used.

    Attributes:
        broken: names of the tables that a check needed and whose file is broken.
    """

    def __init__(
        self, tables: Mapping[str, CheckedTable], backend: Backend, without_rows: Collection[str] = ()
    ) -> None:
        self._tables = tables
        self._empty = backend.empty_frame()
        self._names = dict.fromkeys((*tables, *without_rows))
        self.broken: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        table = self._tables.get(name)
        if table is not None and not table.complete:
            self.broken.add(name)
        elif table is not None:
            frame = table.frame
            # An engine may leave a table to polars, whose frame can't be joined with the engine's.
            return frame if isinstance(frame, type(self._empty)) else self._empty
        return self._empty

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def primary_key(self, name: str) -> tuple[str, ...]:
        """Give the columns of a table's primary key; none where it has none or isn't known."""
        return self._tables[name].table.resource.schema.primary_key if name in self._tables else ()
