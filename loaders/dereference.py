"""Schemas and dialects that a descriptor keeps in files of their own, put in their places."""

from __future__ import annotations

import re
from typing import Any

from .errors import DescriptorError, LuminaldbError
from .jsonfile import read_json
from .store import Store

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def dereferenced(raw: Any, store: Store, where: str) -> Any:
    """Give a descriptor in which each schema and dialect named by a path is what the file holds.

    Args:
        raw: the descriptor as parsed; what isn't one is given back as it is.
        store: what the paths are read through, with its bounds.
        where: name of the descriptor, for messages.

    Raises:
        DescriptorError: a path is a URL, leads out of the package, or to what is no JSON object.
    """
    items = raw.get("resources") if isinstance(raw, dict) else None
    if not isinstance(items, list):
        return raw
    return {**raw, "resources": [_resource(item, store, where) for item in items]}


def _resource(item: Any, store: Store, where: str) -> Any:
    if not isinstance(item, dict):
        return item
    whole = dict(item)
    for key in ("schema", "dialect"):
        if isinstance(item.get(key), str):
            whole[key] = _read(item[key], store, f"{where}: resource {item.get('name')}: {key}")
    return whole


def _read(path: str, store: Store, here: str) -> Any:
    if _URL.match(path):
        advice = "download it and name it by a path inside the package"
        raise DescriptorError(f"{here} {path} is a URL, which is not read (there is no --allow-remote); {advice}")
    try:
        data = store.read(path)
    except LuminaldbError as error:
        raise DescriptorError(f"{here}: {error}") from None
    value = read_json(data, f"{here} {path}")
    if not isinstance(value, dict):
        raise DescriptorError(f"{here} {path}: must be a JSON object, not {type(value).__name__}")
    return value
