"""SARIF 2.1.0: what code hosts and editors read.

Source: docs.oasis-open.org/sarif/sarif/v2.1.0, the static analysis results interchange format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from luminaldb.issues import Issue, Report, printable
from luminaldb.schemas.codes import known_codes

from .finding_text import message_and_hint, omitted_note
from .json import encode_text, with_list
from .locations import Places, file_of

_RESULT = """{{
          "ruleId": {code},
          "ruleIndex": {rule},
          "level": "{level}",
          "message": {{
            "text": {message}
          }},
          "locations": [
            {{
              "physicalLocation": {{
                "artifactLocation": {{
                  "uri": {uri}
                }}{region}
              }}{logical}
            }}
          ],
          "partialFingerprints": {{
            "luminaldbFinding/v1": "{fingerprint}"
          }},
          "properties": {{
            "table": {table},
            "rowKey": {key},
            "column": {column}
          }}
        }}"""
_REGION = """,
                "region": {{
                  "startLine": {line}{column}
                }}"""
_LOGICAL = """,
              "logicalLocations": [
                {{
                  "fullyQualifiedName": {name}
                }}
              ]"""
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


def _result(finding: Issue, rule: int, places: Places) -> str:
    """Write a result as `json.dumps` with an indent would; that is written in Python, and takes ten times as long."""
    place = finding.place
    region = ""
    if place.line:
        column = places.character(finding)
        start = f',\n                  "startColumn": {column}' if column else ""
        region = _REGION.format(line=place.line, column=start)
    name = ".".join(part for part in (place.package, place.table, place.column) if part)
    logical = _LOGICAL.format(name=encode_text(name)) if name else ""
    parts = (finding.code, place.table, place.row_key, place.column, place.value)
    fingerprint = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return _RESULT.format(
        code=encode_text(finding.code),
        rule=rule,
        level=_level(finding.severity),
        message=encode_text(message_and_hint(finding)),
        uri=encode_text(_uri(file_of(finding))),
        region=region,
        logical=logical,
        fingerprint=fingerprint,
        table=encode_text(place.table),
        key=encode_text(place.row_key),
        column=encode_text(place.column),
    )


@lru_cache(maxsize=64)
def _uri(file: str) -> str:
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file, errors="surrogatepass")
