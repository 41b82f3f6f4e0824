"""Data packages judged by an engine: every table staged, opened there, and checked as ever."""

from __future__ import annotations

import tempfile
from pathlib import Path

from luminaldb.issues import Report
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.package import Package

from ..validation import Validation
from .engine import opened_engine
from .engine_table import EngineTable
from .staging import stage


def validate_packages(packages: dict[str, Package], engine: str, *, trusted: bool, warnings: bool = False) -> Report:
    """Validate packages by an engine.

    Args:
        packages: by short name.
        engine: `duckdb` or `spark`.
        trusted: whether the descriptors are known to be right.
        warnings: whether to run the rules that only warn, too.

    Returns:
        A report; its findings name rows by primary key, lines only where the file's form is wrong.
    """
    made: list[EngineTable] = []
    with opened_engine(engine) as running, tempfile.TemporaryDirectory() as folder:

        def table(package: str, source: Package, resource: Resource) -> EngineTable:
            staged = stage(source.store, resource, Path(folder))
            rows = None if staged.file is None else running.read(staged.file, staged.delimiter, staged.header)
            own = EngineTable(package, source, resource, running)
            made.append(own.adopt(rows, staged.header, staged.rows, staged.issues, staged))
            return own

        report = Validation(packages, trusted=trusted, warnings=warnings, table=table).report()
    keyless = [t.name for t in made if not t.resource.schema.primary_key and t.rows]
    notes = [f"{name} has no primary key: its findings can't say in which row" for name in keyless]
    return Report(
        report.findings, report.tables, report.rows, [*report.notes, *(n for t in made for n in t.notes), *notes]
    )
