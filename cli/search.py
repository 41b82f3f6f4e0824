"""`luminaldb search TEXT`: find anything by any of its names."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion


def command(
    text: Annotated[str, typer.Argument(help="A name, synonym, id, DOI, PMID, NCT number or word.")],
    limit: Annotated[int, typer.Option(min=0, help="How many rows at most; 0 for all.")] = 20,
    version: DataVersion = None,
    where: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search names, synonyms, identifiers, titles and statements; exit code 1 when nothing is found."""
    from luminaldb.loaders.search import search

    from .output import print_frame

    result = search(text, version=version, path=where)
    first = result.head(limit) if limit else result
    if result.is_empty() and not as_json:
        typer.echo(f"nothing is called {text!r}", err=True)
        raise typer.Exit(1)
    print_frame(first, as_json=as_json)
    if first.height < result.height:
        typer.echo(f"{first.height} of {result.height} rows; --limit 0 shows all", err=True)
    if result.is_empty():
        raise typer.Exit(1)
