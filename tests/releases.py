"""What the tests of releases share: a clean clone, and a release built from it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from helpers import copy_tracked

from luminaldb.loaders.releases.index import INDEX, format_index


def git(folder: Path, *arguments: str) -> None:
    people = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **people}, check=True, capture_output=True)


def clone(folder: Path) -> Path:
    """Make a clean checkout of what git would track; its archive is empty, as if no version had been released."""
    copy_tracked(folder)
    for kept in (folder / "archive").glob("*.zip"):
        kept.unlink()
    (folder / "archive" / INDEX).write_text(format_index({}), encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


def command(checkout: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "luminaldb", "release", "build", "--out", str(out), "--source", str(checkout)]


def built(folder: Path) -> Path:
    """Build a release in a folder of its own."""
    out = folder / "out"
    done = subprocess.run(
        command(clone(folder / "luminaldb"), out), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return out


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
