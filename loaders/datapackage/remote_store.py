"""A package whose files, or some of them, are at http(s) addresses."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import quote, urljoin, urlsplit

from luminaldb.errors import LuminaldbError, UnsafePathError, hide_secrets
from luminaldb.input_files import parse_path
from luminaldb.urls import is_url

from .remote import RemoteFiles, check_url
from .store import DESCRIPTOR, Store, ZipStore, check_path, open_store


class RemoteStore:
    """Reads by address what a descriptor names by address, and all else where the package is.

    Attributes:
        base: address of the package's folder; empty where the package itself is on this machine.
    """

    def __init__(
        self, remote_files: RemoteFiles, local_store: Store | None = None, base: str = "", descriptor: str = ""
    ) -> None:
        self._remote_files = remote_files
        self._local_store = local_store
        self.base = base
        self._descriptor = descriptor

    @property
    def label(self) -> str:
        """The prefix of a file's name in messages."""
        return self._local_store.label if self._local_store is not None else hide_secrets(self.base.rstrip("/"))

    def local_path(self, path: str) -> Path | None:
        """Return the file's place on disk, fetching it first where it is elsewhere.

        Raises:
            UnsafePathError: the path points outside the package, or to an address that must not be requested.
            LuminaldbError: it can't be fetched.
        """
        if is_url(path):
            return self._remote_files.fetch(path)[0]
        if self._local_store is not None:
            return self._local_store.local_path(path)
        url = self._descriptor if path == _name(self._descriptor) else urljoin(self.base, quote(check_path(path)))
        return self._remote_files.fetch(url)[0]

    def read(self, path: str) -> bytes:
        """Return a file's bytes; see Store.read."""
        if self._local_store is not None and not is_url(path):
            return self._local_store.read(path)
        file = self.local_path(path)
        if file is None:
            raise LuminaldbError("can't be read", subject=path)
        return file.read_bytes()


def open_local_or_remote(source: str | Path, *, allow_remote: bool) -> tuple[Store, str]:
    """Open a package's folder, its descriptor, or a zip of it, of which some files or all are at an address.

    Returns:
        The store, and the descriptor's name in it.

    Raises:
        LuminaldbError: nothing that can be a data package is there, or it is elsewhere and that isn't allowed.
    """
    text = str(source)
    if not is_url(text):
        store, name = open_store(parse_path(source))
        return (RemoteStore(RemoteFiles(), store) if allow_remote else store), name
    if not allow_remote:
        raise UnsafePathError(
            "a URL is read only with --allow-remote", subject=text, hint="add it, or download the package"
        )
    suffix = PurePosixPath(urlsplit(check_url(text)).path).suffix.lower()
    url = text if suffix in (".json", ".zip") else f"{text.rstrip('/')}/{DESCRIPTOR}"
    remote_files = RemoteFiles(url)
    file, final_url = remote_files.fetch(url)
    if suffix == ".zip":
        return RemoteStore(remote_files, ZipStore(file, hide_secrets(url))), DESCRIPTOR
    return RemoteStore(remote_files, None, urljoin(final_url, "."), url), _name(url)


def _name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name
