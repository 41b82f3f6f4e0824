"""`luminaldb search TEXT`: find results by words in any order, and rows by their names."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion


def command(
    text: Annotated[
        list[str],
        typer.Argument(help="Words in any order, such as T-DXd T-DM1 OS; a name, id, DOI, PMID or NCT number."),
    ],
    limit: Annotated[int, typer.Option(min=0, help="How many rows at most; 0 for all.")] = 20,
    version: DataVersion = None,
    folder: DataFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search all tables, with the synonyms of the field: results first, each with the command that shows more.

    Exit code 1 when nothing is found.
    """
    from luminaldb.loaders.search import search, search_note

    from .output import is_terminal, print_frame

    query = " ".join(text)
    result = search(query, version=version, path=folder)
    first = result.head(limit) if limit else result
    if result.is_empty() and not as_json:
        typer.echo(f"nothing is called {query!r}", err=True)
        raise typer.Exit(1)
    if not as_json and (note := search_note(query, version=version, path=folder)):
        typer.echo(note, err=True)
    printed_rows = first.select("kind", "label", "detail", "next_command") if is_terminal() and not as_json else first
    print_frame(printed_rows, as_json=as_json)
    if first.height < result.height:
        typer.echo(f"{first.height} of {result.height} rows; --limit 0 shows all", err=True)
    if result.is_empty():
        raise typer.Exit(1)
