"""`luminaldb validate [PATH…]`: validate the installed tables, any data package, or a single table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .data_options import DataVersion
from .validation_request import (
    FORMATS,
    ValidationRequest,
    check_options,
    parse_codes,
    parse_columns,
    parse_engine,
    parse_format,
    rule_sets_option,
)

if TYPE_CHECKING:
    from luminaldb.errors import LuminaldbError
    from luminaldb.issues import Report

# As schemas.options has it.
MAX_FINDINGS = 10_000
_MAX_FINDINGS_SHOWN = 200


def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Data packages, or tables: csv, xlsx, ods, jsonl, parquet, -; s3a:// and hdfs:// with --engine spark. "
            "The installed ones if omitted."
        ),
    ] = None,
    version: DataVersion = None,
    format_name: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; text if omitted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[Path | None, typer.Option("--out", "--output", help="Write all findings to this file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", help="Only these codes, separated by commas; LDB1 means LDB100 to LDB199."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", help="Leave out these codes, even if selected; written like --select."),
    ] = None,
    warnings: Annotated[
        bool, typer.Option("--warnings", help="Also run the rules that only warn; so does naming one in --select.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="What runs the checks: polars, or duckdb or spark for large tables.")
    ] = "polars",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Fetch packages, tables and schemas named by http(s) URL.")
    ] = False,
    rules: Annotated[
        list[str] | None,
        typer.Option("--rules", help="Rule sets, separated by commas: standard, trial-evidence, statistics."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="For --rules statistics, what a column is: estimate=HR,ci_low=LCL."),
    ] = None,
    schema: Annotated[Path | None, typer.Option("--schema", help="Table Schema (JSON) of the files named.")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook, by name or number.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if anything was not checked.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first error.")] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Check only this many rows of each table, from its beginning.")
    ] = None,
    max_findings: Annotated[
        int, typer.Option(min=0, help="How many findings of a rule to list per table; all are counted. 0 lists all.")
    ] = MAX_FINDINGS,
    spark_master: Annotated[
        str | None, typer.Option("--spark-master", help="Spark's master for --engine spark, such as local[4].")
    ] = None,
    statistics: Annotated[bool, typer.Option("--statistics", help="Print how many findings each rule has.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if there are findings.")] = False,
    limit: Annotated[
        int, typer.Option(min=0, help="How many findings to print as text at most; 0 for all.")
    ] = _MAX_FINDINGS_SHOWN,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="Leave out findings recorded here.")] = None,
    write_baseline: Annotated[
        Path | None, typer.Option("--write-baseline", help="Record the findings in this file.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="First fix findings that have one right answer; a valid file keeps its bytes.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Only show what --fix would change.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Validate again when a file changes, until Ctrl-C.")] = False,
) -> None:
    """Check form, types, constraints, keys and consistency; exit code 1 when something is wrong."""
    from luminaldb.urls import restore_url

    request = ValidationRequest(
        paths=[Path(path) for path in paths or [] if not restore_url(path)],
        urls=[url for url in map(restore_url, paths or []) if url],
        format_name=parse_format(format_name, as_json=as_json),
        limit=limit,
        output=output,
        force=force,
        select=parse_codes("--select", select),
        ignore=parse_codes("--ignore", ignore),
        statistics=statistics,
        exit_zero=exit_zero,
        baseline=baseline,
        write_baseline=write_baseline,
        fix=fix or diff,
        diff=diff,
        watch=watch,
        warnings=warnings,
        engine=parse_engine(engine),
        allow_remote=allow_remote,
        rules=rule_sets_option(rules, columns),
        columns=parse_columns(columns),
        schema=schema,
        sheet=sheet,
        strict=strict,
        fail_fast=fail_fast,
        sample=sample,
        max_findings=max_findings,
        spark_master=spark_master,
        version=version,
    )
    check_options(request)
    if request.watch:
        _watch(request)
        return
    if not _run(request) and not request.exit_zero:
        raise typer.Exit(1)


def _run(request: ValidationRequest) -> bool:
    """Run the request once; return whether it succeeded."""
    from luminaldb.errors import LuminaldbError

    from . import report_output
    from .fix import fix, show_diff

    if request.diff:
        if show_diff(request.paths, request.rules, request.schema, request.sheet):
            return False
        report = _validate(request)
        if report.total:
            counts_text = report_output.summarize(report)
            typer.echo(f"nothing to fix; luminaldb validate lists {counts_text}", err=True)
        return report.ok
    if request.fix:
        fix(request.paths, request.rules, request.schema, request.sheet)
    try:
        report = _validate(request)
    except LuminaldbError as error:
        if request.write_baseline is not None or request.watch or request.statistics:
            raise
        _report_error(error, request)
        # Nothing was validated: --exit-zero is for findings.
        raise typer.Exit(1) from None
    if request.write_baseline is not None:
        from luminaldb.schemas.baseline import format_baseline

        report_output.save(format_baseline(report), request.write_baseline, force=request.force)
        typer.echo(f"wrote {request.write_baseline}: {len(report.findings)} recorded")
        return True
    if request.statistics:
        report_output.show_counts(report, as_json=request.format_name == "json")
    elif request.output is not None:
        report_output.write(report, request.format_name, request.output, force=request.force)
    else:
        report_output.show(report, request.format_name, request.limit)
    if report.failing_notes:
        typer.echo(f"luminaldb: --strict: {len(report.failing_notes)} not checked, see the notes", err=True)
    return report.ok


def _report_error(error: LuminaldbError, request: ValidationRequest) -> None:
    """Report what can't be validated at all as a finding, in any format, and in one line on standard error."""
    from . import report_output
    from .error_report import error_report

    report = error_report(error)
    if request.output is not None:
        report_output.write(report, request.format_name, request.output, force=request.force)
    elif request.format_name != "text" or error.issue.code:
        # What isn't about a package, such as a path that leads nowhere, is no line of a report that people read.
        report_output.show_findings(report, request.format_name)
    typer.echo(f"luminaldb: {error}", err=True)


def _validate(request: ValidationRequest) -> Report:
    from dataclasses import replace

    from luminaldb.schemas import baseline
    from luminaldb.schemas.code_filter import select_codes, selects_warning_rule
    from luminaldb.schemas.validate import validate

    from .output import progress

    # Read first: a baseline that can't be used is reported before the work, not after it.
    known_findings = baseline.read(request.baseline) if request.baseline else None
    with progress("validating"):
        report = validate(
            *request.sources,
            warnings=request.warnings or (bool(request.select) and selects_warning_rule(request.select)),
            engine=request.engine,
            allow_remote=request.allow_remote,
            rules=request.rules,
            columns=request.columns,
            schema=request.schema,
            sheet=request.sheet,
            # A baseline holds every finding.
            max_findings=0 if request.baseline or request.write_baseline else request.max_findings,
            fail_fast=request.fail_fast,
            sample=request.sample,
            spark_master=request.spark_master,
            version=request.version,
        )
    if known_findings is not None:
        report = baseline.new_issues(report, known_findings, _validated_table_names(request), str(request.baseline))
    if request.select or request.ignore:
        report = select_codes(report, request.select, request.ignore)
    return replace(report, strict=request.strict)


def _validated_table_names(request: ValidationRequest) -> set[str]:
    """Return the names of the tables that were validated, but for those at addresses that only Spark reads."""
    from luminaldb.loaders.database import Database
    from luminaldb.loaders.open_packages import is_spark_address, open_packages

    if not request.sources:
        return set(Database.find(version=request.version).tables)
    local_sources = [source for source in request.sources if not is_spark_address(source)]
    packages = open_packages(local_sources, allow_remote=request.allow_remote)
    return {name for package in packages.values() for name in package.table_names}


def _watch(request: ValidationRequest) -> None:
    """Validate, and again after each change, until the user ends it."""
    import time
    from dataclasses import replace

    from luminaldb.errors import LuminaldbError
    from luminaldb.input_files import input_status

    from .watch import wait_for_changes

    if missing_paths := [path for path in request.paths if input_status(path) is None]:
        raise LuminaldbError(f"{missing_paths[0]}: no such file or folder")
    try:
        for _ in wait_for_changes(request.paths, ignored_files=[request.output] if request.output else []):
            start = time.perf_counter()
            try:
                _run(request)
            except LuminaldbError as error:
                # A file that is half saved will be whole at the next look.
                typer.echo(f"luminaldb: {error}", err=True)
            else:
                request = replace(request, force=True)
            seconds = time.perf_counter() - start
            typer.echo(f"{time.strftime('%H:%M:%S')}  took {seconds:.1f} s; waiting for changes, Ctrl-C ends", err=True)
    except KeyboardInterrupt:
        typer.echo("", err=True)
