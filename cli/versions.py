"""`luminaldb versions`: the releases of the data."""

from __future__ import annotations

from typing import Annotated

import typer


def command(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the releases: version, date, rows, hash, and where it is read from."""
    from luminaldb.loaders.releases.versions import versions

    from .output import print_frame

    print_frame(versions(), as_json=as_json)
