"""A file that changes while it is validated."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import small_package

import luminaldb
from luminaldb.loaders.datapackage.package import Package
from luminaldb.schemas import runner
from luminaldb.schemas.checked_table import CheckedTable

FIELDS = [{"name": "a", "type": "integer"}]


def test_a_file_that_changes_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = small_package(tmp_path, FIELDS, "a\n1\n2\n")
    check = CheckedTable.value_issues

    def check_and_write(table: CheckedTable, *arguments: object, **options: object) -> object:
        with (tmp_path / "table.csv").open("a", encoding="utf-8") as stream:
            stream.write("3\n")
        return check(table, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(CheckedTable, "value_issues", check_and_write)
    with pytest.raises(luminaldb.LuminaldbError, match=r"table\.csv: changed while it was read") as refused:
        runner.check_packages({"small": Package.open(package)})
    assert "\n" not in str(refused.value)


def test_what_breaks_on_half_a_file_is_called_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = small_package(tmp_path, FIELDS, "a\n1\n2\n")

    def fail(*_: object, **__: object) -> None:
        (tmp_path / "table.csv").unlink()
        raise IndexError

    monkeypatch.setattr(CheckedTable, "value_issues", fail)
    with pytest.raises(luminaldb.LuminaldbError, match="changed while it was read"):
        runner.check_packages({"small": Package.open(package)})
