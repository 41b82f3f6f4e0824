"""New rows: asked for or given, checked before they are written, put in their place; other rows keep their bytes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import set_cell, small_package
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.curation.change_check import check_change
from luminaldb.curation.csv_edit import edit_csv
from luminaldb.curation.new_row import check_row
from luminaldb.curation.referenced_ids import find_referenced_ids
from luminaldb.curation.working_tree import find_table, open_working_tree
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.package import Package

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]
CITATION = {
    "citation_id": "aardvark-2026",
    "citation_type": "article",
    "title": 'A title, with "quotes"',
    "pmid": "39999999",
    "year": "2026",
    "publication_status": "published",
}
EFFECT = {
    "effect_id": "tandem-os-itt-updated",
    "trial_id": "tandem",
    "population_id": "tandem-itt",
    "experimental_arm_id": "tandem-trastuzumab-anastrozole",
    "control_arm_id": "tandem-anastrozole",
    "endpoint_id": "os",
    "analysis": "updated",
    "is_primary_endpoint": "false",
    "measure": "hazard_ratio",
    "estimate": "0.80",
    "ci_low": "0.60",
    "ci_high": "1.07",
    "ci_level": "95",
    "citation_id": "kaufman-2009-tandem",
    "locator": "abstract",
    "source_level": "abstract",
}


OUTCOME = {
    "outcome_id": "tandem-anastrozole-orr-itt-updated",
    "trial_id": "tandem",
    "population_id": "tandem-itt",
    "arm_id": "tandem-anastrozole",
    "endpoint_id": "orr",
    "analysis": "updated",
    "measure": "percent",
    "estimate": "7.7",
    "ci_low": "3.4",
    "ci_high": "14.6",
    "ci_level": "95",
    "n": "104",
    "events": "8",
    "citation_id": "kaufman-2009-tandem",
    "locator": "abstract",
    "source_level": "abstract",
}


def options(cells: dict[str, str]) -> list[str]:
    return [part for column, cell in cells.items() for part in ("--set", f"{column}={cell}")]


def test_a_row_is_put_in_its_place_and_every_other_byte_stays(datasets: Path, run: Run) -> None:
    file = datasets / "trials/effects.csv"
    before = file.read_bytes().splitlines(keepends=True)
    done = run("new", "effect", "--in", datasets, *options(EFFECT))
    assert done.returncode == 0, done.stderr
    after = file.read_bytes().splitlines(keepends=True)
    (line,) = [n for n, text in enumerate(after) if text not in before]
    assert after[:line] + after[line + 1 :] == before
    assert after[line].startswith(b"tandem-os-itt-updated,tandem,")
    assert b",0.80,0.60,1.07,95," in after[line]
    keys = [text.split(b",")[0] for text in after[1:]]
    assert keys == sorted(keys)
    own = {f.code for f in luminaldb.validate(datasets).findings if f.row_key == "tandem-os-itt-updated"}
    assert own == {"LDB615"}, "all that is left is to have it read a second time"
    assert not list(datasets.rglob(".effects*"))


def test_a_citation_waits_for_its_rows(datasets: Path, run: Run) -> None:
    done = run("new", "citation", "--in", datasets, *options(CITATION))
    assert done.returncode == 0
    assert "to come: citation_id  LDB601" in done.stderr
    assert {f.code for f in luminaldb.validate(datasets).findings} == {"LDB601"}


def test_the_arms_of_a_trial_are_entered_one_by_one(datasets: Path) -> None:
    """The first arm waits for the control arm; a row that is revised so that no control arm is left is refused."""
    trial = {
        "trial_id": "fiction-1", "acronym": "FICTION-1", "title": "A title", "phase": "2", "design": "randomised",
        "setting": "metastatic", "citation_id": "kaufman-2009-tandem",
    }  # fmt: skip
    check_row(open_working_tree(datasets), "trials", trial).write()
    arm = {"arm_id": "fiction-1-a", "trial_id": "fiction-1", "label": "A", "role": "experimental"}
    made = check_row(open_working_tree(datasets), "arms", arm)
    assert not made.result.errors
    assert {"LDB603", "LDB617"} <= {f.code for f in made.result.pending}
    made.write()
    assert "LDB617" in {f.code for f in luminaldb.validate(datasets).findings}
    made = check_row(
        open_working_tree(datasets), "arms", {**arm, "arm_id": "fiction-1-b", "label": "B", "role": "control"}
    )
    assert not made.result.errors
    made.write()
    assert "LDB617" not in {f.code for f in luminaldb.validate(datasets).findings}
    tree = open_working_tree(datasets)
    revised = tree.file_bytes("arms").replace(
        b"fiction-1-b,fiction-1,B,control", b"fiction-1-b,fiction-1,B,experimental"
    )
    assert "LDB617" in {f.code for f in check_change(tree, {"arms": revised}).errors}


def test_a_checkout_and_its_datasets_are_found(datasets: Path, run: Run) -> None:
    for number, here in enumerate((datasets, datasets.parent, datasets / "citations")):
        cells = {**CITATION, "citation_id": f"aardvark-{number}", "pmid": f"3999{number}999"}
        done = run("new", "citations", *options(cells), cwd=here)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, ""),
        ({"trial_id": "tandm"}, "LDB033"),
        ({"outcome_id": "tandem-anastrozole-pfs-itt-primary-median"}, "LDB031"),
        ({"estimate": "7,7"}, "LDB020"),
        ({"measure": "per cent"}, "LDB023"),
        ({"ci_low": "9.0"}, "LDB101"),
        ({"estimate": "17.7", "ci_high": "24.6"}, "LDB104"),
        ({"arm_id": "pertain-trastuzumab-ai"}, "LDB"),
        ({"ci_level": ""}, ""),
    ],
)
def test_a_row_is_checked_with_all_that_it_touches(datasets: Path, change: dict[str, str], rule: str) -> None:
    made = check_row(open_working_tree(datasets), "outcomes", {**OUTCOME, **change})
    assert bool(made.result.errors) == bool(rule)
    assert any(f.code.startswith(rule) for f in made.result.errors) or not rule
    if rule:
        with pytest.raises(luminaldb.LuminaldbError, match="nothing was written"):
            made.write()


def test_a_wrong_row_is_refused_and_nothing_is_written(datasets: Path, run: Run) -> None:
    before = {p: p.read_bytes() for p in datasets.rglob("*.csv")}
    for change, words in (({"estimate": "7,7"}, "LDB020"), ({"estimates": "1"}, "did you mean 'estimate'?")):
        done = run("new", "outcome", "--in", datasets, *options({**OUTCOME, **change}))
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert {p: p.read_bytes() for p in datasets.rglob("*.csv")} == before


def test_what_only_warns_is_reported_and_written(datasets: Path, run: Run) -> None:
    cells = {**EFFECT, "p_operator": "=", "p_value": "0.02", "p_sides": "2"}
    done = run("new", "effect", "--in", datasets, "--json", *options(cells))
    output = json.loads(done.stdout)
    assert done.returncode == 0
    assert output["row"]["estimate"] == "0.80"
    assert output["written"].endswith("effects.csv")
    assert "LDB106" in {f["rule"] for f in output["warnings"]}
    assert not output["errors"]


def test_findings_that_were_there_do_not_forbid_a_row(datasets: Path) -> None:
    set_cell(datasets / "trials/outcomes.csv", 3, "measure", "HR")
    made = check_row(open_working_tree(datasets), "outcomes", OUTCOME)
    assert not made.result.errors
    assert made.result.before > 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["new", "effects", "--set", "estimate"], 2, "is not COLUMN=VALUE"),
        (["new", "effects", "--set", "a=1", "--set", "a=2"], 2, "is set twice"),
        (["new", "effects", "--json"], 2, "needs --set"),
        (["new", "effects", "--set", "a=1"], 1, "no data packages here"),
        (["new", "effects", "--in", "no-such-folder", "--set", "a=1"], 1, "no such file or folder"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, arguments: list[str], code: int, words: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_table_names_the_nearest(datasets: Path, run: Run) -> None:
    done = run("new", "efects", "--in", datasets, "--set", "a=1")
    assert (done.returncode, done.stderr.strip()) == (
        1,
        f"luminaldb: {datasets} has no table 'efects'; did you mean 'effects'?",
    )


def test_every_table_goes_by_one_thing_of_it() -> None:
    tree = Database.installed()
    words = {"trial": "trials", "therapy": "therapies", "therapy-class": "therapy_classes", "claim": "claims",
             "outcome": "outcomes", "mechanism_evidence": "mechanism_evidence", "Arm": "arms"}  # fmt: skip
    assert {word: find_table(tree, word) for word in words} == words


def test_the_installed_package_is_never_changed(
    datasets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    with pytest.raises(luminaldb.LuminaldbError, match="part of the installed package"):
        open_working_tree(datasets)


def test_a_zip_is_not_changed(datasets: Path, tmp_path: Path) -> None:
    file = shutil.make_archive(str(tmp_path / "package"), "zip", datasets / "citations")
    with pytest.raises(luminaldb.LuminaldbError, match="unpack it"):
        open_working_tree(Path(file))


def test_a_file_that_changed_meanwhile_is_left(datasets: Path) -> None:
    made = check_row(open_working_tree(datasets), "outcomes", OUTCOME)
    file = datasets / "trials/outcomes.csv"
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(luminaldb.LuminaldbError, match="changed in the meantime"):
        made.write()
    assert f"\n{OUTCOME['outcome_id']},".encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("column", "typed", "meant"),
    [
        ("trial_id", "tandm", "tandem"),
        ("trial_id", "NCT01491737", "pertain"),
        ("citation_id", "19786670", "kaufman-2009-tandem"),
        ("citation_id", "Kaufman B; ", "kaufman-2009-tandem"),
        ("endpoint_id", "Progression-Free", "pfs"),
    ],
)
def test_the_nearest_ids_are_offered(column: str, typed: str, meant: str) -> None:
    tree = Database.installed()
    known = find_referenced_ids(tree, tree.resource("effects"), column)
    assert known is not None
    assert meant in known.nearest(typed)


def test_arms_offered_are_those_of_the_trial() -> None:
    tree = Database.installed()
    known = find_referenced_ids(tree, tree.resource("effects"), "control_arm_id", {"trial_id": "tandem"})
    assert known is not None
    assert set(known.all_ids) == {"tandem-anastrozole", "tandem-trastuzumab-anastrozole"}


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=8, unique_by=lambda row: row[0]),
    st.lists(st.tuples(CELLS, CELLS), max_size=4, unique_by=lambda row: row[0]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=80, deadline=None)
def test_rows_are_added_in_order_and_nothing_else_changes(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[tuple[str, str]],
    new: list[tuple[str, str]],
    quoted: bool,
    end: str,
) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([("key", "text"), *sorted(old)])
    fields = [{"name": "key", "type": "string"}, {"name": "text", "type": "string"}]
    folder = small_package(tmp_path_factory.mktemp("p"), fields, stream.getvalue(), schema={"primaryKey": ["key"]})
    resource = Package.open(folder).resource("table")
    data = (folder / "table.csv").read_bytes()
    added = [{"key": key, "text": text} for key, text in new if key not in dict(old)]
    after = edit_csv(data, resource, "table.csv", added=added).decode()
    rows = list(csv.reader(io.StringIO(after, newline="")))
    assert rows[1:] == sorted([list(row) for row in old] + [[row["key"], row["text"]] for row in added])
    if not added:
        assert after.encode() == data
    for n, (key, _) in enumerate(old):
        changed = edit_csv(data, resource, "table.csv", revised={sorted(old).index(old[n]): {"text": "new"}})
        assert ["new" if k == key else t for k, t in sorted(old)] == [
            r[1] for r in list(csv.reader(io.StringIO(changed.decode(), newline="")))[1:]
        ]
