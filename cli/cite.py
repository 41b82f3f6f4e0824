"""`luminaldb cite`: how to cite the dataset, or the papers behind rows of it."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder

# Named here as in publish.references, so that --help needs no polars; a test compares the two.
FORMATS = ("bibtex", "ris", "apa", "csl")


def command(
    more_rows: Annotated[list[str] | None, typer.Argument(metavar="[ROW]...", help="More rows, after --rows.")] = None,
    rows: Annotated[
        list[str] | None,
        typer.Option("--rows", metavar="TABLE:ID", help="Cite the papers behind this row; several may follow."),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option("--data-version", "--version", help="Cite a release; the installed tables if omitted."),
    ] = None,
    folder: DataFolder = None,
    format_name: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")] = "apa",
) -> None:
    """Cite the dataset, or with --rows effects:ID the papers behind rows, for a reference manager or as text."""
    if format_name not in FORMATS:
        raise typer.BadParameter(f"{format_name!r} is not one of {', '.join(FORMATS)}", param_hint="--format")
    if more_rows and not rows:
        raise typer.BadParameter("rows are named after --rows", param_hint="ROW")
    if folder and not rows:
        raise typer.BadParameter("cites rows of a folder: name them with --rows", param_hint="--in")
    from luminaldb.publish.export import citing
    from luminaldb.publish.export.references import render

    items = citing.papers([*rows, *(more_rows or ())], version, folder) if rows else [citing.dataset(version)]
    typer.echo(render(items, format_name), nl=False)
