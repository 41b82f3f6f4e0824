"""`luminaldb release cff`: the text of CITATION.cff."""

from __future__ import annotations

import typer


def command() -> None:
    """Print the CITATION.cff generated from the tables' descriptors."""
    from luminaldb.publish.export.content import choose_content
    from luminaldb.publish.export.dataset_metadata import read_metadata
    from luminaldb.publish.release.metadata.cff import render

    typer.echo(render(read_metadata(choose_content())), nl=False)
