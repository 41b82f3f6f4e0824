"""Run every check over a set of packages: descriptor, file form, types, constraints, keys, rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError, hide_secrets
from luminaldb.issue_codes import UNUSABLE_FIELD
from luminaldb.issues import Issue, Report, Severity
from luminaldb.loaders.datapackage.descriptor import ForeignKey
from luminaldb.loaders.datapackage.head_reader import read_head
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.remote_store import RemoteStore

from .backend import Backend
from .changed_files import refuse_changes
from .checked_table import CheckedTable
from .descriptor_issues import descriptor_issues, skipped_notes
from .engines.polars_backend import MemoryRows, PolarsBackend
from .frames_on_demand import FramesOnDemand
from .issue_columns import join_issues, sort_by_line
from .rule_sets import STANDARD, STATISTICS, TRIAL_EVIDENCE, rule_sets_of
from .table_to_check import TableToCheck
from .validation_options import DEFAULT_OPTIONS, ValidationOptions
from .waivers import Waivers


def check_packages(
    packages: Mapping[str, Package],
    backend: Backend | None = None,
    *,
    trusted: bool = False,
    warnings: bool | Collection[str] = False,
    options: ValidationOptions = DEFAULT_OPTIONS,
) -> Report:
    """Validate a set of packages.

    Args:
        packages: by short name; keys from one to another are checked among them.
        backend: what runs the checks; polars in this process where omitted.
        trusted: whether the descriptors are known to be right.
        warnings: whether to run the rules that only warn, too, or the names of the tables on which to.
        options: all other choices.

    Raises:
        LuminaldbError: a file has changed while it was read.
    """
    chosen_options = replace(options, warnings=warnings) if warnings else options
    with refuse_changes(packages.values()):
        return _Validation(packages, backend or PolarsBackend(), chosen_options).report(trusted=trusted)


class _Validation:
    """One validation of a set of packages."""

    def __init__(self, packages: Mapping[str, Package], backend: Backend, options: ValidationOptions) -> None:
        self._packages = packages
        self._rule_sets = {name: rule_sets_of(package, options.rules) for name, package in packages.items()}
        self._backend = backend
        self._options = options
        self._notes: list[str] = []
        self._without_statistics: list[str] = []
        self._has_statistics = False
        self._headers: list[Sequence[str]] = []
        self._other_packages: dict[tuple[str, str], Package | None] = {}

    @cached_property
    def _tables(self) -> dict[tuple[str, str], CheckedTable]:
        resources = [(n, p, r) for n, p in self._packages.items() for r in p.descriptor.resources]
        referenced = {
            (key.reference.package or name, key.reference.table or resource.name)
            for name, _, resource in resources
            for key in resource.schema.all_references()
        }
        tables = (
            TableToCheck(
                name,
                package,
                resource,
                package.file(resource.name),
                (name, resource.name) in referenced,
                self._rule_sets[name],
            )
            for name, package, resource in resources
        )
        return {(t.package, t.name): self._open_table(t) for t in tables}

    def _open_table(self, table: TableToCheck) -> CheckedTable:
        sample = self._options.sample
        rows = None if sample is None or table.is_referenced else first_rows(table, sample)
        return CheckedTable(table, self._backend, rows, max_findings=self._options.max_findings)

    def report(self, *, trusted: bool) -> Report:
        """Run every check and collect the issues."""
        parts: list[Sequence[Issue]] = []
        if not trusted:
            for name, package in self._packages.items():
                parts.append(list(descriptor_issues(name, package)))
                self._notes += skipped_notes(name, package)
        tables = list(self._tables.values())
        waivers = Waivers([t for t in tables if not {TRIAL_EVIDENCE, STATISTICS}.isdisjoint(t.table.rule_sets)])
        frames = FramesOnDemand({t.name: t for t in tables}, self._backend, self._without_rows())
        checked_count = 0
        for table in tables:
            if self._options.fail_fast and any(
                i.severity == "error" for part in parts for i in waivers.remove_accepted(part)
            ):
                break
            if table.name in waivers.tables:
                # Which of them are accepted is known only when all are listed.
                table.max_findings = 0
            parts.append(self._table_issues(table, frames, expect_failures=table.name in waivers.tables))
            checked_count += 1
        checked_tables = tables[:checked_count]
        if self._options.columns is not None and checked_count == len(tables):
            from .statistics.check import refuse_unknown_columns

            file = tables[0].table.file if len(tables) == 1 else ""
            refuse_unknown_columns(self._options.columns, self._headers, file or "")
        self._notes += self._notes_on_statistics() if self._without_statistics else ()
        notes = [*self._notes, *(note for t in checked_tables for note in t.notes_on_faults())]
        notes += [*_broken_notes(frames), *(note for t in checked_tables for note in t.rows.notes)]
        notes += _keyless_notes(checked_tables)
        omitted = sum((t.omitted for t in checked_tables), Counter[tuple[str, Severity, str]]())
        rows = sum(t.rows.count for t in checked_tables)
        issues = join_issues(parts)
        remaining_issues = issues if checked_count < len(tables) else waivers.apply(issues)
        sets = {name for t in checked_tables for name in t.table.rule_sets} - {STANDARD}
        printed_notes = [hide_secrets(note) for note in notes]
        report = Report(
            remaining_issues, checked_count, rows, printed_notes, dict(omitted), rule_sets=tuple(sorted(sets))
        )
        return first_error(report, [t.name for t in tables[checked_count:]]) if self._options.fail_fast else report

    def _table_issues(self, table: CheckedTable, frames: FramesOnDemand, *, expect_failures: bool) -> Sequence[Issue]:
        """Run every check of one table."""
        form_issues = [*table.form_issues(), *table.within_limit(self._dangling_keys(table))]
        if self._options.fail_fast and any(i.severity == "error" for i in form_issues):
            return form_issues
        warnings_option = self._options.warnings
        warnings = warnings_option if isinstance(warnings_option, bool) else table.name in warnings_option
        targets = self._targets(table, frames)
        expected = warnings or expect_failures
        value_issues = table.value_issues(
            targets, frames, expect_failures=expected, warnings=warnings, stop_early=self._options.fail_fast
        )
        statistics = list(self._statistics_issues(table)) if STATISTICS in table.table.rule_sets else []
        # Form, values and statistics each come in the order of lines; together they don't.
        issues = join_issues([form_issues, value_issues, statistics])
        return sort_by_line(issues) if table.rows.has_lines else issues

    def _statistics_issues(self, table: CheckedTable) -> Iterator[Issue]:
        from .statistics.check import find_column_mapping, reason_without_statistics, statistics_issues

        text, user_map = table.text, self._options.columns
        mapping = find_column_mapping(table.table.resource, text.frame.columns, user_map)
        self._headers += [text.frame.columns] if text.frame.columns else []
        reason = reason_without_statistics(table.table.file or table.name, text.frame.columns, mapping)
        # A descriptor that maps missing columns is wrong; other tables may have no statistics.
        if reason and text.frame.columns and (user_map is not None or not mapping):
            self._without_statistics.append(reason)
            return
        self._has_statistics = self._has_statistics or not reason
        yield from table.within_limit(statistics_issues(table, text.frame, text.lines, mapping, self._notes))

    def _notes_on_statistics(self) -> Iterator[str]:
        """Note the tables without statistics; `not checked` only if the rules were requested and no table has any."""
        from .statistics.check import HOW_TO_MAP

        is_requested = self._options.rules is not None or self._options.columns is not None
        for reason in self._without_statistics:
            is_fault = is_requested and not self._has_statistics
            yield f"not checked: {reason}; {HOW_TO_MAP}" if is_fault else f"not applicable: {reason}"

    def _without_rows(self) -> set[str]:
        """Return the resources of the packages whose rows can't be read."""
        return {
            name
            for p in self._packages.values()
            for name in (*p.descriptor.resource_errors, *p.descriptor.skip_reasons)
        }

    def _dangling_keys(self, table: CheckedTable) -> Iterator[Issue]:
        """Find keys to tables that a package doesn't have, or to fields that such a table doesn't."""
        for key in table.table.resource.schema.all_references():
            package = self._package_of_key(table, key)
            if package is None:
                continue
            name, descriptor = key.reference.table or table.name, package.descriptor
            target = next((r for r in descriptor.resources if r.name == name), None)
            outside = f" of {key.reference.package}" if key.reference.package else ""
            if target is None and name not in descriptor.skip_reasons and name not in descriptor.resource_errors:
                message = f"a key refers to {name}{outside}, which is no resource of the package"
                yield table.issue(UNUSABLE_FIELD, message, "Fix the descriptor.", column=key.columns[0])
            field_names = target.schema.names if target is not None else ()
            for column in (c for c in key.reference.columns if field_names and c not in field_names):
                message = f"a key refers to {name}.{column}{outside}, which is not a field"
                yield table.issue(UNUSABLE_FIELD, message, "Fix the descriptor.", column=key.columns[0])

    def _package_of_key(self, table: CheckedTable, key: ForeignKey) -> Package | None:
        """Return the package that a key points to: the table's own, another that was named, or one by its path."""
        source, package_name = table.table.source, key.reference.package
        if package_name is None:
            return self._packages.get(table.table.package, source)
        if package_name in self._packages:
            return self._packages[package_name]
        if (table.table.package, package_name) not in self._other_packages:
            package_by_path = _package_by_path(self._packages.values(), source, package_name)
            self._other_packages[table.table.package, package_name] = package_by_path or _open_relative(
                source, package_name
            )
        return self._other_packages[table.table.package, package_name]

    def _targets(self, table: CheckedTable, frames: FramesOnDemand) -> dict[int, Any]:
        targets: dict[int, Any] = {}
        for number, key in enumerate(table.table.resource.schema.all_references()):
            target = self._target(table, key)
            keys = None if target is None else target.key_frame(key.reference.columns)
            if keys is not None:
                targets[number] = keys
            elif target is not None:
                frames.broken.add(target.name)
            else:
                self._notes.append(self._unknown_target(table, key))
        return targets

    def _target(self, table: CheckedTable, key: ForeignKey) -> CheckedTable | None:
        """Return the table that a key points to, where its rows can be read."""
        package, name = self._package_of_key(table, key), key.reference.table or table.name
        for short_name, named_package in self._packages.items():
            if named_package is package:
                return self._tables.get((short_name, name))
        if package is None or name not in package.table_names:
            return None
        resource = package.resource(name)
        return CheckedTable(
            TableToCheck(str(key.reference.package), package, resource, package.file(name), is_referenced=True),
            self._backend,
        )

    def _unknown_target(self, table: CheckedTable, key: ForeignKey) -> str:
        package, name = self._package_of_key(table, key), key.reference.table or table.name
        target_name = ".".join(p for p in (key.reference.package, key.reference.table) if p)
        reason = "a table that was not given"
        if package is not None:
            reason = "which is not in that package"
            if name in package.descriptor.skip_reasons:
                reason = "which is not read as a table"
            elif name in package.descriptor.resource_errors:
                reason = "whose description can't be used"
        return f"not checked: {table.name}.{', '.join(key.columns)} against {target_name}, {reason}"


def _package_by_path(packages: Collection[Package], source: Package, path: str) -> Package | None:
    """Return the one of some packages that a path leads to, from the folder of another package."""
    if "://" in path or isinstance(source.store, RemoteStore):
        return None
    folder_of_source = source.store.local_path(".")
    if folder_of_source is None:
        return None
    target = (folder_of_source / path).resolve()
    for package in packages:
        folder = None if isinstance(package.store, RemoteStore) else package.store.local_path(".")
        if folder is not None and folder.resolve() == (target.parent if target.suffix == ".json" else target):
            return package
    return None


def _open_relative(source: Package, path_or_url: str) -> Package | None:
    """Open a package by its path in another one, or by address where the other may be read from one."""
    is_address = "://" in path_or_url
    if is_address and not isinstance(source.store, RemoteStore):
        return None
    try:
        package_path: str | Path | None = path_or_url if is_address else source.store.local_path(path_or_url)
        if package_path is None or (isinstance(package_path, Path) and not package_path.exists()):
            return None
        return Package.open(package_path, allow_remote=is_address)
    except LuminaldbError:
        return None


def first_rows(table: TableToCheck, count: int) -> MemoryRows | None:
    """Return the first rows of a table; None where it has no more."""
    text = read_head(table.source.store, table.resource, count)
    if text is None:
        return None
    rows = MemoryRows(text, table.resource.schema)
    rows.notes = [f"not checked: rows of {table.name} beyond the first {count:,}"]
    return rows


def first_error(report: Report, unchecked_tables: Sequence[str]) -> Report:
    """Keep the first error, and note which tables were not looked at."""
    error = next((issue for issue in report.findings if issue.severity == "error"), None)
    if error is None:
        return report
    notes = [*report.notes, "not checked: what comes after the first error"]
    notes += [f"not checked: {', '.join(unchecked_tables)}"] if unchecked_tables else []
    return replace(report, findings=[error], notes=notes, omitted={})


def _broken_notes(frames: FramesOnDemand) -> Iterator[str]:
    for name in sorted(frames.broken):
        yield f"not checked: what keys and rules of other rows ask of {name}, until its file is fixed"


def _keyless_notes(tables: Collection[CheckedTable]) -> Iterator[str]:
    for table in tables:
        if not table.rows.has_lines and not table.table.resource.schema.primary_key and table.rows.count:
            yield f"{table.name} has no primary key: its findings can't say in which row"
