"""`luminaldb release check` and `release changelog`: the version number required, what the changelog must have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SourceOption = Annotated[str, typer.Option("--source", help="Checkout or folder of packages to check.")]
ArchiveOption = Annotated[Path, typer.Option("--archive", help="Folder of the released zips.")]
VersionOption = Annotated[
    str | None, typer.Option("--version", help="Version to release it as; that of its packages if omitted.")
]


def command(
    source: SourceOption = ".",
    archive: ArchiveOption = Path("archive"),
    version: VersionOption = None,
    changelog: Annotated[
        Path | None,
        typer.Option("--changelog", help="Must describe the change; the checkout's CHANGELOG.md if omitted."),
    ] = None,
    validate_tables: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Whether the tables must pass luminaldb validate.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare with the last release; exit code 1 if the version number is too low for the changes."""
    from dataclasses import asdict, replace

    from luminaldb.input_files import is_file
    from luminaldb.loaders.database import Database
    from luminaldb.publish.release.consistency import consistency_problems, invalid_rows
    from luminaldb.publish.release.version_check import check

    from ..output import print_json, progress

    changelog_file = Path(source) / "CHANGELOG.md"
    file = changelog or (changelog_file if is_file(changelog_file) else None)
    with progress("comparing with the last release"):
        result = check(source, archive, version=version, changelog=file)
        database = Database.find(source)
        further_problems = [
            *consistency_problems(database, Path(source), result.version, file),
            *(invalid_rows(database) if validate_tables else ()),
        ]
        result = replace(result, problems=(*result.problems, *further_problems))
    if as_json:
        print_json({**asdict(result), "bump": result.bump.name})
    else:
        for problem in result.problems:
            typer.echo(problem)
        if not result.problems:
            requirement = f" The changes since {result.last} need at least {result.least}." if result.last else ""
            typer.echo(f"No problems with version {result.version}.{requirement}")
    if result.problems:
        raise typer.Exit(1)


def changelog(
    source: SourceOption = ".", archive: ArchiveOption = Path("archive"), version: VersionOption = None
) -> None:
    """Print the changelog's section on the data: rows then and now, what was added, revised and removed."""
    from luminaldb.publish.release.version_check import check

    from ..output import progress

    with progress("comparing with the last release"):
        result = check(source, archive, version=version)
    typer.echo(result.section, nl=False)
