"""Whether every check holds for every row of a frame: one pass, which says nothing of the rows that fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from .checks import Check


def passes_all(checks: Sequence[Check], *, of_text: TableSchema | None = None) -> Callable[[pl.DataFrame], bool]:
    """Give a function that tells whether every check holds for a frame; pandera runs them.

    Args:
        checks: to run.
        of_text: the table's schema where the frames are of text; frames as `check_frame` gives them where omitted.
    """
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
