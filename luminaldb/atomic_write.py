"""Write to a temporary place beside the target and move it there: a failure changes nothing.

The place is in the target's own folder, so that moving it there is one atomic call. A temporary directory holds a lock
that the system releases when the process dies; the next write to the same target removes the directories of dead
processes. The standard library's `tempfile` and `os.replace` do the rest: no library brings both files and directories.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import LuminaldbError

_CONTENT = "content"
_PREVIOUS = "previous"
_LOCK = "lock"


class TargetExistsError(LuminaldbError):
    """A file to be written is there already."""


@contextmanager
def replace_file(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield a path to write a file to; on success it becomes the target.

    Args:
        target: the file.
        force: whether it may be overwritten where it exists.

    Raises:
        TargetExistsError: the file exists, and force is false.
        LuminaldbError: the target is a folder, or can't be written.
    """
    if target.is_dir():
        raise LuminaldbError("is a folder", where=str(target), hint="choose another name")
    if target.exists() and not force:
        raise TargetExistsError("exists", where=str(target), hint="choose another name, or overwrite it with --force")
    with _explain_failure(target), temporary_directory(target) as content:
        yield content / target.name
        if (content / target.name).exists():
            os.replace(content / target.name, target)  # noqa: PTH105 - atomic, on Windows too


@contextmanager
def add_files(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield a directory to fill; on success its files are moved into the target, one by one.

    Args:
        target: the folder; created if needed. Files of other names in it stay.
        force: whether files that exist may be overwritten.

    Raises:
        TargetExistsError: a file to be written exists, and force is false; nothing is written then.
        LuminaldbError: the target is a file, or can't be written.
    """
    if target.exists() and not target.is_dir():
        raise LuminaldbError("is a file", where=str(target), hint="choose another name")
    with _explain_failure(target), temporary_directory(target) as content:
        yield content
        moves = {f: target / f.relative_to(content) for f in sorted(content.rglob("*")) if f.is_file()}
        if not force and (existing := [place for place in moves.values() if place.exists()]):
            raise TargetExistsError(
                f"{existing[0]}: exists; choose another name, or overwrite with --force ({len(existing)} files)"
            )
        for file, place in moves.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, place)  # noqa: PTH105


@contextmanager
def replace_directory(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a directory to fill; on success it becomes the target, with nothing of what the target held.

    Args:
        target: the folder.
        force: whether a folder that holds files may be replaced.

    Raises:
        TargetExistsError: the target exists and isn't an empty folder, and force is false.
        LuminaldbError: the target can't be written.
    """
    if not force and target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise TargetExistsError("exists", where=str(target), hint="choose another folder, or remove it first")
    with _explain_failure(target), temporary_directory(target) as content:
        yield content
        previous = content.with_name(_PREVIOUS)
        # Windows replaces no folder by another, not even an empty one.
        if target.exists() and force:
            target.rename(previous)
        elif target.exists():
            target.rmdir()  # fails where another process has filled it in the meantime
        try:
            content.rename(target)
        except OSError:
            if previous.exists():
                previous.rename(target)
            raise


@contextmanager
def temporary_directory(target: Path) -> Iterator[Path]:
    """Yield an empty directory beside a target, and remove it afterwards.

    Directories that killed processes left for the same target are removed first.

    Args:
        target: the file or folder to be written; its parent is created if needed.

    Raises:
        OSError: the parent can't be written.
    """
    from filelock import FileLock

    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target)
    place = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    try:
        with FileLock(place / _LOCK):
            content = place / _CONTENT
            content.mkdir()
            yield content
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.unfinished-"


@contextmanager
def _explain_failure(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LuminaldbError(f"{target}: can't be written ({error.strerror or error})") from None


def _remove_abandoned(target: Path) -> None:
    """Remove the temporary directories whose lock nobody holds; what can't be removed is left to the next write."""
    from filelock import FileLock, Timeout

    for place in target.parent.glob(f"{_prefix(target)}*"):
        if not (place / _LOCK).exists():
            continue
        with suppress(OSError, Timeout), FileLock(place / _LOCK, timeout=0):
            if (place / _PREVIOUS).exists() and not target.exists():
                (place / _PREVIOUS).rename(target)
            shutil.rmtree(place / _CONTENT, ignore_errors=True)
            # The lock goes last, so that what is left is found again.
            if not (place / _CONTENT).exists():
                shutil.rmtree(place, ignore_errors=True)
