"""A descriptor checked against the standard's published profiles, which frictionless carries."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from luminaldb.loaders.datapackage.descriptor import FIELD_TYPES, MAX_COLUMNS

from .simple_descriptor import PROFILE_V2, is_simple_descriptor

_STANDARD_PROFILES = ("https://datapackage.org/profiles/", "https://specs.frictionlessdata.io/schemas/")
# How many fields of a table are looked at one by one for what is wrong.
_MAX_FIELDS_LOCATED = 500
_PROFILE_NAMES = (
    "data-package",
    "tabular-data-package",
    "fiscal-data-package",
    "data-resource",
    "tabular-data-resource",
)
# The property that a note of frictionless names.
_PROPERTY_IN_NOTE = re.compile(r"at property '([^']+)'")
# What messages call what a note of no property begins with.
_SUBJECTS = {
    "field type ": ("type ",),
    "primary key ": ("primaryKey",),
    "foreign key ": ("foreign key", "foreignKeys"),
    "'name' is a required property": ("no name", "with a name", "fields must be a list"),
    'properties "path" and "data"': ("path or data",),
    'one of the properties "path"': ("path or data",),
    "path ": ("path",),
    "no profile can be applied": ("",),
}
_SYNONYMS = {"foreignKeys": ("foreignKeys", "foreign key")}
_RESOURCE = re.compile(r"resources/([0-9]+)")
# What is right of a table, for a look at the rest of a package.
_TABLE = {"name": "t", "path": "t.csv", "type": "table", "schema": {"fields": [{"name": "a", "type": "string"}]}}
# How many times frictionless validates one descriptor at most.
_ROUNDS = 4
_ADDRESS = re.compile(r"(?:https?|file)://\S+")
_REPORTED_ELSEWHERE = (
    "names of the fields are not unique",
    'constraint "',
    '"missingValues" should be set',
)


def profile_problems(properties: Mapping[str, Any]) -> list[str]:
    """List where a descriptor breaks its profile, in one line each; nothing is read, nothing is downloaded."""
    return [] if is_simple_descriptor(properties) else frictionless_problems(properties)


def locate_profile_problems(
    properties: Mapping[str, Any], reported_messages: Callable[[], Mapping[tuple[str, str], Sequence[str]]]
) -> list[tuple[str, str, str]]:
    """List where a descriptor breaks its profile: table, field (empty where it is neither) and what is wrong, once.

    Args:
        properties: the descriptor.
        reported_messages: returns what else is reported, by table and field (empty where it is of no field).
    """
    notes = profile_problems(properties)
    if not notes:
        return []
    problems: list[tuple[str, str, str]] = []
    for number, item in enumerate(properties["resources"], start=1):
        if not isinstance(item, dict) or not (table_notes := _resource_problems(properties, item)):
            continue
        name = item.get("name")
        # As the errors of the parser name it.
        table = name if isinstance(name, str) and name else f"resource {number}"
        for field in _fields(item):
            problems += [(table, str(field.get("name", "")), note) for note in _field_problems(properties, field)]
        # frictionless names nothing else of a table where it doesn't know a type.
        table_notes += _resource_problems(properties, _with_plain_fields(item))
        more_specific_notes = {note for other, _, note in problems if other == table}
        problems += [(table, "", note) for note in table_notes if note not in more_specific_notes]
    notes += frictionless_problems({**properties, "resources": [{**_TABLE, "profile": "tabular-data-resource"}]})
    more_specific_notes = {note for _, _, note in problems}
    problems = [("", "", note) for note in notes if note not in more_specific_notes] + problems
    reported = reported_messages()
    return [problem for problem in dict.fromkeys(problems) if not _is_reported(problem, reported)]


def _is_reported(problem: tuple[str, str, str], reported: Mapping[tuple[str, str], Sequence[str]]) -> bool:
    """Whether a note is on what a message of the same table and field names."""
    note, messages = problem[2], reported.get(problem[:2], ())
    if note == "names of the resources are not unique":
        return any(
            "two resources are named" in message for other_messages in reported.values() for message in other_messages
        )
    property_match = _PROPERTY_IN_NOTE.search(note)
    if property_match and (resource_match := _RESOURCE.fullmatch(property_match[1])):
        return (f"resource {int(resource_match[1]) + 1}", "") in reported
    parts = [part for part in property_match[1].split("/") if not part.isdigit()] if property_match else []
    words = [word for part in parts[-1:] for word in _SYNONYMS.get(part, (part,))]
    words = words or [word for start, words in _SUBJECTS.items() if note.startswith(start) for word in words]
    return any(word in message for word in words for message in messages) or bool(
        property_match and not parts and messages
    )


def _field_problems(properties: Mapping[str, Any], field: Mapping[str, Any]) -> list[str]:
    notes: list[str] = []
    for part in (field, {**field, "type": "any"}):
        notes += _resource_problems(properties, {"name": "t", "path": "t.csv", "schema": {"fields": [part]}})
        if str(field.get("type", "any")) in FIELD_TYPES:
            break
    return list(dict.fromkeys(notes))


def _with_plain_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    schema = item.get("schema")
    names = [f["name"] for f in _fields(item) if isinstance(f.get("name"), str)]
    plain_schema = {**schema, "fields": [{"name": name} for name in names]} if isinstance(schema, dict) else schema
    kind = {"type": "table"} if "type" in item else {}
    return {**item, **kind, **({"schema": plain_schema} if schema is not None else {})}


def _fields(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    schema = item.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    return [f for f in fields if isinstance(f, dict)][:_MAX_FIELDS_LOCATED] if isinstance(fields, list) else []


def _resource_problems(properties: Mapping[str, Any], item: Mapping[str, Any]) -> list[str]:
    version = {"$schema": properties["$schema"]} if _is_standard_profile(properties.get("$schema")) else {}
    return frictionless_problems({**version, "name": "p", "resources": [dict(item)]})


def frictionless_problems(properties: Mapping[str, Any]) -> list[str]:
    """List the same by frictionless alone, whose import costs more than a small table."""
    notes = list(_stricter_notes(properties))
    simplified = _drop_custom_profiles(dict(properties))
    if "$schema" in properties and "$schema" not in simplified:
        simplified["$schema"] = PROFILE_V2
    removed: set[str] = set()
    # frictionless reports some errors only in the absence of others: the properties that it reported are removed.
    for _ in range(_ROUNDS):
        new_notes = [note for note in _frictionless_notes(simplified) if note not in notes]
        new_notes = [
            note for note in new_notes if not any(note == f"'{name}' is a required property" for name in removed)
        ]
        notes += new_notes
        paths = [match[1].split("/") for note in new_notes if (match := _PROPERTY_IN_NOTE.search(note))]
        if not paths:
            break
        simplified = copy.deepcopy(simplified)
        for path in paths:
            removed |= _remove_property(simplified, path)
    return [" ".join(note.split()) for note in dict.fromkeys(notes) if not note.startswith(_REPORTED_ELSEWHERE)]


def _frictionless_notes(properties: dict[str, Any]) -> list[str]:
    import frictionless

    try:
        return [error.note for error in frictionless.Package.metadata_validate(properties)]
    except frictionless.FrictionlessException as error:
        return [error.error.note]
    except Exception as error:
        # frictionless 5.21 raises whatever comes up when a member has a type that no profile foresees.
        return [f"no profile can be applied ({type(error).__name__}); a member is of the wrong type"]


def _remove_property(properties: dict[str, Any], path: Sequence[str]) -> set[str]:
    """Take the property at a path out of a descriptor, an item of a list with its list; return the property's name."""
    names = [*path]
    while names and names[-1].isdigit():
        names.pop()
    parent: Any = properties
    for name in names[:-1]:
        parent = (
            parent[int(name)]
            if isinstance(parent, list) and name.isdigit() and int(name) < len(parent)
            else (parent.get(name) if isinstance(parent, dict) else None)
        )
    if not names or names[-1] == "resources" or not isinstance(parent, dict):
        return set()
    parent.pop(names[-1], None)
    return {names[-1]}


def _stricter_notes(properties: Mapping[str, Any]) -> Iterator[str]:
    """List what the text of the standard refuses and frictionless 5.21 doesn't."""
    profile = properties.get("$schema")
    if profile is not None and not (isinstance(profile, str) and _ADDRESS.match(profile)):
        yield f"$schema must be a URL, not {profile!a}"
    contributors = properties.get("contributors")
    for number, person in enumerate(contributors if isinstance(contributors, list) else (), start=1):
        roles = person.get("roles") if isinstance(person, dict) else None
        if roles is not None and not (isinstance(roles, list) and all(isinstance(r, str) for r in roles)):
            yield f"roles of contributor {number} must be a list of texts, not {roles!a}"


def custom_profile_names(properties: Mapping[str, Any]) -> list[str]:
    """Return the profiles a descriptor names that aren't the standard's own: they are not read."""
    names = []
    for part in _described_objects(properties):
        names += [part[key] for key in ("$schema", "profile") if key in part and not _is_standard_profile(part[key])]
    return [str(name) for name in dict.fromkeys(map(str, names))]


def _described_objects(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = [properties]
    for item in properties.get("resources") or []:
        if isinstance(item, dict):
            parts += [item, *(item[k] for k in ("schema", "dialect") if isinstance(item.get(k), dict))]
    return parts


def _is_standard_profile(profile: Any) -> bool:
    return isinstance(profile, str) and (profile in _PROFILE_NAMES or profile.startswith(_STANDARD_PROFILES))


def _drop_custom_profiles(part: dict[str, Any]) -> dict[str, Any]:
    simplified = {k: v for k, v in part.items() if k not in ("$schema", "profile") or _is_standard_profile(v)}
    _rewrite_for_frictionless(simplified)
    if isinstance(simplified.get("fields"), list) and len(simplified["fields"]) > MAX_COLUMNS:
        simplified["fields"] = []  # reported already; checking a field takes a tenth of a millisecond
    if isinstance(simplified.get("resources"), list):
        simplified["resources"] = [
            _drop_custom_profiles(r) if isinstance(r, dict) else r for r in simplified["resources"]
        ]
    for key in ("schema", "dialect"):
        if isinstance(simplified.get(key), dict):
            simplified[key] = _drop_custom_profiles(simplified[key])
        elif isinstance(simplified.get(key), str):
            del simplified[key]  # a file that couldn't be read; frictionless would look for it
    return simplified


def _rewrite_for_frictionless(part: dict[str, Any]) -> None:
    """Replace the standard's short forms by the long ones, which frictionless 5.21 requires."""
    path = part.get("path")
    if isinstance(path, list) and path and all(isinstance(p, str) for p in path):
        part["path"] = path[0]
    if isinstance(part.get("data"), str) and part.get("type") != "table" and {"format", "mediatype"} & set(part):
        part["data"] = []
    if isinstance(part.get("primaryKey"), str):
        part["primaryKey"] = [part["primaryKey"]]
    if isinstance(part.get("foreignKeys"), list):
        part["foreignKeys"] = [_with_name_lists(key) for key in part["foreignKeys"]]


def _with_name_lists(key: Any) -> Any:
    """Write the single name of version 1 as a list, and a reference to the table itself as version 1 has it."""
    if not isinstance(key, dict):
        return key
    rewritten = {k: [v] if k == "fields" and isinstance(v, str) else v for k, v in key.items()}
    if isinstance(rewritten.get("reference"), dict):
        rewritten["reference"] = {"resource": "", **_with_name_lists(rewritten["reference"])}
    return rewritten
