"""Rows deleted in a workbook, ids changed in one, cells refused beside others that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from luminaldb.curation.workbook_import import Import, read_import
from luminaldb.curation.workbook_template import template
from luminaldb.curation.working_tree import working_tree

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
    return template(working_tree(tree), tree.parent / "book.xlsx", filled=True)


def import_changes(tree: Path, change: Callable[[Worksheet, Worksheet], object], *, deleted: bool = False) -> Import:
    file = fill_template(tree)
    book = openpyxl.load_workbook(file)
    change(book["drugs"], book["uses"])
    book.save(file)
    return read_import(file, working_tree(tree), deleted=deleted)


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


def test_a_template_that_was_empty_removes_nothing(tree: Path) -> None:
    result = import_changes(tree, lambda drugs, _: drugs.delete_rows(2, 10), deleted=True)
    assert not result.files
    assert not result.notes


def test_text_that_excel_escapes_comes_back(tree: Path) -> None:
    odd = "_x0041_ and _x000D_ and _x005F_"
    (tree / "drugs.csv").write_text(DRUGS.replace("Gamma", odd), encoding="utf-8")
    assert not read_import(fill_template(tree), working_tree(tree)).files
