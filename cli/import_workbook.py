"""`luminaldb import FILE.xlsx`: a workbook brought back as a diff to confirm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luminaldb.curation.workbook_import import WorkbookImport
    from luminaldb.issues import Issue

_MAX_ROWS_SHOWN = 20


def command(
    file: Annotated[
        Path, typer.Argument(help="A template that was filled in, or an exported workbook that was edited.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder of data packages; this folder or its datasets if omitted.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    deleted: Annotated[
        bool,
        typer.Option("--deleted", help="Remove rows that the sheets lack, and rename ids that were changed in them."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the diff and the findings as JSON; writes only with --yes.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=0, help="Rows of each kind and table to show at most; 0 for all.")
    ] = _MAX_ROWS_SHOWN,
) -> None:
    """Import a workbook into your working tree: shows changes and findings, asks, and writes the tables."""
    from luminaldb.curation.workbook_import import read_import
    from luminaldb.curation.working_tree import open_working_tree
    from luminaldb.errors import LuminaldbError
    from luminaldb.publish.release.diff_formats import render_diff
    from luminaldb.urls import restore_url

    from .output import progress

    if url := restore_url(str(file)):
        raise LuminaldbError("is an address, from which nothing is imported", subject=url, hint="download the workbook")
    tree = open_working_tree(folder)
    with progress("comparing"):
        workbook_import = read_import(file, tree, deleted=deleted)
    if as_json:
        _print_json(workbook_import, workbook_import.write() if yes and not workbook_import.result.errors else [])
    else:
        typer.echo(render_diff("text", workbook_import.diff, limit), nl=False)
        _print_changes(workbook_import, limit)
        if workbook_import.files and not workbook_import.result.errors:
            _write(workbook_import, is_confirmed=yes)
    if workbook_import.result.errors:
        typer.echo(f"nothing was written: {len(workbook_import.result.errors)} findings", err=True)
        raise typer.Exit(1)


def _print_changes(workbook_import: WorkbookImport, limit: int) -> None:
    from luminaldb.issues import printable

    result = workbook_import.result
    for prefix, issues in (("", result.errors), ("look again: ", result.warnings), ("to come: ", result.pending)):
        for issue in issues[: limit or None]:
            typer.echo(printable(f"{prefix}{issue}"), err=True)
        if limit and len(issues) > limit:
            typer.echo(f"{prefix}… {len(issues) - limit:,} more; --limit 0 shows all", err=True)
    for note in workbook_import.notes:
        typer.echo(printable(f"note: {note}"), err=True)


def _write(workbook_import: WorkbookImport, *, is_confirmed: bool) -> None:
    if not is_confirmed:
        try:
            is_confirmed = typer.confirm("Write this?", err=True)
        except typer.Abort:
            typer.echo("", err=True)
    if not is_confirmed:
        typer.echo("nothing was written", err=True)
        raise typer.Exit(1)
    for file in workbook_import.write():
        typer.echo(f"wrote {file}")


def _print_json(workbook_import: WorkbookImport, written_files: list[Path]) -> None:
    import json

    from luminaldb.publish.release.diff_formats import render_diff

    from .output import print_json

    def format_issues(issues: list[Issue]) -> list[dict[str, object]]:
        return [f.to_dict() for f in issues]

    print_json(
        {
            "diff": json.loads(render_diff("json", workbook_import.diff)),
            "errors": format_issues(workbook_import.result.errors),
            "warnings": format_issues(workbook_import.result.warnings),
            "awaited": format_issues(workbook_import.result.pending),
            "notes": list(workbook_import.notes),
            "written": [str(file) for file in written_files],
        }
    )
