"""How a report is shown: text on a terminal or in a pipe, counts per rule, or a file in any format."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .output import print_frame

if TYPE_CHECKING:
    from rich.text import Text

    from luminaldb.issues import Report

# By which the second line of a finding is moved to the right, where the first is as long as the terminal is wide.
_INDENT = 4


def show(report: Report, format_name: str, limit: int) -> None:
    """Print a report; as text at most `limit` findings of it, or all where that is 0."""
    from luminaldb.publish.reports.report import chunks

    if format_name != "text":
        _print(chunks(format_name, report))
        return
    shown_report = replace(report, findings=report.findings[:limit]) if limit else report
    if sys.stdout.isatty():
        _draw(shown_report, report)
    else:
        _print(chunks("text", shown_report))
    _print_notes(report)
    if report.total:
        typer.echo(summarize(report, report.total - len(shown_report.findings)), err=True)
    elif report.tables:
        from luminaldb.publish.reports.finding_text import describe_checks

        # A reader of this line alone must see that something was not checked.
        summary = "No findings in what was checked" if report.unchecked else "No findings"
        typer.echo(f"{summary}: {describe_checks(report)}.")
    else:
        typer.echo("luminaldb: nothing was checked: there is no table", err=True)


def show_findings(report: Report, format_name: str) -> None:
    """Print the findings of a report and nothing else."""
    from luminaldb.publish.reports.report import chunks

    _print(chunks(format_name, report))


def _print(parts: Iterable[bytes]) -> None:
    """Write UTF-8 to standard output; what its encoding can't hold is escaped by the start-up of `main`."""
    for part in parts:
        sys.stdout.write(part.decode())


def write(report: Report, format_name: str, target: Path, *, force: bool) -> None:
    """Write the whole report to a file, in one step.

    Raises:
        LuminaldbError: the file exists and isn't to be overwritten, or it can't be written.
    """
    from luminaldb.atomic_write import replace_file
    from luminaldb.publish.reports.report import chunks

    with replace_file(target, force=force) as file, file.open("wb") as stream:
        stream.writelines(chunks(format_name, report))
    if format_name == "text":
        _print_notes(report)
    typer.echo(f"wrote {target}")
    typer.echo(summarize(report, report.total - len(report.findings)), err=True)


def save(text: str, target: Path, *, force: bool) -> None:
    """Write text to a file, in one step.

    Raises:
        LuminaldbError: the file exists and isn't to be overwritten, or it can't be written.
    """
    from luminaldb.atomic_write import replace_file

    with replace_file(target, force=force) as file:
        # A file name that isn't Unicode is escaped as JSON would.
        file.write_bytes(text.encode("utf-8", "backslashreplace"))


def show_counts(report: Report, *, as_json: bool) -> None:
    """Print how many findings each rule has."""
    import polars as pl

    from luminaldb.publish.reports.finding_text import counts

    schema = {"rule": pl.String, "severity": pl.String, "findings": pl.Int64, "title": pl.String}
    frame = pl.DataFrame(counts(report), schema=schema)
    print_frame(frame, as_json=as_json)
    if not as_json:
        _print_notes(report)
        typer.echo(summarize(report, 0), err=True)


def _print_notes(report: Report) -> None:
    from luminaldb.issues import printable

    for note in report.notes:
        typer.echo(f"note: {printable(note)}", err=True)


def summarize(report: Report, hidden: int = 0) -> str:
    """Return how many findings there are, how many of them are not shown, and how much was checked."""
    from luminaldb.publish.labels import count_in_words
    from luminaldb.publish.reports.finding_text import describe_checks

    more = f", {hidden:,} of them not shown" if hidden > 0 else ""
    return f"{count_in_words(report.total, 'finding')}{more}: {describe_checks(report)}."


def _draw(shown_report: Report, report: Report) -> None:
    """Draw findings in colour, grouped by file, and the counts of all of them by rule."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from luminaldb.issues import printable
    from luminaldb.publish.labels import count_in_words
    from luminaldb.publish.reports.finding_text import counts
    from luminaldb.publish.reports.locations import by_file

    console = Console(highlight=False)
    for findings in by_file(shown_report).values():
        for finding in findings:
            line = _colour(printable(str(finding)), finding.code, finding.severity)
            first, *rest = line.wrap(console, max(console.width - _INDENT, 1))
            console.print(first, soft_wrap=True)
            for wrapped_line in rest:
                console.print(Padding.indent(wrapped_line, _INDENT))
        console.print()
    for count in counts(report):
        rule = (str(count["rule"]), _style(str(count["severity"])))
        console.print(Text.assemble((f"{count['findings']:>6,}  ", "bold"), rule, f"  {count['title']}"))
    if report.findings:
        console.print(Text(f"{count_in_words(len(by_file(report)), 'file')} with findings", style="dim"))


def _colour(line: str, rule: str, severity: str) -> Text:
    from rich.text import Text

    place, mark, words = line.partition(f"  {rule}  ")
    return Text.assemble((place, "cyan"), (mark, _style(severity)), words)


def _style(severity: str) -> str:
    return "bold red" if severity == "error" else "bold yellow"
