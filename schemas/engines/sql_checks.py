"""The checks of columns and rules in a form that an SQL engine can run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from luminaldb.issue_codes import EMPTY_CELL, REPEATED_VALUE, WRONG_FORMAT, WRONG_PATTERN
from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from ..check_columns import text_of
from ..check_frame import check_frame
from ..check_results import evaluate_checks
from ..checks import Check
from ..constraints import field_checks
from ..exact_numbers import DOUBLE_SAFE_LENGTH, exact_checks, needs_exact_check
from ..table_to_check import TableToCheck
from .portable_patterns import portable_pattern
from .sql_columns import is_native
from .sql_rows import SqlRows


def engine_column_checks(rows: SqlRows, fields: Sequence[Field], table: TableToCheck) -> Iterator[Check]:
    """Yield the checks of columns.

    Args:
        rows: the table's rows in the engine.
        fields: the columns to check.
        table: the table of the columns.
    """
    schema = table.resource.schema
    polars_checks: dict[str, list[Check]] = {}
    for field in fields:
        exact_in_engine = is_native(field) and (
            field.name not in rows.wide_columns or rows.engine.sql.wide_integers_exact
        )
        for check in field_checks(field, required=field.name in schema.primary_key):
            pattern_of_check = _pattern_of(field, check)
            pattern = portable_pattern(pattern_of_check) if pattern_of_check else None
            if pattern:
                yield replace(check, expression=text_of(field.name).str.contains(pattern))
            elif check.code in (EMPTY_CELL, REPEATED_VALUE) or (
                exact_in_engine and not check.in_python and not pattern_of_check
            ):
                yield check
            else:
                polars_checks.setdefault(field.name, []).append(check)
        if not is_native(field) and _is_key(field, schema):
            note = f"{table.name}.{field.name} ({field.type}) is a key and is compared as text"
            rows.notes.append(note)
    yield from check_distinct_cells(rows, polars_checks, schema)
    exact_limit_checks = exact_checks(replace(schema, fields=tuple(fields)))
    yield from _exact_limit_checks(rows, list(exact_limit_checks), {f.name: f for f in fields}, schema)


def _exact_limit_checks(
    rows: SqlRows, checks: Sequence[Check], fields: Mapping[str, Field], schema: TableSchema
) -> Iterator[Check]:
    """Evaluate the exact checks that some cell needs, which one query finds for all columns."""
    possible_checks = [c for c in checks if rows.longest.get(c.columns[0], DOUBLE_SAFE_LENGTH + 1) > DOUBLE_SAFE_LENGTH]
    if not possible_checks:
        return
    needs_exact = [needs_exact_check(c, fields[c.columns[0]]) for c in possible_checks]
    frame = rows.frame_of([fields[name] for name in dict.fromkeys(c.columns[0] for c in possible_checks)])
    is_needed = (
        frame.select(needs_check.any().alias(str(n)) for n, needs_check in enumerate(needs_exact))
        .collect(backend="polars")
        .row(0)
    )
    for check, needs_check, check_is_needed in zip(possible_checks, needs_exact, is_needed, strict=True):
        if check_is_needed:
            field = fields[check.columns[0]]
            yield from _checks_of_cells(rows.distinct_where(field, needs_check), field, [check], schema)


def _is_key(field: Field, schema: TableSchema) -> bool:
    keys = {*schema.primary_key, *(c for key in schema.unique_keys for c in key)}
    return field.name in keys or bool(field.constraints.get("unique"))


def check_distinct_cells(rows: SqlRows, checks: Mapping[str, Sequence[Check]], schema: TableSchema) -> Iterator[Check]:
    """Evaluate checks by polars, once per distinct cell of a column, where the engine's result could differ.

    Args:
        rows: the table's rows in the engine.
        checks: checks of one column alone, by the name of the column.
        schema: the table's schema.

    Returns:
        The checks whose expression lists the cells that break them; none for those that every cell passes.
    """
    fields = [f for f in rows.described_fields if f.name in checks]
    cells = rows.distinct_cells(fields) if fields else {}
    for field in fields:
        yield from _checks_of_cells(cells[field.name], field, checks[field.name], schema)


def _checks_of_cells(
    distinct: pl.Series, field: Field, checks: Sequence[Check], schema: TableSchema
) -> Iterator[Check]:
    """Evaluate checks of one column by polars over its distinct cells; see `check_distinct_cells`."""
    cells = distinct.drop_nulls().alias(field.name).to_frame()
    if not cells.height:
        return
    results = evaluate_checks(check_frame(cells, replace(schema, fields=(field,))), checks)
    for number, check in enumerate(checks):
        failing_cells = cells.filter(~results[str(number)])[field.name].to_list()
        if failing_cells:
            yield replace(check, expression=~text_of(field.name).is_in(failing_cells), in_python=False)


def compute_parts(frame: Any, checks: Sequence[Check]) -> tuple[Any, list[Check]]:
    """Add the shared parts of checks as columns, each once, and return the checks that use those columns."""
    parts = dict(step for check in checks if check.parts for step in check.parts.steps)
    for alias, expression in parts.items():
        frame = frame.with_columns(expression.alias(alias))
    return frame, [replace(c, expression=c.parts.expression) if c.parts else c for c in checks]


def _pattern_of(field: Field, check: Check) -> str | None:
    """Return the regular expression that a check tests, or None."""
    if check.code == WRONG_PATTERN:
        return rf"\A(?:{field.constraints['pattern']})\z"
    return field_types.cell_pattern(field) if check.code == WRONG_FORMAT else None
