"""The checks of columns and rules as an engine of SQL can run them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from luminaldb.issue_codes import EMPTY_CELL, REPEATED_VALUE, WRONG_FORMAT, WRONG_PATTERN
from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from ..check_columns import TEXT, text_of
from ..check_frame import check_frame
from ..check_results import evaluate_checks
from ..checks import Check
from ..constraints import field_checks
from ..exact_numbers import exact_checks, needs_exact_check
from ..table import Table
from .portable_patterns import portable_pattern
from .sql_columns import is_native
from .sql_rows import SqlRows


def engine_column_checks(rows: SqlRows, frame: Any, fields: Sequence[Field], table: Table) -> Iterator[Check]:
    """Yield the checks of columns.

    Args:
        rows: of the table.
        frame: that has the columns, as checks see them.
        fields: of the columns.
        table: whose columns they are.
    """
    schema = table.resource.schema
    by_digit = list(exact_checks(schema))
    for field in fields:
        polars_checks: list[Check] = []
        exact = is_native(field) and (field.name not in rows.wide_columns or rows.engine.sql.wide_as_polars)
        for check in field_checks(field, required=field.name in schema.primary_key):
            form = _form(field, check)
            pattern = portable_pattern(form) if form else None
            if pattern:
                yield replace(check, expression=text_of(field.name).str.contains(pattern))
            elif check.code in (EMPTY_CELL, REPEATED_VALUE) or (exact and not check.in_python and not form):
                yield check
            else:
                polars_checks.append(check)
        if polars_checks:
            yield from by_distinct_cells(frame, field, polars_checks, schema)
        for check in (c for c in by_digit if c.columns[0] == field.name):
            yield from by_distinct_cells(frame.filter(needs_exact_check(check, field)), field, [check], schema)
        if not is_native(field) and _is_key(field, schema):
            note = f"{table.name}.{field.name} ({field.type}) is compared as it is written where it is a key"
            rows.notes.append(note)


def _is_key(field: Field, schema: TableSchema) -> bool:
    keys = {*schema.primary_key, *(c for key in schema.unique_keys for c in key)}
    return field.name in keys or bool(field.constraints.get("unique"))


def by_distinct_cells(frame: Any, field: Field, checks: Sequence[Check], schema: TableSchema) -> Iterator[Check]:
    """Evaluate checks by polars, once per distinct cell of a column, where the engine would answer otherwise.

    Args:
        frame: of the engine.
        field: of the column.
        checks: that look at this column alone.
        schema: of the table.

    Returns:
        The checks whose expression lists the cells that break them; none for those that every cell passes.
    """
    name = field.name + TEXT
    cells = frame.select(name).unique().collect(backend="polars").to_native()
    cells = cells.drop_nulls().rename({name: field.name})
    holds = evaluate_checks(check_frame(cells, replace(schema, fields=(field,))), checks)
    for number, check in enumerate(checks):
        wrong = cells.filter(~holds[str(number)])[field.name].to_list()
        if wrong:
            yield replace(check, expression=~text_of(field.name).is_in(wrong), in_python=False)


def with_parts(frame: Any, checks: Sequence[Check]) -> tuple[Any, list[Check]]:
    """Compute the parts of checks as columns, each once, and give the checks by their names."""
    parts = dict(step for check in checks if check.parts for step in check.parts.steps)
    for alias, expression in parts.items():
        frame = frame.with_columns(expression.alias(alias))
    return frame, [replace(c, expression=c.parts.expression) if c.parts else c for c in checks]


def _form(field: Field, check: Check) -> str | None:
    """Return the pattern of a check that is one."""
    if check.code == WRONG_PATTERN:
        return rf"\A(?:{field.constraints['pattern']})\z"
    return field_types.cell_pattern(field) if check.code == WRONG_FORMAT else None
