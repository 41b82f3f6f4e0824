"""Judge data packages: descriptor, file form, types, constraints, keys within and across packages, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import polars as pl

from ..loaders import shipped
from ..loaders.descriptor import ForeignKey, Resource
from ..loaders.errors import LuminaldbError
from ..loaders.package import Package
from ..loaders.store import DESCRIPTOR
from ..loaders.text import TextTable
from .checks import TEXT, Check
from .constraints import column_checks, key_checks, reference_checks
from .findings import Finding, Report
from .frame import bring, judged, runnable
from .rules import rule_checks
from .waivers import waive

_VALUE_SHOWN = 80
# Parts of the standard that frictionless 5.21 doesn't know and calls errors.
_UNKNOWN_TO_FRICTIONLESS = (
    'constraint "jsonSchema" is not supported',
    'constraint "enum" is not supported by type "list"',
)


def validate(*paths: str | Path) -> Report:
    """Validate data packages.

    Args:
        paths: folders, datapackage.json files or zips; a folder of packages stands for each of them. The
            shipped packages where omitted. Keys from one package to another are checked among those named.

    Returns:
        A report: every finding with its place, rule and cure, and what could not be checked.

    Raises:
        LuminaldbError: a path is no data package, or a descriptor can't be used.
    """
    if not paths:
        return Validation(dict(shipped.packages()), trusted=True).report()
    return Validation(opened([Path(p) for p in paths])).report()


def opened(paths: Sequence[Path]) -> dict[str, Package]:
    """Open packages by short name; a folder without a descriptor stands for the packages in it."""
    found: dict[str, Package] = {}
    for path in paths:
        if path.is_dir() and not (path / DESCRIPTOR).is_file():
            inside = sorted(p.parent for p in path.glob(f"*/{DESCRIPTOR}"))
            if not inside:
                raise LuminaldbError(f"{path}: no {DESCRIPTOR} here or one folder below; name a data package")
            packages = [Package.open(p) for p in inside]
        else:
            packages = [Package.open(path)]
        for package in packages:
            name = package.name.removeprefix("luminaldb-") or package.store.label
            if name in found:
                raise LuminaldbError(f"{package.store.label}: a package named {name!r} was given already")
            found[name] = package
    # Packages are reported in the order of their references, others after them by name.
    rank = {name: n for n, name in enumerate(shipped.ORDER)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))


class Validation:
    """One run over a set of packages."""

    def __init__(self, packages: dict[str, Package], *, trusted: bool = False) -> None:
        self._packages = packages
        self._trusted = trusted
        self._notes: list[str] = []

    @cached_property
    def _tables(self) -> dict[tuple[str, str], Table]:
        return {
            (name, resource.name): Table(name, package, resource)
            for name, package in self._packages.items()
            for resource in package.descriptor.resources
        }

    def report(self) -> Report:
        """Run every check and collect what they find."""
        findings: list[Finding] = []
        if not self._trusted:
            for name, package in self._packages.items():
                findings += _descriptor_findings(name, package)
        for table in self._tables.values():
            findings += table.form_findings()
            findings += table.findings(self._targets(table))
        findings = waive(findings, self._tables)
        rows = sum(t.text.frame.height for t in self._tables.values())
        return Report(findings, len(self._tables), rows, self._notes)

    def _targets(self, table: Table) -> dict[int, pl.DataFrame]:
        targets: dict[int, pl.DataFrame] = {}
        for number, key in enumerate(table.resource.schema.all_references()):
            target = self._tables.get((key.reference.package or table.package, key.reference.table or table.name))
            if target is not None:
                targets[number] = target.frame
            else:
                self._note(table, key)
        return targets

    def _note(self, table: Table, key: ForeignKey) -> None:
        where = ".".join(p for p in (key.reference.package, key.reference.table) if p)
        note = f"not checked: {table.name}.{', '.join(key.columns)} against {where}, a table that was not given"
        self._notes.append(note)


class Table:
    """A table under validation."""

    def __init__(self, package: str, source: Package, resource: Resource) -> None:
        self.package = package
        self.name = resource.name
        self.resource = resource
        self._source = source

    @cached_property
    def text(self) -> TextTable:
        """The table as text."""
        return self._source.text(self.name)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The table as checks see it."""
        return judged(self.text.frame, self.resource.schema)

    @property
    def file(self) -> str:
        """The table's file as messages name it."""
        return self._source.file(self.name)

    def form_findings(self) -> Iterator[Finding]:
        """Give what is wrong with the file's form, and with its columns as a whole."""
        for problem in self.text.problems:
            yield self._finding(
                problem.code, problem.line, problem.column, problem.value, problem.message, problem.cure
            )
        if self.text.header and self.text.frame.columns:
            yield from self._column_findings()

    def _column_findings(self) -> Iterator[Finding]:
        wanted, have, match = self.resource.schema.names, self.text.header, self.resource.schema.fields_match
        if not wanted:
            return
        if match in ("exact", "equal", "subset"):
            for name in (n for n in wanted if n not in have):
                cure = "Add the column to the file, or take the field out of the descriptor."
                yield self._finding("LDB008", 1, name, "", f"column {name} is missing", cure)
        if match in ("exact", "equal", "superset"):
            for name in (n for n in have if n not in wanted):
                cure = "Delete the column, or describe it as a field in the descriptor."
                yield self._finding("LDB009", 1, name, "", f"column {name} is not in the descriptor", cure)
        if match == "partial" and not set(wanted) & set(have):
            yield self._finding("LDB008", 1, "", "", "no column of the descriptor is in the file", "Mend either.")
        if match == "exact" and set(wanted) == set(have) and tuple(wanted) != tuple(have):
            cure = f"Order the columns as the descriptor does: {', '.join(wanted)}."
            yield self._finding("LDB015", 1, "", "", "the columns stand in another order than the fields", cure)

    def findings(self, targets: dict[int, pl.DataFrame]) -> list[Finding]:
        """Give what is wrong with the values: one pass over all checks, and a second only where it fails."""
        schema = self.resource.schema
        frame = bring(self.frame, schema, targets)
        checks = runnable(
            [
                *column_checks(schema),
                *key_checks(schema),
                *reference_checks(schema, set(targets)),
                *rule_checks(self.name, schema),
            ],
            frame.columns,
        )
        if not checks or not frame.height or _passes(frame, checks):
            return []
        return self._located(frame, checks)

    def _located(self, frame: pl.DataFrame, checks: list[Check]) -> list[Finding]:
        from .pandera_schema import verdicts

        order = {name: n for n, name in enumerate(self.resource.schema.names)}
        wrong = verdicts(frame, checks)
        found: list[tuple[int, int, Finding]] = []
        for number, check in enumerate(checks):
            column = check.columns[0]
            for row in (~wrong[str(number)]).arg_true():
                texts = {c: frame[c + TEXT][row] or "" for c in check.columns}
                texts |= {
                    c: frame[c + TEXT][row] or ""
                    for c in order
                    if "{" + c + "}" in check.message and c + TEXT in frame.columns
                }
                message = check.message
                for name, text in texts.items():
                    message = message.replace("{" + name + "}", text)
                finding = self._finding(
                    check.rule,
                    self.text.lines[row],
                    column,
                    texts[column],
                    message,
                    check.cure,
                    check.severity,
                    self._key(frame, row),
                )
                found.append((row, order.get(column, 0), finding))
        found.sort(key=lambda item: item[:2])
        return [finding for _, _, finding in found]

    def _key(self, frame: pl.DataFrame, row: int) -> str:
        return "|".join(
            frame[c + TEXT][row] or "" for c in self.resource.schema.primary_key if c + TEXT in frame.columns
        )

    def _finding(
        self,
        rule: str,
        line: int,
        column: str,
        value: str,
        message: str,
        cure: str,
        severity: str = "error",
        key: str = "",
    ) -> Finding:
        shown = value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 1] + "…"
        shown = shown.encode("unicode_escape").decode("ascii") if not shown.isprintable() else shown
        return Finding(self.package, self.name, key, self.file, line, column, shown, rule, severity, message, cure)


def _passes(frame: pl.DataFrame, checks: list[Check]) -> bool:
    from pandera.errors import SchemaError, SchemaErrors

    from .pandera_schema import fused

    try:
        fused(checks).validate(frame, lazy=True)
    except (SchemaError, SchemaErrors):
        return False
    return True


def _descriptor_findings(name: str, package: Package) -> Iterator[Finding]:
    """Judge a descriptor by the published profile, which frictionless carries."""
    import frictionless

    try:
        notes = [error.note for error in frictionless.Package.metadata_validate(dict(package.descriptor.raw))]
    except frictionless.FrictionlessException as error:
        notes = [error.error.note]
    known = (note for note in dict.fromkeys(notes) if not note.startswith(_UNKNOWN_TO_FRICTIONLESS))
    for note in known:
        message = f"the descriptor breaks the standard: {' '.join(note.split())}"
        yield Finding(name, "", "", package.descriptor_file, 0, "", "", "LDB013", "error", message, "Mend it.")
