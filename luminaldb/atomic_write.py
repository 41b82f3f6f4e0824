"""Write beside the target and move into place: a failure leaves nothing half made."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import LuminaldbError

_INNER = "whole"


class TargetExistsError(LuminaldbError):
    """A file to be written is there already."""


@contextmanager
def staged(target: Path, *, folder: bool, force: bool) -> Iterator[Path]:
    """Give a place to write to; on success move what was written to the target.

    Args:
        target: the file, or the folder that files go into.
        folder: whether the target is a folder. Files of other names in it are left alone.
        force: whether files that exist may be overwritten.

    Raises:
        TargetExistsError: a file to be written exists, and force is false.
        LuminaldbError: the target can't be written.
    """
    if target.exists() and target.is_dir() != folder:
        kind = "a folder" if target.is_dir() else "a file"
        raise LuminaldbError(f"{target}: is {kind}; choose another name")
    if target.exists() and not folder and not force:
        raise TargetExistsError(f"{target}: exists; choose another name, or overwrite it with --force")
    with _room(target) as room:
        yield room if folder else room / target.name
        written = sorted(p for p in room.rglob("*") if p.is_file())
        if folder:
            _refuse_existing(room, written, target, force=force)
        for file in written:
            place = target / file.relative_to(room) if folder else target
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, place)  # noqa: PTH105 - one atomic call per file


def _refuse_existing(room: Path, written: list[Path], target: Path, *, force: bool) -> None:
    there = [target / f.relative_to(room) for f in written]
    if not force and (taken := [p for p in there if p.exists()]):
        raise TargetExistsError(
            f"{taken[0]}: exists; choose another name, or overwrite with --force ({len(taken)} files)"
        )


@contextmanager
def staged_whole(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill; on success it becomes the target, so the target is whole or as it was before.

    Args:
        target: the folder.
        replace: whether what the folder holds is to go, all of it.

    Raises:
        TargetExistsError: the target exists and isn't an empty folder, and isn't to be replaced.
        LuminaldbError: the target can't be written.
    """
    if not replace and target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise TargetExistsError(f"{target}: exists; choose another folder, or remove it first")
    with _room(target) as room:
        yield room
        old = room.with_name("old")
        if replace and target.exists():
            target.rename(old)
        try:
            os.replace(room, target)  # noqa: PTH105 - takes the place of an empty folder too, in one call
        except OSError:
            if old.exists():
                old.rename(target)
            raise


@contextmanager
def _room(target: Path) -> Iterator[Path]:
    """Give an empty folder beside a target; what a killed process left there is swept away by the next."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        place = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    except OSError as error:
        raise LuminaldbError(f"{target}: can't be written ({error.strerror})") from None
    try:
        with _held(place):
            room = place / _INNER
            room.mkdir()
            yield room
    except OSError as error:
        raise LuminaldbError(f"{target}: can't be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _prefix(target: Path) -> str:
    return f".{target.name}.unfinished-"


@contextmanager
def _held(room: Path) -> Iterator[None]:
    """Hold a lock that the system drops when the process dies, so that others can tell a living writer."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (room / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(target: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    for room in target.parent.glob(f"{_prefix(target)}*"):
        try:
            with (room / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The lock goes last: what can't be swept now is swept by the next.
                shutil.rmtree(room / _INNER, ignore_errors=True)
                if not (room / _INNER).exists():
                    shutil.rmtree(room, ignore_errors=True)
        except OSError:
            continue
