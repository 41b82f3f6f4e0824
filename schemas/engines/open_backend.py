"""Open the backend of a user's choice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..backend import Backend
from .polars_backend import PolarsBackend


@contextmanager
def open_backend(name: str | None = None, spark_master: str | None = None) -> Iterator[Backend]:
    """Open a backend, and close its engine afterwards.

    Args:
        name: `polars`, which is the default, `duckdb` or `spark`.
        spark_master: address of Spark's master.

    Raises:
        MissingExtraError: the engine isn't installed.
        LuminaldbError: there is no such engine.
    """
    if name in (None, "polars"):
        yield PolarsBackend()
        return
    from .engine import open_engine
    from .sql_backend import SqlBackend

    with open_engine(str(name), spark_master) as engine, tempfile.TemporaryDirectory(prefix="luminaldb-") as folder:
        yield SqlBackend(engine, Path(folder))
