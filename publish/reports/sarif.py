"""SARIF 2.1.0: what code hosts and editors read.

Source: docs.oasis-open.org/sarif/sarif/v2.1.0, the static analysis results interchange format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.codes import known_codes
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind

from .finding_columns import FindingColumns, findings_in_parts, join_rows, join_texts
from .finding_text import omitted_note
from .json import encode_column, encode_text, with_list
from .locations import Places, file_of

_UNIT = "\x1f"
_PROPERTIES = '"\n          },\n          "properties": {\n            "table": '
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def chunks(report: Report) -> Iterator[str]:
    """Yield a log of one run: the rules that were broken, and findings with fingerprints that survive moved lines."""
    columns = IssueColumns.of(report.findings)
    codes = sorted({kind.code for kind in columns.kind_counts()})
    numbers = {code: number for number, code in enumerate(codes)}
    places = Places()
    more = omitted_note(report)
    texts = [*report.notes, *([more] if more else [])]
    notes = [{"level": "note", "message": {"text": printable(note)}} for note in texts]
    run = {
        "tool": {"driver": {"name": "luminaldb", "version": version("luminaldb"), "rules": [_rule(c) for c in codes]}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
    }
    yield f'{{\n  "$schema": {json.dumps(_SCHEMA)},\n  "version": "2.1.0",\n  "runs": [\n    '
    results = (join_rows(_results(part, numbers, places), ",\n        ") for part in findings_in_parts(columns))
    yield from with_list(run, "results", results, "      ")
    yield "\n  ]\n}\n"


def _rule(code: str) -> dict[str, Any]:
    entry = known_codes().get(code)
    if entry is None:
        return {"id": code}
    rule: dict[str, Any] = {
        "id": code,
        "shortDescription": {"text": entry.title},
        "defaultConfiguration": {"level": _level(entry.severity)},
    }
    return {**rule, "fullDescription": {"text": entry.reason}} if entry.reason else rule


def _level(severity: str) -> str:
    return "error" if severity == "error" else "warning"


def _results(part: FindingColumns, numbers: Mapping[str, int], places: Places) -> pl.Series:
    """Write results as `json.dumps` with an indent would."""
    line, column = part.frame["line"].replace(0, None).cast(pl.String), places.characters(part.issues).cast(pl.String)
    character = (',\n                  "startColumn": ' + column).fill_null("")
    region = ',\n                "region": {\n                  "startLine": ' + line + character
    return join_texts(
        part.of_kind(lambda k: _start(k, numbers.get(k.code, 0))),
        encode_column(part.message_and_hint),
        part.of_kind(_location),
        (region + "\n                }").fill_null(""),
        part.of_kind(_logical_location),
        '\n            }\n          ],\n          "partialFingerprints": {\n            "luminaldbFinding/v1": "',
        _fingerprints(part),
        part.of_kind(lambda k: _PROPERTIES + encode_text(k.table) + ',\n            "rowKey": '),
        encode_column(part.frame["row_key"]),
        part.of_kind(lambda k: f',\n            "column": {encode_text(k.column)}\n          }}\n        }}'),
    )


def _start(kind: IssueKind, rule: int) -> str:
    code, level = encode_text(kind.code), _level(kind.severity)
    head = f'{{\n          "ruleId": {code},\n          "ruleIndex": {rule},\n          "level": "{level}",\n'
    return head + '          "message": {\n            "text": '


def _location(kind: IssueKind) -> str:
    head = '\n          },\n          "locations": [\n            {\n              "physicalLocation": {\n'
    uri = encode_text(_uri(file_of(kind)))
    return f'{head}                "artifactLocation": {{\n                  "uri": {uri}\n                }}'


def _logical_location(kind: IssueKind) -> str:
    """Close the physical location and give the logical one, where there is one."""
    name = ".".join(part for part in (kind.package, kind.table, kind.column) if part)
    if not name:
        return "\n              }"
    head = '\n              },\n              "logicalLocations": [\n                {\n'
    return f'{head}                  "fullyQualifiedName": {encode_text(name)}\n                }}\n              ]'


def _fingerprints(part: FindingColumns) -> pl.Series:
    known_by = join_texts(
        part.of_kind(lambda k: f"{k.code}{_UNIT}{k.table}{_UNIT}"),
        part.frame["row_key"],
        part.of_kind(lambda k: f"{_UNIT}{k.column}{_UNIT}"),
        part.frame["value"],
    )
    return pl.Series([hashlib.sha256(text).hexdigest() for text in known_by.cast(pl.Binary)], dtype=pl.String)


def _uri(file: str) -> str:
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file, errors="surrogatepass")
