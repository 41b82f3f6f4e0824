"""Read files that a user names: ordinary files only, up to a limit, and each failure explained in one line.

A path may be too long, forbidden, a loop of links, a pipe that nobody writes to, or a device without end. Every module
that opens input asks here, so that none of them hangs, fills the memory or shows a traceback.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from .errors import LuminaldbError

MAX_INPUT_BYTES = 4 * 1024**3
_BLOCK_BYTES = 1024**2
# A pipe that nobody writes to must not keep the caller waiting; Windows has neither flag nor such pipes.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_MISSING_ERRNOS = (errno.ENOENT, errno.ENOTDIR)
_MAX_PATH_SHOWN = 200


def parse_path(path: str | Path) -> Path:
    """Return what a caller names as a path.

    Raises:
        LuminaldbError: it is an empty string, which pathlib takes for the folder that the process is in.
    """
    if path == "":
        raise LuminaldbError("the path is empty", hint="name a file or folder")
    return Path(path)


def input_status(path: str | Path) -> os.stat_result | None:
    """Return the status of what a path names; None where there is nothing.

    Raises:
        LuminaldbError: the path can't be looked at: too long, a loop of links, no permission.
    """
    try:
        return Path(path).stat()
    except OSError as error:
        if error.errno in _MISSING_ERRNOS:
            return None
        raise _failure(path, error) from None
    except ValueError:
        raise LuminaldbError("not a path", subject=_shorten(path), hint="name a file or folder") from None


def is_file(path: str | Path) -> bool:
    """Return whether a path names an ordinary file; see `input_status`."""
    status = input_status(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def is_folder(path: str | Path) -> bool:
    """Return whether a path names a folder; see `input_status`."""
    status = input_status(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def require_file(path: str | Path) -> os.stat_result:
    """Return the status of an ordinary file.

    Raises:
        LuminaldbError: nothing is there, or a folder, a pipe or a device.
    """
    status = input_status(path)
    if status is None:
        raise LuminaldbError("no such file", subject=_shorten(path))
    if stat.S_ISDIR(status.st_mode):
        raise LuminaldbError("is a folder", subject=_shorten(path), hint="name a file")
    if not stat.S_ISREG(status.st_mode):
        raise LuminaldbError("is a pipe or a device", subject=_shorten(path), hint="name an ordinary file")
    return status


def read_input(path: str | Path, *, limit: int = MAX_INPUT_BYTES) -> bytes:
    """Return the bytes of an ordinary file.

    Args:
        path: of the file.
        limit: bytes that it may have.

    Raises:
        LuminaldbError: there is no such file, it is no ordinary one, is larger than the limit, or can't be read.
    """
    size = require_file(path).st_size
    blocks: list[bytes] = []
    if size <= limit:
        size = 0
        try:
            with open(os.open(path, _FLAGS), "rb", buffering=0) as stream:  # noqa: PTH123 - Path.open takes no flags
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise LuminaldbError("is a pipe or a device", subject=_shorten(path), hint="name an ordinary file")
                # A file may grow while it is read.
                while size <= limit and (block := stream.read(_BLOCK_BYTES)):
                    size += len(block)
                    blocks.append(block)
        except OSError as error:
            raise _failure(path, error) from None
    if size > limit:
        raise LuminaldbError(f"has more than {limit:,} bytes", subject=_shorten(path), hint="name another file")
    return b"".join(blocks)


def read_input_text(path: str | Path, *, limit: int = MAX_INPUT_BYTES) -> str:
    """Return the text of an ordinary file in UTF-8; see `read_input`.

    Raises:
        LuminaldbError: see `read_input`; or it isn't UTF-8.
    """
    data = read_input(path, limit=limit)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LuminaldbError(
            f"not UTF-8 (byte {error.start})", subject=_shorten(path), hint="save it as UTF-8"
        ) from None


def _failure(path: str | Path, error: OSError) -> LuminaldbError:
    return LuminaldbError(f"can't be read ({error.strerror or error})", subject=_shorten(path))


def _shorten(path: str | Path) -> str:
    text = str(path)
    return text if len(text) <= _MAX_PATH_SHOWN else f"{text[: _MAX_PATH_SHOWN - 1]}…"
