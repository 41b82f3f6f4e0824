"""All checks of a table in one query: does every row pass?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from .check_columns import TEXT
from .check_frame import check_frame_columns
from .check_results import evaluate_checks
from .checks import CellTest, Check
from .light_pandera import import_pandera

if TYPE_CHECKING:
    from pandera.api.polars.types import PolarsData

Passes = Callable[[pl.DataFrame], bool]


def combine_checks(
    checks: Sequence[Check], *, text_schema: TableSchema | None = None, use_pandera: bool = True
) -> Passes:
    """Return a function that returns whether every check holds for a frame; it doesn't return the rows that fail.

    Args:
        checks: to run.
        text_schema: the table's schema where the frames are of text; frames as `check_frame` gives them where omitted.
        use_pandera: whether pandera runs them, as it does for luminaldb's own tables. Its import takes longer than
            most tables of others, for which the same expression is run without it.
    """
    if not use_pandera:
        return lambda frame: all_checks_pass(frame.lazy(), checks, text_schema)
    pa = import_pandera()
    from pandera.errors import SchemaError, SchemaErrors

    def check_frame_by_pandera(data: PolarsData) -> bool:
        # One answer for the frame: pandera would write out the rows that fail, which it can't with Int128 in them.
        return all_checks_pass(data.lazyframe, checks, text_schema)

    schema = pa.DataFrameSchema(checks=[pa.Check(check_frame_by_pandera, name="luminaldb")] if checks else [])

    def passes(frame: pl.DataFrame) -> bool:
        try:
            schema.validate(frame, lazy=True)
        except (SchemaError, SchemaErrors):
            return False
        return True

    return passes


def all_checks_pass(rows: pl.LazyFrame, checks: Sequence[Check], text_schema: TableSchema | None = None) -> bool:
    """Return whether every check holds for every row; see `combine_checks`."""
    if text_schema is not None:
        rows = rows.select(*check_frame_columns(rows.collect_schema().names(), text_schema))
    if in_python := [c for c in checks if c.in_python]:
        frame = rows.collect()
        results = evaluate_checks(frame, in_python)
        if not results.select(pl.all_horizontal(pl.all().all())).item():
            return False
        rows = frame.lazy()
    return not broken_checks(rows, [c for c in checks if not c.in_python])


def broken_checks(rows: pl.LazyFrame, checks: Sequence[Check]) -> list[Check]:
    """Return the checks that some row breaks.

    Args:
        rows: as `check_frame` gives them.
        checks: to run, each an expression that a lazy frame allows.
    """
    other_checks, cell_tests = _split_checks(checks)
    columns_by_test: dict[CellTest, list[str]] = {}
    for column, tests in cell_tests.items():
        for test in _merge_tests(tests):
            columns_by_test.setdefault(test, []).append(column)
    # Reducing each check to one value by itself takes half of the time of one expression over all of them.
    single = [check.expression.all().alias(f"{n}::") for n, check in other_checks]
    joint = [
        test.passes(nw.col(*columns)).all().name.suffix(f"::{n}")
        for n, (test, columns) in enumerate(columns_by_test.items())
    ]
    if not single and not joint:
        return []
    results = nw.from_native(rows).select(*single, *joint).collect().row(0)
    single_results, joint_results = results[: len(single)], iter(results[len(single) :])
    broken = {n for (n, _), passes in zip(other_checks, single_results, strict=True) if not passes}
    columns_to_retest = {
        column for columns in columns_by_test.values() for column in columns if not next(joint_results)
    }
    if columns_to_retest:
        retests = [
            (n, test.passes(nw.col(column)).all().alias(str(n)))
            for column in columns_to_retest
            for test, numbers in cell_tests[column].items()
            for n in numbers
        ]
        retest_results = nw.from_native(rows).select(*(expression for _, expression in retests)).collect().row(0)
        broken |= {n for (n, _), passes in zip(retests, retest_results, strict=True) if not passes}
    return [check for n, check in enumerate(checks) if n in broken]


def _split_checks(checks: Sequence[Check]) -> tuple[list[tuple[int, Check]], dict[str, dict[CellTest, list[int]]]]:
    """Split checks into those with only an expression and, by column, those with a cell test; numbers are indices."""
    other_checks: list[tuple[int, Check]] = []
    cell_tests: dict[str, dict[CellTest, list[int]]] = {}
    for number, check in enumerate(checks):
        if check.cell_test is None:
            other_checks.append((number, check))
        else:
            cell_tests.setdefault(check.columns[0] + TEXT, {}).setdefault(check.cell_test, []).append(number)
    return other_checks, cell_tests


def _merge_tests(tests: Iterable[CellTest]) -> Iterator[CellTest]:
    """Yield fewer tests that pass for the same cells of a column: patterns that it must not contain are joined."""
    lacking = [test for test in tests if test.kind == "lacks"]
    yield from (test for test in tests if test.kind != "lacks")
    if lacking:
        yield CellTest("lacks", "|".join(f"(?:{test.argument})" for test in lacking))
