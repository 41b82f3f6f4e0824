"""`luminaldb validate [PATH…]`: judge the shipped tables, or anybody's data package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luminaldb.schemas.findings import Report


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders, datapackage.json files or zips; the shipped packages where omitted."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    engine: Annotated[str, typer.Option(help="What runs the checks: polars, duckdb or spark.")] = "polars",
    limit: Annotated[int, typer.Option(min=0, help="How many findings to print at most; 0 for all.")] = 200,
) -> None:
    """Check form, types, constraints, keys and consistency; exit code 1 when something is wrong."""
    from luminaldb.schemas.validation import validate

    from .output import print_json, progress

    with progress("validating"):
        report = validate(*(paths or []), engine=engine)
    if as_json:
        print_json(report.to_dict())
    else:
        _print(report, limit)
    if not report.ok:
        raise typer.Exit(1)


def _print(report: Report, limit: int) -> None:
    for finding in report.findings[:limit] if limit else report.findings:
        typer.echo(str(finding))
    for note in report.notes:
        typer.echo(f"note: {note}", err=True)
    checked = f"{report.rows:,} rows in {report.tables} tables"
    if not report.findings:
        typer.echo(f"All is well: {checked}.")
        return
    hidden = len(report.findings) - limit if limit else 0
    more = f", {hidden} of them not shown" if hidden > 0 else ""
    number = len(report.findings)
    typer.echo(f"{number} finding{'s' if number != 1 else ''}{more}: {checked}.", err=True)
