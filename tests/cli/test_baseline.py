"""`luminaldb validate --baseline` and `--write-baseline`: findings recorded in a file are left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from helpers import read_rows, set_cell, write_rows

import luminaldb
from luminaldb.issues import Issue, Place, Report
from luminaldb.schemas import baseline

pytestmark = pytest.mark.slow


Run = Callable[..., CompletedProcess[str]]


def codes(done: CompletedProcess[str]) -> list[str]:
    return [line.split("  ")[1] for line in done.stdout.splitlines()]


def test_a_baseline_hides_what_it_knows_wherever_it_has_moved(run: Run, package: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    done = run("validate", package, "--write-baseline", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wrote {file}: 4 recorded\n", "")
    assert run("validate", package, "--baseline", file).stdout.startswith("No findings")
    rows = read_rows(package / "table.csv")
    write_rows(package / "table.csv", [rows[0], ["0", "1", "1"], *rows[1:]])
    moved = run("validate", package, "--baseline", file)
    assert (moved.returncode, moved.stderr) == (0, "")
    set_cell(package / "table.csv", 1, "n", "uno")
    worse = run("validate", package, "--baseline", file)
    assert worse.returncode == 1
    assert [line.split("[")[1].split("]")[0] for line in worse.stdout.splitlines()] == ["uno"]
    note = f"note: {file}: 1 entry matches no finding (LDB020 table a n); --write-baseline makes it again"
    assert note in worse.stderr


def test_a_baseline_counts_findings_that_are_alike() -> None:
    place = Place("p", "t", file="t.csv", line=3)
    twin = Issue("LDB006", "the line is blank", "Delete the line.", place=place)
    file = json.loads(baseline.format_baseline(Report([twin, twin], 1, 1)))
    assert [entry["count"] for entry in file["findings"]] == [2]
    known = baseline.Counter({("LDB006", "t", "", "", ""): 2})
    left = baseline.new_issues(Report([twin, twin, twin], 1, 1), known, {"t"}, "b")
    assert (len(left.findings), left.notes) == (1, [])


def test_a_baseline_calls_no_entry_vain_whose_table_was_not_given(run: Run, datasets: Path, tmp_path: Path) -> None:
    set_cell(datasets / "claims/claims.csv", 0, "statement", "")
    set_cell(datasets / "vocabularies/endpoints.csv", 0, "name", "")
    file = tmp_path / "baseline.json"
    run("validate", datasets, "--write-baseline", file)
    done = run("validate", datasets / "vocabularies", "--baseline", file)
    assert done.returncode == 0, done.stdout
    assert "no finding" not in done.stderr
    set_cell(datasets / "vocabularies/endpoints.csv", 0, "name", "Something")
    assert "1 entry matches no finding" in run("validate", datasets / "vocabularies", "--baseline", file).stderr


def test_a_baseline_is_written_over_only_by_force(run: Run, package: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    run("validate", package, "--write-baseline", file)
    assert run("validate", package, "--write-baseline", file).returncode == 1
    assert run("validate", package, "--write-baseline", file, "--force", "--select", "LDB031").returncode == 0
    assert {e["rule"] for e in json.loads(file.read_text())["findings"]} == {"LDB031"}


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}', '{"version": 1, "findings": 1}',
     '{"version": 1, "findings": [{"rule": "LDB020", "table": "t", "row_key": "", "column": "", "value": "", "count": 0}]}'],
)  # fmt: skip
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(luminaldb.LuminaldbError, match="not a baseline"):
        baseline.read(file)
