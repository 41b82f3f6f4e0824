"""`luminaldb sources overlap`: passages that the tables share word for word with source texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..data_options import DataFolder


def command(
    texts: Annotated[list[Path], typer.Argument(help="Text files of sources, or folders of them.")],
    folder: DataFolder = None,
    words: Annotated[int, typer.Option(min=4, help="Consecutive words that count as an overlap.")] = 9,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for sentences copied from sources; exit code 1 where a text shares nine words in a row with one."""
    from dataclasses import asdict

    from luminaldb.curation.sources.word_overlap import find_overlaps, read_source_texts
    from luminaldb.loaders.database import Database

    from ..output import print_json

    overlaps = find_overlaps(Database.find(folder), read_source_texts(texts), words)
    if as_json:
        print_json([asdict(overlap) for overlap in overlaps])
    else:
        for overlap in overlaps:
            cell = f"{overlap.table} {overlap.row_key} {overlap.column}"
            typer.echo(f"{cell}: {overlap.words} words as in {overlap.source}: {overlap.passage}")
    if overlaps:
        raise typer.Exit(1)
