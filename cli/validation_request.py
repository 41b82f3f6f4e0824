"""The options of `luminaldb validate`, parsed and checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer

# Named here as where they are used, so that --help needs no polars; a test compares them.
FORMATS = ("text", "json", "sarif", "github", "junit", "html")
RULE_SETS = ("standard", "trial-evidence", "statistics")
ENGINES = ("polars", "duckdb", "spark")


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """The options of a validation, checked and parsed."""

    paths: list[Path]
    urls: list[str]
    format_name: str
    limit: int
    output: Path | None
    force: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    statistics: bool
    exit_zero: bool
    baseline: Path | None
    write_baseline: Path | None
    fix: bool
    diff: bool
    watch: bool
    warnings: bool
    engine: str
    allow_remote: bool
    rules: tuple[str, ...] | None
    columns: dict[str, str] | None
    schema: Path | None
    sheet: str | None
    strict: bool
    fail_fast: bool
    sample: int | None
    max_findings: int
    spark_master: str | None
    version: str | None

    @property
    def sources(self) -> list[str | Path]:
        """Paths and addresses."""
        return [*self.paths, *self.urls]


def parse_format(format_name: str | None, *, as_json: bool) -> str:
    """Return the format that --format and --json name."""
    if as_json and format_name not in (None, "json"):
        _usage_error(f"--json and --format {format_name} exclude each other")
    chosen_format = "json" if as_json else format_name or "text"
    if chosen_format not in FORMATS:
        _usage_error(f"--format {chosen_format!r} is not one of {', '.join(FORMATS)}")
    return chosen_format


def parse_engine(name: str) -> str:
    """Return the engine that --engine names."""
    if name not in ENGINES:
        _usage_error(f"--engine {name!r} is not one of {', '.join(ENGINES)}")
    return name


def parse_codes(option: str, values: Sequence[str] | None) -> tuple[str, ...]:
    """Read codes that are separated by commas."""
    if not values:
        return ()
    codes = tuple(code.strip().upper() for value in values for code in value.split(","))
    if "" in codes:
        _usage_error(f"{option} holds an empty code")
    from luminaldb.schemas.codes import unknown_codes

    if unknown := unknown_codes(codes):
        _usage_error(f"{option}: no code is or begins with {', '.join(unknown)}")
    return codes


def rule_sets_option(values: Sequence[str] | None, columns: Sequence[str] | None) -> tuple[str, ...] | None:
    """Read names of rule sets that are separated by commas; --map alone means statistics."""
    if not values:
        return ("statistics",) if columns else None
    names = tuple(part.strip() for value in values for part in value.split(","))
    if unknown := [name for name in names if name not in RULE_SETS]:
        _usage_error(f"--rules {unknown[0]!r} is not one of {', '.join(RULE_SETS)}")
    if columns and "statistics" not in names:
        _usage_error("--map is only for --rules statistics")
    return names


def parse_columns(values: Sequence[str] | None) -> dict[str, str] | None:
    """Read the columns that --map names."""
    if not values:
        return None
    from luminaldb.errors import LuminaldbError
    from luminaldb.schemas.statistics.sheet_columns import parse_map

    try:
        return parse_map(list(values))
    except LuminaldbError as error:
        _usage_error(str(error))


def check_options(request: ValidationRequest) -> None:
    """Refuse options that make no sense together."""
    if request.version is not None and request.sources:
        _usage_error("name a --data-version or a path, not both")
    if (request.fix or request.watch) and not request.sources:
        option = "--watch" if request.watch else "--diff" if request.diff else "--fix"
        _usage_error(f"{option} needs a path: the installed tables can't be changed")
    if (request.fix or request.watch) and request.urls:
        _usage_error(f"{request.urls[0]}: --fix, --diff and --watch work on files of this machine")
    if (request.fix or request.watch) and Path("-") in request.paths:
        _usage_error("-: standard input can be read once only, so --fix, --diff and --watch need a file")
    if request.spark_master is not None and request.engine != "spark":
        _usage_error("--spark-master is for --engine spark")
    if request.statistics and request.format_name not in ("text", "json"):
        _usage_error(f"--statistics prints text or JSON, not {request.format_name}")
    excluding_options = {
        "--diff": (request.diff, ("--watch", "--out", "--statistics", "--baseline", "--write-baseline")),
        "--write-baseline": (request.write_baseline, ("--watch", "--out", "--statistics", "--baseline")),
        "--statistics": (request.statistics, ("--out",)),
    }
    used_options = {
        "--watch": request.watch,
        "--out": request.output,
        "--statistics": request.statistics,
        "--baseline": request.baseline,
        "--write-baseline": request.write_baseline,
    }
    for option, (is_used, others) in excluding_options.items():
        for excluded_option in others:
            if is_used and used_options[excluded_option]:
                _usage_error(f"{option} and {excluded_option} exclude each other")


def _usage_error(reason: str) -> NoReturn:
    """Say in one line why the command can't be run as it was called, and end with exit code 2."""
    from luminaldb.errors import hide_secrets

    typer.echo(f"luminaldb validate: {hide_secrets(reason)}; see luminaldb validate --help", err=True)
    raise typer.Exit(2)
