"""`luminaldb quality`: how good the tables are."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/quality.md.")] = False,
) -> None:
    """Count rows, second reads and corrections, source levels, intervals, retraction status of sources, waivers."""
    from luminaldb.curation import quality

    from .output import print_frame, print_json

    if markdown:
        typer.echo(quality.markdown(), nl=False)
    elif as_json:
        print_json({title: frame.to_dicts() for title, frame in quality.sections().items()})
    else:
        for title, frame in quality.sections().items():
            typer.echo(f"\n{title}")
            print_frame(frame)
