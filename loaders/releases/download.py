"""Download an index or the zip of a release, and verify it before it is used."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

from luminaldb.errors import ReleaseError

from .. import http_download
from ..http_download import Download
from .cache import file_problem
from .index import INDEX, Release, parse_index

_INDEX_BYTES = 16 * 1024**2
_HINT = "try again, or name another address by LUMINALDB_RELEASES"


def index(base: str) -> dict[str, Release]:
    """Download the index at an address.

    Raises:
        ReleaseError: the address can't be reached, or what is there is no index.
    """
    download, content = _download(f"{base}/{INDEX}"), io.BytesIO()
    _fetch(download, content, _INDEX_BYTES)
    return parse_index(content.getvalue(), download.url)


def zip_file(base: str, release: Release, folder: Path) -> Path:
    """Download the zip of a release into a folder.

    Returns:
        The file, whose SHA-256 is that of the index.

    Raises:
        ReleaseError: it can't be reached, breaks off, or differs from the index.
    """
    file, target = release.zip_file, folder / release.zip_file.path
    download = _download(f"{base}/{file.path}")
    with target.open("wb") as stream:
        size = _fetch(download, stream, file.size)
    if size < file.size:
        raise download.failure(f"breaks off after {size:,} of {file.size:,} bytes; nothing was kept")
    if reason := file_problem(target, file):
        raise download.failure(f"{reason}; nothing was kept")
    return target


def _download(url: str) -> Download:
    return Download(url, ReleaseError, _HINT)


def _fetch(download: Download, stream: IO[bytes], limit: int) -> int:
    import requests

    with (
        download.explain_failures(),
        requests.get(
            download.url, stream=True, timeout=http_download.TIMEOUT, headers=http_download.HEADERS
        ) as response,
    ):
        response.raise_for_status()
        return download.copy(response, stream, limit)
