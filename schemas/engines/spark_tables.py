"""Tables that a Spark session reads by address: by its executors, or by the driver where they can't split a file."""

from __future__ import annotations

from pathlib import PurePosixPath

import narwhals as nw
import polars as pl

from luminaldb.errors import LuminaldbError, UnsafePathError
from luminaldb.issue_codes import MALFORMED_FILE, UNREADABLE_FILE, UNSAFE_PATH
from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.compression import compression_of
from luminaldb.loaders.datapackage.descriptor import Resource, TableSchema
from luminaldb.loaders.datapackage.other_format_names import FORMATS, LINES
from luminaldb.loaders.datapackage.text_reader import TextTable

from ..backend import TableRows
from ..table_to_check import TableToCheck
from .engine import Engine
from .engine_files import EngineFile
from .hadoop_store import DRIVER_BYTES, HadoopTable, SparkFiles, SparkStore, spark_errors
from .polars_backend import MemoryRows, RowsWithoutOrder
from .spark_csv import read_csv
from .spark_other_formats import read_json_lines, read_parquet
from .spark_records import is_splittable
from .spark_table import NotSplittableError, SparkTable
from .sql_rows import SqlRows

_UTF8 = (None, "utf-8", "utf8")
# What Hadoop unpacks by itself, by the ending of the file's name.
_UNPACKED = (None, "gz", "bz2")
# So many cells are collected where they have to be in one process.
_CELLS_AT_ONCE = 10_000_000


class ExecutorRows(SqlRows):
    """Rows that the executors of Spark read from files of their own."""

    can_be_collected = False

    def text_in_memory(self) -> TextTable:
        """Collect all rows as text, without their order.

        Raises:
            LuminaldbError: they are too many.
        """
        if self.count * len(self.header) > _CELLS_AT_ONCE:
            message = f"{self.count:,} rows would have to be in the memory of one process"
            hint = "--rules statistics, and names of columns that differ only in case or have points, need that"
            raise LuminaldbError(message, hint=hint)
        # Spark may be unable to name the columns.
        columns = self._engine_file.columns
        numbers = {f"c{n}": column for n, column in enumerate(columns)}
        cells = nw.from_native(self.native.toDF(*numbers)).collect(backend="polars").to_native()
        frame = cells.rename(numbers).with_columns(pl.all().fill_null(""))
        return TextTable(frame, [0] * frame.height, self.header, list(self.issues), dict(self.omitted))

    def in_memory(self) -> RowsWithoutOrder:
        """Collect all rows for polars; see `text_in_memory`."""
        return RowsWithoutOrder(self.text_in_memory(), self._schema)


def read_spark_table(engine: Engine, table: TableToCheck, store: SparkStore) -> TableRows:
    """Open a table that a Spark session reads; the file's form is checked on the way."""
    resource = table.resource
    if not resource.paths:
        return MemoryRows(table.source.text(table.name), resource.schema)
    try:
        files = store.files(resource.paths)
    except UnsafePathError as error:
        return _unreadable(engine, resource.schema, error.issue.message, error.issue.hint, UNSAFE_PATH)
    hidden = [name for name in map(_file_name, files.addresses) if name.startswith(("_", "."))]
    if hidden:
        return _unreadable(engine, resource.schema, f"Spark reads no file with a name like {hidden[0]}", "Rename it.")
    try:
        with spark_errors(table.file):
            spark_table = _read(files, resource)
    except NotSplittableError as error:
        return _read_by_driver(engine, table, files, str(error))
    except LuminaldbError as error:
        if isinstance(store, HadoopTable):
            raise
        return _unreadable(engine, resource.schema, error.issue.message, error.issue.hint)
    rows = ExecutorRows(engine, resource.schema, spark_table.native, spark_table.engine_file)
    rows.notes.extend(spark_table.notes)
    if resource.properties.get("hash") and sum(files.sizes().values()) > DRIVER_BYTES:
        rows.notes.append(f"not checked: the hash of {table.file}, a file of more than {DRIVER_BYTES // 1024**2} MiB")
    return rows


def _read(files: SparkFiles, resource: Resource) -> SparkTable:
    if resource.format == "parquet":
        return read_parquet(files)
    if resource.format in FORMATS - {*LINES} or resource.format == "json":
        raise NotSplittableError(f"is {resource.format}")
    for path, kind in resource.files:
        if kind not in _UNPACKED or kind != compression_of(path, {}):
            raise NotSplittableError(f"is packed as {kind}")
    if (resource.encoding or "utf-8").lower() not in _UTF8:
        raise NotSplittableError(f"is {resource.encoding}")
    if resource.format in LINES:
        return read_json_lines(files, resource)
    if not is_splittable(resource.dialect):
        raise NotSplittableError("has a dialect with comments, escapes or several rows of header")
    return read_csv(files, resource)


def _read_by_driver(engine: Engine, table: TableToCheck, files: SparkFiles, reason: str) -> TableRows:
    """Read a small file in this process, which finds errors that Spark can't; report a large one as not checked."""
    sizes = files.sizes()
    has_one_file_each = len(sizes) == len(files.addresses)
    if has_one_file_each and sum(sizes.values()) <= DRIVER_BYTES:
        rows = MemoryRows(table.source.text(table.name), table.resource.schema)
        rows.notes = [f"{table.name} {reason}: read by one process, not by the executors"]
        return rows
    limit = f"{DRIVER_BYTES // 1024**2} MiB in one file"
    message = f"the table {reason}, which only one process can read, and that up to {limit}"
    hint = "Write it as CSV in UTF-8, with a cell that has quotes in quotes, and each of its quotes twice."
    rows_without_cells = SqlRows(engine, table.resource.schema, None, _file_with(MALFORMED_FILE, message, hint))
    rows_without_cells.notes.append(f"not checked: the rows of {table.name}")
    return rows_without_cells


def _unreadable(engine: Engine, schema: TableSchema, message: str, hint: str, code: str = UNREADABLE_FILE) -> TableRows:
    fix = hint or "Fix the path in the descriptor."
    return SqlRows(engine, schema, None, _file_with(code, message, fix))


def _file_with(code: str, message: str, hint: str) -> EngineFile:
    return EngineFile(None, issues=[Issue(code, message, hint)])


def _file_name(address: str) -> str:
    return PurePosixPath(address.rstrip("/")).name
