"""`luminaldb new TABLE`: one row, entered column by column, checked before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luminaldb.curation.new_row import Entry
    from luminaldb.issues import Issue
    from luminaldb.loaders.database import Database


def command(
    table: Annotated[str, typer.Argument(help="The table, or one thing of it: trial, effect, citation, claim, …")],
    where: Annotated[
        Path | None, typer.Option("--in", help="Folder of data packages; this folder or its datasets if omitted.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="Fill a column without prompts; may be repeated."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the row and the findings as JSON; with --set.")
    ] = False,
) -> None:
    """Add a row to a table of your working tree: asked for column by column, checked, shown, written in its place."""
    if as_json and not values:
        raise typer.BadParameter("--json needs --set", param_hint="--json")
    cells = _cells(values or [])
    from luminaldb.curation.new_row import entry
    from luminaldb.curation.working_tree import table_named, working_tree

    from .output import progress

    tree = working_tree(where)
    name = table_named(tree, table)
    if not values:
        _ask(tree, name)
        return
    with progress("checking"):
        made = entry(tree, name, cells)
    line = None if made.result.errors else _write(made, quiet=as_json)
    if as_json:
        _print_json(made, line)
    else:
        _tell(made)
    if made.result.errors:
        typer.echo("nothing was written", err=True)
        raise typer.Exit(1)


def _cells(values: list[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for each in values:
        column, sign, value = each.partition("=")
        if not sign or not column or column in cells:
            wrong = "is set twice" if column in cells else "is not COLUMN=VALUE"
            raise typer.BadParameter(f"{each!r} {wrong}", param_hint="--set")
        cells[column] = value
    return cells


def _ask(tree: Database, table: str) -> None:
    from luminaldb.curation.new_row import entry

    from .output import progress
    from .prompts import HELP, Interview

    typer.echo(f"A row of {table} in {tree.label}: {tree.resource(table).description}")
    typer.echo(f"{HELP} Ctrl-C ends; nothing is written until you say so.")
    interview = Interview(tree, table)
    try:
        interview.ask()
        while True:
            with progress("checking"):
                made = entry(tree, table, interview.cells)
            _show(made)
            _tell(made)
            if not made.result.errors:
                break
            typer.echo("\nThese columns once more:")
            interview.ask(_faulty(made))
        sure = typer.confirm("\nWrite this row?")
    except (typer.Abort, KeyboardInterrupt):
        sure = False
    if not sure:
        typer.echo("\nnothing was written", err=True)
        raise typer.Exit(1)
    _write(made)


def _faulty(made: Entry) -> set[str]:
    """Give the columns to ask for again: those with findings; all where only other rows have any."""
    return {f.column for f in made.result.errors if _own(f, made) and f.column in made.row}


def _own(finding: Issue, made: Entry) -> bool:
    return finding.table == made.table and finding.row_key == made.key


def _show(made: Entry) -> None:
    from luminaldb.issues import printable

    typer.secho(f"\n{made.table}: {made.key}", bold=True)
    wide = max(map(len, made.row))
    for column, cell in made.row.items():
        if cell:
            typer.echo(printable(f"  {column:<{wide}}  {cell}"))


def _tell(made: Entry) -> None:
    """Say on standard error what is wrong, what is odd, and what is still to come."""
    from luminaldb.issues import printable

    groups = (("wrong", made.result.errors), ("look again", made.result.warnings), ("to come", made.result.awaited))
    for word, findings in groups:
        for finding in findings:
            typer.echo(printable(f"{word}: {_describe(finding, made)}"), err=True)
    if made.result.before:
        typer.echo(f"note: {made.result.before} findings were there before this row", err=True)


def _describe(finding: Issue, made: Entry) -> str:
    from luminaldb.publish.reports.finding_text import message_and_hint

    place = finding.column if _own(finding, made) else f"{finding.table} {finding.row_key} {finding.column}"
    return f"{place}  {finding.code}  {message_and_hint(finding)}"


def _write(made: Entry, *, quiet: bool = False) -> str:
    from luminaldb.issues import printable

    place = str(made.write())
    if not quiet:
        typer.echo(printable(f"wrote {made.key} to {place}"))
    return place


def _print_json(made: Entry, place: str | None) -> None:
    from .output import print_json

    message = {name: [f.to_dict() for f in getattr(made.result, name)] for name in ("errors", "warnings", "awaited")}
    print_json({"table": made.table, "row": dict(made.row), "written": place, **message})
