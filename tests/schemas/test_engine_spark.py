"""Spark, in one small local session, finds what polars finds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broken import odd_package, semicolons, spoil_what_rows_say_of_one_another, wide_numbers
from helpers import read_rows, set_cell

import luminaldb
from luminaldb.schemas.engines import engine_table
from luminaldb.schemas.rules import rule_checks

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, and no java is on the path")


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: pip install 'luminaldb[test-spark]'")
    builder = sql.SparkSession.builder.master("local[2]").appName("luminaldb tests")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def told(report: luminaldb.Report) -> list[tuple[str, str, str, str, str]]:
    return sorted((f.table, f.code, f.row_key, f.column, f.value) for f in report.findings)


def test_broken_packages_of_odd_types_and_dialects(session: Any, tmp_path: Path) -> None:
    for package in (odd_package(tmp_path / "odd"), semicolons(tmp_path / "semicolons")):
        expected = luminaldb.validate(package)
        assert expected.findings
        assert told(luminaldb.validate(package, engine="spark")) == told(expected)


def test_a_broken_package_with_rules_and_references(session: Any, datasets: Path) -> None:
    file = datasets / "vocabularies/endpoints.csv"
    rows = read_rows(file)
    set_cell(file, 2, rows[0][0], rows[1][0])
    genes = datasets / "vocabularies/genes.csv"
    set_cell(genes, 3, "symbol", "er bb2")
    package = datasets / "vocabularies"
    expected = luminaldb.validate(package)
    assert {"LDB031", "LDB024"} <= {f.code for f in expected.findings}
    assert told(luminaldb.validate(package, engine="spark")) == told(expected)


def test_the_rules_on_other_rows_and_tables(session: Any, datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = spoil_what_rows_say_of_one_another(datasets)
    expected = luminaldb.validate(datasets, warnings=True)
    assert broken <= {f.code for f in expected.findings}
    # Spark plans each table for seconds, the longer the more rules there are; DuckDB's test runs them all. A waiver of
    # a rule that doesn't run is stale.
    chosen = lambda *given, **options: (c for c in rule_checks(*given, **options) if c.code in broken)  # noqa: E731
    monkeypatch.setattr(engine_table, "rule_checks", chosen)
    report = luminaldb.validate(datasets, engine="spark", warnings=True)
    assert [f for f in told(report) if f[1] != "LDB901"] == [
        f for f in told(expected) if f[1] in broken or f[1] < "LDB1"
    ]
    assert not any("columns of other tables" in note for note in report.notes)


def test_whole_numbers_beyond_64_bits(session: Any, tmp_path: Path) -> None:
    package = wide_numbers(tmp_path / "p")
    assert told(luminaldb.validate(package, engine="spark")) == told(luminaldb.validate(package))


def test_a_frame_of_spark(session: Any) -> None:
    effects = luminaldb.load("effects").head(60)
    wrong = effects.with_columns(estimate=99.5, citation_id=None)
    expected = luminaldb.validate_frame(wrong, "effects", references=True)
    assert {"LDB101", "LDB021"} <= {f.code for f in expected.findings}
    report = luminaldb.validate_frame(session.createDataFrame(wrong.to_arrow()), "effects", references=True)
    assert told(report) == told(expected)
    assert any("LDB301" in note for note in report.notes)
