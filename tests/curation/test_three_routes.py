"""One fictional trial by three routes, the editor, `new` and a workbook: the same bytes in the end."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from fictional_trial import CLAIM, ROWS, answers, bundle_answers
from typer.testing import CliRunner

from luminaldb.cli.main import app
from luminaldb.curation import new_row
from luminaldb.curation.change_check import ChangeCheck
from luminaldb.loaders import installed
from luminaldb.loaders.database import Database


def call(*arguments: object, typed: list[str] | None = None, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments], input="".join(f"{a}\n" for a in typed or []))
    assert done.exit_code == code, (done.output[-1500:], done.exception)
    return done.output


def copy(folder: Path) -> Path:
    shutil.copytree(installed.datasets_folder(), folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return folder


def by_new(folder: Path) -> None:
    call("new", "trial", "--bundle", "--in", folder, typed=list(bundle_answers()))
    for table, cells in CLAIM:
        call("new", table, "--in", folder, typed=[*answers(table, cells), "y"])


def by_editor(folder: Path) -> None:
    for table, cells in ROWS:
        (file,) = folder.rglob(f"{table}.csv")
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(
            [cells.get(name, "") for name in Database.installed().resource(table).schema.names]
        )
        with file.open("a", encoding="utf-8", newline="") as stream:
            stream.write(line.getvalue())
    call("validate", folder, "--fix", "--exit-zero")


def by_workbook(folder: Path) -> None:
    file = folder.parent / "rows.xlsx"
    call("template", "--out", file, "--in", folder)
    book = openpyxl.load_workbook(file)
    for table, cells in ROWS:
        names = Database.installed().resource(table).schema.names
        book[table].append([cells.get(name) for name in names])
    book.save(file)
    call("import", file, "--in", folder, "--yes")


@pytest.mark.slow
def test_the_bytes_are_the_same(tmp_path: Path) -> None:
    ways: dict[str, Callable[[Path], None]] = {"new": by_new, "editor": by_editor, "workbook": by_workbook}
    results = {}
    for name, way in ways.items():
        folder = copy(tmp_path / name / "datasets")
        way(folder)
        results[name] = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*.*")}
    assert results["new"] == results["editor"] == results["workbook"]
    changed = [p for p, data in results["new"].items() if data != (installed.datasets_folder() / p).read_bytes()]
    assert {p.stem for p in changed} == {table for table, _ in ROWS}


@pytest.mark.slow
@pytest.mark.parametrize("cut", [1, 60, 130])
def test_a_bundle_goes_on_where_it_ended(
    tmp_path: Path, drafts: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    monkeypatch.setattr(new_row, "check_change", lambda *_: ChangeCheck())
    whole, parts = copy(tmp_path / "whole"), copy(tmp_path / "parts")
    typed = list(bundle_answers())
    call("new", "trial", "--bundle", "--in", whole, typed=typed)
    before = {p: p.read_bytes() for p in parts.rglob("*.csv")}
    # Each cut falls into a row: a question that wasn't answered is asked again.
    while typed[cut - 1] in "yn":
        cut += 2
    output = call("new", "trial", "--bundle", "--in", parts, typed=typed[:cut], code=1)
    assert "--resume continues" in output
    assert {p: p.read_bytes() for p in parts.rglob("*.csv")} == before
    call("new", "trial", "--bundle", "--resume", "--in", parts, typed=typed[cut:])
    for file in whole.rglob("*.csv"):
        assert (parts / file.relative_to(whole)).read_bytes() == file.read_bytes()
    assert not list(drafts.iterdir())
