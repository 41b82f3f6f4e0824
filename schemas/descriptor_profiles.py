"""A descriptor checked against the standard's published profiles, which frictionless carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luminaldb.loaders.datapackage.descriptor import MAX_COLUMNS

from .simple_descriptor import SECOND, is_plain

_OURS = ("https://datapackage.org/profiles/", "https://specs.frictionlessdata.io/schemas/")
_NAMES = ("data-package", "tabular-data-package", "fiscal-data-package", "data-resource", "tabular-data-resource")
# Said by schemas/schema_problems.py, and there for the constraints that frictionless doesn't know.
_SAID_ELSEWHERE = ('constraint "', '"missingValues" should be set')


def breaches(raw: Mapping[str, Any]) -> list[str]:
    """Say where a descriptor breaks its profile, in one line each; nothing is read, nothing is downloaded."""
    return [] if is_plain(raw) else breaches_by_frictionless(raw)


def breaches_by_frictionless(raw: Mapping[str, Any]) -> list[str]:
    """Say the same by frictionless alone, whose import costs more than a small table."""
    import frictionless

    own = _without_foreign(dict(raw))
    if "$schema" in raw and "$schema" not in own:
        own["$schema"] = SECOND
    try:
        notes = [error.note for error in frictionless.Package.metadata_validate(own)]
    except frictionless.FrictionlessException as error:
        notes = [error.error.note]
    except Exception as error:
        # frictionless 5.21 raises whatever comes up when a member has a type that no profile foresees.
        notes = [f"no profile can be applied ({type(error).__name__}); a member is of the wrong type"]
    return [" ".join(note.split()) for note in dict.fromkeys(notes) if not note.startswith(_SAID_ELSEWHERE)]


def foreign(raw: Mapping[str, Any]) -> list[str]:
    """Give the profiles a descriptor names that aren't the standard's own: they are not read."""
    found = []
    for part in _parts(raw):
        found += [part[key] for key in ("$schema", "profile") if key in part and not _is_known(part[key])]
    return [str(name) for name in dict.fromkeys(map(str, found))]


def _parts(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = [raw]
    for item in raw.get("resources") or []:
        if isinstance(item, dict):
            parts += [item, *(item[k] for k in ("schema", "dialect") if isinstance(item.get(k), dict))]
    return parts


def _is_known(profile: Any) -> bool:
    return isinstance(profile, str) and (profile in _NAMES or profile.startswith(_OURS))


def _without_foreign(part: dict[str, Any]) -> dict[str, Any]:
    own = {k: v for k, v in part.items() if k not in ("$schema", "profile") or _is_known(v)}
    _rewritten(own)
    if isinstance(own.get("fields"), list) and len(own["fields"]) > MAX_COLUMNS:
        own["fields"] = []  # reported already; checking a field takes a tenth of a millisecond
    if isinstance(own.get("resources"), list):
        own["resources"] = [_without_foreign(r) if isinstance(r, dict) else r for r in own["resources"]]
    for key in ("schema", "dialect"):
        if isinstance(own.get(key), dict):
            own[key] = _without_foreign(own[key])
        elif isinstance(own.get(key), str):
            del own[key]  # a file that couldn't be read; frictionless would look for it
    return own


def _rewritten(part: dict[str, Any]) -> None:
    """Write what the standard lets stand for something else as that, which frictionless 5.21 wants."""
    path = part.get("path")
    if isinstance(path, list) and path and all(isinstance(p, str) for p in path):
        part["path"] = path[0]
    if isinstance(part.get("data"), str) and part.get("type") != "table" and {"format", "mediatype"} & set(part):
        part["data"] = []
    if isinstance(part.get("primaryKey"), str):
        part["primaryKey"] = [part["primaryKey"]]
    if isinstance(part.get("foreignKeys"), list):
        part["foreignKeys"] = [_as_list(key) for key in part["foreignKeys"]]


def _as_list(key: Any) -> Any:
    """Write the single name of version 1 as a list."""
    if not isinstance(key, dict):
        return key
    own = {k: [v] if k == "fields" and isinstance(v, str) else v for k, v in key.items()}
    if isinstance(own.get("reference"), dict):
        own["reference"] = _as_list(own["reference"])
    return own
