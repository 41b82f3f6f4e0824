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
    from luminaldb.errors import LuminaldbError
    from luminaldb.input_files import is_file
    from luminaldb.loaders.database import Database
    from luminaldb.publish.release.archive import cut
    from luminaldb.publish.release.consistency import consistency_problems
    from luminaldb.publish.release.version_check import check

    from ..output import progress

    changelog = Path(source) / "CHANGELOG.md"
    changelog_file = changelog if is_file(changelog) else None
    with progress("cutting"):
        # A release can't be taken back, so that what `release check` finds is refused here, too.
        result = check(source, archive, changelog=changelog_file)
        problems = [
            *result.problems,
            *consistency_problems(Database.find(source), Path(source), result.version, changelog_file),
        ]
        if problems:
            more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
            raise LuminaldbError(f"{problems[0]}{more}; nothing was cut, luminaldb release check shows all")
        release = cut(archive, source)
    typer.echo(f"wrote {archive / release.zip_file.path}: {release.version}, {release.rows:,} rows")
