"""`luminaldb todo`: what is named, and what isn't."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import read_rows, write_rows

from luminaldb.curation.todo import list_tasks
from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database


def test_an_approval_of_a_class_is_not_missing(datasets: Path) -> None:
    file = datasets / "therapies/therapies.csv"
    header, *rows = read_rows(file)
    status, modality = header.index("development_status"), header.index("modality")
    classes = {row[0] for row in rows if row[modality] == "any_of_class"}
    for row in rows:
        if row[0] in classes:
            row[status] = "approved"
    write_rows(file, [header, *rows])
    (approvals,) = datasets.rglob("approvals.csv")
    write_rows(approvals, read_rows(approvals)[:1])
    named = {task.row for task in list_tasks(Database.open(datasets), []) if task.kind == "approval missing"}
    assert classes
    assert named == {row[0] for row in rows if row[status] == "approved"} - classes


def test_tables_of_an_old_release_are_refused_in_one_line(datasets: Path) -> None:
    trials = datasets / "trials" / "trials.csv"
    rows = read_rows(trials)
    gone = rows[0].index("status_as_of")
    write_rows(trials, [row[:gone] + row[gone + 1 :] for row in rows])
    with pytest.raises(LuminaldbError, match="status_as_of") as refused:
        list_tasks(Database.find(datasets), warnings=[])
    assert "\n" not in str(refused.value)


def test_what_a_reader_would_miss_most_comes_first(datasets: Path) -> None:
    tables = Database.open(datasets)
    tasks = list_tasks(tables, warnings=[])
    status = dict(tables.text("trials").select("trial_id", "status").iter_rows())
    running = [status[task.row] in ("recruiting", "active") for task in tasks if task.kind == "trial without results"]
    assert running == sorted(running)
    primary = dict(tables.text("effects").select("effect_id", "is_primary_endpoint").iter_rows())
    weak = [primary[task.row] for task in tasks if task.kind == "weak source" and task.table == "effects"]
    assert weak == sorted(weak, reverse=True)
