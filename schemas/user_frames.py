"""Anybody's data frame, checked as a table that a descriptor describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import Field, Resource, TableSchema
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.single_file import TableFile, read_schema
from luminaldb.loaders.datapackage.text_reader import TextTable

from .backend import Backend, TableRows
from .check_frame import check_frame, float_text
from .checked_table import CheckedTable
from .engines.engine import DuckDB, Engine, Spark
from .engines.engine_files import EngineFile
from .engines.polars_backend import MemoryRows, PolarsBackend, RowsWithoutOrder
from .engines.sql_backend import SqlBackend, costs_more_to_plan
from .engines.sql_rows import SqlRows
from .issue_columns import join_issues
from .rule_sets import STANDARD, STATISTICS, rule_sets_of
from .table_to_check import WAIVERS, TableToCheck
from .validation_options import DEFAULT_OPTIONS, ValidationOptions
from .waivers import Waivers

_FLOATS_NOTE = (
    "numbers that came as floats have lost their trailing zeros: rules that count decimals allow a little more"
)


def check_frame_of_user(
    frame: Any,
    table: str | None,
    *,
    package: Package | None = None,
    references: bool = False,
    schema: Any = None,
    options: ValidationOptions = DEFAULT_OPTIONS,
) -> Report:
    """Validate a data frame by a table, a schema, or the rules on statistics; see `validate`."""
    if table is None:
        if schema is not None and not isinstance(schema, Mapping | str | Path):
            from .pandera_results import check_by_pandera

            return check_by_pandera(frame, schema, options.max_findings)
        if schema is None and options.columns is None:
            raise LuminaldbError("a data frame is validated with table=, schema= or columns=")
        package, table = frame_package(schema), "frame"
    return check_user_frame(frame, table, package=package, references=references, options=options)


def frame_package(schema: Mapping[str, Any] | str | Path | None) -> Package:
    """Return a package whose one table, `frame`, has a schema, or none."""
    table_schema = read_schema(Path(schema)) if isinstance(schema, str | Path) else schema
    return TableFile.of_schema("frame", table_schema)


def check_user_frame(
    frame: Any,
    table: str,
    *,
    package: Package | None = None,
    references: bool = False,
    options: ValidationOptions = DEFAULT_OPTIONS,
) -> Report:
    """Validate a data frame by the checks of a table; see `validate`."""
    table_package = package or installed.package_of(table)
    resource = table_package.resource(table)
    try:
        narwhals_frame = nw.from_native(frame)
    except TypeError:
        kind = type(frame).__name__
        raise LuminaldbError(f"{kind} is no data frame", hint="give polars, pandas, Arrow, DuckDB or PySpark") from None
    text_resource = _text_resource(narwhals_frame, resource)
    rule_sets = rule_sets_of(table_package, options.rules)
    table_to_check = TableToCheck("", table_package, text_resource, table, rule_sets=rule_sets, in_frame=True)
    checked = _table_of_frame(narwhals_frame, table_to_check, options.max_findings if package is not None else 0)
    targets = _targets(table_package, resource, table) if references else {}
    warnings = bool(options.warnings)
    parts = [list(checked.form_issues()), checked.value_issues(targets, {}, warnings=warnings)]
    notes = [*_notes(narwhals_frame, resource, references=references)]
    if not resource.schema.fields and STATISTICS not in rule_sets:
        notes.append(f"not checked: types and constraints of {table}, which has no schema")
    if STATISTICS in rule_sets:
        from .statistics.check import find_column_mapping, refuse_unknown_columns, statistics_issues

        text = checked.text
        if options.columns is not None:
            refuse_unknown_columns(options.columns, [text.frame.columns])
        mapping = find_column_mapping(resource, text.frame.columns, options.columns)
        sheet_issues = statistics_issues(checked, text.frame, text.lines, mapping, notes)
        parts.append(list(checked.within_limit(sheet_issues)))
    issues = join_issues(parts)
    if package is None:
        issues = _installed_waivers().remove_accepted(issues)
    all_notes = [*notes, *checked.notes_on_faults(), *checked.rows.notes]
    sets = tuple(sorted(rule_sets - {STANDARD}))
    return Report(issues, 1, checked.rows.count, all_notes, dict(checked.omitted), rule_sets=sets)


def validate_frame(frame: Any, table: str, *, package: Package | None = None, references: bool = False) -> Report:
    """Validate a data frame, by the name of version 2; see `validate`."""
    import warnings

    warnings.warn("validate_frame(frame, …) is called validate(frame, …) since 3.0", DeprecationWarning, stacklevel=2)
    return check_user_frame(frame, table, package=package, references=references)


def _installed_waivers() -> Waivers:
    waivers_package = installed.package_of(WAIVERS)
    table = TableToCheck("curation", waivers_package, waivers_package.resource(WAIVERS), waivers_package.file(WAIVERS))
    return Waivers([CheckedTable(table, PolarsBackend())])


def _table_of_frame(narwhals_frame: Any, table: TableToCheck, max_findings: int) -> CheckedTable:
    """Return a frame as a table whose checks run where its rows are."""
    if isinstance(narwhals_frame, nw.LazyFrame) and narwhals_frame.implementation != nw.Implementation.POLARS:
        engine: Engine = DuckDB() if narwhals_frame.implementation == nw.Implementation.DUCKDB else Spark()
        backend: Backend = SqlBackend(engine, Path())
        rows = _engine_rows(narwhals_frame, engine, table.resource.schema)
        if costs_more_to_plan(len(rows.header), rows.count):
            rows = RowsWithoutOrder(rows.text_in_memory(), table.resource.schema)
        return CheckedTable(table, backend, rows, max_findings=max_findings)
    rows = _memory_rows(narwhals_frame, table.resource.schema)
    return CheckedTable(table, PolarsBackend(), rows, max_findings=max_findings)


def _notes(narwhals_frame: Any, resource: Resource, *, references: bool) -> Iterator[str]:
    kinds = narwhals_frame.collect_schema()
    if any(f.type == "number" and f.name in kinds.names() and kinds[f.name].is_float() for f in resource.schema.fields):
        yield _FLOATS_NOTE
    if not references and (keys := resource.schema.all_references()):
        columns = ", ".join(dict.fromkeys(c for key in keys for c in key.columns))
        yield f"not checked: keys to other tables ({columns}), and rules that need their columns; give references=True"


def _targets(table_package: Package, resource: Resource, table: str) -> dict[int, pl.DataFrame]:
    targets: dict[int, pl.DataFrame] = {}
    for number, key in enumerate(resource.schema.all_references()):
        if not key.reference.table or key.reference.table == table:
            continue
        target_package = installed.packages().get(key.reference.package) if key.reference.package else table_package
        if target_package is not None:
            schema = target_package.resource(key.reference.table).schema
            targets[number] = check_frame(target_package.text(key.reference.table).frame, schema)
    return targets


def _text_resource(narwhals_frame: Any, resource: Resource) -> Resource:
    """Return how the frame's columns are written once they are text: as the standard has it, unless they were text."""
    kinds = narwhals_frame.collect_schema()
    schema = resource.schema
    fields = []
    for f in schema.fields:
        missing = tuple(dict.fromkeys(("", *schema.missing_values_of(f))))
        if f.name in kinds.names() and not isinstance(kinds[f.name], (nw.String, nw.Categorical, nw.Enum)):
            text_format = f.format if f.type not in ("date", "time", "datetime") else "default"
            fields.append(replace(f, properties={}, format=text_format, missing_values=("",)))
        else:
            fields.append(replace(f, missing_values=missing))
    fields_match = "equal" if schema.fields_match == "exact" else schema.fields_match
    text_schema = replace(schema, fields=tuple(fields), fields_match=fields_match)
    return replace(resource, schema=text_schema, path=None, paths=(), compressions=(), data=[], dialect=Dialect())


def _memory_rows(narwhals_frame: Any, schema: TableSchema) -> TableRows:
    try:
        frame = (narwhals_frame.collect() if isinstance(narwhals_frame, nw.LazyFrame) else narwhals_frame).to_polars()
        text = frame.select(_cell_text(name, kind, schema) for name, kind in frame.schema.items())
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise LuminaldbError(
            f"the frame can't be read as a table ({reason})", hint="give each column one type"
        ) from None
    # A row of a frame has no line; its number, counting from 1, takes its place.
    return MemoryRows(TextTable(text, range(1, text.height + 1), tuple(text.columns)), schema)


def _cell_text(name: str, kind: pl.DataType, schema: TableSchema) -> pl.Expr:
    cell = pl.col(name)
    field: Field | None = next((f for f in schema.fields if f.name == name), None)
    if isinstance(kind, pl.List) and field is not None:
        text = cell.cast(pl.List(pl.String)).list.join(str(field.properties.get("delimiter", ",")))
    elif isinstance(kind, pl.Struct):
        text = cell.struct.json_encode()
    elif isinstance(kind, pl.Datetime):
        day = cell.dt.strftime("%Y-%m-%d")
        moment = cell.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
        midnight = cell == cell.dt.truncate("1d")
        text = pl.when(midnight).then(day).otherwise(moment) if field and field.type == "date" else moment
    elif kind.is_float():
        text = float_text(cell)
    else:
        text = cell.cast(pl.String)
    return text.fill_null("").alias(name)


def _engine_rows(narwhals_frame: Any, engine: Engine, schema: TableSchema) -> SqlRows:
    kinds = narwhals_frame.collect_schema()
    dates = {f.name for f in schema.fields if f.type == "date"}
    selected = [_sql_text(engine, n, k, date=n in dates) for n, k in kinds.items()]
    native = engine.project(narwhals_frame.to_native(), selected)
    count = int(narwhals_frame.select(nw.len()).collect(backend="polars").item())
    return SqlRows(engine, schema, native, EngineFile(None, header=tuple(kinds.names()), rows=count))


def _sql_text(engine: Engine, name: str, kind: Any, *, date: bool) -> str:
    cell = engine.sql.quote_name(name)
    text = f"CAST({cell} AS {'STRING' if engine.name == 'spark' else 'VARCHAR'})"
    if kind.is_float():
        integer = text.replace(cell, f"CAST({cell} AS BIGINT)")
        exact = text.replace(cell, f"CAST({cell} AS DECIMAL(38, 18))")
        digits = f"CASE WHEN contains({text}, 'e') THEN rtrim({exact}, '0') ELSE {text} END"
        digits = f"rtrim('0', {exact})" if engine.name == "spark" else digits
        text = (
            f"CASE WHEN isnan({cell}) THEN 'NaN' WHEN abs({cell}) > 1e15 THEN {text} "
            f"WHEN {cell} = floor({cell}) THEN {integer} WHEN abs({cell}) < 1e-15 THEN {text} ELSE {digits} END"
        )
        text = f"replace(replace({text}, 'Infinity', 'INF'), 'inf', 'INF')"
    elif isinstance(kind, nw.Datetime) and date:
        text = f"regexp_replace({text}, ' 00:00:00$', '')"
    elif isinstance(kind, nw.Datetime):
        text = f"replace({text}, ' ', 'T')"
    return f"coalesce({text}, '') AS {cell}"
