"""Whether a resource is a table, which files it has, and in which format they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from luminaldb.errors import DescriptorError, UnsafePathError

from .compression import COMPRESSIONS, compression_of, stem
from .other_format_names import FORMATS

_FORMAT_OF_MEDIATYPE = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.apache.parquet": "parquet",
}
_DELIMITED = ("csv", "tsv", "txt", "dsv", "psv", "tab", "dat")
SUPPORTED_FORMATS = frozenset((*_DELIMITED, *FORMATS, "json", ""))


def paths_of(item: Mapping[str, Any], subject: str) -> tuple[str, ...]:
    """Return a resource's files; `url` is what version 0 called `path`.

    Raises:
        DescriptorError: it isn't a path or a list of paths.
        UnsafePathError: a folder on it is hidden.
    """
    path = item.get("path", item.get("url"))
    paths = [path] if isinstance(path, str) else path
    if paths is None:
        return ()
    if not isinstance(paths, list) or not paths or not all(isinstance(p, str) and p for p in paths):
        raise DescriptorError("path must be text, or a list of them", subject=subject)
    for path_item in paths:
        if "://" not in path_item and any(p.startswith(".") and p != ".." for p in PurePosixPath(path_item).parts[:-1]):
            raise UnsafePathError("a hidden folder is not read", subject=path_item, hint="rename the folder")
    return tuple(paths)


def format_of(item: Mapping[str, Any], paths: tuple[str, ...]) -> str:
    """Return a resource's format: its `format`, else by its media type or its first file's suffix; in lower case."""
    format_name, media_type = item.get("format"), item.get("mediatype")
    if isinstance(format_name, str) and format_name and format_name.lower() not in COMPRESSIONS:
        return format_name.lower().removeprefix(".")
    if isinstance(media_type, str) and media_type.partition(";")[0].strip().lower() in _FORMAT_OF_MEDIATYPE:
        return _FORMAT_OF_MEDIATYPE[media_type.partition(";")[0].strip().lower()]
    if not paths:
        return ""
    # What follows the path of an address is no part of a file's name, and may be a secret.
    name = re.split(r"[?#]", paths[0], maxsplit=1)[0] if "://" in paths[0] else paths[0]
    return PurePosixPath(stem(name)).suffix.lower().removeprefix(".")


def skip_reason(item: Mapping[str, Any], format_name: str, paths: tuple[str, ...], *, tabular: bool) -> str:
    """Return why a resource is not read as a table; empty where it is.

    Args:
        item: the resource as the descriptor gives it.
        format_name: its format, see `format_of`.
        paths: its files.
        tabular: whether the package says that all of its resources are tables.
    """
    profile = item.get("profile")
    is_table = (
        tabular
        or item.get("type") == "table"
        or (isinstance(profile, str) and "tabular-data-resource" in profile)
        or item.get("schema") is not None
        or (format_name in ("csv", "tsv") and item.get("type") is None)
    )
    if not is_table:
        return "not described as a table"
    if format_name not in SUPPORTED_FORMATS and not (paths and format_name == ""):
        supported = "csv, tsv, json, jsonl, xlsx, ods, parquet, sqlite and duckdb are"
        return f"tables in the format {format_name!r} are not supported; {supported}"
    unknown_compressions = {compression_of(p, item) for p in paths} - {None} - COMPRESSIONS
    if unknown_compressions:
        return (
            f"compression {sorted(map(str, unknown_compressions))[0]!r} is not supported; gz, bz2, xz, zst and zip are"
        )
    return ""
