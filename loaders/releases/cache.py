"""The cache of released zips: each downloaded once, written atomically, verified whenever it is read.

Each zip has an entry, `VERSION.json`: an index of releases with that version alone.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from luminaldb.atomic_write import temporary_directory
from luminaldb.errors import LuminaldbError, ReleaseError
from luminaldb.folder_lock import lock_folder
from luminaldb.input_files import read_input, require_file
from luminaldb.unfinished_writes import recover

from .index import Release, ReleaseFile, format_index, parse_index

CACHE_VARIABLE = "LUMINALDB_CACHE"
_WAIT_SECONDS = 900.0
_READ_BYTES = 1024**2
_MAX_ENTRY_BYTES = 1024**2


def cache_folder() -> Path:
    """Return the cache's folder: LUMINALDB_CACHE, or what the system has for caches."""
    if path_variable := os.environ.get(CACHE_VARIABLE):
        return Path(path_variable).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("luminaldb", appauthor=False) / "releases"


def file_problem(path: Path, file: ReleaseFile) -> str | None:
    """Return what is wrong with a file that should be a release's; None where it is right."""
    try:
        require_file(path)
        with path.open("rb") as stream:
            digest, size = hashlib.sha256(), 0
            while block := stream.read(_READ_BYTES):
                digest.update(block)
                size += len(block)
    except FileNotFoundError:
        return "is not there"
    except LuminaldbError as error:
        return "is not there" if error.issue.message == "no such file" else error.issue.message
    except OSError as error:
        return f"can't be read ({error.strerror})"
    if size != file.size:
        return f"has {size:,} bytes, the index says {file.size:,}"
    if digest.hexdigest() != file.sha256:
        return "has another SHA-256 than the index says"
    return None


def cached_zip(release: Release) -> Path | None:
    """Return the path of the zip of a release in the cache if it is there with its entry and has the right hash."""
    path = cache_folder() / release.zip_file.path
    return (
        path
        if _entry(cache_folder() / f"{release.version}.json") and file_problem(path, release.zip_file) is None
        else None
    )


def cached_releases() -> dict[str, Release]:
    """Return the cached releases by version; an entry that can't be read counts as missing."""
    try:
        entries = sorted(cache_folder().glob("*.json"))
    except OSError:
        return {}
    return {version: release for file in entries for version, release in _entry(file).items()}


def _entry(file: Path) -> dict[str, Release]:
    try:
        return parse_index(read_input(file, limit=_MAX_ENTRY_BYTES), str(file))
    except LuminaldbError:
        return {}


def remove_unfinished_writes() -> None:
    """Remove what killed processes left in the cache, if they left anything."""
    with suppress(OSError, RuntimeError):
        recover(cache_folder())


def add_zip(release: Release, fetch: Callable[[Path], Path]) -> Path:
    """Put the zip of a release into the cache.

    One process at a time downloads; one that waited uses the zip of the other.

    Args:
        release: the release to store.
        fetch: downloads the zip to a folder, verifies it, and returns its path.

    Returns:
        The path of the zip in the cache.

    Raises:
        ReleaseError: the cache can't be written, or the zip can't be fetched; the cache is as it was.
    """
    cache = cache_folder()
    with _explain_failure(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with lock_folder(cache, timeout=_WAIT_SECONDS):
            if (path := cached_zip(release)) is not None:
                return path
            path = cache / release.zip_file.path
            with temporary_directory(path) as temporary:
                zip_file = fetch(temporary)
                # The entry first: a zip without one would be fetched again, an entry without its zip, too.
                entry = temporary / f"{release.version}.json"
                entry.write_text(format_index({release.version: release}), encoding="utf-8")
                os.replace(entry, cache / entry.name)  # noqa: PTH105 - one atomic call per file
                os.replace(zip_file, path)  # noqa: PTH105
            return path


@contextmanager
def _explain_failure(cache: Path) -> Iterator[None]:
    """Report in one line why the cache can't be written."""
    try:
        yield
    except TimeoutError:
        raise ReleaseError(
            f"another process has been fetching for {_WAIT_SECONDS:.0f} s", subject=str(cache), hint="try again later"
        ) from None
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        message = "has no space left" if full else f"can't be written ({error.strerror or error})"
        hint = "free some" if full else "make it writable"
        raise ReleaseError(
            message, subject=str(cache), hint=f"{hint}, or name another folder by {CACHE_VARIABLE}"
        ) from None
