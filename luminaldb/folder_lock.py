"""Let one process at a time change the files of a folder; the system releases the lock when the process dies."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE_SECONDS = 0.1


@contextmanager
def lock_folder(folder: Path, *, timeout: float | None = None) -> Iterator[None]:
    """Lock a folder while the block runs; nothing is left in the folder.

    Args:
        folder: that exists.
        timeout: seconds to wait for another process; without end if None.

    Raises:
        TimeoutError: another process still holds the lock.
    """
    try:
        import fcntl
    except ImportError:
        with _lock_file(folder, timeout):
            yield
        return
    file_descriptor = os.open(folder, os.O_RDONLY)
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        while True:
            try:
                fcntl.flock(file_descriptor, fcntl.LOCK_EX if deadline is None else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError from None
                time.sleep(_PAUSE_SECONDS)
            except OSError:
                # Some network drives know no locks; each write to the folder is still one atomic move.
                break
            else:
                break
        yield
    finally:
        os.close(file_descriptor)


@contextmanager
def _lock_file(folder: Path, timeout: float | None) -> Iterator[None]:
    """Lock a file that stands for a folder: Windows locks no folder."""
    import hashlib

    from filelock import FileLock, Timeout

    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir()) / f"luminaldb-{name}.lock")
    try:
        lock.acquire(timeout=-1 if timeout is None else timeout)
    except Timeout:
        raise TimeoutError from None
    try:
        yield
    finally:
        lock.release()
