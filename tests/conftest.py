"""What tests share: a copy of the shipped packages to spoil, and the command line as a user runs it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from luminaldb.loaders import shipped


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """A copy of the shipped packages that a test may spoil."""
    copy = tmp_path / "datasets"
    shutil.copytree(shipped.root(), copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return copy


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, in an empty folder."""
    here = tmp_path / "here"
    here.mkdir()

    def call(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
        return subprocess.run(
            [sys.executable, "-m", "luminaldb", *map(str, arguments)],
            cwd=options.pop("cwd", here),
            capture_output=True,
            text=True,
            timeout=120,
            env=environment,
            check=False,
            **options,
        )

    return call


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal as the command line builds it, once for all processes that run the tests."""
    base = tmp_path_factory.getbasetemp()
    room = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    place, told = room / "portal", room / "portal.json"
    with (room / "portal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            command = [sys.executable, "-m", "luminaldb", "portal", "build", "--out", str(place), "--json"]
            done = subprocess.run(command, cwd=room, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
            told.write_text(done.stdout, encoding="utf-8")
    return place


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The repository's released bundles as the address of releases: an installed wheel holds their index alone."""
    folder = Path(__file__).parent.parent / "archive"
    monkeypatch.setenv("LUMINALDB_RELEASES", str(folder))
    monkeypatch.setenv("LUMINALDB_CACHE", str(tmp_path / "cache"))
    return folder
