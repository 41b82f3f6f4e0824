"""The index of releases: version, date, files with size and SHA-256, rows and SHA-256 of each table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from luminaldb.errors import ReleaseError
from luminaldb.input_files import is_file, read_input

INDEX = "index.json"
ARCHIVE_PACKAGE = "luminaldb_archive"
_MAX_BYTES = 16 * 1024**2
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a release.

    Attributes:
        path: its name in the folder of the index.
        size: in bytes.
        sha256: of its bytes, in hexadecimal.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the data.

    Attributes:
        version: three numbers separated by points, for instance 2.1.0.
        date: of the release, ISO 8601.
        files: the zip of its data package is the first.
        tables: name of each table, to its number of rows and the SHA-256 of its CSV.
    """

    version: str
    date: str
    files: tuple[ReleaseFile, ...]
    tables: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def zip_file(self) -> ReleaseFile:
        """The zip of the data package that holds every table."""
        return self.files[0]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(rows for rows, _ in self.tables.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the release as the index writes it."""
        return {
            "version": self.version,
            "date": self.date,
            "files": [{"path": f.path, "bytes": f.size, "sha256": f.sha256} for f in self.files],
            "tables": {name: {"rows": rows, "sha256": sha256} for name, (rows, sha256) in self.tables.items()},
        }


def index_folder() -> Path:
    """Return the folder of the index that came with the installation; in a checkout the zips of releases are in it."""
    from importlib.util import find_spec

    spec = find_spec("luminaldb.archive")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("luminaldb.archive is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def archive_folders() -> list[Path]:
    """Return the folders of this machine with zips of releases: the archive of a checkout, and luminaldb-archive."""
    from importlib.util import find_spec

    spec = find_spec(ARCHIVE_PACKAGE)
    archive_locations = spec.submodule_search_locations if spec is not None else None
    return [index_folder(), *map(Path, archive_locations or ())]


def known_releases() -> dict[str, Release]:
    """Return the releases that this installation knows, by version: its own index takes precedence over another one."""
    releases: dict[str, Release] = {}
    for file in (folder / INDEX for folder in reversed(archive_folders())):
        if is_file(file):
            releases |= parse_index(read_input(file, limit=_MAX_BYTES), str(file))
    return {version: releases[version] for version in sorted(releases, key=version_parts)}


def parse_index(data: bytes, file: str) -> dict[str, Release]:
    """Read an index.

    Args:
        data: bytes of an index.json.
        file: the file or address it came from, for messages.

    Raises:
        ReleaseError: it is not an index of releases, or names a file outside of its folder.
    """
    try:
        content = json.loads(data)
        releases = [_release(item) for item in content["releases"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReleaseError("not an index of luminaldb releases", subject=file, hint="check the address") from None
    return {r.version: r for r in sorted(releases, key=lambda r: version_parts(r.version))}


def format_index(releases: Mapping[str, Release]) -> str:
    """Format an index as JSON, the oldest release first."""
    ordered = sorted(releases.values(), key=lambda r: version_parts(r.version))
    return json.dumps({"releases": [r.to_dict() for r in ordered]}, indent=2) + "\n"


def version_parts(version: str) -> tuple[int, ...]:
    """Return the parts of a version as numbers, to sort versions by."""
    return tuple(int(part) for part in version.split("."))


def _release(item: Mapping[str, Any]) -> Release:
    files = tuple(
        ReleaseFile(_match(_NAME, f["path"]), int(f["bytes"]), _match(_SHA256, f["sha256"])) for f in item["files"]
    )
    if not files or any(f.size < 0 for f in files):
        raise ValueError
    tables = {str(name): (int(t["rows"]), _match(_SHA256, t["sha256"])) for name, t in item["tables"].items()}
    return Release(_match(_VERSION, item["version"]), _match(_DATE, item["date"]), files, tables)


def _match(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError
    return value
