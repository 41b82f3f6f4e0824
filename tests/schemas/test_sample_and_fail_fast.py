"""`--sample` checks the first rows, `--fail-fast` stops at the first error; both say what was not checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from helpers import on_a_terminal, write_package

import luminaldb

FIELDS = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
ROWS = "id,n\n" + "".join(f"k{n},{'x' if n % 10 == 9 else n}\n" for n in range(100))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Two tables: one with an error in each tenth row, one whose key to it leads nowhere in its last row."""
    folder = write_package(tmp_path / "p", {"path": "table.csv", "schema": {"fields": FIELDS, "primaryKey": ["id"]}})
    uses = "use,id\n" + "".join(f"u{n},k{n}\n" for n in range(100)) + "u100,gone\n"
    descriptor = json.loads((folder / "datapackage.json").read_text())
    fields = [{"name": "use", "type": "string"}, {"name": "id", "type": "string"}]
    key = {"fields": ["id"], "reference": {"resource": "table", "fields": ["id"]}}
    schema = {"fields": fields, "foreignKeys": [key]}
    descriptor["resources"].append({"name": "uses", "path": "uses.csv", "schema": schema})
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    (folder / "table.csv").write_text(ROWS)
    (folder / "uses.csv").write_text(uses)
    return folder


def single(tmp_path: Path) -> Path:
    return write_package(tmp_path / "single", {"path": "t.csv", "schema": {"fields": FIELDS}}, {"t.csv": ROWS.encode()})


@pytest.mark.parametrize(("sample", "lines"), [(1, []), (9, []), (10, [11]), (25, [11, 21]), (100, None), (5000, None)])
def test_a_sample(tmp_path: Path, sample: int, lines: list[int] | None) -> None:
    report = luminaldb.validate(single(tmp_path), sample=sample)
    assert [f.line for f in report.findings] == (list(range(11, 102, 10)) if lines is None else lines)
    assert report.rows == min(sample, 100)
    noted = [note for note in report.unchecked if f"beyond the first {sample}" in note]
    assert len(noted) == (lines is not None)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_table_that_others_refer_to_is_read_whole(package: Path, engine: str) -> None:
    report = luminaldb.validate(package, sample=5, engine=engine)
    # Keys of the rows looked at are checked against every row.
    assert not [f for f in report.findings if f.table == "uses"]
    assert any("rows of uses beyond the first 5" in note for note in report.unchecked)
    assert [f for f in luminaldb.validate(package, engine=engine).findings if f.table == "uses"]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_the_first_error_is_enough(package: Path, engine: str) -> None:
    report = luminaldb.validate(package, fail_fast=True, engine=engine)
    (issue,) = report.findings
    assert (issue.table, issue.code) == ("table", "LDB020")
    # The rows of DuckDB have no order.
    assert issue.row_key == "k9" if engine == "polars" else issue.row_key.endswith("9")
    assert not report.ok
    assert report.tables == 1
    assert any("what comes after the first error" in note for note in report.unchecked)
    assert any("uses" in note for note in report.unchecked)


def test_no_error_no_difference(package: Path) -> None:
    (package / "table.csv").write_text(ROWS.replace("x", "1"))
    (package / "uses.csv").write_text("use,id\nu1,k1\n")
    assert luminaldb.validate(package, fail_fast=True) == luminaldb.validate(package)
    assert luminaldb.validate(package, fail_fast=True).ok


def test_on_the_command_line(run: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    folder = single(tmp_path)
    done = run("validate", folder, "--sample", "10", "--strict")
    assert (done.returncode, "t.csv:11:n" in done.stdout) == (1, True)
    assert run("validate", folder, "--sample", "9").returncode == 0
    strict = run("validate", folder, "--sample", "9", "--strict")
    assert (strict.returncode, "--strict" in strict.stderr) == (1, True)
    fast = run("validate", folder, "--fail-fast", "--format", "json")
    assert len(json.loads(fast.stdout)["findings"]) == 1
    assert run("validate", folder, "--sample", "0").returncode == 2


def test_findings_come_in_the_order_of_lines(tmp_path: Path) -> None:
    rows = "id,n\nk1,x\nk2\nk3,y\nk4,1,2\nk5,z\n"
    folder = write_package(tmp_path / "p", {"path": "t.csv", "schema": {"fields": FIELDS}}, {"t.csv": rows.encode()})
    found = [(f.line, f.code) for f in luminaldb.validate(folder).findings]
    assert found == [(2, "LDB020"), (3, "LDB006"), (4, "LDB020"), (5, "LDB006"), (6, "LDB020")]


def test_findings_are_wrapped_at_the_width_of_the_terminal(tmp_path: Path) -> None:
    fields = [{"name": "n", "type": "integer", "constraints": {"enum": list(range(1, 90))}}]
    rows = "n\n" + "777\n" * 3
    folder = write_package(tmp_path / "p", {"path": "t.csv", "schema": {"fields": fields}}, {"t.csv": rows.encode()})
    drawn = on_a_terminal("validate", str(folder), cwd=tmp_path)
    lines = [re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", line).rstrip() for line in re.split(r"[\r\n]+", drawn)]
    assert max(map(len, lines)) <= 160
    assert sum(line.startswith("    ") for line in lines) >= 3
    assert sum(":n  LDB023" in line for line in lines) == 3
