"""SARIF 2.1.0: what code hosts and editors read.

Source: docs.oasis-open.org/sarif/sarif/v2.1.0, the static analysis results interchange format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from luminaldb.issues import Issue, Report, printable
from luminaldb.schemas.codes import known_codes

from .finding_text import message_and_hint, omitted_note
from .json import with_list
from .locations import Places, file_of

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def pieces(report: Report) -> Iterator[str]:
    """Give a log of one run: the rules that were broken, and findings with fingerprints that survive moved lines."""
    codes = sorted({f.code for f in report.findings})
    numbers = {code: n for n, code in enumerate(codes)}
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
    results = (_result(f, numbers[f.code], places) for f in report.findings)
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


def _result(finding: Issue, rule: int, places: Places) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(file_of(finding))}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
        if character := places.character(finding):
            place["region"]["startColumn"] = character
    location: dict[str, Any] = {"physicalLocation": place}
    if name := ".".join(part for part in (finding.package, finding.table, finding.column) if part):
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    parts = (finding.code, finding.table, finding.row_key, finding.column, finding.value)
    fingerprint = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _level(finding.severity),
        "message": {"text": message_and_hint(finding)},
        "locations": [location],
        "partialFingerprints": {"luminaldbFinding/v1": fingerprint},
        "properties": {"table": finding.table, "rowKey": finding.row_key, "column": finding.column},
    }


def _uri(file: str) -> str:
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file, errors="surrogatepass")
