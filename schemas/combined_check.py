"""All checks of a table in one query: does every row pass?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from .check_columns import TEXT
from .check_frame import check_frame_columns
from .check_results import evaluate_checks
from .checks import Check

if TYPE_CHECKING:
    from pandera.api.polars.types import PolarsData

Passes = Callable[[pl.DataFrame], bool]


def passes_all(checks: Sequence[Check], *, of_text: TableSchema | None = None, by_pandera: bool = True) -> Passes:
    """Return a function that returns whether every check holds for a frame; it says nothing of the rows that fail.

    Args:
        checks: to run.
        of_text: the table's schema where the frames are of text; frames as `check_frame` gives them where omitted.
        by_pandera: whether pandera runs them, as it does for luminaldb's own tables. Its import takes longer than
            most tables of others, for which the same expression is run without it.
    """
    if not by_pandera:
        return lambda frame: all_checks_hold(frame.lazy(), checks, of_text)
    import pandera.polars as pa
    from pandera.errors import SchemaError, SchemaErrors

    def holds(data: PolarsData) -> bool:
        # One answer for the frame: pandera would write out the rows that fail, which it can't with Int128 in them.
        return all_checks_hold(data.lazyframe, checks, of_text)

    schema = pa.DataFrameSchema(checks=[pa.Check(holds, name="luminaldb")] if checks else [])

    def passes(frame: pl.DataFrame) -> bool:
        try:
            schema.validate(frame, lazy=True)
        except (SchemaError, SchemaErrors):
            return False
        return True

    return passes


def all_checks_hold(rows: pl.LazyFrame, checks: Sequence[Check], of_text: TableSchema | None = None) -> bool:
    """Return whether every check holds for every row, in a single pass; see `passes_all`."""
    if not checks:
        return True
    if of_text is not None:
        rows = rows.select(*check_frame_columns(rows.collect_schema().names(), of_text))
    if any(c.in_python for c in checks):
        holds = evaluate_checks(rows.collect(), checks)
        return bool(holds.select(pl.all_horizontal(pl.all().all())).item())
    # Reducing each check to one value by itself takes half of the time of one expression over all of them.
    results = nw.from_native(rows).select(*_results(checks)).collect()
    return all(results.row(0))


def _results(checks: Sequence[Check]) -> Iterator[nw.Expr]:
    """Yield whether each check holds for every row; one expression for all columns that must not contain a pattern."""
    columns: dict[str, list[str]] = {}
    for number, check in enumerate(checks):
        if check.forbidden:
            columns.setdefault(check.forbidden, []).append(check.columns[0] + TEXT)
        else:
            yield check.expression.all().alias(str(number))
    for number, (pattern, names) in enumerate(columns.items()):
        yield (~nw.col(*names).str.contains(pattern)).all().name.suffix(f"::{number}")
