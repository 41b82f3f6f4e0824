"""Released versions of the data: list them, open them, and copy them to this machine."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path

import polars as pl

from luminaldb.errors import LuminaldbError, ReleaseError
from luminaldb.input_files import read_input

from .. import installed
from ..datapackage.package import Package
from . import cache, download, index
from .index import INDEX, Release

RELEASES_VARIABLE = "LUMINALDB_RELEASES"
_MAX_INDEX_BYTES = 16 * 1024**2


def versions() -> pl.DataFrame:
    """List the releases of the data: those this installation knows, those fetched, those at the address.

    The address is LUMINALDB_RELEASES, a URL or a folder that holds an index.json; where it can't be reached,
    a warning says so, and the others are listed.

    Returns:
        One row per release, the oldest first: version, date, tables, rows, bytes and sha256 of the zip, and
        where it would be read from: `installed`, `archive` (of a checkout, or of the extra `archive`), `cached`,
        `address`, or `nowhere` (known, and neither on this machine nor at an address that was named).
    """
    base = address()
    there: dict[str, Release] = {}
    if base is not None:
        try:
            there = _index(base)
        except ReleaseError as error:
            warnings.warn(str(error), stacklevel=2)
    every = {**there, **cache.cached_releases(), **index.known_releases()}
    rows = [
        (v, r.date, len(r.tables), r.rows, r.zip_file.size, r.zip_file.sha256, _where(r, v in there))
        for v, r in sorted(every.items(), key=lambda item: index.version_parts(item[0]))
    ]
    names = {"version": pl.String, "date": pl.String, "tables": pl.Int64, "rows": pl.Int64, "bytes": pl.Int64}
    return pl.DataFrame(rows, schema={**names, "sha256": pl.String, "where": pl.String}, orient="row").with_columns(
        pl.col("date").str.to_date()
    )


def _where(release: Release, listed: bool) -> str:
    if all(_is_installed(release.version, table, release) for table in release.tables):
        return "installed"
    if _archived_zip(release) is not None:
        return "archive"
    if cache.cached_zip(release) is not None:
        return "cached"
    return "address" if listed else "nowhere"


def is_installed(version: str) -> bool:
    """Return whether the installed tables are, byte for byte, those of a release."""
    release = index.known_releases().get(version)
    tables = release.tables if release is not None else installed.packages_by_table()
    return all(_is_installed(version, table, release) for table in tables)


def _is_installed(version: str, table: str, release: Release | None) -> bool:
    """Whether the installed table is, byte for byte, that of a release."""
    if table not in installed.packages_by_table():
        return False
    holder = installed.package_of(table)
    if holder.descriptor.version != version:
        return False
    if release is None:
        return True  # a release made after this index, of which this is the installation
    raw = holder.store.read(holder.resource(table).path or "")
    return release.tables.get(table, (0, ""))[1] == hashlib.sha256(raw).hexdigest()


def open_release(version: str) -> Package:
    """Open the data package of a release: from the archive of a checkout, from a folder, the cache, or the address.

    Raises:
        ReleaseError: there is no such release, or it can't be fetched; the text has the reason and the fix.
    """
    return Package.open(_zip_of(version))


def install_data(version: str) -> Path:
    """Put a release into the cache, so that it can be read without a network.

    Args:
        version: of the release, for instance `0.1.0`.

    Returns:
        The path of its zip in the cache: a data package with every table.

    Raises:
        ReleaseError: there is no such release, or it can't be fetched; the text has the reason and the fix.
    """
    release = find_release(version)
    cache.remove_unfinished_writes()
    return cache.cached_zip(release) or _add_to_cache(release, _local_zip(release))


def _add_to_cache(release: Release, here: Path | None) -> Path:
    return cache.add_zip(release, lambda folder: _copy(here, folder) if here else _fetch(release, folder))


def _zip_of(version: str) -> Path:
    release = find_release(version)
    archived = _archived_zip(release) or cache.cached_zip(release)
    return archived or _local_zip(release) or _add_to_cache(release, None)


def _local_zip(release: Release) -> Path | None:
    """Return the path of the zip in the archive of a checkout, or in the folder that was named."""
    if (path := _archived_zip(release)) is not None:
        return path
    base = address()
    if base is None or _is_url(base):
        return None
    path = Path(base) / release.zip_file.path
    if (wrong := cache.file_problem(path, release.zip_file)) is not None:
        raise ReleaseError(wrong, subject=str(path), hint=f"name another folder or a URL by {RELEASES_VARIABLE}")
    return path


def _archived_zip(release: Release) -> Path | None:
    """Return the path of the zip in an archive: of the checkout, of luminaldb-archive, or in the working directory."""
    paths = [folder / release.zip_file.path for folder in (*index.archive_folders(), Path("archive"))]
    return next((path for path in paths if cache.file_problem(path, release.zip_file) is None), None)


def _copy(path: Path, folder: Path) -> Path:
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    return copy


def _fetch(release: Release, folder: Path) -> Path:
    base = address()
    if base is None:
        hint = f"run: pip install 'luminaldb[archive]', or name the URL or folder that holds it by {RELEASES_VARIABLE}"
        raise ReleaseError(f"{release.version} is not on this machine", hint=hint)
    return download.zip_file(base, release, folder)


def find_release(version: str) -> Release:
    """Look a release up: the index of the installation takes precedence over that of an address."""
    known = {**cache.cached_releases(), **index.known_releases()}
    if version in known:
        return known[version]
    base = address()
    every = {**(_index(base) if base is not None else {}), **known}
    if version not in every:
        more = "" if base is not None else f"; name the URL or folder of other releases by {RELEASES_VARIABLE}"
        raise ReleaseError(f"no release {version}; there are {', '.join(every) or 'none'}{more}")
    return every[version]


def _index(base: str) -> dict[str, Release]:
    if _is_url(base):
        return download.index(base)
    file = Path(base) / INDEX
    try:
        data = read_input(file, limit=_MAX_INDEX_BYTES)
    except LuminaldbError as error:
        raise ReleaseError(
            f"{error.subject}: {error.issue.message}; name a URL or folder by {RELEASES_VARIABLE}"
        ) from None
    return index.parse_index(data, str(file))


def address() -> str | None:
    """Return where releases are fetched from: LUMINALDB_RELEASES, or the address in the installation's metadata."""
    if given := os.environ.get(RELEASES_VARIABLE):
        base = given.rstrip("/") or given
        return base if _is_url(base) else str(Path(base.removeprefix("file://")).expanduser())
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("luminaldb").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    named = dict(str(url).split(", ", 1) for url in urls)
    return named.get("Releases")


def _is_url(base: str) -> bool:
    return base.startswith(("http://", "https://"))
