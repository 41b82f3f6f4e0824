"""What is offered for hooks, actions and pipelines runs: as far as it goes without a network."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml
from helpers import REPOSITORY, small_package

import luminaldb
from luminaldb.testing import assert_valid

EXAMPLES = REPOSITORY / "docs/examples"
FIELDS = [{"name": "n", "type": "integer"}]


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A `luminaldb` on the path that runs this checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "luminaldb"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from luminaldb.cli.main import main; main()" "$@"\n')
    script.chmod(0o755)
    return script


@pytest.mark.slow
def test_every_hook_runs(command: Path, tmp_path: Path) -> None:
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    good = small_package(tmp_path / "good", FIELDS, "n\n1\n")
    bad = small_package(tmp_path / "bad", FIELDS, "n\nx\n")
    for hook in hooks:
        words = [*hook["entry"].split(), *hook.get("args", [])]
        assert words[0] == "luminaldb"
        name = "table.csv" if "tables" in hook["id"] else "datapackage.json"
        options = ["--schema", str(schema_file(tmp_path))] if "tables" in hook["id"] else []
        for package, code in ((good, 0), (bad, 1)):
            run = subprocess.run(
                [command, *words[1:], *options, str(package / name)], capture_output=True, text=True, check=False
            )
            assert run.returncode == code, run.stdout + run.stderr


def schema_file(folder: Path) -> Path:
    file = folder / "schema.json"
    file.write_text('{"fields": [{"name": "n", "type": "integer"}]}')
    return file


@pytest.mark.slow
def test_the_action_runs_its_script(command: Path, tmp_path: Path) -> None:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    steps = action["runs"]["steps"]
    assert all("@" in step["uses"] and len(step["uses"].partition("@")[2]) == 40 for step in steps if "uses" in step)
    script = next(step["run"] for step in steps if step.get("id") == "validate")
    bad = small_package(tmp_path / "bad", FIELDS, "n\nx\n")
    path = f"{command.parent}:/usr/bin:/bin"
    values = {**os.environ, "PATHS": str(bad), "OPTIONS": "--strict", "SARIF": "true", "PATH": path}
    run = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=values, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stderr
    assert "::error" in run.stdout
    assert "LDB020" in (tmp_path / "luminaldb.sarif").read_text()


@pytest.mark.slow
def test_the_makefile_stops_at_a_bad_table(command: Path, tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make on the path")
    work = tmp_path / "work"
    shutil.copytree(EXAMPLES, work)
    make = ["make", "-s", f"LUMINALDB={command}", f"PYTHON={sys.executable}"]
    done = subprocess.run(make, cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (work / "build/model.ok").exists()
    (work / "source.csv").write_text("study,hazard_ratio,events\nA,-1,186\n")
    stopped = subprocess.run(make, cwd=work, capture_output=True, text=True, check=False)
    assert stopped.returncode != 0
    assert "LDB027" in stopped.stdout


def test_what_airflow_calls(command: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    names = runpy.run_path(str(EXAMPLES / "airflow_dag.py"))
    assert names["validate_package"](str(small_package(tmp_path / "p", FIELDS, "n\n1\n"))) == {"tables": 1, "rows": 1}
    with pytest.raises(ValueError, match="1 findings"):
        names["validate_package"](str(small_package(tmp_path / "q", FIELDS, "n\nx\n")))


def test_the_helper_for_pytest_names_the_findings(tmp_path: Path) -> None:
    names = runpy.run_path(str(EXAMPLES / "test_tables.py"))
    names["test_the_source_is_valid"]()
    names["test_its_statistics_agree"]()
    with pytest.raises(AssertionError, match="LDB020"):
        assert_valid(small_package(tmp_path / "p", FIELDS, "n\nx\n"))
    with pytest.raises(AssertionError, match="not checked"):
        assert_valid(EXAMPLES / "source.csv", strict=True)
    assert_valid(pl.DataFrame({"n": [1]}), schema={"fields": FIELDS})
    assert luminaldb.__version__
