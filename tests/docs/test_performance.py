"""One command measures everything that docs/performance.md shows."""

from __future__ import annotations

import subprocess
import sys

import pytest
from helpers import REPOSITORY

SECTIONS = ("Rows", "All findings", "Columns", "Growth", "Start-up")


@pytest.mark.slow
def test_the_benchmarks_of_the_page_run_small() -> None:
    command = [sys.executable, "benchmarks/performance.py", "--rows", "1000", "--runs", "1", "--only", *SECTIONS]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for text, title in zip(done.stdout.split("\n## ")[1:], SECTIONS, strict=True):
        assert text.startswith(f"{title}\n")
        head, line, *rows = [row for row in text.splitlines() if row.startswith("|")]
        assert rows
        assert {row.count("|") for row in rows} == {head.count("|")} == {line.count("|")}
    assert "| luminaldb |" in done.stdout
    assert "10 of 10, with rows" in done.stdout
