"""`luminaldb validate --watch`: validates again whenever a file changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from luminaldb.cli.watch import wait_for_changes

pytestmark = pytest.mark.slow


@contextmanager
def watching(*arguments: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "luminaldb", "validate", "--watch", *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(stream: IO[str] | None, words: str) -> list[str]:
    """Read lines up to one that holds the words."""
    assert stream is not None
    lines: list[str] = []
    for line in stream:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"{words!r} was never printed, but {lines}")


def test_watch_validates_anew_and_ends_well(package: Path, tmp_path: Path) -> None:
    report = package / "report.json"
    with watching(package, "--format", "json", "--output", report, cwd=tmp_path) as process:
        assert any("4 findings" in line for line in until(process.stderr, "waiting for changes"))
        (package / "table.csv").write_text("id,n,m\na,one,1\n")
        assert any("1 finding:" in line for line in until(process.stderr, "waiting for changes"))
        assert len(json.loads(report.read_text())["findings"]) == 1
        (package / "datapackage.json").write_text("{")
        assert any("not JSON" in line for line in until(process.stderr, "waiting for changes"))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_changes_are_seen_and_a_report_is_none(tmp_path: Path) -> None:
    own, report = tmp_path / "table.csv", tmp_path / "report.html"
    own.write_text("a")
    seen = wait_for_changes([tmp_path], ignored_files=[report], pause=0.01)
    next(seen)
    own.write_text("ab")
    next(seen)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "other.csv").write_text("a")
    next(seen)
    own.unlink()
    next(seen)
    report.write_text("x")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x").write_text("x")

    saved = threading.Event()

    def save() -> None:
        time.sleep(0.3)
        saved.set()
        own.write_text("later")

    thread = threading.Thread(target=save)
    thread.start()
    next(seen)
    assert saved.is_set(), "nothing but the report and hidden files had changed"
    thread.join()
