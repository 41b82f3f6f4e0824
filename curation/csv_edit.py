"""Change and add rows of a CSV; every other record keeps its bytes and its place."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Mapping, Sequence

from luminaldb.errors import TableError
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.text_reader import raise_form_errors, read_text

from .fixes.csv_file import MemoryStore, explain_unsupported_format, format_row, records, strip_line_end
from .fixes.row_order import row_order

Cells = Mapping[str, str]


def edit_csv(
    data: bytes,
    resource: Resource,
    file_name: str,
    *,
    revised: Mapping[int, Cells] | None = None,
    added: Sequence[Cells] = (),
    removed: Collection[int] = (),
) -> bytes:
    """Change cells of rows, remove rows, and add rows in the order of the primary key.

    Args:
        data: the file.
        resource: what its descriptor says of it.
        file_name: name of the file, for messages.
        revised: the cells that change, by number of the row, counted from 0.
        added: cells of the new rows; one that isn't given is empty.
        removed: numbers of the rows that go.

    Returns:
        The bytes. A row that isn't revised keeps the quotes it was written with.

    Raises:
        TableError: the file isn't plain UTF-8 CSV with the header on its first line, or its form is broken.
    """
    if reason := explain_unsupported_format(resource):
        raise TableError(f"can't be edited, for {reason}", subject=str(file_name), hint="change it by hand")
    byte_order_mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text_bytes = data[len(byte_order_mark) :]
    table = read_text(MemoryStore(text_bytes), resource)
    raise_form_errors(table, file_name)
    header, *record_texts = records(text_bytes.decode("utf-8"), table.lines)
    end = resource.dialect.line_terminator or _line_end(header)
    rows = list(table.frame.iter_rows())
    revised_rows = {n: _reorder_cells(rows[n], table.header, cells) for n, cells in (revised or {}).items()}
    new_rows = [_reorder_cells(("",) * len(table.header), table.header, cells) for cells in added]
    # A last line without its end gets one only where another follows.
    old_texts = [
        *record_texts[:-1],
        *([strip_line_end(record_texts[-1]) + end if new_rows else record_texts[-1]] if record_texts else []),
    ]
    for n, row in revised_rows.items():
        if row != rows[n]:
            old_texts[n] = format_row(row, resource.dialect) + end
    order_by_key = row_order(
        resource.schema, table.header, [*(revised_rows.get(n, row) for n, row in enumerate(rows)), *new_rows]
    )
    texts = [*old_texts, *(format_row(row, resource.dialect) + end for row in new_rows)]
    header_text = header if header != strip_line_end(header) else header + end
    order = [n for n in _merge_order(order_by_key, len(rows)) if n not in removed]
    return byte_order_mark + "".join([header_text, *(texts[n] for n in order)]).encode("utf-8")


def _line_end(line: str) -> str:
    return line[len(strip_line_end(line)) :] or "\n"


def _reorder_cells(row: Sequence[str], header: Sequence[str], cells: Cells) -> tuple[str, ...]:
    return tuple(cells.get(name, cell) for name, cell in zip(header, row, strict=True))


def _merge_order(order: Sequence[int], old: int) -> list[int]:
    """Return the numbers of all rows: old ones in their order, each new one before its successor."""
    rank = {n: position for position, n in enumerate(order)}
    new = sorted(range(old, len(order)), key=rank.__getitem__)
    merged: list[int] = []
    for n in range(old):
        while new and rank[new[0]] < rank[n]:
            merged.append(new.pop(0))
        merged.append(n)
    return [*merged, *new]
