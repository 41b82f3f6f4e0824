"""Replace the paths of schemas and dialects in a descriptor by the content of those files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from luminaldb.errors import DescriptorError, LuminaldbError, UnsafePathError

from .bounded_json import read_json
from .error_collector import ErrorCollector
from .store import Store

# Properties of a resource that may be the path of a JSON file.
PROPERTIES_IN_FILES = ("schema", "dialect")


def dereference(item: Mapping[str, Any], store: Store, subject: str, errors: ErrorCollector) -> dict[str, Any]:
    """Return a resource with the content of the files that its schema and dialect name by path.

    One that can't be read is left out: a path points outside the package, is a URL where none is allowed, or leads to
    what is no JSON object.

    Args:
        item: the resource as the descriptor gives it.
        store: what the paths are read through, with its bounds.
        subject: which resource of which descriptor it is, for messages.
        errors: what is wrong is added here.
    """
    properties = dict(item)
    for key in PROPERTIES_IN_FILES:
        if isinstance(item.get(key), str):
            properties[key] = errors.attempt(partial(_read, item[key], store, f"{subject}: {key}"), None)
    return properties


def _read(path: str, store: Store, subject: str) -> Any:
    try:
        data = store.read(path)
    except UnsafePathError as error:
        raise error.within(subject) from None
    except LuminaldbError as error:
        raise DescriptorError.caused_by(error, subject) from None
    value = read_json(data, f"{subject} {path}")
    if not isinstance(value, dict):
        raise DescriptorError(f"must be a JSON object, not {type(value).__name__}", subject=f"{subject} {path}")
    return value
