"""Fetch an index or a bundle from an address by pooch: bounded in size and time, verified before it counts."""

from __future__ import annotations

import io
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from luminaldb.errors import ReleaseError

from ..fetch_errors import HEADERS, told
from .index import INDEX, Release, parsed

# Seconds to connect, and to wait for the next bytes; seconds for a whole file.
TIMEOUT = (10.0, 30.0)
DEADLINE = 600.0
_INDEX_BYTES = 16 * 1024**2
_CURE = "try again, or name another address by LUMINALDB_RELEASES"


class _Bounded(io.RawIOBase):
    """A file that takes no more bytes than it should, and no longer than it may."""

    def __init__(self, target: IO[bytes], limit: int, url: str) -> None:
        self._target, self._limit, self._url = target, limit, url
        self._size, self._end = 0, time.monotonic() + DEADLINE

    def write(self, data: Any) -> int:
        """Write a block.

        Raises:
            ReleaseError: that is more than was promised, or it has taken too long.
        """
        self._size += len(data)
        if self._size > self._limit:
            raise ReleaseError(f"{self._url}: sends more than the {self._limit:,} bytes it should; {_CURE}")
        if time.monotonic() > self._end:
            raise ReleaseError(f"{self._url}: not done after {DEADLINE:.0f} s; {_CURE}")
        return self._target.write(data)


def index(base: str) -> dict[str, Release]:
    """Fetch the index at an address.

    Raises:
        ReleaseError: the address can't be reached, or what is there is no index.
    """
    url, target = f"{base}/{INDEX}", io.BytesIO()
    with _told(url):
        _get(url, target, _INDEX_BYTES)
    return parsed(target.getvalue(), url)


def bundle(base: str, release: Release, room: Path) -> Path:
    """Fetch a release's bundle into a folder.

    Returns:
        The file, its SHA-256 as the index says.

    Raises:
        ReleaseError: it can't be reached, breaks off, or isn't what the index says; nothing is left then.
    """
    import pooch

    pooch.get_logger().setLevel("ERROR")
    file = release.bundle
    url = f"{base}/{file.path}"

    def download(_: str, target: str, __: Any) -> None:
        with Path(target).open("wb") as stream:
            _get(url, stream, file.size)
        if (size := Path(target).stat().st_size) < file.size:
            raise ReleaseError(f"{url}: breaks off after {size:,} of {file.size:,} bytes; nothing was kept; {_CURE}")

    store = pooch.create(path=room, base_url=f"{base}/", registry={file.path: f"sha256:{file.sha256}"})
    with _told(url):
        try:
            return Path(store.fetch(file.path, downloader=download))
        except ValueError as error:
            if "hash" not in str(error):
                raise
            raise ReleaseError(f"{url}: has another SHA-256 than the index says; nothing was kept; {_CURE}") from None


def _get(url: str, target: IO[bytes], limit: int) -> None:
    import pooch

    get = pooch.HTTPDownloader(timeout=TIMEOUT, headers=HEADERS)
    get(url, _Bounded(target, limit, url), None)


def _told(url: str) -> AbstractContextManager[None]:
    return told(url, ReleaseError, _CURE, TIMEOUT[1])
