"""Text that looks like an escape of Excel goes through a workbook and comes back as it was."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers import small_package
from hypothesis import given, settings
from hypothesis import strategies as st

from luminaldb.curation.workbook_import import read_import
from luminaldb.curation.workbook_reader import read_workbook
from luminaldb.curation.workbook_template import write_template
from luminaldb.curation.working_tree import open_working_tree
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.spreadsheets import read_sheet
from luminaldb.publish.export.export import export

FIELDS = [{"name": "id", "type": "string"}, {"name": "text", "type": "string"}]
ODD = [
    "_x005F_x0041_", "_x005F_x005F_", "_x005F_x005F_x0041_", "_x0041_x0042_", "_x0041\x01", "\x01x005F_", "x005F_",
    "_x005f_x0041_", "_x005f_", "_xD800_", "_x0041_x005F_x0041", "__x0041__x0042__", "<r>x</r>", "<r>_x0041_</r>",
]  # fmt: skip
PIECES = ["_", "x", "_x", "005F", "005f", "0041", "D800", "x005F_", "x0041_", "\x01", "é", "<r>", "</r>", "&", "a", "F"]
texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join)


def make_tree(folder: Path, cells: Sequence[str]) -> Path:
    stream = (folder / "rows.csv").open("w", encoding="utf-8", newline="")
    with stream:
        csv.writer(stream, lineterminator="\n").writerows([("id", "text"), *enumerate(cells)])
    rows = (folder / "rows.csv").read_text(encoding="utf-8")
    tree = small_package(folder / "tree", FIELDS, rows, schema={"primaryKey": ["id"]})
    # An export names the licence, sources and date of a package.
    own = json.loads((installed.datasets_folder() / "vocabularies/datapackage.json").read_text(encoding="utf-8"))
    small = json.loads((tree / "datapackage.json").read_text(encoding="utf-8"))
    (tree / "datapackage.json").write_text(json.dumps(own | small), encoding="utf-8")
    return tree


def cells_in(file: Path, tree: Path) -> list[str]:
    """Return the texts that an import of a workbook reads, also where they are those of the tables."""
    from luminaldb.curation.excel_cells import cell_text

    database = open_working_tree(tree)
    schema = database.resource("table").schema
    (sheet,) = read_workbook(file, database)[0]
    return [cell_text(cells["text"], schema.fields[1], schema) for _, cells in sheet.rows]


@settings(deadline=None, max_examples=30)
@given(st.lists(texts, min_size=1, max_size=30))
def test_a_workbook_keeps_what_looks_like_an_escape(cells: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        tree = make_tree(Path(name), cells)
        for file, sheet in (
            (write_template(open_working_tree(tree), Path(name) / "template.xlsx", filled=True), "table"),
            (export("xlsx", Path(name) / "export.xlsx", path=tree), "Table"),
        ):
            assert cells_in(file, tree) == cells
            rows = read_sheet(file.read_bytes(), "xlsx", Dialect(sheet_name=sheet))
            assert [row[1] for row in rows][1:] == cells
            assert not read_import(file, open_working_tree(tree)).files


@pytest.mark.parametrize("text", ODD)
def test_each_kind_of_escape_comes_back(tmp_path: Path, text: str) -> None:
    tree = make_tree(tmp_path, [text])
    assert cells_in(write_template(open_working_tree(tree), tmp_path / "t.xlsx", filled=True), tree) == [text]


def test_an_escape_is_written_as_excel_reads_it(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, ["_x005F_x0041_", "_x0041\x01"])
    with zipfile.ZipFile(write_template(open_working_tree(tree), tmp_path / "t.xlsx", filled=True)) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert "<t>_x005F_x005F_x005F_x0041_</t>" in strings
    assert "<t>_x005F_x0041_x0001_</t>" in strings


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice isn't installed; CI has it")
def test_libreoffice_shows_and_saves_what_looks_like_an_escape(tmp_path: Path) -> None:
    cells = [*ODD, *map("".join, itertools.product(["_x005F", "_x0041", "x005F_", "_"], repeat=4))]
    tree = make_tree(tmp_path, cells)
    write_template(open_working_tree(tree), tmp_path / "t.xlsx", filled=True)
    # Every sheet, in UTF-8, as shown.
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for kind, to in ((form, tmp_path), ("xlsx:Calc MS Excel 2007 XML", tmp_path / "saved")):
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(to), f"{tmp_path}/t.xlsx"]
        subprocess.run(command, check=True, capture_output=True, timeout=240)
    with (tmp_path / "t-table.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[1] for row in csv.reader(stream)][1:] == cells
    saved = tmp_path / "saved/t.xlsx"
    assert not read_import(saved, open_working_tree(tree)).files
    # LibreOffice writes `_x005F_x0041_` for two texts: a new cell gets the shorter one.
    pairs = zip(cells, cells_in(saved, tree), strict=True)
    assert all(read == cell for cell, read in pairs if "_x005F_x" not in cell and not cell.endswith("_x005F_"))
