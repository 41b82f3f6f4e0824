"""Replace files of packages that a command has read: all of them or none, one process at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from luminaldb.atomic_write import replace_files
from luminaldb.errors import LuminaldbError
from luminaldb.folder_lock import lock_folder
from luminaldb.input_files import read_input
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.store import DESCRIPTOR
from luminaldb.unfinished_writes import recover


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file to be replaced.

    Attributes:
        path: of the file; a link stays a link, and the file that it leads to is replaced.
        before: its bytes when they were read.
        after: its new bytes.
    """

    path: Path
    before: bytes
    after: bytes


def write_changes(changes: Sequence[FileChange], folders: Collection[Path]) -> None:
    """Write files beside the old ones and, once all are there, move them into place; their permissions stay.

    Args:
        changes: what to write.
        folders: of the packages, which are locked while files change.

    Raises:
        LuminaldbError: a file was changed by somebody else since it was read, or it can't be written; nothing was.
    """
    targets = {change.path.resolve(): change for change in changes}
    with ExitStack() as stack:
        # In one order everywhere, so that no two processes wait for each other.
        for folder in sorted({folder.resolve() for folder in folders}) if targets else ():
            stack.enter_context(lock_folder(folder))
        for target, change in targets.items():
            if read_input(target) != change.before:
                message = f"{change.path}: changed in the meantime; nothing was written, run the command again"
                raise LuminaldbError(message)
        # A move from one file system to another is no atomic call.
        for _, group in groupby(sorted(targets, key=_device), key=_device):
            _replace(list(group), targets)


def _device(file: Path) -> int:
    return file.stat().st_dev


def _replace(group: Sequence[Path], changes: dict[Path, FileChange]) -> None:
    with replace_files(group) as temporary:
        for new, target in zip(temporary, group, strict=True):
            new.write_bytes(changes[target].after)
            new.chmod(target.stat().st_mode & 0o777)


def package_folders(packages: Iterable[Package]) -> list[Path]:
    """Return the folders of packages; one in a zip has none."""
    descriptors = (package.store.local_path(DESCRIPTOR) for package in packages)
    return [descriptor.parent for descriptor in descriptors if descriptor is not None]


def finish_killed_writes(packages: Iterable[Package], folders: Iterable[Path] = ()) -> None:
    """Finish, before anything is read, what a process was writing when it was killed.

    Its temporary directory is beside one of the files, which may be in a folder below the package's.

    Args:
        packages: whose files may have been written.
        folders: others to look in.
    """
    for folder in folders:
        recover(folder)
    for package in packages:
        files = (package.store.local_path(DESCRIPTOR), *package.local_files())
        for folder in {file.resolve().parent for file in files if file is not None}:
            recover(folder)
