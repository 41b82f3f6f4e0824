"""Table Schema to pandera: a schema for anybody's polars frames, with the checks that validate ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage import field_types
from luminaldb.loaders.datapackage.descriptor import TableSchema
from luminaldb.loaders.datapackage.package import Package

from .check_columns import TEXT
from .check_frame import add_text_columns, applicable_checks
from .check_results import evaluate_checks
from .checks import Check
from .constraints import column_checks
from .keys import key_checks
from .rule_sets import TRIAL_EVIDENCE, rule_sets_of
from .rules import rule_checks


def schema(
    table: str,
    package: Package | None = None,
    *,
    version: str | None = None,
    path: str | Path | None = None,
) -> pa.DataFrameSchema:
    """Return the pandera schema of a table, for a polars frame of one's own with the same columns.

    Args:
        table: name of the table.
        package: the package whose descriptor says what the table is; the installed ones where omitted.
        version: a release whose table is meant, see `load`.
        path: a folder or zip whose table is meant, see `load`.

    Returns:
        A pandera.polars DataFrameSchema: a column per field with its dtype, and a check per constraint, key
        and consistency rule, each named by its code; the waivers of the installed tables apply. Keys to other
        tables are `luminaldb.validate`'s, and so are frames that lack columns:
        pandera 0.35 casts before it looks for them.

    Raises:
        UnknownTableError: no table has that name; the text names the nearest.
        LuminaldbError: there is no such release or path.

    Examples:
        >>> import luminaldb
        >>> luminaldb.schema("interactions").validate(luminaldb.load("interactions")).height > 0
        True
    """
    if package is not None:
        trial_evidence = TRIAL_EVIDENCE in rule_sets_of(package)
        return from_table_schema(package.resource(table).schema, table, trial_evidence=trial_evidence)
    database = Database.find(path, version=version)
    trial_evidence = TRIAL_EVIDENCE in rule_sets_of(database.package_of(table))
    accepted_keys = _waivers(table, database)
    return from_table_schema(
        database.resource(table).schema, table, waived=accepted_keys, trial_evidence=trial_evidence
    )


def _waivers(table: str, database: Database) -> dict[str, list[str]]:
    """Return the keys of the rows in which issues are accepted, by rule."""
    if "waivers" not in database.tables:
        return {}
    waivers = database.frame("waivers").filter(pl.col("table_name") == table)
    return dict(waivers.group_by("rule_code").agg("row_key").iter_rows())


def from_table_schema(
    table_schema: TableSchema,
    name: str = "",
    *,
    waived: Mapping[str, Sequence[str]] | None = None,
    trial_evidence: bool = False,
) -> pa.DataFrameSchema:
    """Turn a Table Schema into a pandera.polars DataFrameSchema; see `schema`.

    Args:
        table_schema: of the table.
        name: of the table.
        waived: keys of rows that a rule may find fault with, by its code.
        trial_evidence: whether the rules on trial evidence are among the checks.
    """
    rules = rule_checks(name, table_schema) if trial_evidence else ()
    checks_of_table = [*column_checks(table_schema), *key_checks(table_schema), *rules]
    columns = {
        f.name: pa.Column(field_types.dtype(f), nullable=not _is_required(f.name, table_schema), coerce=True)
        for f in table_schema.fields
    }
    accepted_by_code = waived or {}
    checks = [
        pa.Check(
            _pandera_check(c, table_schema.primary_key, accepted_by_code.get(c.code, ())),
            name=f"{c.code} {c.columns[0]}",
            error=c.message_for({column: column for column in c.columns}),
        )
        for c in checks_of_table
        if not c.joined_columns
    ]
    return pa.DataFrameSchema(columns, checks=checks, name=name or None, strict=False)


def _is_required(name: str, table_schema: TableSchema) -> bool:
    field = next(f for f in table_schema.fields if f.name == name)
    return bool(field.constraints.get("required")) or name in table_schema.primary_key


def _pandera_check(check: Check, key: Sequence[str], accepted_keys: Sequence[str]) -> Any:
    def run_check(data: PolarsData) -> pl.LazyFrame:
        frame = add_text_columns(data.lazyframe.collect())
        if not applicable_checks([check], frame.columns, frame):
            # pandera says itself which column is missing.
            return pl.LazyFrame({check.code: pl.repeat(value=True, n=frame.height, eager=True)})
        results = evaluate_checks(frame, [check])
        if accepted_keys:
            rows = frame.select(
                pl.concat_str([pl.col(c + TEXT) for c in key], separator="|").is_in(accepted_keys)
            ).to_series()
            results = results.select(pl.all() | rows)
        return results.lazy()

    return run_check
