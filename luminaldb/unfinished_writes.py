"""Temporary directories of writes that were killed: find them, finish or undo what they had begun, remove them.

A temporary directory holds a lock that the system releases when the process dies.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path

CONTENT_FOLDER = "content"
PREVIOUS_FOLDER = "previous"
LOCK_FILE = "lock"
NAME_FILE = "name"
BACKUPS_FOLDER = "backups"
MOVES_FILE = "moves.json"
UNFINISHED_INFIX = ".unfinished-"
_ENTRIES = {CONTENT_FOLDER, PREVIOUS_FOLDER, LOCK_FILE, NAME_FILE, BACKUPS_FOLDER, MOVES_FILE}


def unfinished_writes(folder: Path) -> list[Path]:
    """Return the temporary directories in a folder that no process writes to any more; nothing is changed."""
    directories = sorted(_directories(folder))
    if not directories:
        return []
    from filelock import FileLock, Timeout

    unfinished = []
    for directory in directories:
        with suppress(OSError, Timeout):
            if (directory / LOCK_FILE).exists():
                with FileLock(directory / LOCK_FILE, timeout=0):
                    pass
            unfinished.append(directory)
    return unfinished


def _directories(folder: Path) -> list[Path]:
    """Return what looks like temporary directories of this module; others may have such names, too."""
    directories = []
    with suppress(OSError):
        for directory in folder.glob(f".*{UNFINISHED_INFIX}*"):
            with suppress(OSError):
                if not directory.is_symlink() and {p.name for p in directory.iterdir()} <= _ENTRIES:
                    directories.append(directory)
    return directories


def recover(folder: Path) -> None:
    """Finish or undo the writes of killed processes in a folder, and remove their temporary directories.

    What can't be removed is left to the next write.
    """
    from filelock import FileLock, Timeout

    for directory in _directories(folder):
        with suppress(OSError, Timeout), FileLock(directory / LOCK_FILE, timeout=0):
            if not _finish_moves(directory):
                continue
            _restore_previous(directory, folder)
            shutil.rmtree(directory / CONTENT_FOLDER, ignore_errors=True)
            # The rest goes last, so that what is left is found again.
            if not (directory / CONTENT_FOLDER).exists():
                shutil.rmtree(directory, ignore_errors=True)


def _finish_moves(directory: Path) -> bool:
    """Finish what a process was moving when it died: all files were complete then.

    A folder that came from elsewhere (a clone, an archive) may hold a list of moves that would overwrite any file of
    the user. Only a list that names the inodes of its directory and files was written here; nobody else knows them.

    Returns:
        Whether nothing is left to move; false where the list isn't of this place.
    """
    if not (directory / MOVES_FILE).exists():
        return True
    try:
        journal = json.loads((directory / MOVES_FILE).read_text(encoding="utf-8"))
        moves = [(directory / CONTENT_FOLDER / source, target, inode) for source, target, inode in journal["files"]]
        is_own_journal = journal["directory"] == inode_of(directory)
    except (KeyError, TypeError, ValueError):
        return False
    unfinished_moves = [(source, target, inode) for source, target, inode in moves if os.path.lexists(source)]
    if not is_own_journal or any(inode != inode_of(source) for source, _, inode in unfinished_moves):
        return False
    for source, target, _ in unfinished_moves:
        os.replace(source, target)  # noqa: PTH105
    (directory / MOVES_FILE).unlink()
    return True


def inode_of(path: Path) -> int:
    """Return the number by which the file system knows a file or folder, which no copy of it has."""
    return path.lstat().st_ino


def _restore_previous(directory: Path, folder: Path) -> None:
    """Put a folder back that a process had moved aside when it died."""
    if not (directory / PREVIOUS_FOLDER).exists():
        return
    with suppress(FileNotFoundError):
        name = (directory / NAME_FILE).read_text(encoding="utf-8", errors="surrogateescape")
        if Path(name).name == name and not os.path.lexists(folder / name):
            (directory / PREVIOUS_FOLDER).rename(folder / name)
