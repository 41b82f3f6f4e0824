"""`luminaldb diff A B`: what changed between two states of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Named here as in publish.release.diff_report, so that --help needs no polars; a test compares the two.
FORMATS = ("text", "markdown", "json", "html")
_MAX_ROWS_SHOWN = 20


def command(
    old: Annotated[str, typer.Argument(help="A released version (0.1.0), a checkout, a data package: folder or zip.")],
    new: Annotated[
        str | None, typer.Argument(help="The later state, in the same form; the installed tables if omitted.")
    ] = None,
    format_name: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; text if omitted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="Rows of each kind and table to show at most; 0 for all. JSON has all.")
    ] = _MAX_ROWS_SHOWN,
    output: Annotated[Path | None, typer.Option("--out", "--output", help="Write to this file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
) -> None:
    """Show the tables, columns and rows added, revised and removed, field by field, and the version number required."""
    if as_json and format_name not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {format_name} exclude each other", param_hint="--format")
    chosen_format = "json" if as_json else format_name or "text"
    if chosen_format not in FORMATS:
        raise typer.BadParameter(f"{chosen_format!r} is not one of {', '.join(FORMATS)}", param_hint="--format")
    from luminaldb.curation.diff import diff
    from luminaldb.errors import UnknownTableError
    from luminaldb.loaders.database import Database
    from luminaldb.loaders.datapackage.package import unknown_table_message
    from luminaldb.publish.release.diff_formats import render_diff

    from .output import progress

    with progress("comparing") as step:
        old_database, new_database = Database.find(old), Database.find(new)
        table_names = [*old_database.tables, *new_database.tables]
        for name in table or ():
            if name not in table_names:
                raise UnknownTableError(
                    unknown_table_message(
                        name, sorted(set(table_names)), f"{old_database.label} or {new_database.label}"
                    )
                )
        step("tables")
        result = diff(old_database, new_database, table or ())
    text = render_diff(chosen_format, result, limit)
    if output is None:
        typer.echo(text, nl=False)
        return
    from luminaldb.atomic_write import replace_file

    with replace_file(output, force=force) as file:
        file.write_text(text, encoding="utf-8")
    typer.echo(f"wrote {output}")
