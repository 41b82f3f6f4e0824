"""`luminaldb release build`: every artifact of a release, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path, typer.Option("--out", help="Folder to create; it must be empty where it exists.")],
    source: Annotated[Path, typer.Option("--source", help="Checkout of luminaldb to release.")] = Path(),
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Build although the checkout has uncommitted changes.")
    ] = False,
) -> None:
    """Build a release from a clean checkout, with the same bytes on every run."""
    from luminaldb.publish.release.build import build

    from ..output import progress

    with progress("building the release") as step:
        folder = build(out, source=source, allow_dirty=allow_dirty, progress=step)
    typer.echo(f"wrote {folder}")
