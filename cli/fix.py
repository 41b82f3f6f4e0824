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
    matches = list(plan_fixes(packages, rules))
    apply_fixes(matches, packages)
    for each in matches:
        if each.is_changed:
            typer.echo(printable(f"fixed {each.file}: {'; '.join(each.after.changes)}"), err=True)
        _print_refusal(each)


def show_diff(
    paths: list[Path], rules: Collection[str] | None = None, schema: Path | None = None, sheet: str | None = None
) -> bool:
    """Print as a unified diff what `--fix` would change; return whether there is anything.

    Raises:
        LuminaldbError: a path is no data package.
    """
    from luminaldb.curation.fixes.packages import plan_fixes, unified_diff
    from luminaldb.issues import printable

    result = False
    for each in plan_fixes(_open(paths, schema, sheet), rules):
        text = unified_diff(each)
        result = result or each.is_changed
        if sys.stdout.isatty():
            text = "".join(f"{printable(line)}\n" for line in text.split("\n")[:-1])
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        if each.is_changed:
            typer.echo(printable(f"would fix {each.file}: {'; '.join(each.after.changes)}"), err=True)
        _print_refusal(each)
    return result


def _open(paths: list[Path], schema: Path | None, sheet: str | None) -> list[Package]:
    from luminaldb.loaders.datapackage.single_file import read_schema
    from luminaldb.loaders.open_packages import open_packages

    return list(open_packages(paths, schema=read_schema(schema) if schema else None, sheet=sheet).values())


def _print_refusal(each: FileFix) -> None:
    from luminaldb.issues import printable

    if each.after.refusal_reason:
        typer.echo(printable(f"not fixed: {each.file}: {each.after.refusal_reason}"), err=True)
