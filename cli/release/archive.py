"""`luminaldb release archive`: prove that no archived byte has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    archive: Annotated[Path, typer.Argument(help="Folder of the released zips.")] = Path("archive"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the archive with its index and with the history of the checkout; exit code 1 if they differ."""
    from luminaldb.errors import LuminaldbError
    from luminaldb.input_files import is_folder
    from luminaldb.publish.release import archive as archived_releases

    from ..output import print_json

    if not is_folder(archive):
        raise LuminaldbError("no such folder", subject=str(archive), hint="name the archive of a checkout")
    releases = archived_releases.read(archive)
    problems = [*archived_releases.archive_problems(archive), *archived_releases.changes_after_release(archive)]
    if as_json:
        print_json({"releases": list(releases), "wrong": problems})
    else:
        for line in problems:
            typer.echo(line)
        if not problems:
            typer.echo(f"No problems: {len(releases)} releases, {sum(len(r.files) for r in releases.values())} files.")
    if problems:
        raise typer.Exit(1)
