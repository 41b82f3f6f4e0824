"""What can be tried of Windows here: no POSIX modules, a console of Windows, names with blanks and of devices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from helpers import REPOSITORY, small_package

from luminaldb.cli.main import app

FIELDS = [{"name": "id", "type": "string"}, {"name": "text", "type": "string"}]
COMMANDS = [
    "tables", "describe trials", "show effects --limit 3", "show trial_results --limit 2 --json", "search tandem",
    "rule LDB104", "cite", "versions", "quality", "todo --limit 1", "diff {tree} {tree}", "validate {tree} --fix",
    "validate {tree} --engine duckdb", "export --format csv --out {out}/csv --table genes",
    "export --format json --out {out}/json --table genes", "export --format sqlite --out {out}/t.sqlite --table genes",
    "template --out {out}/form.xlsx --in {tree} --filled", "import {out}/form.xlsx --in {tree} --yes",
    "new table --in {tree} --set id=zz --set text=\u2265\u200a5\u00a0\u0141",
    "meta-analysis --endpoint pfs --therapy-class cdk4-6-inhibitor",
    "meta-analysis --endpoint pfs --therapy-class cdk4-6-inhibitor --leave-one-out --cumulative --small-studies --json",
    "meta-analysis --endpoint pfs --therapy-class cdk4-6-inhibitor --regression source_year --subgroups trial_line --out {out}/f.svg",
    "meta-analysis --endpoint pfs --therapy-class cdk4-6-inhibitor --leave-one-out --cumulative --small-studies",
    "meta-analysis --adverse-event diarrhea --grade 3_plus --therapy abemaciclib", "todo --json --in {checkout}",
    "todo --kind warning --table effects", "quality --in {checkout}", "diff 2.1.0 {checkout} --format html --out {out}/d.html",
    "diff 3.0.0 {checkout} --json", "cite --rows effects:tandem-pfs-itt-primary --format ris",
    "validate {tree} --rules statistics --format html --out {out}/r.html", "import {out}/form.xlsx --in {tree} --json",
    "show effects --data-version 1.0.0 --limit 1", "pool --endpoint pfs --therapy abemaciclib",
    "network-meta-analysis --endpoint pfs --line first --setting metastatic", "infer {tree}/table.csv --out {out}/i.json",
    "install-data 1.0.0", "release cff", "release changelog --source {checkout} --archive {checkout}/archive",
    "release check --source {checkout} --archive {checkout}/archive --no-validate", "sources overlap {notes}",
    "release cut --archive {out}/archive --source {checkout}", "portal build --out {out}/site",
]  # fmt: skip
# They answer until they are stopped, ask other machines, or ask git, which has its own tests on each system.
NOT_RUN = {"serve", "mcp", "sources check", "release archive", "release build"}
# What they find in today's tables isn't the point here.
MAY_FIND = (
    "network-meta-analysis",
    "release check",
    "release cut",
    "release changelog",
    "sources overlap",
    "meta-analysis --adverse-event",
)
WITHOUT_POSIX = """
import json, os, signal, sys
for name in ("fcntl", "termios", "pty", "tty", "resource", "pwd", "grp", "readline", "syslog"):
    sys.modules[name] = None
for name in ("O_NONBLOCK", "O_CLOEXEC", "O_DIRECTORY", "mkfifo", "chown"):
    if hasattr(os, name):
        delattr(os, name)
from luminaldb.cli.main import main
codes = {}
for command in json.loads(sys.argv[1]):
    sys.argv = ["luminaldb", *command]
    try:
        main()
        codes[" ".join(command)] = 0
    except SystemExit as end:
        codes[" ".join(command)] = end.code or 0
open(os.environ["CODES"], "w", encoding="utf-8").write(json.dumps(codes))
"""


@pytest.mark.slow
def test_every_command_without_posix_modules_on_a_console_of_windows(tmp_path: Path) -> None:
    place = tmp_path / "My Documents (1)"
    tree = small_package(place / "a tree", FIELDS, "id,text\nb,\u03b2\na,\u2265\n", schema={"primaryKey": ["id"]})
    (place / "notes").mkdir()
    (place / "notes/source.txt").write_text("Nothing of it is in the tables.", encoding="utf-8")
    (place / "out put/archive").mkdir(parents=True)
    values = {
        "tree": str(tree), "out": str(place / "out put"), "checkout": str(REPOSITORY), "notes": str(place / "notes"),
    }  # fmt: skip
    commands = [[part.format(**values) for part in command.split(" ")] for command in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX, json.dumps(commands)],
        env={
            **os.environ,
            "PYTHONIOENCODING": "cp1252",
            "PYTHONUTF8": "0",
            "LC_ALL": "C",
            "CODES": str(tmp_path / "codes"),
            "LUMINALDB_CACHE": str(place / "a cache"),
            "LUMINALDB_RELEASES": str(REPOSITORY / "archive"),
        },
        capture_output=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("cp1252")[-2000:]
    assert b"Traceback" not in done.stderr
    codes = json.loads((tmp_path / "codes").read_text())
    failed = {command: code for command, code in codes.items() if code}
    assert {command for command in failed if not command.startswith(MAY_FIND)} == set()
    assert set(failed.values()) <= {1}
    assert "zz,\u2265" in (tree / "table.csv").read_text(encoding="utf-8")
    assert b"\r" not in (tree / "table.csv").read_bytes()


def test_every_command_is_run_there_or_named_as_one_that_is_not() -> None:
    def leaves(command: Any, name: str = "") -> Iterator[str]:
        parts = getattr(command, "commands", None)
        if parts is None:
            yield name
        for part, child in (parts or {}).items():
            yield from leaves(child, f"{name} {part}".strip())

    commands = set(leaves(typer.main.get_command(app)))
    run = {name for name in commands if any(f"{line} ".startswith(f"{name} ") for line in COMMANDS)}
    assert commands - run == NOT_RUN


@pytest.mark.parametrize("path", ["C:/x.csv", "c:x.csv", "\\\\server\\share\\x.csv", "a\\b.csv", "D:"])
def test_a_descriptor_names_no_path_of_windows(tmp_path: Path, path: str) -> None:
    import luminaldb

    package = small_package(tmp_path / "p", FIELDS, "id,text\n", path=path)
    assert {f.code for f in luminaldb.validate(package).findings} == {"LDB011"}
