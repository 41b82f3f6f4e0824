"""Files that a Spark session reads by address: `s3a://`, `hdfs://` and whatever else its Hadoop knows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from luminaldb.errors import LuminaldbError, hide_secrets
from luminaldb.loaders.datapackage.store import check_path

from .spark_errors import describe_spark_error, is_missing_path, is_spark_error

# A descriptor, and a table that isn't split among executors, may be so large: the driver holds it.
DRIVER_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class SparkFiles:
    """The files of a table.

    Attributes:
        session: that reads them.
        addresses: of files, folders, or patterns of them.
        are_patterns: whether `*`, `?`, `[` and `{` in them are wildcards.
        is_one_table: whether each file is a part with a header of its own, as programs write a table in parallel.
    """

    session: Any
    addresses: tuple[str, ...]
    are_patterns: bool
    is_one_table: bool

    def open(self, kind: str, **options: str) -> Any:
        """Open the files as a frame, in one of Spark's formats."""
        reader = self.session.read.format(kind).options(**options)
        if not self.are_patterns:
            reader = reader.option("__globPaths__", "false")
        return reader.load(list(self.addresses))

    def sizes(self) -> dict[str, int]:
        """Return how many bytes each file has; no file is opened."""
        with spark_errors(self.addresses[0]):
            rows = self.open("binaryFile").select("path", "length").collect()
        return {row["path"]: row["length"] for row in rows}


class SparkStore:
    """Files that a Spark session reads.

    Attributes:
        label: the prefix of a file's name in messages.
    """

    label: str

    def files(self, paths: Sequence[str]) -> SparkFiles:
        """Return the files of a table."""
        raise NotImplementedError

    def local_path(self, path: str) -> None:
        """Return None: a file of a cluster has no place on this disk."""
        check_path(path)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file that the driver can hold; see Store.read."""
        files = self.files([path])
        return _read_bytes(files, files.addresses[0])

    def measure(self, path: str, algorithm: str | None) -> tuple[int, str | None]:
        """Return a file's size and hash; see MeasuringStore."""
        files = self.files([path])
        sizes = files.sizes()
        if not sizes:
            raise LuminaldbError("no such file", subject=files.addresses[0], hint="add it or fix the path")
        size = sum(sizes.values())
        if algorithm is None or size > DRIVER_BYTES:
            return size, None
        return size, hashlib.new(algorithm, self.read(path), usedforsecurity=False).hexdigest()


class HadoopStore(SparkStore):
    """A package in a folder that the file systems of a Spark session know; nothing outside of it is read."""

    def __init__(self, session: Any, base: str) -> None:
        """Name the folder.

        Args:
            session: a Spark session.
            base: address of the folder, without a slash at its end.
        """
        self._session = session
        self._base = base
        self.label = hide_secrets(base)

    def files(self, paths: Sequence[str]) -> SparkFiles:
        """Return the files of a table."""
        addresses = tuple(f"{self._base}/{check_path(path)}" for path in paths)
        return SparkFiles(self._session, addresses, are_patterns=False, is_one_table=False)


class HadoopTable(SparkStore):
    """The files of a single table: one, those of a folder, or those that fit a pattern."""

    def __init__(self, files: SparkFiles) -> None:
        self._files = files
        self.label = hide_secrets(files.addresses[0])

    def files(self, paths: Sequence[str]) -> SparkFiles:
        """Return the files of the table."""
        del paths
        return self._files


def _read_bytes(files: SparkFiles, address: str) -> bytes:
    """Read a file into the driver's memory.

    Raises:
        LuminaldbError: there is no such file, there are several, or it is too large.
    """
    with spark_errors(address):
        binary_files = files.open("binaryFile")
        contents = binary_files.where(f"length <= {DRIVER_BYTES}").select("content").limit(2).collect()
        if len(contents) == 1:
            return bytes(contents[0]["content"])
        sizes = files.sizes()
    if not sizes:
        raise LuminaldbError("no such file", subject=address, hint="add it or fix the path")
    hint = "only CSV, JSON Lines and Parquet that Spark can split are read in any size"
    reason = f"{len(sizes)} files" if len(sizes) > 1 else f"over {DRIVER_BYTES // 1024**2} MiB"
    raise LuminaldbError(f"{reason}, which one process would have to read", subject=address, hint=hint)


@contextmanager
def spark_errors(address: str) -> Iterator[None]:
    """Turn what Spark raises into one line.

    Raises:
        LuminaldbError: Spark can't read what is there.
    """
    try:
        yield
    except Exception as error:
        if not is_spark_error(error):
            raise
        if is_missing_path(error):
            raise LuminaldbError("no such file", subject=address, hint="add it or fix the path") from None
        raise describe_spark_error(error, address) from None
