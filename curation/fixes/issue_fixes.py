"""Fix a file of a package that isn't luminaldb's: only the cells and bytes that an issue is about."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from luminaldb.issue_codes import (
    BYTE_ORDER_MARK,
    NUL_BYTE,
    RAGGED_ROW,
    REPEATED_COLUMN,
    WRONG_ENCODING,
    WRONG_LINE_ENDS,
)
from luminaldb.loaders.datapackage.csv_records import split_records
from luminaldb.loaders.datapackage.descriptor import Field, Resource
from luminaldb.loaders.datapackage.text_reader import TextTable, read_text
from luminaldb.schemas.check_frame import check_frame
from luminaldb.schemas.check_results import evaluate_checks
from luminaldb.schemas.checks import Check
from luminaldb.schemas.constraints import field_checks

from .csv_file import (
    FixedFile,
    MemoryStore,
    explain_broken_form,
    explain_unsupported_format,
    format_row,
    records,
    strip_line_end,
)

_BOM = b"\xef\xbb\xbf"
_FIXABLE = (BYTE_ORDER_MARK, WRONG_LINE_ENDS)
# The other rows can be fixed.
_OF_ROWS = (RAGGED_ROW, REPEATED_COLUMN, WRONG_ENCODING, NUL_BYTE)
_FIXES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("line end in a cell", lambda cell: cell.replace("\r\n", "\n").replace("\r", "\n")),
    ("blanks around a cell", str.strip),
    ("Unicode not composed", lambda cell: unicodedata.normalize("NFC", cell)),
)


def fix_issues(data: bytes, resource: Resource) -> FixedFile:
    """Fix what an issue reports, if it has exactly one right answer.

    Removes a byte order mark, and changes line ends to LF, where an issue reports them. A cell that fails a check of
    its column is stripped, and its Unicode composed, if it then passes. All else keeps its bytes: other blanks, the
    order of rows, other line ends. Neither is a row whose form is broken: `refusal_reason` names the first.

    Args:
        data: the file, not compressed.
        resource: the file's description in the descriptor.
    """
    if reason := explain_unsupported_format(resource):
        return FixedFile(data, refusal_reason=reason)
    table = read_text(MemoryStore(data), resource)
    unfixable = [p for p in table.issues if p.code not in _FIXABLE and p.severity == "error"]
    reason = explain_broken_form(unfixable)
    if any(p.code not in _OF_ROWS for p in unfixable) or not table.frame.columns:
        return FixedFile(data, refusal_reason=reason)
    codes = {issue.code for issue in table.issues}
    changes: list[str] = []
    if BYTE_ORDER_MARK in codes:
        data = data.removeprefix(_BOM)
        changes.append("byte order mark removed")
    bom = _BOM if data.startswith(_BOM) else b""
    # Bytes that are no text stay as they are.
    text = data.removeprefix(_BOM).decode("utf-8", "surrogateescape")
    new_cells, counts = _fix_failing_cells(table, resource)
    all_rows, starts = split_records(text, resource.dialect, [])
    record_texts = records(text, starts)[1:]
    record_numbers = {start: number for number, start in enumerate(starts)}
    if new_cells:
        changes += [f"{name}: {count:,}" for name, count in counts.items()]
        for number, row in new_cells.items():
            record_number = record_numbers[table.lines[number]]
            record = record_texts[record_number]
            end = record[len(strip_line_end(record)) :]
            new_row = [row.get(c, cell) for c, cell in zip(table.header, all_rows[record_number], strict=True)]
            record_texts[record_number] = format_row(new_row, resource.dialect) + end
    if WRONG_LINE_ENDS in codes:
        record_texts = [
            f"{strip_line_end(record)}\n" if record != strip_line_end(record) else record for record in record_texts
        ]
        changes.append("line ends changed to LF")
    new = bom + "".join(record_texts).encode("utf-8", "surrogateescape") if changes else data
    return FixedFile(new, changes, reason)


def _fix_failing_cells(table: TextTable, resource: Resource) -> tuple[dict[int, dict[str, str]], Counter[str]]:
    """Return the new cells by row and column, and how many cells each fix changed."""
    new_cells: dict[int, dict[str, str]] = {}
    counts: Counter[str] = Counter()
    schema = resource.schema
    for field in (f for f in schema.fields if f.name in table.frame.columns):
        checks = [c for c in field_checks(field, required=field.name in schema.primary_key) if not c.compared_columns]
        for number in _failing_cells(field, table.frame[field.name].to_list(), checks, resource):
            cell = table.frame[field.name][number]
            new, fix_names = _fix_cell(field, cell, checks, resource)
            if fix_names:
                new_cells.setdefault(number, {})[field.name] = new
                counts.update(fix_names)
    return new_cells, counts


def _failing_cells(field: Field, cells: Sequence[str], checks: Sequence[Check], resource: Resource) -> list[int]:
    """Return the numbers of the cells that break a check."""
    if not checks or not cells:
        return []
    frame = check_frame(pl.DataFrame({field.name: cells}), replace(resource.schema, fields=(field,)))
    passes = evaluate_checks(frame, checks).select(pl.all_horizontal(pl.all())).to_series()
    return (~passes).arg_true().to_list()


def _fix_cell(field: Field, cell: str, checks: Sequence[Check], resource: Resource) -> tuple[str, list[str]]:
    new, fix_names = cell, []
    for name, fix in _FIXES:
        if (fixed_cell := fix(new)) != new:
            new = fixed_cell
            fix_names.append(name)
            if new and not _failing_cells(field, [new], checks, resource):
                return new, fix_names
    return cell, []
