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

from luminaldb.addresses import is_url
from luminaldb.issues import Report, printable
from luminaldb.schemas.codes import known_codes
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind

from .finding_columns import FindingColumns, findings_in_parts, join_rows, join_texts, text_where
from .finding_text import omitted_note
from .json import encode_column, encode_text, with_list
from .locations import Places, file_of

# Characters of an address that mean something in it, or are escaped already.
_RESERVED = ":/?#[]@!$&'()*+,;=%"
_UNIT = "\x1f"
_MARKS = {'"': '\\"', "\\": "\\\\"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def chunks(report: Report) -> Iterator[str]:
    """Yield a log of one run: the broken rules, and a finding per line with a fingerprint that survives moved lines."""
    columns = IssueColumns.of(report.findings)
    kinds = columns.kind_counts()
    codes = sorted({kind.code for kind in kinds})
    logical = {_logical_name(kind): kind for kind in kinds if _logical_name(kind)}
    logical_numbers = {name: number for number, name in enumerate(logical)}
    numbers = {code: number for number, code in enumerate(codes)}
    more = omitted_note(report)
    texts = [*report.notes, *([more] if more else [])]
    notes = [{"level": "note", "message": {"text": printable(note)}} for note in texts]
    run = {
        "tool": {"driver": {"name": "luminaldb", "version": version("luminaldb"), "rules": [_rule(c) for c in codes]}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
        "logicalLocations": [_describe_place(kind) for kind in logical.values()],
    }
    yield f'{{\n  "$schema": {json.dumps(_SCHEMA)},\n  "version": "2.1.0",\n  "runs": [\n    '
    results = (
        join_rows(_results(part, numbers, logical_numbers), ",\n        ")
        for part in findings_in_parts(columns, _MARKS, Places())
    )
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


def _results(part: FindingColumns, numbers: Mapping[str, int], logical: Mapping[str, int]) -> pl.Series:
    """Write results without a blank between their parts.

    Args:
        part: the findings.
        numbers: of the run's rules by code.
        logical: numbers of the run's logical locations by name.
    """
    line, character = part.frame["line"], part.frame["character"]
    return join_texts(
        part.of_kind(lambda k: _start(k, numbers.get(k.code, 0))),
        part.message_and_hint,
        part.of_kind(_location),
        text_where(line != 0, ',"region":{"startLine":', line.cast(pl.String)),
        text_where((line != 0) & character.is_not_null(), ',"startColumn":', character.cast(pl.String)),
        text_where(line != 0, "}"),
        part.of_kind(lambda k: _logical_location(logical.get(_logical_name(k)))),
        '}],"partialFingerprints":{"luminaldbFinding/v1":"',
        _fingerprints(part),
        '"},"properties":{"rowKey":"',
        encode_column(part.frame["row_key"]),
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


def _fingerprints(part: FindingColumns) -> pl.Series:
    known_by = join_texts(
        part.of_kind(lambda k: f"{k.code}{_UNIT}{k.table}{_UNIT}"),
        part.frame["row_key"],
        part.of_kind(lambda k: f"{_UNIT}{k.column}{_UNIT}"),
        part.frame["value"],
    )
    return pl.Series([hashlib.sha256(text).hexdigest() for text in known_by.cast(pl.Binary).to_list()], dtype=pl.String)


def _uri(file: str) -> str:
    if is_url(file):
        return quote(file, safe=_RESERVED, errors="surrogatepass")
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file, errors="surrogatepass")
