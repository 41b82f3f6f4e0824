"""A descriptor checked against profiles of a community or project, where they can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.datapackage.bounded_json import read_json
from luminaldb.loaders.datapackage.package import Package

from .json_schema import why_unusable

_MAX_PROBLEMS = 20


def custom_profile_problems(package: Package, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Check a descriptor against profiles that aren't the standard's own, see `custom_profile_names`.

    A profile is a JSON Schema in a file of the package, or at an address where addresses may be read.

    Returns:
        What is wrong, in one line each, and the profiles that can't be read or used.
    """
    import jsonschema
    from referencing import Registry

    problems: list[str] = []
    unreadable: list[str] = []
    for name in names:
        schema = _read_profile(package, name)
        if schema is None or why_unusable(schema):
            unreadable.append(name)
            continue
        validator = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        try:
            errors = list(validator(schema, registry=Registry()).iter_errors(dict(package.descriptor.properties)))
        except Exception:
            # A schema may refer to what it doesn't hold, or to itself without end.
            unreadable.append(name)
            continue
        for error in sorted(errors, key=lambda e: [str(p) for p in e.absolute_path])[:_MAX_PROBLEMS]:
            json_path = "/".join(map(str, error.absolute_path))
            message = " ".join(error.message.split())
            problems.append(f"the descriptor breaks the profile {name}: {json_path and f'{json_path}: '}{message}")
    return problems, unreadable


def _read_profile(package: Package, name: str) -> Any:
    store = package.store
    if "://" in name:
        from luminaldb.loaders.datapackage.remote_store import RemoteStore

        if not isinstance(store, RemoteStore):
            return None
    try:
        return read_json(store.read(name), name)
    except LuminaldbError:
        return None
