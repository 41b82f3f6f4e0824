"""The folder that a portal is written to, and the manifest of what the portal wrote there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from luminaldb.atomic_write import TargetExistsError, replace_directory
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import read_input_text

MANIFEST_FILE = "portal.txt"
_HEAD = "A portal of luminaldb, built from its tables. Open index.html. --force replaces these files and no others:"
_MAX_SHOWN = 3


@contextmanager
def replace_portal(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield a folder to write a portal to; on success it replaces the target.

    Only an empty folder is replaced, or a portal in which every file is as the manifest `portal.txt` lists it.

    Raises:
        TargetExistsError: a portal is there, and force is false.
        LuminaldbError: the target is a file or holds files of others, or it can't be written.
    """
    with replace_directory(target, force=True, may_replace=lambda folder: _refuse(folder, force=force)) as folder:
        yield folder
        (folder / MANIFEST_FILE).write_text(_manifest(folder), encoding="utf-8", newline="\n")


def _refuse(target: Path, *, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise LuminaldbError(f"{target}: is a file; choose another name")
    if not target.is_dir() or not any(target.iterdir()):
        return
    if not (target / MANIFEST_FILE).is_file():
        raise LuminaldbError(f"{target}: holds files that are no portal; choose an empty or new folder")
    if not force:
        raise TargetExistsError(f"{target}: holds a portal; choose another folder, or replace it with --force")
    manifest = _read_manifest(target / MANIFEST_FILE)
    if not manifest:
        hint = "move what you need, delete the folder, and build again"
        raise LuminaldbError(f"{target}: holds a portal whose manifest doesn't list its files; {hint}")
    other_files = [
        name for name in _files(target) if name != MANIFEST_FILE and manifest.get(name) != _sha256(target / name)
    ]
    # A folder without files is somebody's, too: a portal has none.
    other_files += [f"{name}/" for name in _empty_folders(target)]
    if other_files:
        more_text = f" and {len(other_files) - _MAX_SHOWN} more" if len(other_files) > _MAX_SHOWN else ""
        raise LuminaldbError(
            f"{target}: holds what the portal didn't write, or what was changed since: "
            f"{', '.join(other_files[:_MAX_SHOWN])}{more_text}; move it, or choose another folder"
        )


def _manifest(folder: Path) -> str:
    lines = [f"{_sha256(folder / name)}  {name}" for name in _files(folder) if name != MANIFEST_FILE]
    return "\n".join([_HEAD, *lines]) + "\n"


def _read_manifest(file: Path) -> dict[str, str]:
    pairs = (line.partition("  ") for line in read_input_text(file).splitlines()[1:])
    return {name: digest for digest, _, name in pairs if name}


def _files(folder: Path) -> list[str]:
    """List everything below a folder but folders; a link counts as a file, wherever it leads."""
    paths = (p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())
    return sorted(p.relative_to(folder).as_posix() for p in paths)


def _empty_folders(folder: Path) -> list[str]:
    empty = (p for p in folder.rglob("*") if p.is_dir() and not p.is_symlink() and not any(p.iterdir()))
    return sorted(p.relative_to(folder).as_posix() for p in empty)


def _sha256(file: Path) -> str:
    if file.is_symlink() or not file.is_file():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()
