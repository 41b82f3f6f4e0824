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

MAX_FILE_BYTES = 3_000
COMMANDS = [
    "export --format csv --out {out} --in {tree}",
    "export --format xlsx --out {out}.xlsx --in {tree}",
    "export --format parquet --out {out} --in {tree}",
    "export --format json --out {out} --in {tree}",
    "export --format jsonl --out {out} --in {tree}",
    "export --format sqlite --out {out}.sqlite --in {tree}",
    "template --out {out}.xlsx --in {tree} --filled",
    "validate {csv_file} --out {out} --format json",
    "validate {csv_file} --out {out} --format html",
    "release cut --archive {out} --source {tree}",
    "new table --in {tree} --set id=x --set n=1",
]


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_grows_beyond_what_the_system_allows(
    command: str, run_process: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    rows = "".join(f"k{n}-{os.urandom(20).hex()},{n}\n" for n in range(400))
    fields = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
    descriptor = {"schema": {"primaryKey": ["id"]}}
    tree = small_package(tmp_path / "tree", fields, f"id,n\n{rows}", **descriptor)
    (tmp_path / "table.csv").write_text("a,b\n" + "1\n" * 200)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    arguments = command.format(tree=tree, out=tmp_path / "out", csv_file=tmp_path / "table.csv").split()
    # The limit applies to the command's temporary files, too.
    process = run_process(*arguments, preexec_fn=limit_file_size)
    assert process.returncode == 1, process.stdout + process.stderr
    assert "Traceback" not in process.stderr
    assert [
        line for line in process.stderr.splitlines() if line.startswith("luminaldb: ")
    ] == process.stderr.splitlines()[-1:]
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["here", "table.csv", "tree"]


@pytest.mark.slow
def test_commands_that_are_killed() -> None:
    command = [sys.executable, "benchmarks/kills.py", "--kills", "24"]
    process = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
