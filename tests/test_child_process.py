"""Processes that a command starts end with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from luminaldb.publish.portal import parallel_pages
from luminaldb.publish.release import python_package

PARENT = """
import subprocess, sys
from luminaldb.child_process import END_WITH_PARENT, parent_pipe

busy = "import sys\\nfor n in range(10**9): open(sys.argv[1], 'a').write('x') and sys.stderr.flush()"
with parent_pipe() as stdin:
    child = subprocess.Popen([sys.executable, "-c", END_WITH_PARENT + busy, sys.argv[1]], stdin=stdin)
    print(child.pid, flush=True)
    child.wait()
"""


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "busy")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    while not (tmp_path / "busy").exists():
        time.sleep(0.01)
    assert is_running(child)
    parent.kill()
    parent.wait()
    end = time.monotonic() + 60
    while is_running(child) and time.monotonic() < end:
        time.sleep(0.01)
    if running := is_running(child):
        os.kill(child, signal.SIGKILL)
    assert not running


def test_every_process_that_writes_ends_with_its_parent() -> None:
    assert "os._exit" in python_package._HOOKS
    source = Path(str(parallel_pages.__file__)).read_text(encoding="utf-8")
    assert "end_with_parent()" in source
