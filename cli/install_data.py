"""`luminaldb install-data VERSION`: copy a release to this machine, for use without a network."""

from __future__ import annotations

from typing import Annotated

import typer


def command(version: Annotated[str, typer.Argument(help="Version of the release, for instance 0.1.0.")]) -> None:
    """Copy a release from LUMINALDB_RELEASES (a URL or a folder) into the cache, and verify it."""
    from luminaldb.loaders.releases.versions import install_data

    from .output import progress

    with progress(f"fetching {version}"):
        zip_file = install_data(version)
    typer.echo(f"installed {version}: {zip_file}")
