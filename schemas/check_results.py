"""Run checks over a polars frame: which rows break which check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from .check_columns import TEXT
from .checks import Check


@dataclass(frozen=True, slots=True)
class Failures:
    """The rows that break at least one check.

    Attributes:
        checks: those that some row breaks, at least.
        passes: one Boolean column per check, named by its number, and one row per row that breaks one of them.
        cells: the cells of those rows as written, in columns called `x::text`; at least those of the broken checks and
            of the primary key.
        row_numbers: of those rows in their table, counted from 0; None where the rows of a table have no order.
    """

    checks: Sequence[Check]
    passes: pl.DataFrame
    cells: pl.DataFrame
    row_numbers: pl.Series | None = None


def evaluate_checks(frame: pl.DataFrame, checks: Sequence[Check]) -> pl.DataFrame:
    """Run checks: one Boolean column per check, named by its number, one row per row of the frame.

    A check that doesn't apply to a row is null there, which counts as true.
    """
    columns = (c.expression.alias(str(n)) for n, c in enumerate(checks))
    if any(c.in_python for c in checks):
        results = nw.from_native(frame, eager_only=True).select(*columns).to_native()
    else:
        # One lazy query shares what the checks have in common and runs them side by side.
        results = nw.from_native(frame.lazy()).select(*columns).to_native().collect()
    return results.select(pl.all().fill_null(value=True))


def find_failures(
    frame: pl.DataFrame, checks: Sequence[Check], row_numbers: pl.Series | None, keys: Sequence[str] = ()
) -> list[Failures]:
    """Run checks and keep the rows that break one.

    Args:
        frame: as `check_frame` gives it.
        checks: to run.
        row_numbers: of the frame's rows in their table; None where the rows have no order.
        keys: columns of the primary key, whose cells are kept too.

    Returns:
        One item; none where every row passes.
    """
    if not checks or not frame.height:
        return []
    results = evaluate_checks(frame, checks)
    fails = ~results.select(pl.all_horizontal(pl.all())).to_series()
    if not fails.any():
        return []
    failing = results.filter(fails)
    broken_numbers = [number for number in range(len(checks)) if not failing[str(number)].all()]
    broken = [checks[number] for number in broken_numbers]
    failing = failing.select(pl.col(str(old)).alias(str(new)) for new, old in enumerate(broken_numbers))
    cell_columns = {name + TEXT for name in keys} | {name + TEXT for check in broken for name in check.columns}
    cells = frame.select(c for c in frame.columns if c in cell_columns).filter(fails)
    failing_numbers = None if row_numbers is None else row_numbers.filter(fails)
    return [Failures(broken, failing, cells, failing_numbers)]
