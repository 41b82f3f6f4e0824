"""Files of a package at http(s) addresses, where the user allowed it: bounded in size and time, kept for as long.

A package names its own addresses, so it must not choose whom this machine talks to: only http and https, no address
of a private network, unless it is the host that the user named for the package itself. The address is checked on the
open connection, before anything is asked, so that neither a redirect nor a name that changes its address gets around.
"""

from __future__ import annotations

import ipaddress
import re
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from luminaldb.errors import LuminaldbError, UnsafePathError

from ..fetch_errors import HEADERS, told

# Seconds to connect, and to wait for the next bytes; seconds for a whole file.
TIMEOUT = (10.0, 30.0)
DEADLINE = 600.0
MAX_FILE_BYTES = 1024**3
MAX_BYTES = 4 * 1024**3
MAX_FILES = 1000
_MAX_REDIRECTS = 5
_BLOCK = 64 * 1024
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PORTS = {"http": 80, "https": 443}
_HINT = "try again, or download the file and name it by a path"


def is_url(path: str) -> bool:
    """Tell whether a path is an address."""
    return _URL.match(path) is not None


class Remote:
    """Fetches files, each once; what was fetched is gone when this is."""

    def __init__(self, named: str | None = None) -> None:
        """Prepare to fetch.

        Args:
            named: the address of the package as the user gave it, whose host may be in a private network.
        """
        self._trusted = frozenset() if named is None else frozenset({_host(named)})
        self._room = tempfile.TemporaryDirectory(prefix="luminaldb-")
        self._kept: dict[str, tuple[Path, str] | LuminaldbError] = {}
        self._left = MAX_BYTES

    def fetch(self, url: str) -> tuple[Path, str]:
        """Fetch a file.

        Returns:
            Its place on disk, and the address that gave it, which is another one after a redirect.

        Raises:
            UnsafePathError: the address, or one it redirects to, must not be asked.
            LuminaldbError: it can't be reached, breaks off, or is larger or slower than it may be.
        """
        if url not in self._kept:
            try:
                self._kept[url] = self._download(url)
            except LuminaldbError as error:
                self._kept[url] = error
        kept = self._kept[url]
        if isinstance(kept, LuminaldbError):
            raise kept
        return kept

    def _download(self, url: str) -> tuple[Path, str]:
        if len(self._kept) >= MAX_FILES:
            raise LuminaldbError(f"the package names more than {MAX_FILES:,} addresses", where=url, hint=_HINT)
        step = _permitted(url)
        with told(url, LuminaldbError, _HINT, TIMEOUT[1]), _session(self._trusted) as session:
            for _ in range(_MAX_REDIRECTS + 1):
                if not _may_be_asked(step, self._trusted):
                    raise _private(step)
                with session.get(step, stream=True, timeout=TIMEOUT, allow_redirects=False) as response:
                    if not response.is_redirect:
                        response.raise_for_status()
                        return self._written(response, url), step
                    target = _permitted(urljoin(step, response.headers["location"]))
                if urlsplit(step).scheme == "https" and urlsplit(target).scheme == "http":
                    raise UnsafePathError(f"redirects from https to http, to {target}", where=url, hint=_HINT)
                step = target
        raise LuminaldbError(f"redirects more than {_MAX_REDIRECTS} times", where=url, hint=_HINT)

    def _written(self, response: Any, url: str) -> Path:
        limit, end, size = min(MAX_FILE_BYTES, self._left), time.monotonic() + DEADLINE, 0
        place = Path(self._room.name) / str(len(self._kept))
        too_large = LuminaldbError(f"is larger than the {limit:,} bytes that are fetched", where=url, hint=_HINT)
        if (promised := response.headers.get("content-length", "")).isdecimal() and int(promised) > limit:
            raise too_large
        with place.open("wb") as stream:
            for block in response.iter_content(_BLOCK):
                size += len(block)
                if size > limit:
                    place.unlink()
                    raise too_large
                if time.monotonic() > end:
                    place.unlink()
                    raise LuminaldbError(f"not done after {DEADLINE:.0f} s", where=url, hint=_HINT)
                stream.write(block)
        self._left -= size
        return place


def _host(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme.lower(), 0)


def _permitted(url: str) -> str:
    """Give an address back if it has a form that may be asked.

    Raises:
        UnsafePathError: it is of another scheme, names a user, or no host.
    """
    try:
        parts, (host, port) = urlsplit(url), _host(url)
    except ValueError:
        raise UnsafePathError("not an address", where=url, hint="fix it") from None
    if parts.scheme.lower() not in _PORTS:
        raise UnsafePathError("only http and https addresses are read", where=url, hint=_HINT)
    if parts.username is not None or parts.password is not None:
        where = f"{parts.scheme}://…@{host}"
        raise UnsafePathError("an address that names a user is not read", where=where, hint="download the file")
    if not host or not port:
        raise UnsafePathError("names no host", where=url, hint="fix it")
    return url


def _may_be_asked(url: str, trusted: frozenset[tuple[str, int]]) -> bool:
    """Tell whether an address is no private one by its looks; behind a proxy there is nothing else to look at."""
    host, port = _host(url)
    if (host, port) in trusted:
        return True
    try:
        return _is_public(host)
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))


def _is_public(address: str) -> bool:
    own = ipaddress.ip_address(address.partition("%")[0])
    mapped = own.ipv4_mapped if isinstance(own, ipaddress.IPv6Address) else None
    return (mapped or own).is_global


def _private(url: str) -> UnsafePathError:
    return UnsafePathError(
        "an address of a private network, which only the host that the package came from may have",
        where=url,
        hint="download the file and name it by a path",
    )


def _session(trusted: frozenset[tuple[str, int]]) -> Any:
    """Give a session whose connections to private addresses break before anything is asked."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        def _new_conn(self) -> Any:
            return _checked(super()._new_conn(), self.host, self.port, trusted)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> Any:
            return _checked(super()._new_conn(), self.host, self.port, trusted)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    adapter = HTTPAdapter()
    adapter.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    session = requests.Session()
    session.headers.update(HEADERS)
    # Nobody's password from ~/.netrc for an address that a package chose.
    session.auth = lambda request: request
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _checked(connected: Any, host: str, port: int, trusted: frozenset[tuple[str, int]]) -> Any:
    if (host.strip("[]").lower(), port) not in trusted and not _is_public(connected.getpeername()[0]):
        connected.close()
        raise _private(f"{host}:{port}")
    return connected
