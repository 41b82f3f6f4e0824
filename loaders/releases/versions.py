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
    address_or_folder = releases_address()
    listed_releases: dict[str, Release] = {}
    if address_or_folder is not None:
        try:
            listed_releases = _index(address_or_folder)
        except ReleaseError as error:
            warnings.warn(str(error), stacklevel=2)
    all_releases = {**listed_releases, **cache.cached_releases(), **index.known_releases()}
    rows = [
        (v, r.date, len(r.tables), r.rows, r.zip_file.size, r.zip_file.sha256, _origin(r, v in listed_releases))
        for v, r in sorted(all_releases.items(), key=lambda item: index.version_parts(item[0]))
    ]
    names = {"version": pl.String, "date": pl.String, "tables": pl.Int64, "rows": pl.Int64, "bytes": pl.Int64}
    return pl.DataFrame(rows, schema={**names, "sha256": pl.String, "where": pl.String}, orient="row").with_columns(
        pl.col("date").str.to_date()
    )


def _origin(release: Release, listed: bool) -> str:
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
    package = installed.package_of(table)
    if package.descriptor.version != version:
        return False
    if release is None:
        return True  # a release made after this index, of which this is the installation
    data = package.store.read(package.resource(table).path or "")
    return release.tables.get(table, (0, ""))[1] == hashlib.sha256(data).hexdigest()


def open_release(version: str) -> Package:
    """Open the data package of a release: from the archive of a checkout, from a folder, the cache, or the address.

    Raises:
        ReleaseError: there is no such release, or it can't be fetched; the text has the reason and the fix.
    """
    return Package.open(_find_zip(version))


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


def _add_to_cache(release: Release, local_zip: Path | None) -> Path:
    return cache.add_zip(release, lambda folder: _copy(local_zip, folder) if local_zip else _fetch(release, folder))


def _find_zip(version: str) -> Path:
    release = find_release(version)
    local_zip = _archived_zip(release) or cache.cached_zip(release)
    return local_zip or _local_zip(release) or _add_to_cache(release, None)


def _local_zip(release: Release) -> Path | None:
    """Return the path of the zip in the archive of a checkout, or in the folder that was named."""
    if (path := _archived_zip(release)) is not None:
        return path
    address_or_folder = releases_address()
    if address_or_folder is None or _is_http_url(address_or_folder):
        return None
    path = Path(address_or_folder) / release.zip_file.path
    if (problem := cache.file_problem(path, release.zip_file)) is not None:
        raise ReleaseError(problem, subject=str(path), hint=f"name another folder or a URL by {RELEASES_VARIABLE}")
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
    address_or_folder = releases_address()
    if address_or_folder is None:
        hint = f"run: pip install 'luminaldb[archive]', or name the URL or folder that holds it by {RELEASES_VARIABLE}"
        raise ReleaseError(f"{release.version} is not on this machine", hint=hint)
    return download.zip_file(address_or_folder, release, folder)


def find_release(version: str) -> Release:
    """Look a release up: the index of the installation takes precedence over that of an address."""
    known_releases = {**cache.cached_releases(), **index.known_releases()}
    if version in known_releases:
        return known_releases[version]
    address_or_folder = releases_address()
    all_releases = {**(_index(address_or_folder) if address_or_folder is not None else {}), **known_releases}
    if version not in all_releases:
        hint = (
            ""
            if address_or_folder is not None
            else f"; name the URL or folder of other releases by {RELEASES_VARIABLE}"
        )
        raise ReleaseError(f"no release {version}; there are {', '.join(all_releases) or 'none'}{hint}")
    return all_releases[version]


def _index(base: str) -> dict[str, Release]:
    if _is_http_url(base):
        return download.index(base)
    file = Path(base) / INDEX
    try:
        data = read_input(file, limit=_MAX_INDEX_BYTES)
    except LuminaldbError as error:
        raise ReleaseError(
            f"{error.subject}: {error.issue.message}; name a URL or folder by {RELEASES_VARIABLE}"
        ) from None
    return index.parse_index(data, str(file))


def releases_address() -> str | None:
    """Return where releases are fetched from: LUMINALDB_RELEASES, or the address in the installation's metadata."""
    if variable := os.environ.get(RELEASES_VARIABLE):
        address_or_folder = variable.rstrip("/") or variable
        return (
            address_or_folder
            if _is_http_url(address_or_folder)
            else str(Path(address_or_folder.removeprefix("file://")).expanduser())
        )
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("luminaldb").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    urls_by_name = dict(str(url).split(", ", 1) for url in urls)
    return urls_by_name.get("Releases")


def _is_http_url(base: str) -> bool:
    return base.startswith(("http://", "https://"))
