"""`luminaldb diff A B`: what changed between two states of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Named here as in publish.release.diff_report, so that --help needs no polars; a test compares the two.
FORMATS = ("text", "markdown", "json", "html")
_SHOWN = 20


def command(
    old: Annotated[str, typer.Argument(help="A released version (0.1.0), a checkout, a data package: folder or zip.")],
    new: Annotated[
        str | None, typer.Argument(help="The later state, in the same form; the installed tables if omitted.")
    ] = None,
    to: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; text if omitted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="Rows of each kind and table to show at most; 0 for all. JSON has all.")
    ] = _SHOWN,
    output: Annotated[Path | None, typer.Option("--out", "--output", help="Write to this file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
) -> None:
    """Show the tables, columns and rows added, revised and removed, field by field, and the version number required."""
    if as_json and to not in (None, "json"):
        raise typer.BadParameter(f"--json and --format {to} exclude each other", param_hint="--format")
    chosen = "json" if as_json else to or "text"
    if chosen not in FORMATS:
        raise typer.BadParameter(f"{chosen!r} is not one of {', '.join(FORMATS)}", param_hint="--format")
    from luminaldb.curation.diff import diff
    from luminaldb.errors import UnknownTableError
    from luminaldb.loaders.database import Database
    from luminaldb.loaders.datapackage.package import unknown_table_message
    from luminaldb.publish.release.diff_formats import render_diff

    from .output import progress

    with progress("comparing") as step:
        before, after = Database.find(old), Database.find(new)
        known = [*before.tables, *after.tables]
        for name in table or ():
            if name not in known:
                raise UnknownTableError(
                    unknown_table_message(name, sorted(set(known)), f"{before.label} or {after.label}")
                )
        step("tables")
        result = diff(before, after, table or ())
    text = render_diff(chosen, result, limit)
    if output is None:
        typer.echo(text, nl=False)
        return
    from luminaldb.atomic_write import replace_file

    with replace_file(output, force=force) as place:
        place.write_text(text, encoding="utf-8")
    typer.echo(f"wrote {output}")
