"""Files of a package at http(s) addresses, where the user allowed it, bounded in size and time.

A package names its own addresses, so it must not choose whom this machine talks to: only http and https, no address
of a private network, unless it is the host that the user named for the package itself. The address is checked on the
open connection, before a request is sent, so that neither a redirect nor a name that changes its address gets around.
"""

from __future__ import annotations

import ipaddress
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from luminaldb.errors import LuminaldbError, UnsafePathError

from .. import http_download
from ..http_download import Download

MAX_FILE_BYTES = 1024**3
MAX_BYTES = 4 * 1024**3
MAX_FILES = 1000
_MAX_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_HINT = "try again, or download the file and name it by a path"


class RemoteFiles:
    """Fetches files, each once, into a temporary directory that lives as long as this object."""

    def __init__(self, package_url: str | None = None) -> None:
        """Prepare to fetch.

        Args:
            package_url: the address of the package as the user gave it, whose host may be in a private network.
        """
        self._trusted = frozenset() if package_url is None else frozenset({_host(package_url)})
        self._folder = tempfile.TemporaryDirectory(prefix="luminaldb-")
        self._fetched: dict[str, tuple[Path, str] | LuminaldbError] = {}
        self._bytes_left = MAX_BYTES

    def fetch(self, url: str) -> tuple[Path, str]:
        """Fetch a file.

        Returns:
            Its place on disk, and the address that gave it, which is another one after a redirect.

        Raises:
            UnsafePathError: the address, or one it redirects to, must not be requested.
            LuminaldbError: it can't be reached, breaks off, or is larger or slower than it may be.
        """
        if url not in self._fetched:
            try:
                self._fetched[url] = self._download(url)
            except LuminaldbError as error:
                self._fetched[url] = error
        result = self._fetched[url]
        if isinstance(result, LuminaldbError):
            raise result
        return result

    def _download(self, url: str) -> tuple[Path, str]:
        if len(self._fetched) >= MAX_FILES:
            raise LuminaldbError(f"the package names more than {MAX_FILES:,} addresses", subject=url, hint=_HINT)
        current_url = check_url(url)
        download = Download(url, LuminaldbError, _HINT)
        with download.explain_failures(), _session(self._trusted) as session:
            for _ in range(_MAX_REDIRECTS + 1):
                if not _is_allowed(current_url, self._trusted):
                    raise _private_address_error(current_url)
                with session.get(
                    current_url, stream=True, timeout=http_download.TIMEOUT, allow_redirects=False
                ) as response:
                    if not response.is_redirect:
                        response.raise_for_status()
                        return self._save(download, response), current_url
                    next_url = check_url(urljoin(current_url, response.headers["location"]))
                if urlsplit(current_url).scheme == "https" and urlsplit(next_url).scheme == "http":
                    raise UnsafePathError(f"redirects from https to http, to {next_url}", subject=url, hint=_HINT)
                current_url = next_url
        raise LuminaldbError(f"redirects more than {_MAX_REDIRECTS} times", subject=url, hint=_HINT)

    def _save(self, download: Download, response: Any) -> Path:
        file = Path(self._folder.name) / str(len(self._fetched))
        try:
            with file.open("wb") as stream:
                self._bytes_left -= download.copy(response, stream, min(MAX_FILE_BYTES, self._bytes_left))
        except LuminaldbError:
            file.unlink()
            raise
        return file


def _host(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme.lower(), 0)


def check_url(url: str) -> str:
    """Return an address if its scheme and host allow a request.

    Raises:
        UnsafePathError: it is of another scheme, names a user, or no host.
    """
    try:
        parts, (host, port) = urlsplit(url), _host(url)
    except ValueError:
        raise UnsafePathError("not an address", subject=url, hint="fix it") from None
    if parts.scheme.lower() not in _PORTS:
        raise UnsafePathError("only http and https addresses are read", subject=url, hint=_HINT)
    if parts.username is not None or parts.password is not None:
        subject = f"{parts.scheme}://…@{host}"
        raise UnsafePathError("an address that names a user is not read", subject=subject, hint="download the file")
    if not host or not port:
        raise UnsafePathError("names no host", subject=url, hint="fix it")
    return url


def _is_allowed(url: str, trusted: frozenset[tuple[str, int]]) -> bool:
    """Return whether the text of an address names no private host; behind a proxy nothing else can be checked."""
    host, port = _host(url)
    if (host, port) in trusted:
        return True
    try:
        return _is_public(host)
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))


def _is_public(address: str) -> bool:
    ip_address = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip_address.ipv4_mapped if isinstance(ip_address, ipaddress.IPv6Address) else None
    return (mapped or ip_address).is_global


def _private_address_error(url: str) -> UnsafePathError:
    return UnsafePathError(
        "an address of a private network, which only the host that the package came from may have",
        subject=url,
        hint="download the file and name it by a path",
    )


def _session(trusted: frozenset[tuple[str, int]]) -> Any:
    """Build a session whose connections to private addresses are closed before anything is sent."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class HttpConnection(HTTPConnection):
        def _new_conn(self) -> Any:
            return _check_peer(super()._new_conn(), self.host, self.port, trusted)

    class HttpsConnection(HTTPSConnection):
        def _new_conn(self) -> Any:
            return _check_peer(super()._new_conn(), self.host, self.port, trusted)

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = HttpConnection

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = HttpsConnection

    adapter = HTTPAdapter()
    adapter.poolmanager.pool_classes_by_scheme = {"http": HttpPool, "https": HttpsPool}
    session = requests.Session()
    session.headers.update(http_download.HEADERS)
    # Nobody's password from ~/.netrc for an address that a package chose.
    session.auth = lambda request: request
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _check_peer(peer_socket: Any, host: str, port: int, trusted: frozenset[tuple[str, int]]) -> Any:
    if (host.strip("[]").lower(), port) not in trusted and not _is_public(peer_socket.getpeername()[0]):
        peer_socket.close()
        raise _private_address_error(f"{host}:{port}")
    return peer_socket
