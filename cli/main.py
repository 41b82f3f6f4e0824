"""The application: registers the commands, and turns errors into one line and an exit code."""

from __future__ import annotations

import gc
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from . import (
    cite,
    console,
    describe,
    diff,
    export,
    import_workbook,
    infer,
    install_data,
    mcp,
    meta_analysis,
    network_meta_analysis,
    new,
    portal,
    quality,
    release,
    rule,
    search,
    serve,
    show,
    sources,
    tables,
    template,
    todo,
    validate,
    versions,
)
from .lazy_commands import LazyCommand, group_of

if TYPE_CHECKING:
    from luminaldb.errors import LuminaldbError

# Modules of the commands of one word, in the order of the help.
_MODULES = (
    tables, describe, show, search, meta_analysis, network_meta_analysis, validate, infer, rule, export, cite, diff,
    versions, install_data, quality, todo, serve, mcp, new, template,
)  # fmt: skip

app = typer.Typer(
    name="luminaldb",
    cls=group_of(
        [
            *(LazyCommand(m.__name__.rpartition(".")[2].replace("_", "-"), m.command) for m in _MODULES),
            LazyCommand("pool", meta_analysis.command, help="Short name of meta-analysis."),
            LazyCommand("import", import_workbook.command),
        ]
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(release.app, name="release")
app.add_typer(sources.app, name="sources")
app.add_typer(portal.app, name="portal")


def _version(show_version: bool) -> None:
    if show_version:
        from importlib.metadata import version

        typer.echo(f"luminaldb {version('luminaldb')}")
        raise typer.Exit


@app.callback()
def luminaldb(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Evidence on endocrine and HER2-targeted therapy of luminal breast cancer: list, show, validate, export."""


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Refuse an empty argument, such as that of a script's unset variable: as a path it would be this folder."""
    for n, argument in enumerate(arguments):
        option, equals_sign, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
        if value or (option and not equals_sign):
            continue
        previous = arguments[n - 1] if n else ""
        subject = option or (previous if previous.startswith("--") and "=" not in previous else "an argument")
        typer.echo(f"luminaldb: {subject} is empty; give it a value, or leave it out", err=True)
        sys.exit(2)


def _print_error_as_json(error: LuminaldbError) -> None:
    """Print what is wrong as JSON, in the form of a report's findings: a program reads one form, done or refused."""
    import json

    findings = [issue.to_dict() for issue in error.issues]
    typer.echo(json.dumps({"ok": False, "findings": findings}, ensure_ascii=False, indent=2))


def main() -> None:
    """Run the command line: exit code 0 for success, 1 for bad data, 2 for wrong usage."""
    warnings.formatwarning = lambda message, *_, **__: f"luminaldb: {message}\n"
    # A short process that imports much: collecting its garbage ten times over costs a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    # pandera imports pyspark where it is installed, which prints a warning about pandas.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    console.prepare()
    # A process that is asked to end removes its temporary files first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _refuse_empty(sys.argv[1:])
    try:
        app()
    except KeyboardInterrupt:
        # typer handles one that comes while a command runs; this came before or after it.
        sys.exit(128 + signal.SIGINT)
    except OSError as error:
        console.end_without_output(error)
    except Exception as error:
        from luminaldb.errors import LuminaldbError

        if isinstance(error, MemoryError):
            message = "not enough memory; name a smaller file"
        elif isinstance(error, LuminaldbError):
            message = str(error)
            if "--json" in sys.argv:
                _print_error_as_json(error)
        else:
            raise
        typer.echo(f"luminaldb: {message}", err=True)
        sys.exit(1)
    finally:
        console.flush()
        # What is alive now dies with the process: no need to look for cycles in it once more. DuckDB complains of
        # objects that are still there.
        if "duckdb" not in sys.modules:
            gc.freeze()
