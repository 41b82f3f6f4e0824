"""Wait for files to change: compare their times and sizes once a second.

watchfiles would need no polling, but its watcher starts only with the first wait, so that a file saved during the first
validation would be missed, and it sees no changes made elsewhere on network drives. A folder of CSVs is small to scan.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

Snapshot = dict[str, tuple[int, int]]


def wait_for_changes(
    paths: Sequence[Path], *, ignored_files: Collection[Path] = (), pause: float = 1.0
) -> Iterator[None]:
    """Yield once at the start and again after each change under the paths, without end.

    Args:
        paths: files and folders; hidden folders are skipped. A descriptor means its folder.
        ignored_files: files to ignore, such as a report written there.
        pause: seconds between two scans.
    """
    skipped = {str(path.resolve()) for path in ignored_files}
    while True:
        # Scanned before the work, so that a file saved during it isn't missed.
        snapshot_before = _snapshot(paths, skipped)
        yield
        while _snapshot(paths, skipped) == snapshot_before:
            time.sleep(pause)


def _snapshot(paths: Sequence[Path], skipped: Collection[str]) -> Snapshot:
    result: Snapshot = {}
    for path in paths:
        root = path.parent if path.suffix.lower() == ".json" else path
        for file in _files(root.resolve()):
            if file in skipped:
                continue
            try:
                state = Path(file).stat()
            except OSError:
                continue
            result[file] = (state.st_mtime_ns, state.st_size)
    return result


def _files(root: Path) -> Iterator[str]:
    if not root.is_dir():
        yield str(root)
    for folder, inside, files in os.walk(root):
        inside[:] = [name for name in inside if not name.startswith(".")]
        yield from (os.path.join(folder, name) for name in files)  # noqa: PTH118 - thousands of files each second
