"""`luminaldb new TABLE`: one row, entered column by column, checked before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminaldb.curation.drafts import Draft
    from luminaldb.curation.new_row import NewRow, NewRows
    from luminaldb.issues import Issue
    from luminaldb.loaders.database import Database


def command(
    table: Annotated[
        str, typer.Argument(help="The table, or its name in the singular: trial, effect, citation, claim, …")
    ],
    folder: Annotated[
        Path | None, typer.Option("--in", help="Folder of data packages; this folder or its datasets if omitted.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="Fill a column without prompts; may be repeated."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the row and the findings as JSON; with --set.")
    ] = False,
    bundle: Annotated[
        bool,
        typer.Option(
            "--bundle", help="With trial: also ask for its citation, arms, therapies, populations and results."
        ),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue with the answers of an unfinished run.")] = False,
) -> None:
    """Add a row to a table of your working tree: asks for each column, checks the row, and writes it in order."""
    if as_json and not values:
        raise typer.BadParameter("--json needs --set", param_hint="--json")
    if values and (bundle or resume):
        raise typer.BadParameter("--set asks nothing: leave out --bundle and --resume", param_hint="--set")
    cells = _cells(values or [])
    from luminaldb.curation.new_row import check_row
    from luminaldb.curation.working_tree import find_table, open_working_tree

    from .output import progress

    tree = open_working_tree(folder)
    name = find_table(tree, table)
    if bundle and name != "trials":
        raise typer.BadParameter("only a trial has a bundle: luminaldb new trial --bundle", param_hint="--bundle")
    if not values:
        _ask(tree, name, bundle=bundle, resume=resume)
        return
    with progress("checking"):
        entry = check_row(tree, name, cells)
    line = None if entry.result.errors else _write(entry, quiet=as_json)
    if as_json:
        _print_json(entry, line)
    else:
        _print_issues(entry)
    if entry.result.errors:
        typer.echo("nothing was written", err=True)
        raise typer.Exit(1)


def _cells(values: list[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for assignment in values:
        column, equals_sign, value = assignment.partition("=")
        if not equals_sign or not column or column in cells:
            problem = "is set twice" if column in cells else "is not COLUMN=VALUE"
            raise typer.BadParameter(f"{assignment!r} {problem}", param_hint="--set")
        cells[column] = value
    return cells


def _ask(tree: Database, table: str, *, bundle: bool, resume: bool) -> None:
    from luminaldb.curation.drafts import Draft, draft_file, read_draft

    from .prompts import HELP

    file = draft_file(tree.label, "trial-bundle" if bundle else table)
    draft = read_draft(file, tree.tables) if resume else Draft(file)
    title = "A trial with all that belongs to it" if bundle else f"A row of {table}"
    typer.echo(f"{title} in {tree.label}: {tree.resource(table).description}")
    typer.echo(f"{HELP} Ctrl-C ends; nothing is written until you say so.")
    if file.exists() and not resume:
        typer.echo("An earlier run was not finished; --resume continues it, answers given now replace it.", err=True)
    try:
        entry = _interview(tree, table, draft, bundle=bundle)
        is_confirmed = entry is not None and typer.confirm(f"\nWrite {'these rows' if bundle else 'this row'}?")
    except (typer.Abort, KeyboardInterrupt):
        entry, is_confirmed = None, False
    if not is_confirmed or entry is None:
        resume_hint = "; --resume continues with the answers so far" if draft.file.exists() else ""
        typer.echo(f"\nnothing was written{resume_hint}", err=True)
        raise typer.Exit(1)
    _write(entry)
    draft.discard()


def _interview(tree: Database, table: str, draft: Draft, *, bundle: bool) -> NewRows | None:
    """Ask until nothing is wrong with the rows; None where what is wrong is not in them."""
    from luminaldb.curation.drafts import DraftRow
    from luminaldb.curation.new_row import check_rows

    from .new_trial import ask_trial
    from .output import progress
    from .prompts import Interview

    if bundle:
        ask_trial(tree, draft)
    else:
        draft.rows = draft.rows or [DraftRow(table)]
        interview = Interview(tree, table, draft.rows[0].cells, save=draft.save)
        if interview.missing:
            interview.ask(interview.missing)
    while True:
        with progress("checking"):
            entry = check_rows(tree, [(row.table, row.cells) for row in draft.rows])
        _show(entry)
        _print_issues(entry)
        if not entry.result.errors:
            return entry
        if bundle and not any(_columns_to_ask_again(entry, n) for n in range(len(entry.rows))):
            return None
        typer.echo("\nThese columns once more:")
        for number, row in enumerate(draft.rows):
            columns = _columns_to_ask_again(entry, number)
            if columns or not bundle:
                other_rows = [(r.table, r.cells) for n, r in enumerate(draft.rows) if n != number]
                Interview(_add_rows(tree, other_rows), row.table, row.cells, save=draft.save).ask(columns)


def _add_rows(tree: Database, rows: Sequence[NewRow]) -> Database:
    from luminaldb.curation.new_row import add_rows

    return tree.with_files(add_rows(tree, rows)[0]) if rows else tree


def _columns_to_ask_again(entry: NewRows, number: int) -> set[str]:
    """Return the columns of a row to ask for again: those with findings; all where only other rows have any."""
    table, cells = entry.rows[number]
    row_errors = (f for f in entry.result.errors if (f.table, f.row_key) == (table, entry.keys[number]))
    return {f.column for f in row_errors if f.column in cells}


def _is_of_only_row(issue: Issue, entry: NewRows) -> bool:
    return len(entry.rows) == 1 and issue.table == entry.table and issue.row_key == entry.key


def _show(entry: NewRows) -> None:
    from luminaldb.issues import printable

    for (table, cells), key in zip(entry.rows, entry.keys, strict=True):
        typer.secho(f"\n{table}: {key}", bold=True)
        width = max(map(len, cells))
        for column, cell in cells.items():
            if cell:
                typer.echo(printable(f"  {column:<{width}}  {cell}"))


def _print_issues(entry: NewRows) -> None:
    """Print on standard error what is wrong, what is odd, and what is still to come."""
    from luminaldb.issues import printable

    groups = (("wrong", entry.result.errors), ("look again", entry.result.warnings), ("to come", entry.result.pending))
    for label, issues in groups:
        for issue in issues:
            typer.echo(printable(f"{label}: {_describe(issue, entry)}"), err=True)
    if entry.result.before:
        rows = "these rows" if len(entry.rows) > 1 else "this row"
        typer.echo(f"note: {entry.result.before} findings were there before {rows}", err=True)


def _describe(issue: Issue, entry: NewRows) -> str:
    from luminaldb.publish.reports.finding_text import message_and_hint

    cell = issue.column if _is_of_only_row(issue, entry) else f"{issue.table} {issue.row_key} {issue.column}"
    return f"{cell}  {issue.code}  {message_and_hint(issue)}"


def _write(entry: NewRows, *, quiet: bool = False) -> str:
    from luminaldb.issues import printable

    files_by_table = dict(zip(entry.files, map(str, entry.write()), strict=True))
    if not quiet:
        for (table, _), key in zip(entry.rows, entry.keys, strict=True):
            typer.echo(printable(f"wrote {key} to {files_by_table[table]}"))
    return files_by_table[entry.table]


def _print_json(entry: NewRows, file: str | None) -> None:
    from .output import print_json

    issues_by_kind = {"errors": entry.result.errors, "warnings": entry.result.warnings, "awaited": entry.result.pending}
    issues_as_dicts = {name: [issue.to_dict() for issue in issues] for name, issues in issues_by_kind.items()}
    print_json({"table": entry.table, "row": dict(entry.row), "written": file, **issues_as_dicts})
