"""`luminaldb todo`: what is left to do in the tables."""

from __future__ import annotations

from typing import Annotated

import typer

from .data_options import DataFolder

_MAX_TASKS_SHOWN = 10


def command(
    folder: DataFolder = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only tasks whose kind contains this text.")] = None,
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; may be repeated.")] = None,
    limit: Annotated[
        int, typer.Option(min=0, help="How many of each kind to show at most; 0 for all.")
    ] = _MAX_TASKS_SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of them as JSON.")] = False,
) -> None:
    """List what is left to do: trials without results, rows to read a second time, weak sources, empty cells."""
    from luminaldb.curation.todo import count_tasks, list_tasks, tasks_frame
    from luminaldb.loaders.database import Database

    from .output import print_frame, print_json, progress

    database = Database.find(folder)
    for name in table or ():
        database.package_of(name)
    with progress("looking"):
        tasks = list_tasks(database)
    tasks = [t for t in tasks if (not kind or kind in t.kind) and (not table or t.table in table)]
    frame = tasks_frame(tasks)
    if as_json:
        print_json(frame.to_dicts())
        return
    listed = frame.group_by("kind", maintain_order=True).head(limit).select(frame.columns) if limit else frame
    print_frame(listed)
    summary = ", ".join(f"{name}: {number:,}" for name, number in count_tasks(tasks).iter_rows())
    hint = "; --limit 0 shows all" if listed.height < frame.height else ""
    typer.echo(f"{summary or 'nothing is left to do'}{hint}", err=True)
