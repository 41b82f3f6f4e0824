"""Say in one line why a file or folder can't be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import LuminaldbError
from .unfinished_writes import UNFINISHED_INFIX
from .urls import restore_url


def _file_above(target: Path) -> Path | None:
    """Return what is above a target and no folder, such as `/dev/null` for `/dev/null/x`."""
    return next((p for p in target.parents if os.path.lexists(p) and not p.is_dir()), None)


def is_loop_of_links(link: Path) -> bool:
    """Return whether following a symbolic link never ends."""
    try:
        link.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


@contextmanager
def explain_write_failure(target: Path) -> Iterator[None]:
    """Turn the failure of a write into one line that names the path and the reason.

    Raises:
        LuminaldbError: the target is a URL or a loop of links, or the system can't write it.
    """
    if url := restore_url(str(target)):
        raise LuminaldbError("is an address, to which nothing is written", subject=url, hint="name a path")
    for path in (target, *target.parents):
        if path.is_symlink() and is_loop_of_links(path):
            raise LuminaldbError("is a loop of links", subject=str(path), hint="remove it, or choose another name")
    try:
        yield
    except OSError as error:
        # Where several files are written, the one that failed.
        failed_path = next(
            (n for n in (error.filename2, error.filename) if n and UNFINISHED_INFIX not in str(n)), target
        )
        if error.errno in (errno.EEXIST, errno.ENOTDIR) and (file_above := _file_above(target)):
            raise LuminaldbError("is not a folder", subject=str(file_above), hint="choose another place") from None
        raise LuminaldbError(f"{failed_path}: can't be written ({error.strerror or error})") from None
