"""What changed between two states: found field by field, printed in four forms, and weighed by the version rule."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest
from helpers import REPOSITORY, read_rows, set_cell, small_package, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.curation.diff import Diff, diff
from luminaldb.loaders import installed
from luminaldb.loaders.database import Database
from luminaldb.publish.release.diff_formats import FORMATS, render_diff
from luminaldb.publish.release.version_rule import Bump, raise_version, required_bump, required_bumps

FIELDS = [
    {"name": "key", "type": "string"},
    {"name": "part", "type": "integer"},
    {"name": "a", "type": "string"},
    {"name": "b", "type": "number"},
]


def between(old: Path, new: Path) -> Diff:
    return diff(Database.find(old), Database.find(new))


def changed(found: Diff, table: str) -> Any:
    return next(t for t in found.changed_tables if t.table == table)


def package(folder: Path, rows: dict[tuple[str, int], tuple[str, str]], fields: list[dict[str, Any]] = FIELDS) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [[f["name"] for f in fields], *([k, n, *cells] for (k, n), cells in sorted(rows.items()))]
    )
    return small_package(folder, fields, text.getvalue(), schema={"primaryKey": ["key", "part"]})


keys = st.tuples(st.text("abcdefg", min_size=1, max_size=2), st.integers(0, 3))
cells = st.tuples(st.text('xyz|" ,\n<&é', max_size=4), st.sampled_from(["", "0.6", "0.60", "1", "-2"]))
tables = st.dictionaries(keys, cells, max_size=12)


@settings(max_examples=60, deadline=None)
@given(old=tables, new=tables)
def test_the_diff_turns_the_old_state_into_the_new(
    tmp_path_factory: pytest.TempPathFactory, old: dict[Any, Any], new: dict[Any, Any]
) -> None:
    folder = tmp_path_factory.mktemp("states")
    found = between(package(folder / "a", old), package(folder / "b", new))
    content = json.loads(render_diff("json", found))
    state = {f"{k}|{n}": dict(zip("ab", c, strict=True)) for (k, n), c in old.items()}
    for table in content["tables"]:
        for row in table["removed"]:
            del state[row["key"]]
        for row in table["added"]:
            assert row["key"] not in state
            state[row["key"]] = {c: row["fields"].get(c, "") for c in "ab"}
        for row in table["revised"]:
            for column, cell in row["fields"].items():
                assert state[row["key"]][column] == cell["old"] != cell["new"]
                state[row["key"]][column] = cell["new"]
    assert state == {f"{k}|{n}": dict(zip("ab", c, strict=True)) for (k, n), c in new.items()}
    assert bool(found) == (old != new)
    for to in FORMATS:
        assert render_diff(to, found)


def test_nothing_changed_between_a_state_and_itself(datasets: Path) -> None:
    found = between(datasets, installed.datasets_folder())
    assert not found
    assert required_bump(found) == Bump.none
    assert "Nothing changed." in render_diff("text", found)


def test_a_value_is_revised_a_row_added_and_one_removed(datasets: Path) -> None:
    file = datasets / "trials/effects.csv"
    was = read_rows(file)[4][read_rows(file)[0].index("estimate")]
    set_cell(file, 3, "estimate", "0.999")
    rows = read_rows(file)
    gone, come = rows[10], [*rows[20]]
    come[0] = come[0] + "-again"
    write_rows(file, [r for r in rows if r is not gone] + [come])
    table = changed(between(installed.datasets_folder(), datasets), "effects")
    assert table.added["effect_id"].to_list() == [come[0]]
    assert table.removed["effect_id"].to_list() == [gone[0]]
    assert table.revised.rows() == [(rows[4][0], "estimate", was, "0.999")]
    assert table.rows == (len(rows) - 1, len(rows) - 1)


def rename_therapy(datasets: Path, old: str, new: str, *, listed: bool = True) -> None:
    for file in datasets.glob("*/*.csv"):
        rows = read_rows(file)
        for column in (n for n, name in enumerate(rows[0]) if name == "therapy_id"):
            for row in rows[1:]:
                row[column] = new if row[column] == old else row[column]
        write_rows(file, rows)
    if listed:
        file = datasets / "curation/retired_ids.csv"
        write_rows(file, [*read_rows(file), ["therapies", old, new, "1.0.0", "Named anew."]])


def test_a_renamed_id_is_followed_in_its_own_table_and_in_those_that_refer_to_it(datasets: Path) -> None:
    rename_therapy(datasets, "fulvestrant", "fulvestrant-im")
    found = between(installed.datasets_folder(), datasets)
    assert changed(found, "therapies").renamed.rows() == [("fulvestrant", "fulvestrant-im")]
    assert {t.table for t in found.changed_tables} == {"therapies", "retired_ids"}
    assert found.unretired == []
    assert required_bump(found) == Bump.major
    assert "fulvestrant -> fulvestrant-im" in render_diff("text", found)


def test_a_renamed_id_that_nobody_listed_is_removed_and_added(datasets: Path) -> None:
    rename_therapy(datasets, "fulvestrant", "fulvestrant-im", listed=False)
    found = between(installed.datasets_folder(), datasets)
    assert ("therapies", "fulvestrant") in found.unretired
    assert changed(found, "therapies").removed["therapy_id"].to_list() == ["fulvestrant"]
    assert changed(found, "arm_therapies").removed.height > 1


def test_a_row_that_joined_another_is_gone(datasets: Path) -> None:
    file = datasets / "trials/effects.csv"
    rows = read_rows(file)
    write_rows(file, [rows[0], *rows[2:]])
    retired = datasets / "curation/retired_ids.csv"
    write_rows(retired, [*read_rows(retired), ["effects", rows[1][0], rows[2][0], "1.0.0", "The same result."]])
    found = between(installed.datasets_folder(), datasets)
    table = changed(found, "effects")
    assert (table.removed.height, table.renamed.height, table.revised.height) == (1, 0, 0)
    assert found.unretired == []


def test_of_two_rows_that_became_one_the_first_moved_and_the_other_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state(name: str, *keys: str) -> Path:
        fields = [{"name": "key", "type": "string"}, {"name": "a", "type": "string"}]
        text = "key,a\n" + "".join(f"{k},1\n" for k in keys)
        return small_package(tmp_path / name, fields, text, schema={"primaryKey": ["key"]})

    old, new = Database.find(state("a", "x", "y", "z")), Database.find(state("b", "n", "z"))
    monkeypatch.setattr(Database, "retired_ids", {("table", "y"): "n", ("table", "x"): "n"})
    (table,) = diff(old, new).changed_tables
    assert table.renamed.rows() == [("x", "n")]
    assert table.removed["key"].to_list() == ["y"]
    assert (table.added.height, table.revised.height) == (0, 0)


Edit = Callable[[dict[str, Any]], None]


def resource(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return next(r for r in raw["resources"] if r["name"] == name)


def field(raw: dict[str, Any], name: str, column: str) -> dict[str, Any]:
    return next(f for f in resource(raw, name)["schema"]["fields"] if f["name"] == column)


def enum(raw: dict[str, Any], change: Callable[[list[str]], list[str]]) -> None:
    grade = field(raw, "adverse_events", "grade")
    grade["constraints"]["enum"] = change(grade["constraints"]["enum"])
    grade["categories"] = grade["constraints"]["enum"]


DESCRIPTORS: list[tuple[str, Edit, Bump, str]] = [
    ("type", lambda r: field(r, "effects", "n_control").update(type="number"), Bump.major, "type of column n_control"),
    ("unit", lambda r: field(r, "effects", "median_follow_up_months").update({"x-unit": "days"}), Bump.major, "unit"),
    ("value gone", lambda r: enum(r, lambda v: v[1:]), Bump.major, "values removed"),
    ("value come", lambda r: enum(r, lambda v: [*v, "6"]), Bump.minor, "values added"),
    ("limit", lambda r: field(r, "effects", "note")["constraints"].update(maxLength=9), Bump.minor, "constraints"),
    ("wording", lambda r: field(r, "effects", "note").update(description="Else."), Bump.patch, "wording"),
    ("key", lambda r: resource(r, "effects")["schema"].update(primaryKey=["effect_id", "trial_id"]), Bump.major, "key"),
    (
        "target",
        lambda r: resource(r, "arms")["schema"].update(foreignKeys=[]),
        Bump.major,
        "reference of column trial_id",
    ),
]


@pytest.mark.parametrize(("edit", "bump", "reason"), [c[1:] for c in DESCRIPTORS], ids=[c[0] for c in DESCRIPTORS])
def test_what_the_descriptor_says_otherwise_is_weighed(datasets: Path, edit: Edit, bump: Bump, reason: str) -> None:
    file = datasets / "trials/datapackage.json"
    raw = json.loads(file.read_text())
    edit(raw)
    file.write_text(json.dumps(raw))
    found = between(installed.datasets_folder(), datasets)
    assert required_bump(found) == bump
    assert any(reason in r.message for r in required_bumps(found)), required_bumps(found)


def two_columns(folder: Path, *names: str) -> Path:
    fields = [{"name": n, "type": "string"} for n in ("key", *names)]
    text = (
        ",".join(["key", *names])
        + "\n"
        + "".join(f"{k}," + ",".join(f"{k}{n}" for n, _ in enumerate(names)) + "\n" for k in "xyz")
    )
    return small_package(folder, fields, text, schema={"primaryKey": ["key"]})


@pytest.mark.parametrize(
    ("new", "bump", "reason"),
    [
        (("a", "b", "c"), Bump.minor, "column c added"),
        (("a",), Bump.major, "column b removed"),
        (("a", "d"), Bump.major, "column b renamed to d"),
    ],
)
def test_columns_that_come_go_and_take_another_name(
    tmp_path: Path, new: tuple[str, ...], bump: Bump, reason: str
) -> None:
    found = between(two_columns(tmp_path / "a", "a", "b"), two_columns(tmp_path / "b", *new))
    assert required_bump(found) == bump
    assert [r.message for r in required_bumps(found)] == [f"table: {reason}"]
    assert reason in render_diff("text", found)


def test_tables_that_come_and_go(datasets: Path) -> None:
    file = datasets / "curation/datapackage.json"
    raw = json.loads(file.read_text())
    raw["resources"] = [r for r in raw["resources"] if r["name"] != "waivers"]
    file.write_text(json.dumps(raw))
    (datasets / "curation/waivers.csv").unlink()
    there, back = between(installed.datasets_folder(), datasets), between(datasets, installed.datasets_folder())
    assert (list(there.tables_removed), required_bump(there)) == (["waivers"], Bump.major)
    assert (list(back.tables_added), required_bump(back)) == (["waivers"], Bump.minor)
    for to in FORMATS:
        assert "waivers" in render_diff(to, there)


def test_a_row_without_an_id_of_its_own_that_goes_is_minor(datasets: Path) -> None:
    file = datasets / "therapies/therapy_names.csv"
    write_rows(file, read_rows(file)[:-1])
    assert required_bump(between(installed.datasets_folder(), datasets)) == Bump.minor


@pytest.mark.parametrize(
    ("bump", "version"), [(Bump.major, "2.0.0"), (Bump.minor, "1.3.0"), (Bump.patch, "1.2.4"), (Bump.none, "1.2.3")]
)
def test_the_version_that_a_change_asks_for(bump: Bump, version: str) -> None:
    assert raise_version("1.2.3", bump) == version


def test_an_export_says_the_same_as_the_packages(tmp_path: Path) -> None:
    luminaldb.export("csv", tmp_path / "export")
    assert not between(installed.datasets_folder(), tmp_path / "export")


def test_hostile_cells_stay_cells(tmp_path: Path) -> None:
    evil = "<script>x</script>\x1b[31m|`*_"
    fields = [{"name": "key", "type": "string"}, {"name": "a", "type": "string"}]
    old = small_package(tmp_path / "a", fields, "key,a\nx,1\n", schema={"primaryKey": ["key"]})
    new = small_package(tmp_path / "b", fields, f"key,a\nx,{evil}\n", schema={"primaryKey": ["key"]})
    found = between(old, new)
    for to in FORMATS:
        assert "\x1b" not in render_diff(to, found)
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(render_diff("html", found))
    assert page.find(".//script") is None
    assert any("<script>" in (cell.text or "") for cell in page.iter("td"))
    row = next(line for line in render_diff("markdown", found).splitlines() if line.startswith("| x"))
    assert row.replace("\\|", "").count("|") == 5


@pytest.mark.slow
@pytest.mark.usefixtures("archive")
def test_the_command_line(run: Callable[..., Any], datasets: Path, tmp_path: Path) -> None:
    set_cell(datasets / "trials/effects.csv", 3, "estimate", "0.999")
    done = run("diff", installed.datasets_folder(), datasets)
    assert done.returncode == 0
    assert "-> 0.999" in done.stdout
    assert "requires a patch release" in done.stdout
    assert json.loads(run("diff", installed.datasets_folder(), datasets, "--json").stdout)["bump"] == "patch"
    one = run("diff", installed.datasets_folder(), datasets, "--table", "arms")
    assert "Nothing changed." in one.stdout
    page = tmp_path / "diff.html"
    assert run("diff", installed.datasets_folder(), datasets, "--format", "html", "--output", page).returncode == 0
    assert run("diff", installed.datasets_folder(), datasets, "--format", "html", "--output", page).returncode == 1
    assert run("diff", "0.1.0", REPOSITORY).returncode == 0
    for wrong, code, word in (
        (["diff", "nowhere"], 1, "nowhere"),
        (["diff", "9.9.9"], 1, "9.9.9"),
        (["diff", datasets, "--table", "efects"], 1, "effects"),
        (["diff", datasets, "--format", "pdf"], 2, "pdf"),
    ):
        done = run(*wrong)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False)
        assert word in done.stderr


def test_the_command_names_the_formats_that_there_are() -> None:
    from luminaldb.cli.diff import FORMATS as NAMED

    assert NAMED == FORMATS
