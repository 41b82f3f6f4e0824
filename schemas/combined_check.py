"""All checks of a table as one expression: does every row pass?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from .check_columns import TEXT
from .check_frame import check_frame_columns
from .check_results import evaluate_checks
from .checks import Check


def all_checks_hold(rows: pl.LazyFrame, checks: Sequence[Check], of_text: TableSchema | None = None) -> bool:
    """Return whether every check holds for every row, in a single pass; see `quick_pass.passes_all`."""
    if not checks:
        return True
    if of_text is not None:
        rows = rows.select(*check_frame_columns(rows.collect_schema().names(), of_text))
    if any(c.in_python for c in checks):
        holds = evaluate_checks(rows.collect(), checks)
        return bool(holds.select(pl.all_horizontal(pl.all().all())).item())
    right = nw.all_horizontal(*_expressions(checks), ignore_nulls=True).all().alias("luminaldb")
    return bool(nw.from_native(rows).select(right).collect().item())


def _expressions(checks: Sequence[Check]) -> Iterator[nw.Expr]:
    """Return the expressions of checks, one for all columns that must not contain the same pattern: fewer to plan."""
    columns: dict[str, list[str]] = {}
    for check in checks:
        if check.forbidden:
            columns.setdefault(check.forbidden, []).append(check.columns[0] + TEXT)
        else:
            yield check.expression
    for pattern, names in columns.items():
        yield ~nw.col(*names).str.contains(pattern)
