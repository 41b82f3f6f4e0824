"""A folder that appears whole: written beside its place, and swapped in when it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from luminaldb.atomic_write import TargetExistsError, staged_whole
from luminaldb.errors import LuminaldbError

MARK = "portal.txt"


@contextmanager
def whole_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """Give a folder to write to; on success it becomes the target, and what the target held is gone.

    Only a portal is ever replaced: its file `portal.txt` says that it is one.

    Raises:
        TargetExistsError: a portal stands there, and force is false.
        LuminaldbError: the target is a file or holds anything else, or it can't be written.
    """
    if target.exists() and not target.is_dir():
        raise LuminaldbError(f"{target}: is a file; choose another name")
    if target.is_dir() and any(target.iterdir()):
        if not (target / MARK).is_file():
            raise LuminaldbError(f"{target}: holds files that are no portal; choose an empty or new folder")
        if not force:
            raise TargetExistsError(f"{target}: holds a portal; choose another folder, or replace it with --force")
    with staged_whole(target, replace=True) as made:
        yield made
        (made / MARK).write_text("A portal of luminaldb, built from its tables. Open index.html.\n", encoding="utf-8")
