"""A file judged in pieces gets the same findings as one judged whole."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luminaldb.loaders import pieces
from luminaldb.schemas import large, validation
from luminaldb.schemas.findings import Finding

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "constraints": {"required": True}},
    {"name": "half", "type": "string"},
    {"name": "other", "type": "number", "constraints": {"unique": True, "maximum": 9}},
    {"name": "gene", "type": "string"},
    {"name": "seen", "type": "date"},
]
SCHEMA = {
    "fields": FIELDS,
    "primaryKey": ["id"],
    "uniqueKeys": [["half", "seen"]],
    "foreignKeys": [{"fields": ["gene"], "reference": {"resource": "genes", "fields": ["gene"]}}],
}


def package(folder: Path, rows: list[tuple[str, ...]], schema: dict[str, Any] = SCHEMA) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    genes = {"name": "genes", "path": "genes.csv", "schema": {"fields": [{"name": "gene", "type": "string"}]}}
    own = {"name": "rows", "path": "rows.csv", "schema": schema}
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [genes, own]}))
    (folder / "genes.csv").write_text("gene\nERBB2\nESR1\n")
    with (folder / "rows.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([f["name"] for f in schema["fields"]])
        writer.writerows(rows)
    return folder


def judged(folder: Path, monkeypatch: pytest.MonkeyPatch, piece: int | None) -> tuple[list[Finding], int]:
    with monkeypatch.context() as patch:
        if piece is not None:
            patch.setattr(large, "LARGE_BYTES", 0)
            patch.setattr(pieces.pieces, "__defaults__", (piece,))
        report = validation.validate(folder)
        kinds = {type(t) for t in validation.Validation(validation.opened([folder]))._tables.values()}
        assert (large.LargeTable in kinds) == (piece is not None)
    return sorted(report.findings, key=lambda f: (f.table, f.line, f.rule, f.column)), report.rows


CELLS = st.tuples(
    st.sampled_from(["1", "2", "3", "01", "", "x", "70"]),
    st.sampled_from(["a", "b", "a,b", 'q"q', ""]),
    st.sampled_from(["1", "1.0", "2.5", "1e1", "", "n"]),
    st.sampled_from(["ERBB2", "ESR1", "FLT3", ""]),
    st.sampled_from(["2024-02-09", "24-02-09", "", "2024-02-10"]),
)


@given(rows=st.lists(CELLS, max_size=30), piece=st.integers(1, 200))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pieces_give_the_findings_of_the_whole(
    rows: list[tuple[str, ...]], piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package(tmp_path / "p", rows)
    assert judged(folder, monkeypatch, piece) == judged(folder, monkeypatch, None)


def test_a_line_that_is_no_record_gives_the_strict_reader_the_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = package(tmp_path / "p", [(str(n), f"h{n}", "", "ESR1", "") for n in range(50)])
    with (folder / "rows.csv").open("a") as stream:
        stream.write('50,"two\nlines",,ESR1,\n51,short\n51,h,,NOPE,\n')
    whole, rows = judged(folder, monkeypatch, None)
    assert {(f.rule, f.line) for f in whole} == {("LDB006", 54), ("LDB033", 55)}
    assert judged(folder, monkeypatch, 100) == (whole, rows)


def test_a_table_that_keys_refer_to_is_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE_BYTES", 0)
    folder = package(tmp_path / "p", [("1", "a", "", "ESR1", "")])
    tables = validation.Validation(validation.opened([folder]))._tables
    assert {name: type(t).__name__ for (_, name), t in tables.items()} == {"genes": "Table", "rows": "LargeTable"}


def test_the_shipped_tables_get_no_finding_in_pieces_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE_BYTES", 0)
    monkeypatch.setattr(pieces.pieces, "__defaults__", (4096,))
    report = validation.validate()
    assert report.findings == []
