"""`luminaldb release cut`: keep a release for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    archive: Annotated[Path, typer.Option("--archive", help="Folder of the released zips.")] = Path("archive"),
    source: Annotated[
        str, typer.Option("--source", help="Checkout or folder of packages whose tables are released.")
    ] = ".",
) -> None:
    """Put the zip of these tables into the archive, and its hashes and rows into the index."""
    from luminaldb.publish.release.archive import cut

    from ..output import progress

    with progress("cutting"):
        release = cut(archive, source)
    typer.echo(f"wrote {archive / release.zip_file.path}: {release.version}, {release.rows:,} rows")
