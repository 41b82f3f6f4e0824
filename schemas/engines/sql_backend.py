"""Checks by an engine of SQL, DuckDB or Spark: its rows stay there, and only those that fail come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import Field, ForeignKey, TableSchema

from ..backend import CheckPlan, TableRows
from ..blank_rows import blank_row_check
from ..check_columns import TEXT, joined_column
from ..check_frame import applicable_checks, check_frame
from ..check_results import Failures, find_failures
from ..checks import Check
from ..expressions import combine_in_pairs
from ..keys import key_checks, key_columns, reference_check, reference_checks
from ..lookups import WholeTableLookup, add_whole_table_lookups, join_lookups
from ..table_to_check import TableToCheck
from .engine import Engine
from .engine_files import prepare_file
from .hadoop_store import SparkStore
from .polars_backend import MemoryRows, PolarsBackend
from .spark_tables import ExecutorRows, read_spark_table
from .sql_checks import check_distinct_cells, compute_parts, engine_column_checks
from .sql_rows import SqlRows

_RESULT_PREFIX = "passes::"
# Queries of more columns take an engine longer than several of fewer.
MAX_QUERY_COLUMNS = 100
# A wide table of so many cells is in memory and checked before an engine has planned its queries.
_MAX_CELLS_IN_MEMORY = 10_000_000
# Keys of a longer table are not written into a query one by one.
_MAX_KEYS_IN_QUERY = 1_000


def costs_more_to_plan(columns: int, rows: int) -> bool:
    """Return whether an engine takes longer to plan the queries of a table than polars to check it in memory."""
    return columns > MAX_QUERY_COLUMNS and columns * rows <= _MAX_CELLS_IN_MEMORY


class SqlBackend:
    """Runs checks by an engine of SQL.

    A table that the engine can't name the columns of, or takes longest to plan, is left to polars, in memory.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        """Prepare to run checks.

        Args:
            engine: DuckDB or Spark.
            folder: where copies of files may be written that the engine can't read as they are.
        """
        self._engine = engine
        self._folder = folder
        self._polars = PolarsBackend()

    def read(self, table: TableToCheck) -> TableRows:
        """Open the rows of a table in the engine, or in memory where it can't name the columns or is slower."""
        if isinstance(table.source.store, SparkStore):
            return self._read_spark_files(table, table.source.store)
        engine_file = prepare_file(table.source.store, table.resource, self._folder)
        columns = engine_file.columns
        if not _can_name_columns(columns or engine_file.header, self._engine) or costs_more_to_plan(
            len(columns), engine_file.rows
        ):
            return MemoryRows(table.source.text(table.name), table.resource.schema)
        native = None if engine_file.path is None else self._engine.read(engine_file)
        if native is not None and len(columns) > MAX_QUERY_COLUMNS:
            native = self._engine.persist(native)
        return SqlRows(self._engine, table.resource.schema, native, engine_file)

    def _read_spark_files(self, table: TableToCheck, store: SparkStore) -> TableRows:
        """Open the rows of files that Spark reads itself."""
        rows = read_spark_table(self._engine, table, store)
        if not isinstance(rows, ExecutorRows) or rows.native is None:
            return rows
        columns = len(rows.header)
        if not _can_name_columns(rows.header, self._engine) or costs_more_to_plan(columns, rows.count):
            return rows.in_memory()
        if columns > MAX_QUERY_COLUMNS:
            rows.native = self._engine.persist(rows.native)
        return rows

    def frame(self, rows: TableRows) -> Any:
        """Return a table's rows as the checks of other tables see them."""
        return rows.frame if isinstance(rows, SqlRows) else self._polars.frame(rows)

    def empty_frame(self) -> Any:
        """Return a frame without columns, for a table whose rows can't be checked."""
        return nw.from_native(pl.LazyFrame())

    def evaluate(self, table: TableToCheck, rows: TableRows, plan: CheckPlan) -> Sequence[Failures]:
        """Run all checks by one query, and a small one for each column that only polars can check."""
        if not isinstance(rows, SqlRows):
            return self._polars.evaluate(table, rows, _plan_for_polars(table.resource.schema, plan))
        if not rows.described_fields or not rows.count:
            return []
        whole_table_rules = [c for c in plan.rules if any(isinstance(x, WholeTableLookup) for x in c.lookups)]
        rules = [c for c in plan.rules if c not in whole_table_rules]
        return [
            *self._engine_failures(table, rows, replace(plan, rules=rules)),
            *_whole_table_failures(table, rows, whole_table_rules),
        ]

    def locate(self, rows: TableRows, numbers: pl.Series) -> pl.Series:
        """Return the line of each of some rows; 0 for rows in the engine, which knows no lines."""
        return numbers * 0 if isinstance(rows, SqlRows) else self._polars.locate(rows, numbers)

    def _engine_failures(self, table: TableToCheck, rows: SqlRows, plan: CheckPlan) -> list[Failures]:
        schema, rules = table.resource.schema, list(plan.rules)
        fields = rows.described_fields
        is_wide = len(fields) > MAX_QUERY_COLUMNS
        blank_row_checks = list(blank_row_check(schema, rows.header))
        failures: list[Failures] = []
        if is_wide:
            failures = [
                part
                for n in range(0, len(fields), MAX_QUERY_COLUMNS)
                for part in _column_failures(rows, fields[n : n + MAX_QUERY_COLUMNS], table)
            ]
            sort_fields = {f.name: f for f in (fields[0], *_key_fields(rows, schema))}
            failures += _collect_failures(rows, rows.text_frame, list(sort_fields.values()), blank_row_checks, schema)
            # A rule may look at any column; keys name theirs.
            fields = fields if rules else _key_fields(rows, schema)
        columns_to_join = {c for check in rules for c in check.joined_columns}
        frame, references = _join_references(rows.frame_of(fields), schema, plan.targets, columns_to_join)
        frame = join_lookups(frame, [lookup for check in rules for lookup in check.lookups], plan.tables)
        lacks_columns = len(rows.described_fields) < len(schema.fields)
        if not lacks_columns:
            frame, rules = compute_parts(frame, rules)
        all_checks = [
            *(() if is_wide else (*engine_column_checks(rows, fields, table), *blank_row_checks)),
            *key_checks(schema),
            *references,
            *_engine_rules(rows, table, rules),
        ]
        columns = frame.collect_schema().names()
        empty_frame = pl.DataFrame(schema=dict.fromkeys((f.name for f in rows.described_fields), pl.String))
        checks = applicable_checks(all_checks, columns, check_frame(empty_frame, schema) if lacks_columns else None)
        if skipped := sorted({c.code for c in rules if not set(c.joined_columns) <= set(columns)}):
            rows.notes.append(f"not checked: {', '.join(skipped)} on {table.name}, which need columns of other tables")
        return [*failures, *_collect_failures(rows, frame, fields, checks, schema)]


def _column_failures(rows: SqlRows, fields: Sequence[Field], table: TableToCheck) -> list[Failures]:
    """Run the checks of some columns of a wide table, in a query of their own."""
    schema = table.resource.schema
    key = [f for f in rows.described_fields if f.name in schema.primary_key and f not in fields]
    frame = rows.frame_of([*key, *fields])
    return _collect_failures(rows, frame, [*key, *fields], list(engine_column_checks(rows, fields, table)), schema)


def _key_fields(rows: SqlRows, schema: TableSchema) -> list[Field]:
    keys = (schema.primary_key, *schema.unique_keys, *(key.columns for key in schema.all_references()))
    names = {column for key in keys for column in key}
    return [f for f in rows.described_fields if f.name in names]


def _can_name_columns(header: Sequence[str], engine: Engine) -> bool:
    """Whether an engine can name the columns: to SQL, names that differ only in case are the same."""
    name_counts = Counter(name.casefold() for name in header)
    return all(count == 1 for count in name_counts.values()) and all(
        name.strip() and not any(character in name for character in engine.forbidden_characters) for name in header
    )


def _plan_for_polars(schema: TableSchema, plan: CheckPlan) -> CheckPlan:
    """Return a plan whose targets are frames of polars, for a table left to it; rules on other tables are not run."""
    targets: dict[int, Any] = {}
    for number, key in enumerate(schema.all_references()):
        target = plan.targets.get(number)
        if target is None or isinstance(target, pl.DataFrame):
            targets |= {} if target is None else {number: target}
            continue
        available = set(target.collect_schema().names())
        names = [c for column in key.reference.columns for c in (column, column + TEXT) if c in available]
        targets[number] = target.select(names).collect(backend="polars").to_native()
    return replace(plan, targets=targets, tables={})


def _collect_failures(
    rows: SqlRows, frame: Any, fields: Sequence[Field], checks: Sequence[Check], schema: TableSchema
) -> list[Failures]:
    """Collect the rows that break a check, sorted by the primary key, or else by their cells."""
    if not checks:
        return []
    names = [f"{_RESULT_PREFIX}{n}" for n in range(len(checks))]
    texts = [f.name + TEXT for f in fields]
    results = frame.select(*texts, *(c.expression.alias(n) for c, n in zip(checks, names, strict=True)))
    results = nw.from_native(rows.engine.materialize(nw.to_native(results)))
    failing_rows = (
        results.filter(~combine_in_pairs([nw.col(n).fill_null(True) for n in names]))
        .collect(backend="polars")
        .to_native()
    )
    if not failing_rows.height:
        return []
    key = [c + TEXT for c in schema.primary_key if c + TEXT in texts]
    failing_rows = failing_rows.sort(key or texts, nulls_last=True)
    passes = failing_rows.select(pl.col(n).fill_null(value=True).alias(n.removeprefix(_RESULT_PREFIX)) for n in names)
    return [Failures(checks, passes, failing_rows.select(texts))]


def _whole_table_failures(table: TableToCheck, rows: SqlRows, checks: Sequence[Check]) -> Iterator[Failures]:
    """Check by polars what is ordered or goes from row to row; only the columns it needs leave the engine."""
    for check in checks:
        lookup_columns = {c for x in check.lookups if isinstance(x, WholeTableLookup) for c in x.needed_columns}
        names = {*check.columns, *lookup_columns, *table.resource.schema.primary_key}
        fields = tuple(f for f in rows.described_fields if f.name in names)
        if not {*check.columns, *lookup_columns} <= {f.name for f in fields}:
            continue
        ordered = any(isinstance(x, WholeTableLookup) and x.ordered for x in check.lookups)
        if ordered and rows.file is None:
            rows.notes.append(f"not checked: {check.code} on {table.name}: the rows of such a frame have no order")
            continue
        cells = rows.cells([f.name for f in fields], ordered=ordered)
        frame = add_whole_table_lookups(
            check_frame(cells, replace(table.resource.schema, fields=fields)), check.lookups
        )
        yield from find_failures(frame, [check], None, table.resource.schema.primary_key)


def _engine_rules(rows: SqlRows, table: TableToCheck, rules: Sequence[Check]) -> Iterator[Check]:
    """Yield the rules; those that call Python for each cell of a column are evaluated once per distinct cell."""
    in_python: dict[str, list[Check]] = {}
    for check in rules:
        if check.in_python:
            in_python.setdefault(check.columns[0], []).append(check)
        else:
            yield check
    yield from check_distinct_cells(rows, in_python, table.resource.schema)


def _join_references(
    frame: Any, schema: TableSchema, targets: Mapping[int, Any], columns_to_join: set[str]
) -> tuple[Any, list[Check]]:
    """Join the tables that keys refer to, with a column that is true where the key exists there."""
    polars_targets = {n: t for n, t in targets.items() if isinstance(t, pl.DataFrame)}
    references = list(
        reference_checks(schema, {n: t for n, t in polars_targets.items() if t.height <= _MAX_KEYS_IN_QUERY})
    )
    for number, key in enumerate(schema.all_references()):
        if number in polars_targets and polars_targets[number].height > _MAX_KEYS_IN_QUERY:
            references += _checks_by_distinct_keys(frame, schema, key, polars_targets[number])
    for number, key in enumerate(schema.all_references()):
        target = targets.get(number)
        if target is None or number in polars_targets:
            continue
        target_schema = target.collect_schema()
        if not {c + TEXT for c in key.reference.columns} <= set(target_schema.names()):
            continue
        local, remote = _compared_columns(schema, key, target_schema)
        exists_alias = f"known::{number}"
        aliases = [f"{exists_alias}::{n}" for n in range(len(remote))]
        columns_to_add = [
            (c, joined_column(key.columns[0], c))
            for c in target_schema.names()
            if len(key.columns) == 1 and joined_column(key.columns[0], c) in columns_to_join
        ]
        columns_to_join -= {name for _, name in columns_to_add}
        renamed_target = target.select(
            *(nw.col(c).alias(a) for c, a in zip(remote, aliases, strict=True)),
            *(nw.col(c).alias(name) for c, name in columns_to_add),
        )
        complete_keys = renamed_target.filter(
            ~nw.any_horizontal(*(nw.col(a).is_null() for a in aliases), ignore_nulls=True)
        )
        known_keys = complete_keys.unique(aliases, keep="any").with_columns(nw.lit(value=True).alias(exists_alias))
        frame = frame.join(known_keys, left_on=local, right_on=aliases, how="left")
        has_empty_part = nw.any_horizontal(*(nw.col(c).is_null() for c in local), ignore_nulls=True)
        references.append(reference_check(key, has_empty_part | ~nw.col(exists_alias).is_null()))
    return frame, references


def _checks_by_distinct_keys(frame: Any, schema: TableSchema, key: ForeignKey, target: pl.DataFrame) -> list[Check]:
    """Return a check that lists the distinct keys of the engine's rows that a long table of polars lacks."""
    if not {c + TEXT for c in key.reference.columns} <= set(target.columns):
        return []
    if len(key.columns) > 1:
        return list(reference_checks(schema, {_reference_number(schema, key): target}))
    ((local,), (remote,)) = key_columns(schema, key, target)
    keys = frame.select(local).unique().collect(backend="polars").to_native().drop_nulls()
    known_keys = target.select(pl.col(remote).cast(keys.schema[local]).alias(local)).drop_nulls()
    unknown = keys.join(known_keys, on=local, how="anti")[local].to_list()
    return [reference_check(key, ~nw.col(local).is_in(unknown))] if unknown else []


def _reference_number(schema: TableSchema, key: ForeignKey) -> int:
    return schema.all_references().index(key)


def _compared_columns(
    schema: TableSchema, key: ForeignKey, target_schema: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Choose the columns by which a key is compared: by value where both columns are whole numbers, else as written."""
    kinds = {f.name: f.type for f in schema.fields}
    pairs = list(zip(key.columns, key.reference.columns, strict=True))
    # A decimal is how some engines hold what needs more than 64 bits.
    by_value = [
        kinds.get(local) == "integer" and (target_schema[remote].is_integer() or target_schema[remote].is_decimal())
        for local, remote in pairs
    ]
    local = [c if v else c + TEXT for (c, _), v in zip(pairs, by_value, strict=True)]
    remote = [c if v else c + TEXT for (_, c), v in zip(pairs, by_value, strict=True)]
    return local, remote
