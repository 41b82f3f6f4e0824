"""`luminaldb release cff`: the text of CITATION.cff."""

from __future__ import annotations

import typer


def command() -> None:
    """Print the CITATION.cff generated from the tables' descriptors."""
    from luminaldb.publish.export.content import choose
    from luminaldb.publish.export.dataset_metadata import facts
    from luminaldb.publish.release.metadata.cff import render

    typer.echo(render(facts(choose())), nl=False)
