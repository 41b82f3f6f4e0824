"""`luminaldb tables`: what there is."""

from __future__ import annotations

from typing import Annotated

import typer


def command(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the tables with their rows, columns and what they hold."""
    from luminaldb.loaders.catalogue import tables

    from .output import print_frame

    print_frame(tables().drop("title"), as_json=as_json)
