"""The first rows of a table, without reading all of a large file."""

from __future__ import annotations

import polars as pl

from .chunked_reader import NotSimpleCsvError, read_chunks, simple_csv_file
from .csv_records import MAX_CELL_CHARACTERS
from .descriptor import Resource
from .store import Store
from .text_reader import TextTable, read_text

_CHUNK_BYTES = 4 * 1024**2


def read_head(store: Store, resource: Resource, count: int) -> TextTable | None:
    """Read the first rows of a table as text; None where it has no more than those.

    Args:
        store: of the package.
        resource: the table.
        count: how many rows.
    """
    file = simple_csv_file(store, resource)
    if file is not None and file.stat().st_size > _CHUNK_BYTES:
        parts: list[pl.DataFrame] = []
        try:
            for _, part in read_chunks(file, resource.dialect, MAX_CELL_CHARACTERS, _CHUNK_BYTES):
                parts.append(part)
                if sum(p.height for p in parts) > count:
                    frame = pl.concat(parts).head(count)
                    return TextTable(frame, range(2, count + 2), tuple(frame.columns))
        except NotSimpleCsvError:
            pass
    text_table = read_text(store, resource)
    if text_table.frame.height <= count:
        return None
    last = text_table.lines[count]
    issues = [issue for issue in text_table.issues if issue.line < last]
    return TextTable(text_table.frame.head(count), text_table.lines[:count], text_table.header, issues)
