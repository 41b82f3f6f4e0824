"""Commands that write, where the disk is full or they are killed: all or nothing, one line."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from helpers import REPOSITORY, small_package

LIMIT = 3_000
COMMANDS = [
    "export --format csv --out {out} --in {tree}",
    "export --format xlsx --out {out}.xlsx --in {tree}",
    "export --format parquet --out {out} --in {tree}",
    "export --format json --out {out} --in {tree}",
    "export --format jsonl --out {out} --in {tree}",
    "export --format sqlite --out {out}.sqlite --in {tree}",
    "template --out {out}.xlsx --in {tree} --filled",
    "validate {loose} --out {out} --format json",
    "validate {loose} --out {out} --format html",
    "release cut --archive {out} --source {tree}",
    "new table --in {tree} --set id=x --set n=1",
]


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_grows_beyond_what_the_system_allows(
    command: str, run_process: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    rows = "".join(f"k{n}-{os.urandom(20).hex()},{n}\n" for n in range(400))
    fields = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
    descriptor = {"schema": {"primaryKey": ["id"]}}
    tree = small_package(tmp_path / "tree", fields, f"id,n\n{rows}", **descriptor)
    (tmp_path / "loose.csv").write_text("a,b\n" + "1\n" * 200)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    words = command.format(tree=tree, out=tmp_path / "out", loose=tmp_path / "loose.csv").split()
    # What the command line keeps in the folder of temporary files is limited, too.
    done = run_process(*words, preexec_fn=limit)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("luminaldb: ")] == done.stderr.splitlines()[
        -1:
    ]
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["here", "loose.csv", "tree"]


@pytest.mark.slow
def test_commands_that_are_killed() -> None:
    command = [sys.executable, "benchmarks/kills.py", "--kills", "24"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
