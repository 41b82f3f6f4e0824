"""Whether every check holds for every row of a frame: one pass, which says nothing of the rows that fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from .checks import Check
from .combined_check import all_checks_hold

Passes = Callable[[pl.DataFrame], bool]


def passes_all(checks: Sequence[Check], *, of_text: TableSchema | None = None, by_pandera: bool = True) -> Passes:
    """Return a function that returns whether every check holds for a frame.

    Args:
        checks: to run.
        of_text: the table's schema where the frames are of text; frames as `check_frame` gives them where omitted.
        by_pandera: whether pandera runs them, as it does for luminaldb's own tables. Its import takes longer than
            most tables of others, for which the same expression is run without it.
    """
    if not by_pandera:
        return lambda frame: all_checks_hold(frame.lazy(), checks, of_text)
    from pandera.errors import SchemaError, SchemaErrors

    from .pandera_schema import combined_schema

    schema = combined_schema(checks, of_text=of_text)

    def passes(frame: pl.DataFrame) -> bool:
        try:
            schema.validate(frame, lazy=True)
        except (SchemaError, SchemaErrors):
            return False
        return True

    return passes
