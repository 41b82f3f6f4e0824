"""Notice files that change while they are validated: a report on them would be of neither state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import input_status
from luminaldb.loaders.datapackage.package import Package

FileState = tuple[int, int]


@contextmanager
def refuse_changes(packages: Iterable[Package]) -> Iterator[None]:
    """Compare size and time of the packages' files before and after.

    Raises:
        LuminaldbError: a file has changed.
    """
    states_before = {file: _state(file) for package in packages for file in package.local_files()}
    try:
        yield
    except Exception:
        # What a reader stumbles over may be no more than half a file.
        _require_same(states_before)
        raise
    _require_same(states_before)


def _state(file: Path) -> FileState | None:
    try:
        status = input_status(file)
    except LuminaldbError:
        return None
    return None if status is None else (status.st_size, status.st_mtime_ns)


def _require_same(states_before: Mapping[Path, FileState | None]) -> None:
    for file, state in states_before.items():
        if _state(file) != state:
            hint = "try again when no other program writes to it"
            raise LuminaldbError("changed while it was read", subject=str(file), hint=hint)
