"""`luminaldb template`: a workbook to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    format_name: Annotated[str, typer.Option("--format", "--to", help="xlsx.")] = "xlsx",
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--in", help="Folder of data packages whose ids are offered; this folder, or the installed tables."
        ),
    ] = None,
    filled: Annotated[bool, typer.Option("--filled", help="Include the existing rows, to correct them.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
) -> None:
    """Write an Excel workbook to fill in: drop-downs, explanations, a sheet per table. `luminaldb import` reads it."""
    if format_name != "xlsx":
        raise typer.BadParameter(f"{format_name!r} is not xlsx", param_hint="--format")
    from luminaldb.curation.workbook_template import write_template
    from luminaldb.curation.working_tree import find_table, find_tree
    from luminaldb.loaders.database import Database

    from .output import progress

    tree = find_tree(folder) or Database.installed()
    tables = list(dict.fromkeys(find_table(tree, name) for name in table or ()))
    with progress("writing the template") as step:
        file = write_template(tree, out, tables=tables, filled=filled, force=force, progress=step)
    typer.echo(f"wrote {file}, with the ids of {tree.label}")
