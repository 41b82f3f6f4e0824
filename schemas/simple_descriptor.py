"""Find descriptors so simple that they fulfil every profile, without importing frictionless.

Whatever isn't certain here is left to `descriptor_profiles.profile_problems`: a member that isn't listed, one whose
value has more than one meaning, an e-mail address, a key to fields that aren't there.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

SECOND = "https://datapackage.org/profiles/2.0/datapackage.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_-]*/)*[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[a-z0-9]+)+\Z")
_LICENCE = re.compile(r"[A-Za-z0-9.+-]+\Z")
_OWN = "x-"
Holds = Callable[[Any], bool]


def is_simple_descriptor(raw: Mapping[str, Any]) -> bool:
    """Return whether a data package's descriptor, as parsed from JSON, surely keeps to the published profiles."""
    return _has(_PACKAGE, "resources")(raw) and _differ([r["name"] for r in raw["resources"]])


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _form(pattern: re.Pattern[str]) -> Holds:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


def _one_of(*choices: str) -> Holds:
    return lambda value: isinstance(value, str) and value in choices


def _list(of: Holds) -> Holds:
    return lambda value: isinstance(value, list) and bool(value) and all(map(of, value))


def _has(members: Mapping[str, Holds], *needed: str) -> Holds:
    def holds(value: Any) -> bool:
        if not isinstance(value, dict) or not value.keys() >= set(needed):
            return False
        return all(name.startswith(_OWN) or (name in members and members[name](v)) for name, v in value.items())

    return holds


def _differ(names: list[str]) -> bool:
    return len(set(names)) == len(names)


def _is_time(value: Any) -> bool:
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    except (TypeError, ValueError):
        return False
    return True


def _is_field(value: Any) -> bool:
    return _has(_FIELD, "name", "type")(value) and _EXAMPLES[value["type"]](value.get("example"))


def _is_schema(value: Any) -> bool:
    if not _has(_SCHEMA, "fields")(value):
        return False
    names = [field["name"] for field in value["fields"]]
    keys = value.get("foreignKeys", [])
    ours = [_columns(value.get("primaryKey", [])), *(_columns(key["fields"]) for key in keys)]
    theirs = [_columns(key["reference"]["fields"]) for key in keys]
    return (
        _differ(names)
        and all(set(columns) <= set(names) for columns in ours)
        and [len(c) for c in ours[1:]] == [len(c) for c in theirs]
    )


def _columns(written: str | list[str]) -> list[str]:
    return [written] if isinstance(written, str) else written


def _is_columns(value: Any) -> bool:
    return _text(value) or _list(_text)(value)


_EXAMPLES: Mapping[str, Holds] = {
    "string": lambda v: v is None or _text(v),
    "integer": lambda v: v is None or _count(v),
    "number": lambda v: v is None or _count(v) or isinstance(v, float),
    "boolean": lambda v: v is None or _flag(v),
    "date": lambda v: v is None,
}
_CONSTRAINTS: Mapping[str, Holds] = {
    **dict.fromkeys(("required", "unique"), _flag),
    **dict.fromkeys(("minLength", "maxLength"), _count),
    **dict.fromkeys(("minimum", "maximum"), _scalar),
    "pattern": _text,
    "enum": _list(_scalar),
}
_FIELD: Mapping[str, Holds] = {
    **dict.fromkeys(("name", "title", "description"), _text),
    "type": _one_of(*_EXAMPLES),
    "format": _one_of("default"),
    "constraints": _has(_CONSTRAINTS),
    "example": _scalar,
    "categories": _list(_scalar),
}
_KEY: Mapping[str, Holds] = {
    "fields": _is_columns,
    "reference": _has({"resource": _text, "fields": _is_columns}, "resource", "fields"),
}
_SCHEMA: Mapping[str, Holds] = {
    "fields": _list(_is_field),
    "missingValues": _list(_text),
    "primaryKey": _is_columns,
    "foreignKeys": _list(_has(_KEY, "fields", "reference")),
}
_DIALECT: Mapping[str, Holds] = {
    **dict.fromkeys(("delimiter", "lineTerminator", "quoteChar"), _text),
    **dict.fromkeys(("doubleQuote", "header"), _flag),
}
_RESOURCE: Mapping[str, Holds] = {
    **dict.fromkeys(("title", "description", "format", "mediatype", "encoding", "hash"), _text),
    "name": _form(_NAME),
    "type": _one_of("table"),
    "profile": _one_of("data-resource", "tabular-data-resource"),
    "path": _form(_PATH),
    "bytes": _count,
    "dialect": _has(_DIALECT),
    "schema": _is_schema,
}
_LINK: Mapping[str, Holds] = dict.fromkeys(("title", "path"), _text)
_PACKAGE: Mapping[str, Holds] = {
    **dict.fromkeys(("title", "description", "version"), _text),
    "$schema": _one_of(SECOND),
    "name": _form(_NAME),
    "created": _is_time,
    "licenses": _list(_has({**_LINK, "name": _form(_LICENCE)}, "name")),
    "contributors": _list(_has({**_LINK, "roles": _list(_text)}, "title")),
    "sources": _list(_has(_LINK, "title")),
    "keywords": _list(_text),
    "resources": _list(_has(_RESOURCE, "name", "path", "schema")),
}
