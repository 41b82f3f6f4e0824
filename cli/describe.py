"""`luminaldb describe TABLE`: explain the columns of a table."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion


def command(
    table: Annotated[str, typer.Argument(help="Name of the table, for instance effects.")],
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain every column of a table: type, unit, key, allowed values, meaning, a good and a bad example."""
    import sys

    from luminaldb.loaders.catalogue import describe

    from .output import print_frame

    codebook = describe(table, version=version, path=folder)
    if not as_json and sys.stdout.isatty():
        codebook = codebook.select("column", "type", "unit", "required", "key", "values", "description", "example")
    print_frame(codebook, as_json=as_json, title=table)
