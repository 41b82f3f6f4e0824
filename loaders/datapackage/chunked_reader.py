"""A large CSV in chunks: each a frame of text, as long as every line is proven to be one record."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from luminaldb.errors import LuminaldbError

from .descriptor import Resource
from .dialect import Dialect
from .fast_text_reader import plain_header, read_plain
from .other_format_names import FORMATS
from .store import Store

CHUNK_BYTES = 32 * 1024**2
Chunk = tuple[int, pl.DataFrame]
_UTF8 = (None, "utf-8", "utf8")


class NotPlainError(Exception):
    """A line that isn't proven to be one record of the header's width; the strict reader reads such a file."""


def plain_file(store: Store, resource: Resource) -> Path | None:
    """Return a resource's file where it is one UTF-8 CSV on disk; None for anything else."""
    usual = resource.dialect.quote_char in ('"', None) and (resource.encoding or "utf-8").lower() in _UTF8
    if (
        resource.path is None
        or not usual
        or resource.files != ((resource.path, None),)
        or resource.format in (*FORMATS, "json")
    ):
        return None
    try:
        place = store.local_path(resource.path)
    except LuminaldbError:
        return None
    return place if place is not None and place.is_file() else None


def header_line(file: Path, dialect: Dialect) -> list[str]:
    """Return the names of a file's columns; none where its first line can't be taken as it stands."""
    with file.open("rb") as stream:
        first = stream.readline()
    try:
        first.decode()
    except UnicodeDecodeError:
        return []
    return [] if first.startswith(codecs.BOM_UTF8) else plain_header(first, dialect)


def byte_chunks(file: Path, size: int) -> Iterator[bytes]:
    """Yield a file's bytes in chunks of whole lines, of about `size` bytes each."""
    with file.open("rb") as stream:
        while chunk := stream.read(size):
            yield chunk + stream.readline()


def read_chunks(file: Path, dialect: Dialect, longest: int, size: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Yield a file's rows in chunks: the line on which a chunk starts, and its cells as text.

    Args:
        file: a CSV with a header.
        dialect: how it is written.
        longest: how many characters a cell may have.
        size: about how many bytes a chunk has.

    Raises:
        NotPlainError: some line of the chunk isn't proven to be one record.
    """
    with file.open("rb") as stream:
        header = stream.readline()
        line = 2
        while chunk := stream.read(size):
            data = b"".join((header, chunk, stream.readline()))
            if not data.isascii():
                try:
                    data.decode()
                except UnicodeDecodeError:
                    raise NotPlainError from None
            frame = read_plain(data, dialect, longest)
            if frame is None:
                raise NotPlainError
            del data, chunk
            yield line, frame
            line += frame.height


def read_ahead(rest: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks as they come, each read in a thread while the caller is busy with the one before."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, rest, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, rest, None)
            yield chunk
