"""SARIF 2.1.0: what code hosts and editors read.

Source: docs.oasis-open.org/sarif/sarif/v2.1.0, the static analysis results interchange format.
"""

from __future__ import annotations

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
from luminaldb.urls import is_url

from .finding_columns import FindingColumns, join_texts, text_where
from .finding_text import omitted_note
from .json import encode_column, encode_text, with_list
from .locations import file_of

# Characters of an address that mean something in it, or are escaped already.
_RESERVED = ":/?#[]@!$&'()*+,;=%"
# Between the parts of a fingerprint: a tab as JSON writes it.
_TAB = "\\t"
_ESCAPES = {'"': '\\"', "\\": "\\\\"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def chunks(report: Report) -> Iterator[str | bytes]:
    """Yield a log of one run: the broken rules, and a finding per line with a fingerprint that survives moved lines."""
    findings = IssueColumns.of(report.findings)
    kinds = findings.kind_counts()
    codes = sorted({kind.code for kind in kinds})
    logical = {_logical_name(kind): kind for kind in kinds if _logical_name(kind)}
    logical_numbers = {name: number for number, name in enumerate(logical)}
    numbers = {code: number for number, code in enumerate(codes)}
    omitted_text = omitted_note(report)
    texts = [*report.notes, *([omitted_text] if omitted_text else [])]
    failing = set(report.failing_notes)
    notes = [{"level": "error" if t in failing else "note", "message": {"text": printable(t)}} for t in texts]
    run = {
        "tool": {"driver": {"name": "luminaldb", "version": version("luminaldb"), "rules": [_rule(c) for c in codes]}},
        "invocations": [{"executionSuccessful": not failing, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
        "logicalLocations": [_describe_place(kind) for kind in logical.values()],
    }
    yield f'{{\n  "$schema": {json.dumps(_SCHEMA)},\n  "version": "2.1.0",\n  "runs": [\n    '
    columns = FindingColumns(findings, _ESCAPES)
    results = columns.write(findings, _result(columns, numbers, logical_numbers), ",\n        ")
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


def _result(columns: FindingColumns, numbers: Mapping[str, int], logical: Mapping[str, int]) -> pl.Expr:
    """Write a result without a blank between its parts.

    Args:
        columns: of the findings.
        numbers: of the run's rules by code.
        logical: numbers of the run's logical locations by name.
    """
    line, character = columns.line, columns.character
    return join_texts(
        columns.of_kind(lambda k: _start(k, numbers.get(k.code, 0))),
        columns.row_before_message,
        columns.message_and_hint,
        columns.of_kind(_location),
        text_where(columns.has_text_line, ',"region":{"startLine":', line.cast(pl.String)),
        text_where(columns.has_line_and(character.is_not_null()), ',"startColumn":', character.cast(pl.String)),
        text_where(columns.has_text_line, "}"),
        columns.of_kind(lambda k: _logical_location(logical.get(_logical_name(k)))),
        '}],"partialFingerprints":{"luminaldbFinding/v2":"',
        columns.of_kind(lambda k: f"{encode_text(k.code)[1:-1]}{_TAB}{encode_text(k.table)[1:-1]}{_TAB}"),
        columns.changed("row_key", encode_column),
        columns.of_kind(lambda k: f"{_TAB}{encode_text(k.column)[1:-1]}{_TAB}"),
        columns.changed("value", encode_column),
        '"},"properties":{"rowKey":"',
        columns.changed("row_key", encode_column),
        '"}}',
    )


def _start(kind: IssueKind, rule: int) -> str:
    code, level = encode_text(kind.code), _level(kind.severity)
    return f'{{"ruleId":{code},"ruleIndex":{rule},"level":"{level}","message":{{"text":"'


def _location(kind: IssueKind) -> str:
    # GitHub asks for the address itself: an index into a list of artifacts alone doesn't do.
    uri = encode_text(_uri(file_of(kind)))
    return f'"}},"locations":[{{"physicalLocation":{{"artifactLocation":{{"uri":{uri}}}'


def _logical_location(number: int | None) -> str:
    """Close the physical location and refer to the logical one, where there is one."""
    return f'}},"logicalLocations":[{{"index":{number}}}]' if number is not None else "}"


def _logical_name(kind: IssueKind) -> str:
    return ".".join(part for part in (kind.package, kind.table, kind.column) if part)


def _describe_place(kind: IssueKind) -> dict[str, Any]:
    """Describe a logical location of the run, to which its results refer by number: a column, a table or a package."""
    properties = {"package": kind.package, "table": kind.table, "column": kind.column}
    return {"fullyQualifiedName": _logical_name(kind), "properties": {n: v for n, v in properties.items() if v}}


def _uri(file: str) -> str:
    if is_url(file):
        return quote(file, safe=_RESERVED, errors="surrogatepass")
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file, errors="surrogatepass")
