"""`luminaldb quality`: how good the tables are."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion


def command(
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/quality.md.")] = False,
) -> None:
    """Count rows, second reads and corrections, source levels, intervals, retraction status of sources, waivers."""
    from luminaldb.curation import quality
    from luminaldb.loaders.database import Database

    from .output import print_frame, print_json

    database = Database.find(folder, version=version)
    if markdown:
        typer.echo(quality.markdown(database), nl=False)
    elif as_json:
        print_json({title: frame.to_dicts() for title, frame in quality.sections(database).items()})
    else:
        for title, frame in quality.sections(database).items():
            typer.echo(f"\n{title}")
            print_frame(frame)
