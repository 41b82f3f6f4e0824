"""A table's file, made ready for an engine: the file itself where every line is proven a record, else a clean copy."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass, field
from pathlib import Path

from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.chunked_reader import byte_chunks, simple_csv_file
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.fast_text_reader import record_lines, simple_header
from luminaldb.loaders.datapackage.store import Store
from luminaldb.loaders.datapackage.text_reader import read_text

_PATTERN_MARKS = set("*?[]{}")
_COMPRESSED_SUFFIXES = {".gz", ".bz2", ".xz", ".zst", ".zip", ".lz4", ".snappy", ".deflate"}
CHUNK = 32 * 1024**2


@dataclass(frozen=True, slots=True)
class EngineFile:
    """A file that every engine reads alike.

    Attributes:
        path: where it is; None where nothing can be read.
        delimiter: of its cells.
        header: names of the original's columns.
        columns: names of its own, which lack those that the header names twice.
        rows: how many records it holds.
        one_line_each: whether each line is proven to be one record.
        issues: what is wrong with the form of the original; rows with a problem are left out.
        omitted: how many more issues there are, by code.
    """

    path: Path | None
    delimiter: str = ","
    header: tuple[str, ...] = ()
    rows: int = 0
    issues: list[Issue] = field(default_factory=list)
    omitted: dict[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    one_line_each: bool = False


def prepare_file(store: Store, resource: Resource, folder: Path) -> EngineFile:
    """Make a table's file ready; memory stays small unless the file's form has to be fixed.

    Args:
        store: of the package.
        resource: the table.
        folder: where a clean copy may be written.
    """
    return _original_file(store, resource) or _clean_copy(store, resource, folder)


def _original_file(store: Store, resource: Resource) -> EngineFile | None:
    file, dialect = simple_csv_file(store, resource), resource.dialect
    if file is None or not _is_literal_path(file):
        return None
    header: list[str] = []
    rows = -1
    for chunk in byte_chunks(file, CHUNK):
        if rows < 0:
            header = simple_header(chunk, dialect)
            if not set(header) & set(resource.schema.names):
                return None
        lines = _count_record_lines(chunk, dialect, len(header)) if header else None
        if lines is None:
            return None
        rows += lines
    names = tuple(header)
    return EngineFile(file, dialect.delimiter, names, rows, columns=names, one_line_each=True) if header else None


def _is_literal_path(path: Path) -> bool:
    """Whether an engine reads a path as one plain file: it is no pattern, and its suffix means no compression."""
    return not set(str(path)) & _PATTERN_MARKS and path.suffix.lower() not in _COMPRESSED_SUFFIXES


def _count_record_lines(chunk: bytes, dialect: Dialect, width: int) -> int | None:
    if chunk.startswith(codecs.BOM_UTF8):
        return None
    if not chunk.isascii():
        try:
            chunk.decode()
        except UnicodeDecodeError:
            return None
    if dialect.quote_char is None and b'"' in chunk:
        return None
    lines = record_lines(chunk, dialect, width)
    return None if lines is None else lines.len()


def _clean_copy(store: Store, resource: Resource, folder: Path) -> EngineFile:
    text = read_text(store, resource)
    if not text.frame.columns:
        return EngineFile(None, header=text.header, issues=text.issues)
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(text.frame.columns)
        writer.writerows(text.frame.iter_rows())
    return EngineFile(file, ",", text.header, text.frame.height, text.issues, text.omitted, tuple(text.frame.columns))
