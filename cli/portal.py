"""`luminaldb portal build`: the static site for people who do not program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion

app = typer.Typer(
    no_args_is_help=True, help="Build the portal, a web site of the evidence in a folder that any browser opens."
)


@app.callback()
def portal() -> None:
    """Build the portal, a web site of the evidence in a folder that any browser opens."""


@app.command("build")
def build_command(
    out: Annotated[Path, typer.Option("--out", help="Folder to write; open its index.html.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing portal.")] = False,
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Build the site: every page, table, plot and download, for a folder or any web server."""
    from luminaldb.errors import LuminaldbError
    from luminaldb.loaders.database import Database
    from luminaldb.publish.export.content import choose_content
    from luminaldb.publish.portal.build import build

    from .output import print_json, progress

    database = Database.find(folder, version=version)
    if missing_tables := [table for table in Database.installed().tables if table not in database.packages_by_table]:
        raise LuminaldbError(f"the portal needs every table; there is no {missing_tables[0]}", subject=database.label)
    with progress("building the portal") as step:
        result = build(out, force=force, progress=step, content=choose_content(database=database))
    if as_json:
        print_json({"folder": str(result.folder), "files": result.files, "bytes": result.bytes})
    else:
        typer.echo(f"wrote {result.folder / 'index.html'} and {result.files - 1:,} more files")
