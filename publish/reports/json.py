"""JSON: the report, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any

import polars as pl

from luminaldb.issues import Report
from luminaldb.schemas.issue_columns import IssueColumns
from luminaldb.schemas.text_columns import change_cells

from .finding_columns import FindingColumns, join_texts

# As `json.dumps` writes text where `ensure_ascii` is false: in C, and without the cost of a call to an encoder.
encode_text = encode_basestring
_ESCAPED = r'["\\\x00-\x1f]'


def chunks(report: Report) -> Iterator[str | bytes]:
    """Yield what `Report.to_dict` holds, in parts of many findings."""
    findings = IssueColumns.of(report.findings)
    columns = FindingColumns(findings)
    parts = columns.write(findings, _finding(columns), ",\n    ")
    yield from with_list(report.summary(), "findings", parts, "  ")
    yield "\n"


def _finding(columns: FindingColumns) -> pl.Expr:
    """Write a finding as `json.dumps` with an indent would write `Issue.to_dict`."""
    return join_texts(
        columns.of_kind(
            lambda k: f'{{\n{_member("package", k.package)},\n{_member("table", k.table)},\n      "row_key": "'
        ),
        columns.changed("row_key", encode_column),
        columns.of_kind(lambda k: f'",\n{_member("file", k.file)},\n      "line": '),
        columns.line.cast(pl.String),
        columns.of_kind(lambda k: f',\n{_member("column", k.column)},\n      "value": "'),
        columns.changed("value", encode_column),
        columns.of_kind(
            lambda k: f'",\n{_member("rule", k.code)},\n{_member("severity", k.severity)},\n      "message": "'
        ),
        columns.changed("message", encode_column),
        '",\n      "cure": "',
        columns.changed("hint", encode_column),
        '"\n    }',
    )


def _member(name: str, text: str) -> str:
    return f'      "{name}": {encode_text(text)}'


def encode_column(cells: pl.Series) -> pl.Series:
    """Write each cell of a column as a JSON text, without the quotes around it."""
    return change_cells(cells, _ESCAPED, lambda cell: encode_text(cell)[1:-1])


def with_list(members: dict[str, Any], name: str, items: Iterable[bytes], indent: str) -> Iterator[str | bytes]:
    """Write an object whose last member is a long list, as `json.dumps` with an indent of two would.

    Args:
        members: of the object, apart from the list.
        name: of the list.
        items: its items as JSON in UTF-8, each written when its turn comes; a text may hold several.
        indent: of the object's members.
    """
    opening = json.dumps(members, indent=2, ensure_ascii=False).replace("\n", f"\n{indent[2:]}")
    yield f"{opening[: opening.rindex('}')].rstrip()}{',' if members else ''}\n{indent}{json.dumps(name)}: ["
    separator = ""
    for item in items:
        yield f"{separator}\n{indent}  "
        yield item
        separator = ","
    yield f"\n{indent}]\n{indent[2:]}}}" if separator else f"]\n{indent[2:]}}}"
