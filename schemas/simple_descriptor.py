"""Find descriptors so simple that they fulfil every profile, without importing frictionless.

Whatever isn't certain here is left to `descriptor_profiles.profile_problems`: a member that isn't listed, one whose
value has more than one meaning, an e-mail address, a key to fields that aren't there.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

PROFILE_V2 = "https://datapackage.org/profiles/2.0/datapackage.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_-]*/)*[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[a-z0-9]+)+\Z")
_LICENCE = re.compile(r"[A-Za-z0-9.+-]+\Z")
_CUSTOM_PREFIX = "x-"
ValueCheck = Callable[[Any], bool]


def is_simple_descriptor(properties: Mapping[str, Any]) -> bool:
    """Return whether a data package's descriptor, as parsed from JSON, surely keeps to the published profiles."""
    return _object_of(_PACKAGE, "resources")(properties) and _differ([r["name"] for r in properties["resources"]])


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _matches(pattern: re.Pattern[str]) -> ValueCheck:
    return lambda value: isinstance(value, str) and pattern.match(value) is not None


def _one_of(*choices: str) -> ValueCheck:
    return lambda value: isinstance(value, str) and value in choices


def _list_of(check: ValueCheck) -> ValueCheck:
    return lambda value: isinstance(value, list) and bool(value) and all(map(check, value))


def _object_of(members: Mapping[str, ValueCheck], *required: str) -> ValueCheck:
    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not value.keys() >= set(required):
            return False
        return all(
            name.startswith(_CUSTOM_PREFIX) or (name in members and members[name](v)) for name, v in value.items()
        )

    return check


def _differ(names: list[str]) -> bool:
    return len(set(names)) == len(names)


def _is_time(value: Any) -> bool:
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    except (TypeError, ValueError):
        return False
    return True


def _is_field(value: Any) -> bool:
    return _object_of(_FIELD, "name", "type")(value) and _EXAMPLES[value["type"]](value.get("example"))


def _is_schema(value: Any) -> bool:
    if not _object_of(_SCHEMA, "fields")(value):
        return False
    names = [field["name"] for field in value["fields"]]
    keys = value.get("foreignKeys", [])
    local_columns = [_columns(value.get("primaryKey", [])), *(_columns(key["fields"]) for key in keys)]
    remote_columns = [_columns(key["reference"]["fields"]) for key in keys]
    return (
        _differ(names)
        and all(set(columns) <= set(names) for columns in local_columns)
        and [len(c) for c in local_columns[1:]] == [len(c) for c in remote_columns]
    )


def _columns(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _is_columns(value: Any) -> bool:
    return _is_text(value) or _list_of(_is_text)(value)


_EXAMPLES: Mapping[str, ValueCheck] = {
    "string": lambda v: v is None or _is_text(v),
    "integer": lambda v: v is None or _is_count(v),
    "number": lambda v: v is None or _is_count(v) or isinstance(v, float),
    "boolean": lambda v: v is None or _is_flag(v),
    "date": lambda v: v is None,
}
_CONSTRAINTS: Mapping[str, ValueCheck] = {
    **dict.fromkeys(("required", "unique"), _is_flag),
    **dict.fromkeys(("minLength", "maxLength"), _is_count),
    **dict.fromkeys(("minimum", "maximum"), _is_scalar),
    "pattern": _is_text,
    "enum": _list_of(_is_scalar),
}
_FIELD: Mapping[str, ValueCheck] = {
    **dict.fromkeys(("name", "title", "description"), _is_text),
    "type": _one_of(*_EXAMPLES),
    "format": _one_of("default"),
    "constraints": _object_of(_CONSTRAINTS),
    "example": _is_scalar,
    "categories": _list_of(_is_scalar),
}
_KEY: Mapping[str, ValueCheck] = {
    "fields": _is_columns,
    "reference": _object_of({"resource": _is_text, "fields": _is_columns}, "resource", "fields"),
}
_SCHEMA: Mapping[str, ValueCheck] = {
    "fields": _list_of(_is_field),
    "missingValues": _list_of(_is_text),
    "primaryKey": _is_columns,
    "foreignKeys": _list_of(_object_of(_KEY, "fields", "reference")),
}
_DIALECT: Mapping[str, ValueCheck] = {
    **dict.fromkeys(("delimiter", "lineTerminator", "quoteChar"), _is_text),
    **dict.fromkeys(("doubleQuote", "header"), _is_flag),
}
_RESOURCE: Mapping[str, ValueCheck] = {
    **dict.fromkeys(("title", "description", "format", "mediatype", "encoding", "hash"), _is_text),
    "name": _matches(_NAME),
    "type": _one_of("table"),
    "profile": _one_of("data-resource", "tabular-data-resource"),
    "path": _matches(_PATH),
    "bytes": _is_count,
    "dialect": _object_of(_DIALECT),
    "schema": _is_schema,
}
_LINK: Mapping[str, ValueCheck] = dict.fromkeys(("title", "path"), _is_text)
_PACKAGE: Mapping[str, ValueCheck] = {
    **dict.fromkeys(("title", "description", "version"), _is_text),
    "$schema": _one_of(PROFILE_V2),
    "name": _matches(_NAME),
    "created": _is_time,
    "licenses": _list_of(_object_of({**_LINK, "name": _matches(_LICENCE)}, "name")),
    "contributors": _list_of(_object_of({**_LINK, "roles": _list_of(_is_text)}, "title")),
    "sources": _list_of(_object_of(_LINK, "title")),
    "keywords": _list_of(_is_text),
    "resources": _list_of(_object_of(_RESOURCE, "name", "path", "schema")),
}
