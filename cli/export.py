"""`luminaldb export`: files for other programs and for people who do not program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .data_options import DataFolder, DataVersion

# A copy of publish.export's list, so that --help does not import polars; a test compares the two.
FORMATS = ("csv", "xlsx", "parquet", "json", "jsonl", "sqlite")


def command(
    format_name: Annotated[str, typer.Option("--format", "--to", help=f"{', '.join(FORMATS)}.")],
    output: Annotated[
        Path,
        typer.Option("--out", help="A file for xlsx and sqlite. For other formats a folder, or a file for one table."),
    ],
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    package: Annotated[list[str] | None, typer.Option("--package", help="Only this package; may be repeated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
    version: DataVersion = None,
    folder: DataFolder = None,
    excel: Annotated[
        bool,
        typer.Option("--excel", help="Write CSV that Excel opens with every character right and no text as a formula."),
    ] = False,
) -> None:
    """Export tables as CSV (a data package), an Excel workbook, Parquet, JSON, JSON Lines or SQLite."""
    if format_name not in FORMATS:
        raise typer.BadParameter(f"{format_name!r} is not one of {', '.join(FORMATS)}", param_hint="--format")
    from luminaldb.publish.export.export import export

    from .output import progress

    with progress(f"writing {format_name}") as step:
        path = export(
            format_name,
            output,
            tables=table or (),
            packages=package or (),
            force=force,
            excel=excel,
            version=version,
            path=folder,
            progress=step,
        )
    typer.echo(f"wrote {path}")
