"""`luminaldb infer FILE`: a first descriptor of a table, to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[str, typer.Argument(help="A table: csv, tsv, xlsx, ods, jsonl, parquet, or - for stdin.")],
    output: Annotated[Path | None, typer.Option("--out", "--output", help="Write the descriptor to this file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
    schema_only: Annotated[bool, typer.Option("--schema-only", help="Only the Table Schema, for --schema.")] = False,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook, by name or number.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; this is the default.")] = False,
) -> None:
    """Write a first descriptor of a table: types, missing values, keys. Check and edit it."""
    del as_json
    from luminaldb.issues import printable
    from luminaldb.loaders.datapackage.infer import infer_with_notes

    from .output import print_json

    descriptor, notes = infer_with_notes(file, sheet=sheet)
    for note in notes:
        typer.echo(f"note: {printable(note)}", err=True)
    content = descriptor["resources"][0]["schema"] if schema_only else descriptor
    if output is None:
        print_json(content)
        return
    import json

    from .report_output import save

    save(json.dumps(content, indent=2, ensure_ascii=False) + "\n", output, force=force)
    typer.echo(f"wrote {output}")
