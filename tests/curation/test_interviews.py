"""Interviews: a row of every table, answers kept when one ends early, a whole trial at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import read_rows, write_rows
from typer.testing import CliRunner

from luminaldb.cli.main import app
from luminaldb.curation import new_row
from luminaldb.curation.change_check import ChangeCheck, check_cell
from luminaldb.loaders.database import Database

TABLES = Database.installed().tables


def interview(*arguments: object, answers: list[str], code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments], input="".join(f"{a}\n" for a in answers))
    assert done.exit_code == code, (done.output[-1500:], done.exception)
    return done.output


@pytest.fixture
def skip_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the validation of the whole tree, which other tests run."""
    monkeypatch.setattr(new_row, "check_change", lambda *_: ChangeCheck())


@pytest.mark.parametrize("table", TABLES)
def test_every_column_may_be_left_empty_or_is_stated_to_be_needed(table: str) -> None:
    schema = Database.installed().resource(table).schema
    for field in schema.fields:
        needed = bool(field.constraints.get("required")) or field.name in schema.primary_key
        assert bool(check_cell("", field, schema)) == needed


@pytest.mark.slow
@pytest.mark.usefixtures("skip_validation")
@pytest.mark.parametrize("table", TABLES)
def test_a_row_of_every_table_is_entered_as_it_was_in_two_sittings(datasets: Path, table: str) -> None:
    (file,) = datasets.rglob(f"{table}.csv")
    whole = file.read_bytes()
    head, *rows = read_rows(file)
    # The row with most cells filled asks most.
    row = max(rows, key=lambda r: sum(map(bool, r)))
    rows.remove(row)
    write_rows(file, [head, *rows])
    without = file.read_bytes()
    # It ends half-way, as by Ctrl-C, and goes on.
    half = len(row) // 2
    output = interview("new", table, "--in", datasets, answers=row[:half], code=1)
    assert "--resume continues" in output
    assert file.read_bytes() == without
    output = interview("new", table, "--in", datasets, "--resume", answers=[*row[half:], "y"])
    assert file.read_bytes() == whole
    assert output.count("wrote ") == 1


@pytest.mark.usefixtures("skip_validation")
def test_answers_survive_an_end_and_are_used_once(datasets: Path, drafts: Path) -> None:
    file = datasets / "trials/arm_therapies.csv"
    before = file.read_bytes()
    output = interview("new", "arm-therapies", "--in", datasets, answers=["tandem-anastrozole", "fulvestrant"], code=1)
    assert "nothing was written; --resume continues" in output
    assert file.read_bytes() == before
    output = interview("new", "arm-therapies", "--in", datasets, "--resume", answers=["false", "500 mg", "", "y"])
    assert "arm_id (" not in output
    assert ["tandem-anastrozole", "fulvestrant", "false", "500 mg", ""] in read_rows(file)
    assert not list(drafts.iterdir())
    assert interview("new", "arm-therapies", "--in", datasets, "--resume", answers=[], code=1) == ""


def test_a_fault_keeps_the_answers(datasets: Path, drafts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_row, "check_change", lambda *_: 1 / 0)
    answers = ["tandem-anastrozole", "fulvestrant", "false", "500 mg", ""]
    interview("new", "arm-therapies", "--in", datasets, answers=answers, code=1)
    monkeypatch.setattr(new_row, "check_change", lambda *_: ChangeCheck())
    interview("new", "arm-therapies", "--in", datasets, "--resume", answers=["y"])
    assert answers in read_rows(datasets / "trials/arm_therapies.csv")


@pytest.mark.usefixtures("skip_validation")
def test_the_rest_of_a_row_is_left_empty(datasets: Path) -> None:
    output = interview(
        "new", "arms", "--in", datasets, answers=["tandem-x", "tandem", ":rest", "A label", "single", "y"]
    )
    assert "n_assigned (" not in output
    assert ["tandem-x", "tandem", "A label", "single", "", "", ""] in read_rows(datasets / "trials/arms.csv")
