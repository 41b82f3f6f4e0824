"""Rows deleted in a workbook, ids changed in one, cells refused beside others that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from luminaldb.curation.workbook_import import WorkbookImport, read_import
from luminaldb.curation.workbook_template import write_template
from luminaldb.curation.working_tree import open_working_tree

DRUGS = "drug_id,name,route,year\na,Alpha,oral,1999\nb,Beta,oral,2001\nc,Gamma,infusion,2010\nd,Delta,oral,2020\n"
USES = "use_id,drug_id,n\nu1,a,1\nu2,b,2\nu3,c,3\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    text = {"type": "string"}
    fields = [{"name": "drug_id", **text}, {"name": "name", **text}, {"name": "route", **text}]
    drugs = {"fields": [*fields, {"name": "year", "type": "year"}], "primaryKey": ["drug_id"]}
    key = {"fields": ["drug_id"], "reference": {"resource": "drugs", "fields": ["drug_id"]}}
    uses = {
        "fields": [{"name": "use_id", **text}, {"name": "drug_id", **text}, {"name": "n", "type": "integer"}],
        "primaryKey": ["use_id"],
        "foreignKeys": [key],
    }
    folder = tmp_path / "tree"
    folder.mkdir()
    resources = [
        {"name": name, "path": f"{name}.csv", "schema": schema} for name, schema in (("drugs", drugs), ("uses", uses))
    ]
    (folder / "datapackage.json").write_text(json.dumps({"name": "small", "resources": resources}), encoding="utf-8")
    (folder / "drugs.csv").write_text(DRUGS, encoding="utf-8")
    (folder / "uses.csv").write_text(USES, encoding="utf-8")
    return folder


def fill_template(tree: Path) -> Path:
    return write_template(open_working_tree(tree), tree.parent / "book.xlsx", filled=True)


def import_changes(
    tree: Path, change: Callable[[Worksheet, Worksheet], object], *, deleted: bool = False
) -> WorkbookImport:
    file = fill_template(tree)
    book = openpyxl.load_workbook(file)
    change(book["drugs"], book["uses"])
    book.save(file)
    return read_import(file, open_working_tree(tree), deleted=deleted)


def test_a_deleted_row_is_shown_and_stays(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.delete_rows(5))
    assert not result.files
    assert result.notes == ["drugs: not on the sheet: d; --deleted removes these rows"]


def test_a_deleted_row_goes_where_asked(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.delete_rows(5), deleted=True)
    result.write()
    assert (tree / "drugs.csv").read_text() == DRUGS.replace("d,Delta,oral,2020\n", "")
    assert (tree / "uses.csv").read_text() == USES


def test_a_row_that_others_name_is_not_deleted(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.delete_rows(2), deleted=True)
    assert [(f.table, f.row_key, f.code) for f in result.result.errors] == [("uses", "u1", "LDB033")]


def test_a_changed_id_is_offered_as_a_rename(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.cell(3, 1, "bb"))
    (issue,) = result.result.errors
    assert issue.file == "book.xlsx drugs!A3"
    assert "b is not on the sheet, and bb has its cells: a changed id is a rename" in issue.message
    assert not result.files


def test_a_rename_is_followed_everywhere(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.cell(3, 1, "bb"), deleted=True)
    result.write()
    assert (tree / "drugs.csv").read_text() == DRUGS.replace("b,Beta", "bb,Beta")
    assert (tree / "uses.csv").read_text() == USES.replace("u2,b", "u2,bb")
    assert result.notes == ["drugs: b renamed to bb; list the old id in retired_ids if a release has it"]


@pytest.mark.slow
def test_the_second_read_of_a_deleted_row_is_to_be_deleted(datasets: Path, tmp_path: Path) -> None:
    tree = open_working_tree(datasets)
    file = write_template(tree, tmp_path / "book.xlsx", filled=True, tables=["effects"])
    book = openpyxl.load_workbook(file)
    page = book["effects"]
    page.delete_rows(next(row[0].row for row in page.iter_rows() if row[0].value == "tandem-pfs-itt-primary"))
    book.save(file)
    errors = read_import(file, tree, deleted=True).result.errors
    hints = {e.hint for e in errors if e.table == "second_reads" and e.row_key.find("tandem-pfs-itt-primary") >= 0}
    assert hints
    assert all(hint.startswith("Delete this line") for hint in hints)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("arms", "monarch-2-abemaciclib-fulvestrant", "monarch-2-abe-ful"),
        ("populations", "monarch-2-itt", "monarch-2-everybody"),
        ("trials", "monarch-2", "second-monarch"),
        ("effects", "monarch-2-pfs-itt-primary", "monarch-2-pfs-itt-primary-final"),
        ("mechanisms", "adc-payload-resistance", "payload-resistance"),
        ("therapies", "abemaciclib", "abema"),
    ],
)
def test_a_rename_goes_into_the_ids_made_of_it_and_adds_no_finding(
    table: str, old: str, new: str, datasets: Path, tmp_path: Path
) -> None:
    before = open_working_tree(datasets)
    file = write_template(before, tmp_path / "book.xlsx", filled=True, tables=[table])
    book = openpyxl.load_workbook(file)
    cell = next(row[0] for row in book[table].iter_rows() if row[0].value == old)
    cell.value = new
    book.save(file)
    result = read_import(file, before, deleted=True)
    assert not result.result.errors
    result.write()
    after = open_working_tree(datasets)
    for other in before.tables:
        assert after.text(other).height == before.text(other).height
    if table in ("arms", "trials", "effects"):
        assert not any(f"-{old}-" in f"-{key}-" for key in after.text("outcomes")["outcome_id"])


def test_a_refused_cell_hides_no_other_finding(tree: Path) -> None:
    def change(drugs: Worksheet, uses: Worksheet) -> None:
        drugs.cell(3, 4, "=1+1")
        drugs.cell(3, 3, "by mouth ")
        uses.cell(3, 3, "two")
        uses.cell(4, 2, "nobody")

    found = {(f.table, f.row_key, f.column, f.code) for f in import_changes(tree, change).result.errors}
    assert found == {
        ("drugs", "b", "year", "LDB042"),
        ("uses", "u2", "n", "LDB020"),
        ("uses", "u3", "drug_id", "LDB033"),
    }


def test_ids_made_of_a_renamed_one_and_rows_about_it_follow(tree: Path) -> None:
    descriptor = json.loads((tree / "datapackage.json").read_text(encoding="utf-8"))
    text = {"type": "string"}
    names = ("table_name", "row_key", "method")
    schema = {"fields": [{"name": n, **text} for n in names], "primaryKey": ["table_name", "row_key"]}
    descriptor["resources"].append({"name": "reads", "path": "reads.csv", "schema": schema})
    (tree / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    (tree / "uses.csv").write_text("use_id,drug_id,n\na-1,a,1\nb-1,b,2\nbc-b-2,b,3\nc-1,c,4\n", encoding="utf-8")
    (tree / "reads.csv").write_text(
        "table_name,row_key,method\ndrugs,b,x\ndrugs,c,x\nuses,b-1,y\nuses,c-1,y\n", encoding="utf-8"
    )
    result = import_changes(tree, lambda drugs, _: drugs.cell(3, 1, "zeta"), deleted=True)
    result.write()
    assert (tree / "uses.csv").read_text() == "use_id,drug_id,n\na-1,a,1\nbc-zeta-2,zeta,3\nc-1,c,4\nzeta-1,zeta,2\n"
    assert (tree / "reads.csv").read_text() == (
        "table_name,row_key,method\ndrugs,c,x\ndrugs,zeta,x\nuses,c-1,y\nuses,zeta-1,y\n"
    )
    assert any("uses: ids made of it renamed, too: b-1 to zeta-1" in note for note in result.notes)


def test_a_template_that_was_empty_removes_nothing(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.delete_rows(2, 10), deleted=True)
    assert not result.files
    assert not result.notes


def test_text_that_excel_escapes_comes_back(tree: Path) -> None:
    odd = "_x0041_ and _x000D_ and _x005F_"
    (tree / "drugs.csv").write_text(DRUGS.replace("Gamma", odd), encoding="utf-8")
    assert not read_import(fill_template(tree), open_working_tree(tree)).files
