"""Fix the bytes of one CSV; records that need no fix keep the quotes they were written with."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from luminaldb.issue_codes import BYTE_ORDER_MARK, NUL_BYTE, RAGGED_ROW, WRONG_ENCODING, WRONG_LINE_ENDS
from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.csv_records import split_records
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.text_reader import TextTable, read_text

from .cell_fixes import CellFix, cell_fixes
from .row_order import row_order

_BOM = codecs.BOM_UTF8
_LF = "\n"
_FIXABLE = (BYTE_ORDER_MARK, WRONG_LINE_ENDS)
# The other rows can be fixed.
_ROW_CODES = (RAGGED_ROW, WRONG_ENCODING, NUL_BYTE)


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file after its fixes.

    Attributes:
        data: its bytes after the fixes.
        changes: what was changed, in words; empty where nothing was.
        refusal_reason: why the file, or the rest of it, was not changed; empty where all of it was fixed.
    """

    data: bytes
    changes: list[str] = field(default_factory=list)
    refusal_reason: str = ""


def fix_csv(data: bytes, resource: Resource) -> FixedFile:
    """Fix a CSV's bytes: byte order mark, line ends, blanks, Unicode, DOIs, order of rows.

    Args:
        data: the file.
        resource: what its descriptor says of it.

    Returns:
        The bytes as they should be, and what was changed. Fixing them again changes nothing. A row whose form is
        broken keeps its bytes, and all rows their order then; a file that can't be split into rows, or isn't plain
        UTF-8 CSV with its header on the first line, is not changed.
    """
    if reason := explain_unsupported_format(resource):
        return FixedFile(data, refusal_reason=reason)
    text_bytes = data
    while text_bytes.startswith(_BOM):
        text_bytes = text_bytes.removeprefix(_BOM)
    table = read_text(MemoryStore(text_bytes), resource)
    unfixable = [p for p in table.issues if p.code not in _FIXABLE]
    if any(p.code not in _ROW_CODES for p in unfixable) or not table.frame.columns:
        return FixedFile(data, refusal_reason=explain_broken_form(unfixable))
    changes = ["byte order mark removed"] if text_bytes != data else []
    # A descriptor that says CR LF means it; one that says nothing gets the line ends that git and diff know.
    end = resource.dialect.line_terminator or _LF
    if end not in (_LF, "\r\n"):
        return FixedFile(data, refusal_reason=f"the descriptor ends lines in {end!r}")
    # Bytes that are no text stay as they are.
    text = text_bytes.decode("utf-8", "surrogateescape")
    starts = split_records(text, resource.dialect, [])[1]
    header, *record_texts = records(text, starts)[1:]
    rows = list(table.frame.iter_rows())
    fixed_rows, counts = _fix_cells(rows, table, resource, is_lf=end == _LF)
    changes += [f"{name}: {count:,}" for name, count in counts.items()]
    record_numbers = {start: number for number, start in enumerate(starts[1:])}
    new_texts = [strip_line_end(record) for record in record_texts]
    for line, old, new in zip(table.lines, rows, fixed_rows, strict=True):
        if new != old:
            new_texts[record_numbers[line]] = format_row(new, resource.dialect)
    if any(record != strip_line_end(record) + end for record in (header, *record_texts)):
        changes.append(f"line ends changed to {'LF' if end == _LF else 'CR LF'}")
    # Rows are in order only where all of them can be read.
    order = list(range(len(new_texts))) if unfixable else row_order(resource.schema, table.header, fixed_rows)
    if order != sorted(order):
        changes.append(f"rows sorted by {', '.join(resource.schema.primary_key)}")
    text = end.join([strip_line_end(header), *(new_texts[n] for n in order)]) + end
    return FixedFile(text.encode("utf-8", "surrogateescape"), changes, explain_broken_form(unfixable))


def explain_broken_form(broken: Sequence[Issue]) -> str:
    """Return what is wrong with the form of a file, as a reason not to fix it; empty where nothing is."""
    if not broken:
        return ""
    first = min(broken, key=lambda issue: issue.line)
    more = f" (and {len(broken) - 1:,} more)" if len(broken) > 1 else ""
    return f"line {first.line}: {first.message}{more}"


def explain_unsupported_format(resource: Resource) -> str:
    """Return why a table's file is written in a way that isn't edited here; empty where it is."""
    dialect = resource.dialect
    if (resource.encoding or "utf-8").lower().replace("_", "-") not in ("utf-8", "utf8"):
        return f"its encoding is {resource.encoding}"
    plain_dialect = Dialect(delimiter=dialect.delimiter, line_terminator=dialect.line_terminator)
    return "" if dialect == plain_dialect else "it isn't plain CSV with quotes doubled and the header on the first line"


def records(text: str, starts: Sequence[int]) -> list[str]:
    """Split a text into header and records as written, line ends included; a quoted one may span lines."""
    # Lines are split as the csv module splits them.
    lines = list(io.StringIO(text, newline=""))
    bounds = [0, *(start - 1 for start in starts), len(lines)]
    return ["".join(lines[a:b]) for a, b in pairwise(bounds)]


def _fix_cells(
    rows: list[tuple[str, ...]], table: TextTable, resource: Resource, *, is_lf: bool
) -> tuple[list[tuple[str, ...]], Counter[str]]:
    counts: Counter[str] = Counter()
    columns = [cell_fixes(resource.schema, name, is_lf=is_lf, table=resource.name) for name in table.header]
    fixed_rows = [tuple(_fix_cell(c, column, counts) for c, column in zip(row, columns, strict=True)) for row in rows]
    return fixed_rows, counts


def _fix_cell(cell: str, column: Sequence[tuple[str, CellFix]], counts: Counter[str]) -> str:
    for name, fix in column:
        new = fix(cell)
        counts.update([name] if new != cell else [])
        cell = new
    return cell


def strip_line_end(record: str) -> str:
    """Take the line end off a record."""
    for end in ("\r\n", _LF, "\r"):
        if record.endswith(end):
            return record.removesuffix(end)
    return record


def format_row(row: Sequence[str], dialect: Dialect) -> str:
    """Write a row as a record without its line end, quoted where it must be."""
    stream = io.StringIO(newline="")
    # The writer quotes a cell for a line break in it only where that is part of its line end.
    csv.writer(stream, delimiter=dialect.delimiter, lineterminator="\r\n").writerow(row)
    return stream.getvalue().removesuffix("\r\n")


class MemoryStore:
    """A store of one file that is at hand."""

    label = ""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, path: str) -> bytes:
        """Return the bytes."""
        del path
        return self._data

    def local_path(self, path: str) -> Path | None:
        """Return None: bytes in memory have no place on disk."""
        del path
        return None
