"""`luminaldb release check` and `release changelog`: what a release must be called, and what it must tell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[str, typer.Option("--source", help="Checkout or folder of packages to judge.")]
Archive = Annotated[Path, typer.Option("--archive", help="Folder of the released bundles.")]
Version = Annotated[
    str | None, typer.Option("--version", help="Version it is to be released as; what its packages say if omitted.")
]


def command(
    source: Source = ".",
    archive: Archive = Path("archive"),
    version: Version = None,
    changelog: Annotated[
        Path | None, typer.Option("--changelog", help="Must tell the change; CHANGELOG.md of the checkout if omitted.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare with the last release; exit code 1 where the version number says less than what changed."""
    from dataclasses import asdict

    from luminaldb.publish.release.check import check

    from ..output import print_json, progress

    own = Path(source) / "CHANGELOG.md"
    with progress("comparing with the last release"):
        verdict = check(source, archive, version=version, changelog=changelog or (own if own.is_file() else None))
    if as_json:
        print_json({**asdict(verdict), "bump": verdict.bump.name})
    else:
        for problem in verdict.problems:
            typer.echo(problem)
        if not verdict.problems:
            since = f"; {verdict.least} would do since {verdict.last}" if verdict.last else ""
            typer.echo(f"All is well: {verdict.version}{since}.")
    if verdict.problems:
        raise typer.Exit(1)


def changelog(source: Source = ".", archive: Archive = Path("archive"), version: Version = None) -> None:
    """Print the changelog's section on the data: rows then and now, what was added, revised and removed."""
    from luminaldb.publish.release.check import check

    from ..output import progress

    with progress("comparing with the last release"):
        verdict = check(source, archive, version=version)
    typer.echo(verdict.section, nl=False)
