"""Data frames of polars, pandas, Arrow, DuckDB and Spark, checked as tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from frames import KINDS, findings_of
from odd_packages import Memory

import luminaldb

SMALL_NUMBERS = json.dumps(
    {
        "name": "p",
        "resources": [
            {
                "name": "t",
                "type": "table",
                "path": "t.csv",
                "schema": {
                    "fields": [{"name": "p", "type": "any", "constraints": {"pattern": "-?[0-9]+(\\.[0-9]*[1-9])?"}}]
                },
            }
        ],
    }
).encode()


def spoilt_effects() -> pl.DataFrame:
    here = pl.col("effect_id") == "tandem-pfs-itt-primary"
    there = pl.col("effect_id") == "pertain-pfs-itt-primary"
    return luminaldb.load("effects").with_columns(
        pl.when(here).then(0.9).otherwise("estimate").alias("estimate"),
        pl.when(there).then(pl.lit("nobody-1900")).otherwise("citation_id").alias("citation_id"),
        pl.when(there).then(pl.lit(None)).otherwise("locator").alias("locator"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("references", [False, True])
def test_a_frame_of_any_kind_is_checked_alike(kind: str, references: bool) -> None:
    frame = spoilt_effects()
    report = luminaldb.validate(KINDS[kind](frame), table="effects", references=references)
    expected = [
        ("effects", "LDB021", "pertain-pfs-itt-primary", "locator", ""),
        ("effects", "LDB101", "tandem-pfs-itt-primary", "ci_high", "0.84"),
        ("effects", "LDB102", "tandem-pfs-itt-primary", "estimate", "0.9"),
    ]
    unknown = ("effects", "LDB034", "pertain-pfs-itt-primary", "citation_id", "nobody-1900")
    assert findings_of(report) == sorted([*expected, unknown] if references else expected)
    assert any("keys to other tables" in note for note in report.notes) == (not references)
    assert any("trailing zeros" in note for note in report.notes)
    for f in report.findings:
        row = frame["effect_id"].to_list().index(f.row_key)
        assert f.line == (0 if kind == "duckdb" else row + 1)
        assert str(f).startswith(f"effects:row with key {f.row_key}:{f.column}")
    assert any("LDB301" in note for note in report.notes) == (kind == "duckdb")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_installed_tables_pass_as_frames(kind: str) -> None:
    for table in ("effects", "trials", "citations", "genes", "approvals"):
        report = luminaldb.validate(KINDS[kind](luminaldb.load(table)), table=table)
        assert report.findings == [], table


def test_a_frame_of_text_is_checked_cell_by_cell() -> None:
    frame = luminaldb.load("effects").cast(pl.String)
    wrong = frame.with_columns(pl.lit("24-02-09").alias("data_cutoff")).drop("note")
    for kind in ("polars", "duckdb"):
        findings = luminaldb.validate(KINDS[kind](wrong), table="effects").findings
        cells = {(f.code, f.column) for f in findings if f.code < "LDB1"}
        assert cells == {("LDB020", "data_cutoff"), ("LDB008", "note")}


def test_a_rule_that_needs_another_table_holds_for_a_frame_too() -> None:
    moved = luminaldb.load("effects").with_columns(pl.lit("pertain-itt").alias("population_id"))
    report = luminaldb.validate(moved, table="effects", references=True)
    assert "LDB301" in {f.code for f in report.findings}


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="no data frame"):
        luminaldb.validate([1, 2], table="effects")
    with pytest.raises(luminaldb.LuminaldbError, match="table="):
        luminaldb.validate(luminaldb.load("effects"))
    with pytest.raises(luminaldb.UnknownTableError):
        luminaldb.validate(luminaldb.load("effects"), table="efects")
    with pytest.raises(luminaldb.LuminaldbError, match="not with paths"):
        luminaldb.validate("datasets", table="effects")


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_number_of_a_frame_is_written_without_an_exponent(kind: str) -> None:
    package = luminaldb.Package(Memory({"datapackage.json": SMALL_NUMBERS}), "datapackage.json")
    frame = pl.DataFrame({"p": [1e-5, 2.29e-6, 0.05, 12.0, 1e-12, -1e-7]})
    report = luminaldb.validate(KINDS[kind](frame), table="t", package=package)
    assert [f.value for f in report.findings] == []


def test_keys_of_a_frame_into_a_long_table_are_joined(tmp_path: Path) -> None:
    genes = "gene_id\n" + "".join(f"{n}\n" for n in range(5_000))
    (tmp_path / "genes.csv").write_text(genes)
    key = {"fields": ["gene_id"], "reference": {"resource": "genes", "fields": ["gene_id"]}}
    fields = [{"name": "gene_id", "type": "integer"}]
    resources: list[dict[str, Any]] = [
        {"name": "genes", "type": "table", "path": "genes.csv", "schema": {"fields": fields}},
        {"name": "samples", "type": "table", "data": [], "schema": {"fields": fields, "foreignKeys": [key]}},
    ]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}))
    package = luminaldb.Package.open(tmp_path)
    frame = pl.DataFrame({"gene_id": [*range(4_000), 7_000, None]})
    for native in (frame, duckdb.from_arrow(frame.to_arrow())):
        report = luminaldb.validate(native, table="samples", package=package, references=True)
        assert [(f.code, f.value) for f in report.findings] == [("LDB033", "7000"), ("LDB046", "")]
