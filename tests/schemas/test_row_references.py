"""Rows about other rows: what they name is there; and a broken file is no evidence against others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import read_rows, set_cell, small_package, write_rows

import luminaldb
from luminaldb.issues import Report

pytestmark = pytest.mark.slow

READS = "curation/second_reads.csv"


def findings_of(report: Report) -> set[tuple[str, str, str]]:
    return {(f.code, f.table, f.column) for f in report.findings}


def read_of(datasets: Path, **cells: str) -> None:
    for column, value in cells.items():
        set_cell(datasets / READS, 0, column, value)


@pytest.mark.parametrize("table", ["second_reads", "waivers", "retired_ids", "printed_numbers"])
def test_a_table_that_nobody_has_is_found(datasets: Path, table: str) -> None:
    set_cell(datasets / f"curation/{table}.csv", 0, "table_name", "efects")
    for given in (datasets, datasets / "curation"):
        assert ("LDB610", table, "table_name") in findings_of(luminaldb.validate(given))


@pytest.mark.parametrize(
    ("table", "key", "found"),
    [
        ("effects", "nobody-read-this", True),
        ("arm_therapies", "tandem-anastrozole|anastrozole", False),
        ("arm_therapies", "tandem-anastrozole|fulvestrant", True),
        ("arm_therapies", "tandem-anastrozole", True),
    ],
)
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_second_read_of_a_row_that_is_not_there_is_found(
    datasets: Path, table: str, key: str, found: bool, engine: str
) -> None:
    read_of(datasets, table_name=table, row_key=key)
    expected = {("LDB611", "second_reads", "row_key")} if found else set()
    assert findings_of(luminaldb.validate(datasets, engine=engine)) == expected


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("locator", False),
        ("locator; source_level", False),
        ("limits", True),
        ("locator, source_level", True),
        ("locator;", True),
    ],
)
def test_a_corrected_field_is_a_column_of_the_table(datasets: Path, fields: str, found: bool) -> None:
    read_of(datasets, result="corrected", fields_corrected=fields)
    expected = {("LDB611", "second_reads", "fields_corrected")} if found else set()
    assert findings_of(luminaldb.validate(datasets)) == expected


def test_rows_of_a_table_that_was_not_given_are_not_checked(datasets: Path) -> None:
    read_of(datasets, row_key="nobody-read-this", fields_corrected="limits")
    assert luminaldb.validate(datasets / "curation").findings == []


def test_a_table_of_ones_own_may_be_named(datasets: Path, tmp_path: Path) -> None:
    own = small_package(
        tmp_path / "own", [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}], "a,b\nx,y\n",
        schema={"primaryKey": ["a", "b"]},
    )  # fmt: skip
    read_of(datasets, table_name="table", row_key="x|y", fields_corrected="b")
    assert luminaldb.validate(datasets, own).findings == []
    read_of(datasets, row_key="x", fields_corrected="c")
    assert findings_of(luminaldb.validate(datasets, own)) == {
        ("LDB611", "second_reads", "row_key"),
        ("LDB611", "second_reads", "fields_corrected"),
    }


def test_a_waiver_for_a_table_that_nobody_has_is_stale(datasets: Path) -> None:
    file = datasets / "curation/waivers.csv"
    write_rows(file, [*read_rows(file), ["LDB102", "zz_effects", "tandem-pfs-itt-primary", "Exact interval.", ""]])
    expected = {("LDB610", "waivers", "table_name"), ("LDB901", "waivers", "rule_code")}
    assert findings_of(luminaldb.validate(datasets)) == expected


def open_a_quote(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[100] = lines[100].replace(",", ',"', 1)
    file.write_text("\n".join(lines), encoding="utf-8")


def save_as_latin_1(file: Path) -> None:
    file.write_bytes(file.read_text(encoding="utf-8").encode("latin-1", "replace"))


def misspell_a_column(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("ci_low", "CI low", 1), encoding="utf-8")


def double_a_column(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("ci_low", "estimate", 1), encoding="utf-8")


def widen_a_row(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[5] += ",x"
    file.write_text("\n".join(lines), encoding="utf-8")


def empty(file: Path) -> None:
    file.write_text("", encoding="utf-8")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("table", "breaks", "rules"),
    [
        ("trials/effects", open_a_quote, {"LDB016"}),
        ("citations/citations", save_as_latin_1, {"LDB002"}),
        ("trials/effects", misspell_a_column, {"LDB008", "LDB009"}),
        ("trials/effects", double_a_column, {"LDB007", "LDB008"}),
        ("trials/populations", widen_a_row, {"LDB006"}),
        ("trials/effects", widen_a_row, {"LDB006"}),
        ("therapies/therapy_classes", widen_a_row, {"LDB006"}),
        ("trials/arm_therapies", empty, {"LDB010"}),
        ("trials/effects", Path.unlink, {"LDB001"}),
    ],
)
def test_a_broken_file_is_no_evidence_against_others(
    datasets: Path, table: str, breaks: Callable[[Path], object], rules: set[str], engine: str
) -> None:
    breaks(datasets / f"{table}.csv")
    report = luminaldb.validate(datasets, engine=engine)
    name = table.partition("/")[2]
    assert {(f.code, f.table) for f in report.findings} == {(rule, name) for rule in rules}
    assert not [f.hint for f in report.findings if "Delete" in f.hint]
    # One broken row doesn't silence the rest of its table.
    if breaks is not widen_a_row:
        assert f"not checked: what keys and rules of other rows ask of {name}, until its file is fixed" in report.notes


def test_a_misspelt_column_is_reported_by_the_name_it_may_be_meant_for(datasets: Path) -> None:
    misspell_a_column(datasets / "trials/effects.csv")
    (hint,) = [f.hint for f in luminaldb.validate(datasets).findings if f.code == "LDB009"]
    assert hint == "If it is ci_low, name it so; if not, describe it in the descriptor."
