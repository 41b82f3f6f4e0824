"""Write to a temporary directory next to the target and move the result there: a failure changes nothing.

The directory is in the folder of the target, so that moving it there is one atomic call. A temporary directory holds a
lock that the system releases when the process dies; the next write to the same folder puts back what a dead process had
moved aside, finishes what it had begun to move, and removes its directory. An interruption waits until the files are
moved and the directory is removed. The standard library's `os.replace` does the rest: no library brings both files and
directories.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import LuminaldbError
from .interrupts import Interrupts, defer_interrupts
from .unfinished_writes import (
    BACKUPS_FOLDER,
    CONTENT_FOLDER,
    LOCK_FILE,
    MOVES_FILE,
    NAME_FILE,
    PREVIOUS_FOLDER,
    UNFINISHED_INFIX,
    inode_of,
    recover,
)
from .write_failures import explain_write_failure, is_loop_of_links

if TYPE_CHECKING:
    from filelock import FileLock

# A file name has 255 bytes; a letter has up to four.
_PREFIX_LETTERS = 40


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
        LuminaldbError: the target is a folder, a pipe or a device, or can't be written.
    """
    with explain_write_failure(target):
        if target.is_dir():
            raise LuminaldbError("is a folder", subject=str(target), hint="choose another name")
        if target.exists() and not target.is_file():
            raise LuminaldbError("is a pipe or a device", subject=str(target), hint="choose another name")
        if target.exists() and not force:
            # A process that was killed after its last write left its temporary directory; nobody may write here again.
            recover(target.parent)
            raise TargetExistsError(
                "exists", subject=str(target), hint="choose another name, or overwrite it with --force"
            )
        with _prepare_write(target) as (content, interrupts):
            file = content / target.name
            with interrupts.allowed():
                yield file
            if not file.exists():
                return
            if force:
                os.replace(file, target)  # noqa: PTH105 - atomic, on Windows too
            else:
                _move_to_new(file, target)


def _move_to_new(file: Path, target: Path) -> None:
    """Move a file where none is; another process may have written one since it was looked for."""
    try:
        os.link(file, target)
    except FileExistsError:
        raise TargetExistsError(
            "exists", subject=str(target), hint="choose another name, or overwrite it with --force"
        ) from None
    except OSError:  # a file system without hard links
        os.replace(file, target)  # noqa: PTH105


@contextmanager
def replace_files(targets: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield a path for each of several files; on success all of them become the targets, or none.

    Args:
        targets: files on one file system, which are overwritten.

    Raises:
        LuminaldbError: a file can't be written.
    """
    if not targets:
        yield []
        return
    with explain_write_failure(targets[0]), _prepare_write(targets[0]) as (content, interrupts):
        temporary_files = [content / str(n) for n in range(len(targets))]
        with interrupts.allowed():
            yield temporary_files
        _move_all(dict(zip(temporary_files, targets, strict=True)), content.parent)


@contextmanager
def add_files(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield a directory to fill; on success its files are moved into the target, all or none.

    Args:
        target: the folder; created if needed. Files of other names in it stay.
        force: whether files that exist may be overwritten.

    Raises:
        TargetExistsError: a file to be written exists, and force is false; nothing is written then.
        LuminaldbError: the target is a file, or can't be written.
    """
    with explain_write_failure(target):
        if target.exists() and not target.is_dir():
            raise LuminaldbError("is a file", subject=str(target), hint="choose another name")
        with _prepare_write(target) as (content, interrupts):
            with interrupts.allowed():
                yield content
            moves = {f: target / f.relative_to(content) for f in sorted(content.rglob("*")) if f.is_file()}
            if not force and (existing := [path for path in moves.values() if path.exists()]):
                raise TargetExistsError(
                    f"{existing[0]}: exists; choose another name, or overwrite with --force ({len(existing)} files)"
                )
            with _new_folders([path.parent for path in moves.values()]):
                _move_all(moves, content.parent)


@contextmanager
def replace_directory(
    target: Path, *, force: bool = False, may_replace: Callable[[Path], None] = lambda _: None
) -> Iterator[Path]:
    """Yield a directory to fill; on success it becomes the target, with nothing of what the target held.

    Args:
        target: the folder.
        force: whether a folder that holds files may be replaced.
        may_replace: raises where a folder must not be replaced; called before the work, and again after it.

    Raises:
        TargetExistsError: the target exists and isn't an empty folder, and force is false.
        LuminaldbError: the target is a link, or can't be written.
    """
    if target.is_symlink() and not is_loop_of_links(target):
        raise LuminaldbError("is a link", subject=str(target), hint="name the folder that it leads to")
    with explain_write_failure(target), _prepare_write(target) as (content, interrupts):
        if not force and target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise TargetExistsError("exists", subject=str(target), hint="choose another folder, or remove it first")
        may_replace(target)
        with interrupts.allowed():
            yield content
        may_replace(target)
        previous = content.with_name(PREVIOUS_FOLDER)
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
    """Yield an empty directory next to a target, and remove it afterwards.

    First, unfinished writes of killed processes in the same folder are finished or undone; see `recover`.

    Args:
        target: the file or folder to be written; its parent is created if needed.

    Raises:
        OSError: the parent can't be written.
    """
    with _prepare_write(target) as (content, interrupts), interrupts.allowed():
        yield content


@contextmanager
def _prepare_write(target: Path) -> Iterator[tuple[Path, Interrupts]]:
    """Yield an empty directory next to a target, and the interrupts, which wait unless they are allowed."""
    with defer_interrupts(__file__) as interrupts, _new_folders([target.parent]):
        recover(target.parent)
        with _locked_directory(target) as directory:
            (directory / NAME_FILE).write_text(target.name, encoding="utf-8", errors="surrogateescape")
            content = directory / CONTENT_FOLDER
            content.mkdir()
            yield content, interrupts


def _move_all(moves: Mapping[Path, Path], directory: Path) -> None:
    """Move files to their targets; where one fails, put back what the others replaced."""
    content, backups = directory / CONTENT_FOLDER, directory / BACKUPS_FOLDER
    backups.mkdir()
    moved: list[tuple[int, Path]] = []
    for number, target in enumerate(moves.values()):
        if target.exists():
            _link_or_copy(target, backups / str(number))
    files = [(str(f.relative_to(content)), str(target.absolute()), inode_of(f)) for f, target in moves.items()]
    journal = content / MOVES_FILE
    journal.write_text(json.dumps({"directory": inode_of(directory), "files": files}), encoding="utf-8")
    os.replace(journal, directory / MOVES_FILE)  # noqa: PTH105
    try:
        for number, (source, target) in enumerate(moves.items()):
            os.replace(source, target)  # noqa: PTH105
            moved.append((number, target))
    except OSError:
        (directory / MOVES_FILE).unlink()
        for number, target in moved:
            if (backups / str(number)).exists():
                os.replace(backups / str(number), target)  # noqa: PTH105
            else:
                target.unlink()
        raise
    (directory / MOVES_FILE).unlink()


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@contextmanager
def _new_folders(folders: Sequence[Path]) -> Iterator[None]:
    """Create folders, and remove those that are still empty where the work fails."""
    new: list[Path] = []
    for folder in dict.fromkeys(folders):
        new += [f for f in (folder, *folder.parents) if f not in new and not f.exists()]
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for folder in sorted(new, key=lambda f: -len(f.parts)):
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def _locked_directory(target: Path) -> Iterator[Path]:
    """Yield a new directory beside a target with a lock in it, and remove both afterwards."""
    from filelock import FileLock

    while True:
        # Named before it exists: from its first moment on, an interruption removes it.
        directory = target.parent / f".{target.name[:_PREFIX_LETTERS]}{UNFINISHED_INFIX}{secrets.token_hex(8)}"
        lock = FileLock(directory / LOCK_FILE)
        try:
            directory.mkdir(mode=0o700)
            if _acquire(lock):
                yield directory
                return
        finally:
            lock.release()
            shutil.rmtree(directory, ignore_errors=True)


def _acquire(lock: FileLock) -> bool:
    """Lock a new directory; another process that looks for left-over ones may have removed it before."""
    try:
        lock.acquire()
    except FileNotFoundError:
        return False
    return Path(lock.lock_file).exists()
