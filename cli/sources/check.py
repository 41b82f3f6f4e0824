"""`luminaldb sources check`: corrections and retractions of cited papers, and numbers missing from their abstracts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from luminaldb.curation.sources.check import SourcesCheck

FORMATS = ("text", "markdown", "json")
_JSON_KEYS = {"retraction_status": "standing"}


def command(
    datasets: Annotated[
        Path | None, typer.Argument(help="Checkout or folder of packages; the installed tables if omitted.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Log the rows that match as text_match in curation/second_reads.")
    ] = False,
    format_name: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    numbers: Annotated[bool, typer.Option(help="Look for the numbers of rows in the abstracts they cite.")] = True,
    contact: Annotated[
        str, typer.Option(envvar="LUMINALDB_CONTACT", help="E-mail address to send to Crossref and PubMed.")
    ] = "",
    cache: Annotated[Path | None, typer.Option("--cache", help="Folder in which responses are cached.")] = None,
    max_age: Annotated[float, typer.Option(min=0, help="Use a cached response for this many hours.")] = 20,
) -> None:
    """Check Crossref and PubMed for corrections and retractions of cited papers; exit code 1 if a row needs a look."""
    if (chosen_format := "json" if as_json else format_name) not in FORMATS:
        raise typer.BadParameter(f"{format_name!r} is not one of {', '.join(FORMATS)}", param_hint="--format")
    if write and datasets is None:
        raise typer.BadParameter("needs a path: the installed tables can't be changed", param_hint="--write")
    from luminaldb.curation.sources import abstract_match
    from luminaldb.curation.sources import check as checking
    from luminaldb.loaders.database import Database
    from luminaldb.loaders.releases import cache as release_cache

    from ..output import progress

    database = Database.find(datasets)
    with progress("asking") as step:
        result = checking.check(
            database,
            contact=contact,
            cache=cache or release_cache.cache_folder().parent / "sources",
            hours=max_age,
            with_numbers=numbers,
            progress=step,
        )
    if write and datasets is not None:
        import datetime

        logged_rows = abstract_match.log(datasets, result.matched, datetime.datetime.now(datetime.UTC).date())
        typer.echo(f"logged {logged_rows:,} text matches", err=True)
    {"text": _text, "markdown": _markdown, "json": _json}[chosen_format](result)
    if not result.ok:
        raise typer.Exit(1)


def _text(result: SourcesCheck) -> None:
    from luminaldb.curation.sources.check import summarize_check
    from luminaldb.issues import printable

    for finding in (*result.retraction_status, *result.numbers):
        typer.echo(printable(f"{finding.table} {finding.row_key}: {finding.message}. {finding.hint}"))
    for note in result.notes:
        typer.echo(printable(f"note: {note}"))
    for line in summarize_check(result):
        typer.echo(line)


def _markdown(result: SourcesCheck) -> None:
    from luminaldb.curation.sources.check import summarize_check
    from luminaldb.publish.release.diff_markdown import escape
    from luminaldb.publish.release.diff_markdown import lines as table

    typer.echo("\n\n".join(line[0].upper() + line[1:] + "." for line in summarize_check(result)))
    for title, findings in (("Publication status", result.retraction_status), ("Numbers", result.numbers)):
        if findings:
            rows = ([f.table, f.row_key, f.message, f.hint] for f in findings)
            typer.echo(f"\n## {title}\n\n" + "\n".join(table(("table", "row", "finding", "fix"), rows)))
    if result.notes:
        typer.echo("\n## Not asked\n\n" + "\n".join(f"- {escape(note)}" for note in result.notes))


def _json(result: SourcesCheck) -> None:
    from dataclasses import asdict

    from ..output import print_json

    content = asdict(result) | {"matched": [{"table": r.table, "row_key": r.key} for r in result.matched]}
    # The keys `standing`, `told` and `cure` are those of version 2.1, which programs may read.
    for name in ("retraction_status", "numbers"):
        content[name] = [
            {"table": f.table, "row_key": f.row_key, "told": f.message, "cure": f.hint} for f in getattr(result, name)
        ]
    print_json({"ok": result.ok, **{_JSON_KEYS.get(name, name): value for name, value in content.items()}})
