"""Every command and every piece of Python that README and the documentation show runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import REPOSITORY

PAGES = [
    REPOSITORY / "README.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
    *sorted((REPOSITORY / "docs/guides").glob("*.md")),
]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Need a package of the reader's own, a browser, or write into the checkout; other tests run them.
_NOT_ALONE = ('("my-package', "my_frame", "python3 -m venv")


def blocks(page: Path, language: str) -> list[str]:
    """Return the code of one language on a page; console and r are shown, not run."""
    return [code for kind, code in _FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


def pages_with(*languages: str) -> list[Any]:
    """The pages with a block to run; all but README are slow."""
    return [
        pytest.param(page, id=page.stem, marks=() if page.stem == "README" else pytest.mark.slow)
        for page in PAGES
        if any(blocks(page, language) for language in languages)
    ]


@pytest.mark.parametrize("page", pages_with("python"))
def test_python_runs(page: Path, tmp_path: Path, archive: Path) -> None:
    lines = ["import luminaldb, warnings", "warnings.simplefilter('ignore', UserWarning)"]
    for code in blocks(page, "python"):
        lines += [line for line in code.splitlines() if not any(word in line for word in _NOT_ALONE)]
    environment = {**os.environ, "LUMINALDB_RELEASES": str(archive), "LUMINALDB_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", "\n".join(lines)],
                          cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", pages_with("sh", "bash"))
def test_commands_run(page: Path, tmp_path: Path, archive: Path) -> None:
    environment = {**os.environ, "LUMINALDB_RELEASES": str(archive), "LUMINALDB_CACHE": str(tmp_path / "cache")}
    program = f'luminaldb() {{ {sys.executable} -m luminaldb "$@"; }}\n'
    for code in [*blocks(page, "sh"), *blocks(page, "bash")]:
        if any(word in code for word in _NOT_ALONE):
            continue
        done = subprocess.run(["bash", "-euc", program + code], cwd=tmp_path, env=environment, capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{code}\n{done.stderr}"
