"""JSON: the report, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any

import polars as pl

from luminaldb.issues import Report
from luminaldb.schemas.text_columns import change_cells

from .finding_columns import FindingColumns, findings_in_parts, join_rows, join_texts

# As `json.dumps` writes text where `ensure_ascii` is false: in C, and without the cost of a call to an encoder.
encode_text = encode_basestring
_ESCAPED = r'["\\\x00-\x1f]'


def chunks(report: Report) -> Iterator[str]:
    """Yield what `Report.to_dict` holds, in parts of many findings."""
    parts = (join_rows(_findings(part), ",\n    ") for part in findings_in_parts(report.findings))
    yield from with_list(report.summary(), "findings", parts, "  ")
    yield "\n"


def _findings(part: FindingColumns) -> pl.Series:
    """Write findings as `json.dumps` with an indent would write `Issue.to_dict`."""
    return join_texts(
        part.of_kind(
            lambda k: f'{{\n{_member("package", k.package)},\n{_member("table", k.table)},\n      "row_key": "'
        ),
        encode_column(part.frame["row_key"]),
        part.of_kind(lambda k: f'",\n{_member("file", k.file)},\n      "line": '),
        part.frame["line"].cast(pl.String),
        part.of_kind(lambda k: f',\n{_member("column", k.column)},\n      "value": "'),
        encode_column(part.frame["value"]),
        part.of_kind(
            lambda k: f'",\n{_member("rule", k.code)},\n{_member("severity", k.severity)},\n      "message": "'
        ),
        encode_column(part.frame["message"]),
        '",\n      "cure": "',
        encode_column(part.frame["hint"]),
        '"\n    }',
    )


def _member(name: str, text: str) -> str:
    return f'      "{name}": {encode_text(text)}'


def encode_column(cells: pl.Series) -> pl.Series:
    """Write each cell of a column as a JSON text, without the quotes around it."""
    return change_cells(cells, _ESCAPED, lambda cell: encode_text(cell)[1:-1])


def with_list(members: dict[str, Any], name: str, items: Iterable[str], indent: str) -> Iterator[str]:
    """Write an object whose last member is a long list, as `json.dumps` with an indent of two would.

    Args:
        members: of the object, apart from the list.
        name: of the list.
        items: its items as JSON, each written when its turn comes; a text may hold several.
        indent: of the object's members.
    """
    head = json.dumps(members, indent=2, ensure_ascii=False).replace("\n", f"\n{indent[2:]}")
    yield f"{head[: head.rindex('}')].rstrip()}{',' if members else ''}\n{indent}{json.dumps(name)}: ["
    mark = ""
    for item in items:
        yield f"{mark}\n{indent}  {item}"
        mark = ","
    yield f"\n{indent}]\n{indent[2:]}}}" if mark else f"]\n{indent[2:]}}}"
