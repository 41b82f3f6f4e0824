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
from .fast_text_reader import read_simple_csv, simple_header
from .other_format_names import FORMATS
from .store import Store

CHUNK_BYTES = 32 * 1024**2
Chunk = tuple[int, pl.DataFrame]
_UTF8 = (None, "utf-8", "utf8")


class NotSimpleCsvError(Exception):
    """The file is not proven to be a simple CSV; see `fast_text_reader`. The strict reader reads it."""


def simple_csv_file(store: Store, resource: Resource) -> Path | None:
    """Return a resource's file if it may be a simple CSV: one UTF-8 file on disk; None otherwise."""
    has_usual_format = resource.dialect.quote_char in ('"', None) and (resource.encoding or "utf-8").lower() in _UTF8
    if (
        resource.path is None
        or not has_usual_format
        or resource.files != ((resource.path, None),)
        or resource.format in (*FORMATS, "json")
    ):
        return None
    try:
        file = store.local_path(resource.path)
    except LuminaldbError:
        return None
    return file if file is not None and file.is_file() else None


def header_line(file: Path, dialect: Dialect) -> list[str]:
    """Return the names of a file's columns; none unless its first line is a simple header."""
    with file.open("rb") as stream:
        first = stream.readline()
    try:
        first.decode()
    except UnicodeDecodeError:
        return []
    return [] if first.startswith(codecs.BOM_UTF8) else simple_header(first, dialect)


def byte_chunks(file: Path, size: int) -> Iterator[bytes]:
    """Yield a file's bytes in chunks of whole lines, of about `size` bytes each."""
    with file.open("rb") as stream:
        while chunk := stream.read(size):
            yield chunk + stream.readline()


def read_chunks(file: Path, dialect: Dialect, max_cell_length: int, size: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Yield a file's rows in chunks: the line on which a chunk starts, and its cells as text.

    Args:
        file: a CSV with a header.
        dialect: how it is written.
        max_cell_length: how many characters a cell may have.
        size: about how many bytes a chunk has.

    Raises:
        NotSimpleCsvError: some line of the chunk isn't proven to be one record.
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
                    raise NotSimpleCsvError from None
            frame = read_simple_csv(data, dialect, max_cell_length)
            if frame is None:
                raise NotSimpleCsvError
            del data, chunk
            yield line, frame
            line += frame.height


def read_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks as they come, each read in a thread while the caller is busy with the one before."""
    with ThreadPoolExecutor(1) as reader:
        next_chunk = reader.submit(next, chunks, None)
        while (chunk := next_chunk.result()) is not None:
            next_chunk = reader.submit(next, chunks, None)
            yield chunk
