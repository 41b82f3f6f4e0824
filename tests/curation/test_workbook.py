"""The template opens and asks for the right things; what comes back changes what was changed, and nothing else."""

from __future__ import annotations

import csv
import datetime
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from helpers import read_rows, small_package
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

import luminaldb
from luminaldb.curation.workbook_import import WorkbookImport, read_import
from luminaldb.curation.workbook_template import write_template
from luminaldb.curation.working_tree import open_working_tree
from luminaldb.loaders import installed
from luminaldb.loaders.database import Database

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]
SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice isn't installed; CI has it")
KEY = "tandem-trastuzumab-anastrozole-pfs-itt-primary-median"


def by_libreoffice(file: Path, folder: Path) -> Path:
    """Open a workbook in LibreOffice and save it again."""
    command = [str(SOFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    convert = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(file)]
    subprocess.run([*command, *convert], check=True, capture_output=True, timeout=240)
    return folder / file.name


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    tree = Database.installed()
    write_template(tree, folder / "empty.xlsx")
    write_template(tree, folder / "filled.xlsx", filled=True)
    trials = folder / "trials"
    shutil.copytree(installed.datasets_folder() / "trials", trials)
    header, *rows = read_rows(trials / "outcomes.csv")
    write(trials / "outcomes.csv", [header, *(row for row in rows if row[1] == "tandem")])
    write_template(open_working_tree(trials), folder / "outcomes.xlsx", tables=["outcomes"], filled=True)
    return folder


@pytest.fixture(scope="module")
def empty(books: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(books / "empty.xlsx")


def rules(page: Worksheet) -> dict[str, Any]:
    """Return the validation of each column, by its name in the header."""
    found = {}
    for rule in page.data_validations.dataValidation:
        (area,) = rule.sqref.ranges
        assert (area.min_row, area.max_row) == (2, 1_048_576)
        found[page.cell(1, area.min_col).value] = rule
    return found


def listed(book: openpyxl.Workbook, rule: Any) -> list[str]:
    name, _, area = rule.formula1.partition("!")
    assert name == "lists"
    return [str(cell.value) for (cell,) in book["lists"][area.replace("$", "")]] if ":" in area else []


def test_the_template_holds_every_table_and_explains_every_column(empty: openpyxl.Workbook) -> None:
    assert empty.sheetnames == ["README", *installed.packages_by_table(), "lists"]
    assert empty["lists"].sheet_state == "hidden"
    for table, package in ((t, installed.package_of(t)) for t in installed.packages_by_table()):
        page, schema = empty[table], installed.package_of(table).resource(table).schema
        header = page[1]
        assert tuple(c.value for c in header) == schema.names
        assert page.max_row == 1
        assert page.freeze_panes == header[len(schema.primary_key)].column_letter + "2"
        for cell, field in zip(header, schema.fields, strict=True):
            assert cell.comment.text.startswith(field.description), (package.name, table, field.name)


def test_drop_downs_hold_the_values_and_the_ids(empty: openpyxl.Workbook) -> None:
    for table in installed.packages_by_table():
        page, schema = empty[table], installed.package_of(table).resource(table).schema
        asked = rules(page)
        for field in schema.fields:
            if field.choices:
                assert listed(empty, asked[field.name]) == list(field.choices)
                assert asked[field.name].errorStyle in (None, "stop")
            elif field.type == "boolean":
                assert listed(empty, asked[field.name]) == ["true", "false"]
        for key in schema.all_references():
            target = key.reference.table or table
            if len(key.columns) == 1 and luminaldb.load(target).height:
                own = luminaldb.load(target)[key.reference.columns[0]].to_list()
                assert listed(empty, asked[key.columns[0]]) == own
                assert asked[key.columns[0]].errorStyle == "warning"
    numbers = rules(empty["effects"])
    assert numbers["n_control"].type == "whole"
    assert numbers["data_cutoff"].type == "date"
    assert rules(empty["claims"])["statement"].type == "textLength"


def test_identifiers_and_estimates_are_text(books: Path) -> None:
    page = openpyxl.load_workbook(books / "filled.xlsx", read_only=True)["effects"]
    header, *rows = page.iter_rows()
    at = {c.value: n for n, c in enumerate(header)}
    row = next(r for r in rows if r[0].value == "tandem-pfs-itt-primary")
    assert row[at["estimate"]].value == "0.63"
    assert {row[at[c]].number_format for c in ("effect_id", "estimate", "ci_low", "p_value")} == {"@"}
    assert row[at["n_control"]].value == 104
    text = installed.package_of("effects").text("effects").frame
    zeros = [k for k, v in text.select("effect_id", "estimate").iter_rows() if "." in v and v.endswith("0")]
    assert zeros
    shown = {r[0].value: r[at["estimate"]].value for r in rows}
    assert all(shown[k].endswith("0") for k in zeros)


def test_the_template_is_the_same_twice(books: Path, tmp_path: Path) -> None:
    write_template(Database.installed(), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (books / "empty.xlsx").read_bytes()


@needs_office
def test_libreoffice_opens_the_template_and_keeps_its_drop_downs(books: Path, tmp_path: Path) -> None:
    saved = openpyxl.load_workbook(by_libreoffice(books / "empty.xlsx", tmp_path))
    before = openpyxl.load_workbook(books / "empty.xlsx")
    assert saved.sheetnames == before.sheetnames
    assert saved["lists"].sheet_state == "hidden"
    for table in ("effects", "trials", "claims"):
        assert {c: r.formula1 for c, r in rules_after(saved[table]).items()} == {
            c: r.formula1 for c, r in rules(before[table]).items() if r.type == "list"
        }


def rules_after(page: Worksheet) -> dict[str, Any]:
    return {
        page.cell(1, area.min_col).value: rule
        for rule in page.data_validations.dataValidation
        if rule.type == "list"
        for area in rule.sqref.ranges
    }


def nothing(found: WorkbookImport) -> bool:
    return not (found.diff or found.files or found.result.errors or found.notes)


@pytest.mark.parametrize("office", [False, pytest.param(True, marks=needs_office)])
def test_a_filled_template_brings_back_what_is_there(books: Path, tmp_path: Path, office: bool) -> None:
    file = by_libreoffice(books / "filled.xlsx", tmp_path) if office else books / "filled.xlsx"
    assert nothing(read_import(file, Database.installed()))


@pytest.mark.parametrize("office", [False, pytest.param(True, marks=needs_office)])
def test_an_exported_workbook_brings_back_what_is_there(tmp_path: Path, office: bool) -> None:
    """Numbers are numbers there and have lost their zeros: the old cells keep them."""
    file = luminaldb.export("xlsx", tmp_path / "export.xlsx")
    file = by_libreoffice(file, tmp_path / "saved") if office else file
    assert nothing(read_import(file, Database.installed()))


class Sheet:
    """The outcomes of one trial, to be edited."""

    def __init__(self, books: Path, file: Path, datasets: Path) -> None:
        self.file, self._datasets = file, datasets
        self.book = openpyxl.load_workbook(books / "outcomes.xlsx")
        self.page = self.book["outcomes"]
        self.columns = {c.value: c.column for c in self.page[1]}
        self.rows = {r[0].value: r[0].row for r in self.page.iter_rows(min_row=2)}
        self.row = self.rows[KEY]

    def set(self, column: str, value: Any, row: int | None = None) -> str:
        cell = self.page.cell(row or self.row, self.columns[column])
        cell.value = value
        return str(cell.coordinate)

    def read(self) -> WorkbookImport:
        self.book.save(self.file)
        return read_import(self.file, open_working_tree(self._datasets))


@pytest.fixture
def sheet(books: Path, tmp_path: Path, datasets: Path) -> Sheet:
    return Sheet(books, tmp_path / "edited.xlsx", datasets)


def test_findings_name_sheet_and_cell(sheet: Sheet) -> None:
    cases = [
        ("estimate", "4,8", "LDB020"), ("estimate", "48%", "LDB020"), ("n", 104.5, "LDB020"), ("measure", "HR", "LDB023"),
        ("trial_id", "tandm", "LDB033"), ("citation_id", "nobody-1900", "LDB034"), ("ci_level", "95", "LDB203"),
        ("outcome_id", None, "LDB021"), ("estimate", "=1+1", "LDB042"), ("estimate", 0.7, "LDB041"),
    ]  # fmt: skip
    places = [
        (f"edited.xlsx outcomes!{sheet.set(column, value, row)}", code)
        for (column, value, code), row in zip(cases, sheet.rows.values(), strict=False)
    ]
    found = sheet.read()
    assert set(places) <= {(f.file, f.code) for f in found.result.errors}
    with pytest.raises(luminaldb.LuminaldbError, match="nothing was written"):
        found.write()


def test_rows_are_added_and_revised_in_order_and_other_bytes_stay(sheet: Sheet, datasets: Path) -> None:
    last = sheet.page.max_row + 3
    for column, number in sheet.columns.items():
        sheet.set(column, sheet.page.cell(sheet.row, number).value, last)
    sheet.set("outcome_id", "tandem-trastuzumab-anastrozole-pfs-itt-updated", last)
    sheet.set("analysis", "updated", last)
    sheet.set("note", "Read again.")
    found = sheet.read()
    assert not found.result.errors
    file = datasets / "trials/outcomes.csv"
    before = file.read_bytes().splitlines(keepends=True)
    found.write()
    after = file.read_bytes().splitlines(keepends=True)
    new = [line for line in after if line not in before]
    assert len(after) == len(before) + 1
    assert len(new) == 2
    assert new[0].startswith(f"{KEY},".encode())
    assert b"Read again." in new[0]
    keys = [row[0] for row in read_rows(file)[1:]]
    assert keys == sorted(keys)
    # A new result of a phase 3 trial waits for its second read.
    assert {i.code for i in luminaldb.validate(datasets).errors} == {"LDB615"}


def test_the_form_of_a_sheet_is_checked(sheet: Sheet) -> None:
    first, second, *_ = sheet.rows.values()
    sheet.page.merge_cells(f"B{first}:B{second}")
    beyond = sheet.page.cell(second, len(sheet.columns) + 2)
    beyond.value = "a remark"
    place = sheet.set("outcome_id", KEY, sheet.page.max_row + 1)
    found = {(f.file.rpartition("!")[2], f.code) for f in sheet.read().result.errors}
    assert {(f"B{first}", "LDB043"), (beyond.coordinate, "LDB043"), (place, "LDB031")} <= found


@pytest.mark.parametrize(("name", "code"), [("notes", "LDB009"), ("outcome_id", "LDB007"), (None, "LDB043")])
def test_a_wrong_header_is_reported(sheet: Sheet, name: str | None, code: str) -> None:
    sheet.set("note", "x")
    sheet.page.cell(1, sheet.columns["note"]).value = name
    assert code in {f.code for f in sheet.read().result.errors}


def test_a_cell_far_out_is_reported_at_once(sheet: Sheet) -> None:
    sheet.page.cell(1_048_576, 10).value = "x"
    assert [f.code for f in sheet.read().result.errors] == ["LDB043"]


def test_a_workbook_that_swells_is_refused(datasets: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"\0" * (257 * 1024**2))
    with pytest.raises(luminaldb.LuminaldbError, match="unpacks to"):
        read_import(tmp_path / "bomb.xlsx", open_working_tree(datasets))


def test_without_openpyxl_the_extra_is_named(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(luminaldb.MissingExtraError, match=r"luminaldb\[excel\]"):
        read_import(sheet.file, Database.installed())


def test_a_title_above_the_header_is_passed_over_and_a_missing_column_changes_nothing(sheet: Sheet) -> None:
    sheet.page.delete_cols(sheet.columns["note"])
    sheet.page.insert_rows(1, 2)
    sheet.page.cell(1, 1).value = "Outcomes, read in spring"
    sheet.book.create_sheet("scratch")
    found = sheet.read()
    assert not found.diff
    assert not found.result.errors
    assert found.notes == ["the sheet scratch is no table and was left aside"]


def test_rows_that_name_one_another_come_together(datasets: Path, books: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(books / "empty.xlsx")
    arm = {"arm_id": "tandem-third", "trial_id": "tandem", "label": "Third", "role": "experimental"}
    gives = {"arm_id": "tandem-third", "therapy_id": "fulvestrant", "optional": "false"}
    for table, row in (("arms", arm), ("arm_therapies", gives)):
        header = {c.value: c.column for c in book[table][1]}
        for column, value in row.items():
            book[table].cell(2, header[column]).value = value
    book.save(tmp_path / "book.xlsx")
    found = read_import(tmp_path / "book.xlsx", open_working_tree(datasets))
    assert not found.result.errors
    assert not found.result.pending
    assert {t.table: t.added.height for t in found.diff.changed_tables} == {"arms": 1, "arm_therapies": 1}
    assert len(found.write()) == 2
    assert luminaldb.validate(datasets).ok


def test_the_command_shows_asks_and_writes(sheet: Sheet, datasets: Path, run: Run) -> None:
    sheet.set("note", "Read again.")
    sheet.book.save(sheet.file)
    file = datasets / "trials/outcomes.csv"
    before = file.read_bytes()
    asked = run("import", sheet.file, "--in", datasets, input="n\n")
    assert asked.returncode == 1
    assert f"~ {KEY}" in asked.stdout
    assert "note: (empty) -> Read again." in asked.stdout
    assert "nothing was written" in asked.stderr
    output = run("import", sheet.file, "--in", datasets, "--json")
    assert json.loads(output.stdout)["written"] == []
    assert file.read_bytes() == before
    done = run("import", sheet.file, "--in", datasets, "--yes")
    assert done.returncode == 0, done.stderr
    assert b"Read again." in file.read_bytes()
    again = run("import", sheet.file, "--in", datasets, "--yes")
    assert "Nothing changed." in again.stdout


def test_a_wrong_workbook_is_one_line(run: Run, datasets: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("no zip")
    shutil.make_archive(str(tmp_path / "other"), "zip", datasets)
    other = openpyxl.Workbook()
    other.save(tmp_path / "none.xlsx")
    for name, words in (
        ("text.xlsx", "not an .xlsx"),
        ("other.zip", "not a workbook"),
        ("none.xlsx", "no sheet is named"),
        ("gone.xlsx", "no such file"),
    ):
        done = run("import", tmp_path / name, "--in", datasets)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    done = run("import", "https://example.org/sheet.xlsx", "--in", datasets)
    assert done.stderr == (
        "luminaldb: https://example.org/sheet.xlsx: is an address, from which nothing is imported; download the workbook\n"
    )
    there = run("template", "--out", tmp_path / "none.xlsx")
    assert (there.returncode, "exists" in there.stderr) == (1, True)
    assert run("template", "--to", "ods", "--out", tmp_path / "x.ods").returncode == 2


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NUMBER = st.decimals(-(10**6), 10**6, allow_nan=False, places=3).map(str) | st.sampled_from(
    ["", "0.60", "1e3", "-0", "+5"]
)
WHOLE = st.integers(-(10**18), 10**18).map(str) | st.sampled_from(["", "007", "-0", "+5"])
DAY = st.dates(datetime.date(1, 1, 1)).map(str) | st.just("")


@given(
    st.lists(
        st.tuples(
            CELL.filter(lambda t: t.strip() != ""),
            NUMBER,
            WHOLE,
            DAY,
            st.sampled_from(["", "true", "1", "FALSE"]),
            CELL,
        ),
        max_size=6,
        unique_by=lambda r: r[0],
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_tables_to_template_and_back_is_no_change(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    names = [
        ("key", "string"),
        ("number", "number"),
        ("whole", "integer"),
        ("day", "date"),
        ("flag", "boolean"),
        ("text", "string"),
    ]
    fields = [{"name": name, "type": kind} for name, kind in names]
    folder = tmp_path_factory.mktemp("p")
    small_package(folder, fields, "", schema={"primaryKey": ["key"]})
    write(folder / "table.csv", [[name for name, _ in names], *rows])
    tree = open_working_tree(folder)
    found = read_import(write_template(tree, folder / "book.xlsx", filled=True), tree)
    assert nothing(found), found.result.errors


def write(file: Path, rows: list[Any]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
