"""`luminaldb tables`: list the tables."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion


def command(
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the tables: number of rows and columns, primary key, description."""
    from luminaldb.loaders.catalogue import tables

    from .output import print_frame

    print_frame(tables(version=version, path=folder).drop("title"), as_json=as_json)
