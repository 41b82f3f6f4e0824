"""What tests share: a copy of the shipped packages to spoil, and the command line as a user runs it."""

from __future__ import annotations

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
