"""Run writing commands where the disk is full or read-only, and two of them at once: all or nothing, one line.

Run in a checkout, on Linux: `unshare -rm python benchmarks/full_disk.py`. It mounts a small file system of its own,
which only it sees. Each command runs there with space for a part of what it writes: it must end with one line and exit
code 1, and leave every file as it was, or succeed whole. Then the same with a file system that can't be written, and
two processes of the same command at once, of which one may be refused.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from writing_commands import (
    COMMANDS,
    SLOW,
    Command,
    import_everything,
    left_over,
    make_workbook,
    prepare,
    start,
    state,
    wait,
)

_FREE_FRACTIONS = (0.02, 0.2, 0.5, 0.8, 0.98)


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)  # noqa: S607


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def _outcome(command: Command, folder: Path, before: object, finished: object, codes: list[int], error: str) -> str:
    after = state(folder)
    if 99 in codes or "Traceback" in error:
        return f"traceback {error.strip().splitlines()[-1:]}"
    if left_over(folder):
        return "left a temporary folder"
    if after not in (before, finished):
        return "between"
    # An import prints findings before it writes.
    lines = [line for line in error.splitlines() if line.startswith("luminaldb: ")]
    if 0 not in codes and (set(codes) != {1} or len(lines) != 1):
        return f"exit codes {codes} and {len(lines)} lines"
    return "as before, one line" if after == before else "as finished"


def check(command: Command, base: Path) -> Counter[str]:
    """Run one command on a full disk, on a read-only one and twice at once; count the outcomes."""
    counts: Counter[str] = Counter()
    book, mount, log = base / "book.xlsx", base / "mount", base / "log"
    mount.mkdir(exist_ok=True)
    _mount(mount, "size=400m")
    folder = mount / "work"
    arguments = prepare(command, folder, book)
    before, used_bytes = state(folder), _used_bytes(mount)
    if wait(start(command, arguments, folder=folder)):
        raise SystemExit(f"{command.name} fails where there is enough space")
    finished, written_bytes = state(folder), max(_used_bytes(mount) - used_bytes, 8192)
    _unmount(mount)
    for fraction in _FREE_FRACTIONS:
        _mount(mount, "size=400m")
        arguments = prepare(command, folder, book)
        subprocess.run(
            ["mount", "-o", f"remount,size={int(_used_bytes(mount) + fraction * written_bytes)}", str(mount)],  # noqa: S607
            check=True,
        )
        code = wait(start(command, arguments, log, folder))
        outcome = _outcome(command, folder, before, finished, [code], log.read_text(errors="replace"))
        counts[f"full disk: {outcome}"] += 1
        _unmount(mount)
    _mount(mount, "size=400m")
    arguments = prepare(command, folder, book)
    subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)  # noqa: S607
    code = wait(start(command, arguments, log, folder))
    counts[f"read-only: {_outcome(command, folder, before, finished, [code], log.read_text(errors='replace'))}"] += 1
    _unmount(mount)
    _mount(mount, "size=400m")
    arguments = prepare(command, folder, book)
    children = [start(command, arguments, log.with_name(f"log{n}"), folder) for n in (1, 2)]
    codes = [wait(child) for child in children]
    errors = "".join(log.with_name(f"log{n}").read_text(errors="replace") for n in (1, 2))
    outcome = _outcome(command, folder, None, finished, codes, errors)
    counts[f"two at once: {outcome}, {codes.count(0)} succeeded"] += 1
    _unmount(mount)
    return counts


def _used_bytes(mount: Path) -> int:
    status = os.statvfs(mount)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def main() -> None:
    """Run the commands and print the counts; exit code 1 where an outcome is not allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="commands whose name begins so")
    parser.add_argument("--slow", action="store_true", help="also builds of the portal and of a release")
    options = parser.parse_args()
    import_everything()
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        os.environ["LUMINALDB_DRAFTS"] = f"{base}/drafts"
        make_workbook(base)
        for command in (*COMMANDS, *(SLOW if options.slow else ())):
            if command.name.startswith(options.only):
                counts = check(command, base)
                total += counts
                print(command.name, dict(counts), flush=True)
    print("all", dict(total))
    good = ("as before, one line", "as finished")
    if any(not outcome.partition(": ")[2].startswith(good) for outcome in total):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
