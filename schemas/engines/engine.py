"""DuckDB and Spark, as far as a validation needs them: read a CSV as text, and select by SQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from luminaldb.errors import LuminaldbError, MissingExtraError

from .engine_files import EngineFile
from .spark_errors import describe_spark_error, is_spark_error
from .sql_columns import DUCKDB, SPARK, Sql

MEMORY = "LUMINALDB_DUCKDB_MEMORY"
MEMORY_LIMIT = "1GB"
ENGINES = ("polars", "duckdb", "spark")


class Engine(Protocol):
    """What differs between the engines of SQL.

    Attributes:
        name: of the engine.
        sql: how it writes SQL.
        forbidden_characters: characters that the name of a column can't have.
    """

    name: str
    sql: Sql
    forbidden_characters: str

    def read(self, file: EngineFile) -> Any:
        """Open a CSV with a header, every cell as text."""

    def project(self, frame: Any, selected: Sequence[str]) -> Any:
        """Select expressions in the engine's SQL."""

    def materialize(self, frame: Any) -> Any:
        """Return a frame whose columns are computed once before rows are chosen by them."""

    def persist(self, frame: Any) -> Any:
        """Return a frame that many queries can read without reading its file each time."""

    def distinct(self, frame: Any, names: Sequence[str]) -> dict[str, list[str | None]]:
        """Collect the distinct cells of columns of text, in one query."""


class DuckDB:
    """An in-memory DuckDB, which reads files in chunks and spills to disk."""

    name = "duckdb"
    sql = DUCKDB
    forbidden_characters = "\0"

    def __init__(self, connection: Any = None) -> None:
        self._connection = connection
        self._persisted = 0

    def read(self, file: EngineFile) -> Any:
        """Open a CSV with a header, every cell as text."""
        column_types = ", ".join(f"{self.sql.literal(c)}: 'VARCHAR'" for c in file.columns)
        csv_options = (
            f"delim={self.sql.literal(file.delimiter)}, quote='\"', escape='\"', header=true, auto_detect=false"
        )
        source = (
            f"read_csv({self.sql.literal(str(file.path))}, all_varchar=true, columns={{{column_types}}}, {csv_options})"
        )
        return self._connection.sql(f"SELECT * FROM {source}")

    def project(self, frame: Any, selected: Sequence[str]) -> Any:
        """Select expressions in DuckDB's SQL."""
        return frame.project(", ".join(selected))

    def materialize(self, frame: Any) -> Any:
        """Return the frame as it is: DuckDB computes its columns once by itself."""
        return frame

    def persist(self, frame: Any) -> Any:
        """Copy the frame to a temporary table, which DuckDB spills to its folder where memory is short."""
        if self._connection is None:
            return frame  # the user's own, whose database is not written to
        self._persisted += 1
        table = self.sql.quote_name(f"::held {self._persisted}")
        self._connection.execute(f"CREATE TEMP TABLE {table} AS {frame.sql_query()}")
        return self._connection.sql(f"SELECT * FROM {table}")

    def distinct(self, frame: Any, names: Sequence[str]) -> dict[str, list[str | None]]:
        """Collect the distinct cells of columns of text, in one query."""
        lists = (f"list(DISTINCT {self.sql.quote_name(n)})" for n in names)
        (row,) = frame.aggregate(", ".join(lists)).fetchall()
        return {n: cells or [] for n, cells in zip(names, row, strict=True)}


class Spark:
    """A Spark session, the one that runs or a small local one."""

    name = "spark"
    sql = SPARK
    forbidden_characters = "\0.`"

    def __init__(self, session: Any = None) -> None:
        self.session = session
        self._persisted: list[Any] = []

    def read(self, file: EngineFile) -> Any:
        """Open a CSV with a header, every cell as text."""
        schema = ", ".join(f"{self.sql.quote_name(c)} STRING" for c in file.columns)
        return self.session.read.csv(
            str(file.path.resolve()) if file.path else [],
            schema=schema,
            header=True,
            sep=file.delimiter,
            quote='"',
            escape='"',
            # A file whose lines are records is read in parts, by as many tasks as there are.
            multiLine=not file.one_line_each,
            mode="FAILFAST",
        )

    def project(self, frame: Any, selected: Sequence[str]) -> Any:
        """Select expressions in Spark's SQL."""
        return frame.selectExpr(*selected)

    def materialize(self, frame: Any) -> Any:
        """Add a column that isn't determined by its row: Spark moves no filter past it."""
        from pyspark.sql.functions import monotonically_increasing_id

        return frame.withColumn("::settled", monotonically_increasing_id())

    def persist(self, frame: Any) -> Any:
        """Keep the frame with the executors from the first query on, until `release`."""
        self._persisted.append(frame.persist())
        return self._persisted[-1]

    def release(self) -> None:
        """Let go of the frames that were held: the session may be the user's own."""
        while self._persisted:
            self._persisted.pop().unpersist()

    def distinct(self, frame: Any, names: Sequence[str]) -> dict[str, list[str | None]]:
        """Collect the distinct cells of columns of text, in one query."""
        row = frame.selectExpr(*(f"collect_set({self.sql.quote_name(n)})" for n in names)).first()
        return dict(zip(names, row, strict=True))


@contextmanager
def _duckdb() -> Iterator[Any]:
    """Open a DuckDB that keeps to a memory limit, and spills the rest into a temporary folder."""
    import duckdb

    limit = os.environ.get(MEMORY, MEMORY_LIMIT)
    with tempfile.TemporaryDirectory(prefix="luminaldb-") as folder:
        try:
            connection = duckdb.connect(config={"memory_limit": limit, "temp_directory": folder})
        except duckdb.Error as error:
            message = f"DuckDB can't take it ({str(error).splitlines()[0]})"
            raise LuminaldbError(message, subject=f"{MEMORY}={limit}") from None
        try:
            with connection:
                yield connection
        except duckdb.OutOfMemoryException:
            raise LuminaldbError(
                f"DuckDB needs more than {limit} of memory",
                hint=f"allow it more: {MEMORY}=8GB luminaldb validate …",
            ) from None


@contextmanager
def open_engine(name: str, spark_master: str | None = None) -> Iterator[Engine]:
    """Open an engine by name, and close it afterwards unless it ran before.

    DuckDB holds 1 GB at most, or what the environment's LUMINALDB_DUCKDB_MEMORY says, such as `8GB`.

    Raises:
        MissingExtraError: its library isn't installed.
        LuminaldbError: there is no such engine, or the memory it may hold can't be understood.
    """
    if name not in ENGINES:
        raise LuminaldbError(f"there is no engine {name!r}", hint=f"choose from {', '.join(ENGINES)}")
    try:
        if name == "duckdb":
            with _duckdb() as connection:
                yield DuckDB(connection)
            return
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        module_name = error.name or name
        raise MissingExtraError(
            f"{module_name} is not installed", hint=f"run: pip install 'luminaldb[{name}]'"
        ) from None
    # In another thread than the one that made it, a session isn't the active one.
    running = SparkSession.getActiveSession() or getattr(SparkSession, "_instantiatedSession", None)
    builder = SparkSession.builder.appName("luminaldb")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    try:
        session = running or (builder.master(spark_master) if spark_master else builder).getOrCreate()
    except Exception as error:
        raise describe_spark_error(error, spark_master or "") from None
    engine = Spark(session)
    try:
        yield engine
    except Exception as error:
        if not is_spark_error(error):
            raise
        raise describe_spark_error(error) from None
    finally:
        engine.release()
        if running is None:
            session.stop()
