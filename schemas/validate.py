"""Validate data packages, tables of any kind, or a data frame, by the engine of the user's choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.single_file import read_schema
from luminaldb.loaders.open_packages import is_spark_address, open_packages
from luminaldb.unfinished_writes import unfinished_writes

from .engines.open_backend import open_backend, open_spark
from .rule_sets import parse_rule_sets
from .runner import check_packages
from .validation_options import MAX_FINDINGS, ValidationOptions


def validate(
    *sources: Any,
    warnings: bool = False,
    engine: str | None = None,
    table: str | None = None,
    package: Package | None = None,
    references: bool = False,
    allow_remote: bool = False,
    rules: str | Collection[str] | None = None,
    columns: Mapping[str, str] | None = None,
    schema: Any = None,
    sheet: str | None = None,
    max_findings: int = MAX_FINDINGS,
    fail_fast: bool = False,
    sample: int | None = None,
    spark_master: str | None = None,
    version: str | None = None,
) -> Report:
    """Validate data packages, single tables, or a data frame.

    Args:
        sources: folders, datapackage.json files or zips; a folder of packages stands for each of them. Files of a
            single table: csv, tsv, xlsx, ods, jsonl, parquet, also as .gz, .bz2, .xz, .zst or .zip; `-` for standard
            input; a pattern of files such as `data/*.csv`; `sqlite:///FILE?table=NAME` or `duckdb:///FILE?table=NAME`.
            With engine `spark`, addresses that its Hadoop knows, such as `s3a://bucket/results.csv` or `hdfs://…`:
            a table, a folder or pattern of its parts, or a package's descriptor.
            The installed packages if omitted. Keys from one package to another are checked among those named.
            Or one data frame: a polars DataFrame or LazyFrame, a pandas DataFrame, an Arrow table, a DuckDB relation
            or a PySpark DataFrame, with `table`, `schema` or `columns`.
        warnings: whether to run the rules that only warn, too; a warning doesn't fail a validation.
        engine: what runs the checks of packages: `polars` in memory, which is the default, `duckdb` for files
            larger than memory, or `spark`; those two name rows by primary key instead of line.
        table: of a data frame, the name of the table that says what it must be. A column of text is checked as a
            CSV's would be, cell by cell.
        package: of a data frame, the package that holds the table; the installed ones if omitted.
        references: of a data frame, whether keys to other tables are checked.
        allow_remote: whether packages may be given by http(s) address, and what they name by address be fetched.
        rules: names of rule sets: `standard`, which always runs, `trial-evidence` or `statistics`. Where omitted, a
            package has those of its descriptor's `x-rules`; luminaldb's own have `trial-evidence`, others none.
        columns: for the rules on statistics, which column is what: `{"estimate": "HR", "ci_low": "LCL"}`.
        schema: of single tables, a Table Schema: a mapping or the path of its JSON; of a frame also a pandera schema.
        sheet: of a workbook, the name or number of the sheet.
        max_findings: how many findings of a rule are listed per table, further ones being counted; 0 lists all.
        fail_fast: whether to stop at the first error.
        sample: how many rows of each table to check, from its beginning; all where omitted.
        version: a release in place of the installed packages, for instance `2.1.0`; see `versions`.
        spark_master: the address of Spark's master, such as `local[4]`; of the running session where there is one.

    Returns:
        A report: every issue with its place, code and hint, and what could not be checked. `line` of a frame's issue
        is the number of the row, counting from 1; 0 for DuckDB and Spark, whose rows have no order.

    Raises:
        UnknownTableError: no table has the name given for a frame; the text names the nearest.
        LuminaldbError: a path is neither a data package nor a table, a descriptor can't be used, or a frame is of no
            known kind.
    """
    if columns is not None:
        from .statistics.sheet_columns import check_statistic_names

        check_statistic_names(columns)
        rules = ("statistics",) if rules is None else rules
    if version is not None and sources:
        raise LuminaldbError("name a version or a path, not both")
    options = ValidationOptions(warnings, parse_rule_sets(rules), columns, max_findings, fail_fast, sample)
    if sources and not isinstance(sources[0], (str, Path)):
        from .user_frames import check_frame_of_user

        if len(sources) > 1 or engine is not None or allow_remote or sample is not None:
            raise LuminaldbError("a data frame is validated alone and whole, and by its own engine")
        return check_frame_of_user(
            sources[0], table, package=package, references=references, schema=schema, options=options
        )
    if table is not None or package is not None or references:
        raise LuminaldbError("table=, package= and references= go with a data frame, not with paths")
    table_schema = read_schema(Path(schema)) if isinstance(schema, (str, Path)) else schema
    if table_schema is not None and not isinstance(table_schema, Mapping):
        raise LuminaldbError("a schema of files is a Table Schema; a pandera schema is only for a data frame")
    if engine == "spark" and any(is_spark_address(source) for source in sources):
        if sample is not None:
            raise LuminaldbError("no sample is taken of what Spark reads", hint="name one part of the table instead")
        with open_spark(spark_master, schema=table_schema, sheet=sheet) as (backend, open_address):
            packages = open_packages(
                sources, allow_remote=allow_remote, schema=table_schema, sheet=sheet, open_address=open_address
            )
            report = check_packages(packages, backend, options=options)
    else:
        if sources:
            packages = open_packages(sources, allow_remote=allow_remote, schema=table_schema, sheet=sheet)
        else:
            packages = dict(Database.find(version=version).packages)
        with open_backend(engine, spark_master) as backend:
            report = check_packages(packages, backend, trusted=not sources and version is None, options=options)
    notes = list(_unfinished_notes(sources, packages.values()))
    return replace(report, notes=[*report.notes, *notes]) if notes else report


def _unfinished_notes(sources: Sequence[Any], packages: Iterable[Package]) -> Iterator[str]:
    """Name what killed processes left in the folders that were named, and beside the files of their packages."""
    folders = [path for path in map(Path, sources) if path.is_dir()]
    files = [file for package in packages for file in package.local_files()] if folders else []
    for folder in dict.fromkeys([*(path.resolve() for path in folders), *(file.resolve().parent for file in files)]):
        for directory in unfinished_writes(folder):
            yield (
                f"{directory}: a write that was killed is unfinished; the next write to this folder, or luminaldb "
                "validate --fix, finishes it or removes it"
            )
