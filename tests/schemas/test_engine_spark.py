"""Spark, in one small local session, finds what polars finds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from broken import odd_package, semicolons, spoil_what_rows_say_of_one_another, wide_numbers
from helpers import REPOSITORY, read_rows, set_cell

import luminaldb
from luminaldb.schemas import rules
from luminaldb.schemas.rules import rule_checks


def findings_of(report: luminaldb.Report) -> list[tuple[str, str, str, str, str]]:
    return sorted((f.table, f.code, f.row_key, f.column, f.value) for f in report.findings)


def test_broken_packages_of_odd_types_and_dialects(spark: Any, tmp_path: Path) -> None:
    for package in (odd_package(tmp_path / "odd"), semicolons(tmp_path / "semicolons")):
        expected = luminaldb.validate(package)
        assert expected.findings
        assert findings_of(luminaldb.validate(package, engine="spark")) == findings_of(expected)


def test_a_broken_package_with_rules_and_references(spark: Any, datasets: Path) -> None:
    file = datasets / "vocabularies/endpoints.csv"
    rows = read_rows(file)
    set_cell(file, 2, rows[0][0], rows[1][0])
    genes = datasets / "vocabularies/genes.csv"
    set_cell(genes, 3, "symbol", "er bb2")
    package = datasets / "vocabularies"
    expected = luminaldb.validate(package)
    assert {"LDB031", "LDB024"} <= {f.code for f in expected.findings}
    assert findings_of(luminaldb.validate(package, engine="spark")) == findings_of(expected)


def test_the_rules_on_other_rows_and_tables(spark: Any, datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = spoil_what_rows_say_of_one_another(datasets)
    expected = luminaldb.validate(datasets, warnings=True)
    assert broken <= {f.code for f in expected.findings}
    # Spark plans each table for seconds, the longer the more rules there are; DuckDB's test runs them all. A waiver of
    # a rule that doesn't run is stale.
    chosen = lambda *given, **options: (c for c in rule_checks(*given, **options) if c.code in broken)  # noqa: E731
    monkeypatch.setattr(rules, "rule_checks", chosen)
    report = luminaldb.validate(datasets, engine="spark", warnings=True)
    assert [f for f in findings_of(report) if f[1] != "LDB901"] == [
        f for f in findings_of(expected) if f[1] in broken or f[1] < "LDB1"
    ]
    assert not any("columns of other tables" in note for note in report.notes)


def test_whole_numbers_beyond_64_bits(spark: Any, tmp_path: Path) -> None:
    package = wide_numbers(tmp_path / "p")
    assert findings_of(luminaldb.validate(package, engine="spark")) == findings_of(luminaldb.validate(package))


def test_a_frame_of_spark(spark: Any) -> None:
    effects = luminaldb.load("effects").head(60)
    wrong = effects.with_columns(estimate=99.5, citation_id=None)
    expected = luminaldb.validate(wrong, table="effects", references=True)
    assert {"LDB101", "LDB021"} <= {f.code for f in expected.findings}
    report = luminaldb.validate(spark.createDataFrame(wrong.to_arrow()), table="effects", references=True)
    assert findings_of(report) == findings_of(expected)
    assert any("LDB301" in note for note in report.notes)


# One of each kind of case; test_conformance.py runs them all by Spark where it is installed.
SAMPLE = (
    "probes/E-exact-reordered", "probes/F2-uk-dup", "probes/G7-pk-composite-one-null", "probes/H2-cat-str-violation",
    "probes/I4-mv-labelled", "probes/J6-list-enum", "probes/K16-fk-composite-ok", "probes/O4-min-violation",
    "probes/Q13-date-invalid", "reports/01-stray-quote", "reports/08-cr-in-quotes", "reports/21d-bigint2",
)  # fmt: skip


def test_a_sample_of_the_cases_of_the_standards(bucket: tuple[Path, str]) -> None:
    """By address; test_conformance.py validates all of them as folders of this machine."""
    folder, address = bucket
    data = REPOSITORY / "tests/data/conformance"
    expected = {
        case["folder"]: case["expect"] for case in json.loads((data / "cases.json").read_text(encoding="utf-8"))
    }
    for case in SAMPLE:
        shutil.copytree(data / case, folder / case)
        found = findings_of(luminaldb.validate(f"{address}/{case}/datapackage.json", engine="spark"))
        assert bool(found) is (expected[case] == "invalid"), case
        assert found == findings_of(luminaldb.validate(data / case)), case


def test_a_file_that_the_session_reads_itself(spark: Any, tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    file.write_text("id,n\na,1\nb,x\n,3\n", encoding="utf-8")
    schema = {
        "fields": [{"name": "id", "type": "string"}, {"name": "n", "type": "integer", "constraints": {"maximum": 2}}],
        "primaryKey": ["id"],
    }
    report = luminaldb.validate(spark.read.csv(file.as_uri(), header=True), schema=schema)
    assert [f[1:] for f in findings_of(report)] == [f[1:] for f in findings_of(luminaldb.validate(file, schema=schema))]
    assert not report.ok
