"""Where a package's bytes come from, a folder or a zip, and nowhere outside of it."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Protocol, runtime_checkable

from luminaldb.errors import LuminaldbError, UnsafePathError
from luminaldb.input_files import input_status, is_file, is_folder, read_input, require_file
from luminaldb.urls import is_url

MAX_FILE_BYTES = 4 * 1024**3
MAX_ZIP_RATIO = 500
_RATIO_CHECKED_FROM_BYTES = 64 * 1024**2
_DRIVE = re.compile(r"[A-Za-z]:")
DESCRIPTOR = "datapackage.json"


class Store(Protocol):
    """Reads the files of one package."""

    @property
    def label(self) -> str:
        """The prefix of a file's name in messages."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Raises:
            UnsafePathError: the path points outside the package.
            LuminaldbError: there is no such file, or it is over the size limit.
        """

    def local_path(self, path: str) -> Path | None:
        """Return the file's place on disk, or None where it has none."""


@runtime_checkable
class MeasuringStore(Protocol):
    """A store that knows the size of a file without reading it."""

    def measure(self, path: str, algorithm: str | None) -> tuple[int, str | None]:
        """Return a file's size and hash; None for the hash where the file is too large to be read for it.

        Raises:
            LuminaldbError: there is no such file.
        """


def check_path(path: str) -> str:
    """Return a descriptor's path if it stays inside its package.

    Raises:
        UnsafePathError: the path is a URL, absolute, or climbs with `..`.
    """
    if is_url(path):
        raise UnsafePathError(
            "a URL is read only with --allow-remote", subject=path, hint="add it, or name a file of the package"
        )
    if path.startswith(("/", "\\", "~")) or _DRIVE.match(path):
        raise UnsafePathError(
            "an absolute path is not read", subject=path, hint="name the file relative to its package"
        )
    if "\\" in path or "\0" in path:
        raise UnsafePathError("not a POSIX path", subject=repr(path), hint="separate folders by /")
    if ".." in PurePosixPath(path).parts:
        raise UnsafePathError("leaves the package by '..'", subject=path, hint="keep the file inside the package")
    return path


class FolderStore:
    """A package in a folder; links that point outside it are refused."""

    def __init__(self, root: Path, label: str | None = None) -> None:
        self._root = root
        self.label = str(root) if label is None else label

    def local_path(self, path: str) -> Path:
        """Return the file's place on disk, inside the folder.

        Raises:
            UnsafePathError: the path, or a symbolic link on it, points outside the folder.
        """
        target = self._root / check_path(path)
        try:
            is_inside = target.resolve().is_relative_to(self._root.resolve())
        except (OSError, RuntimeError) as error:  # pathlib raises RuntimeError for a loop of links
            raise LuminaldbError("can't be read (a loop of links, or a path too long)", subject=path) from error
        if not is_inside:
            raise UnsafePathError("a link that leaves the package", subject=path, hint="copy the file into it")
        return target

    def read(self, path: str) -> bytes:
        """Return a file's bytes; see Store.read."""
        file = f"{self.label}/{path}"
        try:
            return read_input(self.local_path(path), limit=MAX_FILE_BYTES)
        except UnsafePathError:
            raise
        except LuminaldbError as error:
            reason = error.issue.message
        if reason == "no such file":
            raise LuminaldbError(reason, subject=file, hint="add it or fix the path")
        raise LuminaldbError(reason if reason.startswith("can't") else f"can't be read ({reason})", subject=file)


class ZipStore:
    """A package in a zip file, read in memory; nothing is unpacked to disk."""

    def __init__(self, file: Path, label: str | None = None) -> None:
        self._file = file
        self.label = str(file) if label is None else label
        require_file(file)
        try:
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise LuminaldbError(f"not a readable zip file ({error})", subject=self.label) from None
        for name in names:
            check_path(name)
        roots = sorted((n for n in names if PurePosixPath(n).name == DESCRIPTOR), key=lambda n: n.count("/"))
        if not roots:
            raise LuminaldbError(f"holds no {DESCRIPTOR}", subject=self.label, hint="zip the folder of a data package")
        self._prefix = roots[0].removesuffix(DESCRIPTOR)

    def local_path(self, path: str) -> None:
        """Return None: an entry of a zip has no place on disk."""
        check_path(path)

    def read(self, path: str) -> bytes:
        """Return an entry's bytes; see Store.read."""
        name = self._prefix + check_path(path)
        with self._open_zip() as archive:
            try:
                entry = archive.getinfo(name)
            except KeyError:
                raise LuminaldbError(
                    "no such entry", subject=f"{self.label}/{name}", hint="add it or fix the path"
                ) from None
            is_suspicious = entry.file_size > max(_RATIO_CHECKED_FROM_BYTES, MAX_ZIP_RATIO * entry.compress_size)
            if is_suspicious or entry.file_size > MAX_FILE_BYTES:
                raise LuminaldbError(
                    f"unpacks to {entry.file_size:,} bytes, which is too large",
                    subject=f"{self.label}/{name}",
                    hint="store it uncompressed",
                )
            try:
                with archive.open(entry) as stream:
                    data = stream.read(entry.file_size + 1)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error) as error:
                raise LuminaldbError(f"can't be unpacked ({error})", subject=f"{self.label}/{name}") from None
        return data

    def _open_zip(self) -> zipfile.ZipFile:
        """Open the zip again: it may have changed since it was looked at."""
        try:
            return zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise LuminaldbError(f"not a readable zip file ({error})", subject=self.label) from None


def open_store(path: Path) -> tuple[Store, str]:
    """Open a package's folder, its descriptor, or a zip of it.

    Returns:
        The store, and the descriptor's name in it.

    Raises:
        LuminaldbError: nothing that can be a data package is there.
    """
    if is_folder(path):
        if not is_file(path / DESCRIPTOR):
            raise LuminaldbError(
                f"no {DESCRIPTOR} in this folder", subject=str(path), hint="name the folder of a data package"
            )
        return FolderStore(path), DESCRIPTOR
    if input_status(path) is None:
        raise LuminaldbError("no such file or folder", subject=str(path))
    if path.suffix.lower() == ".zip":
        return ZipStore(path), DESCRIPTOR
    if path.suffix.lower() == ".json":
        return FolderStore(path.parent), path.name
    raise LuminaldbError("not a data package", subject=str(path), hint=f"name its folder, its {DESCRIPTOR} or a zip")
