"""The folder that a portal is written to, and the file that marks it as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from luminaldb.atomic_write import TargetExistsError, replace_directory
from luminaldb.errors import LuminaldbError

MARK = "portal.txt"


@contextmanager
def replace_portal(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield a folder to write a portal to; on success it replaces the target.

    Only an empty folder or a portal, which the file `portal.txt` marks, is replaced.

    Raises:
        TargetExistsError: a portal is there, and force is false.
        LuminaldbError: the target is a file or holds other files, or it can't be written.
    """
    if target.exists() and not target.is_dir():
        raise LuminaldbError(f"{target}: is a file; choose another name")
    if target.is_dir() and any(target.iterdir()):
        if not (target / MARK).is_file():
            raise LuminaldbError(f"{target}: holds files that are no portal; choose an empty or new folder")
        if not force:
            raise TargetExistsError(f"{target}: holds a portal; choose another folder, or replace it with --force")
    with replace_directory(target, force=True) as folder:
        yield folder
        (folder / MARK).write_text("A portal of luminaldb, built from its tables. Open index.html.\n", encoding="utf-8")
