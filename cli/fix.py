"""`--fix` and `--diff`: fix what has one right answer, or show it."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from luminaldb.curation.fixes.packages import FileFix
    from luminaldb.loaders.datapackage.package import Package


def fix(
    paths: list[Path], rules: Collection[str] | None = None, schema: Path | None = None, sheet: str | None = None
) -> None:
    """Fix the packages' files, all or none, and report on standard error what was changed in each.

    Raises:
        LuminaldbError: a path is no data package, or a file can't be written.
    """
    from luminaldb.curation.file_changes import finish_killed_writes
    from luminaldb.curation.fixes.packages import apply_fixes, plan_fixes
    from luminaldb.input_files import is_folder
    from luminaldb.issues import printable

    packages = _open(paths, schema, sheet)
    finish_killed_writes(packages, filter(is_folder, paths))
    file_fixes = list(plan_fixes(packages, rules))
    apply_fixes(file_fixes, packages)
    for file_fix in file_fixes:
        if file_fix.is_changed:
            typer.echo(printable(f"fixed {file_fix.file}: {'; '.join(file_fix.after.changes)}"), err=True)
        _print_reason(file_fix)


def show_diff(
    paths: list[Path], rules: Collection[str] | None = None, schema: Path | None = None, sheet: str | None = None
) -> bool:
    """Print as a unified diff what `--fix` would change; return whether there is anything.

    Raises:
        LuminaldbError: a path is no data package.
    """
    from luminaldb.curation.fixes.packages import plan_fixes, unified_diff
    from luminaldb.issues import printable

    has_changes = False
    for file_fix in plan_fixes(_open(paths, schema, sheet), rules):
        text = unified_diff(file_fix)
        has_changes = has_changes or file_fix.is_changed
        if sys.stdout.isatty():
            text = "".join(f"{printable(line)}\n" for line in text.split("\n")[:-1])
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        if file_fix.is_changed:
            typer.echo(printable(f"would fix {file_fix.file}: {'; '.join(file_fix.after.changes)}"), err=True)
        _print_reason(file_fix)
    return has_changes


def _open(paths: list[Path], schema: Path | None, sheet: str | None) -> list[Package]:
    from luminaldb.loaders.datapackage.single_file import read_schema
    from luminaldb.loaders.open_packages import open_packages

    return list(open_packages(paths, schema=read_schema(schema) if schema else None, sheet=sheet).values())


def _print_reason(file_fix: FileFix) -> None:
    from luminaldb.issues import printable

    if file_fix.after.refusal_reason:
        typer.echo(printable(f"not fixed: {file_fix.file}: {file_fix.after.refusal_reason}"), err=True)
