"""Open the backend of a user's choice."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from luminaldb.loaders.datapackage.package import Package

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


@contextmanager
def open_spark(
    spark_master: str | None, *, schema: Mapping[str, Any] | None = None, sheet: str | None = None
) -> Iterator[tuple[Backend, Callable[[str], Package]]]:
    """Open Spark, with what opens a package or a table at an address that it reads.

    Args:
        spark_master: address of Spark's master.
        schema: a Table Schema for single tables.
        sheet: of a workbook, name or number.

    Raises:
        MissingExtraError: Spark isn't installed.
    """
    from .engine import Spark, open_engine
    from .spark_sources import open_at_address
    from .sql_backend import SqlBackend

    with open_engine("spark", spark_master) as engine, tempfile.TemporaryDirectory(prefix="luminaldb-") as folder:
        session = engine.session if isinstance(engine, Spark) else None
        yield SqlBackend(engine, Path(folder)), partial(open_at_address, session, schema=schema, sheet=sheet)
