"""The same findings from each engine, and from a frame of any kind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from broken import SPOILT, odd_package, semicolons, spoil, spoil_what_rows_say_of_one_another, wide_numbers
from frames import KINDS, findings_of
from helpers import small_package
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.publish.reports.report import render
from luminaldb.schemas.engines import engine_files, sql_backend
from luminaldb.schemas.engines.engine import DuckDB, Spark
from luminaldb.schemas.engines.portable_patterns import portable_pattern


@pytest.mark.slow
def test_duckdb_finds_in_broken_packages_what_polars_finds(datasets: Path) -> None:
    spoil(datasets)
    expected = luminaldb.validate(datasets)
    assert len({f.code for f in expected.findings}) >= 10
    assert {c for _, c, _ in SPOILT} <= {f.column for f in expected.findings}
    report = luminaldb.validate(datasets, engine="duckdb")
    assert findings_of(report) == findings_of(expected)
    assert (report.rows, report.tables) == (expected.rows, expected.tables)
    # A row of outcomes lacks cells, so that nothing is asked of them.
    passed_over = {note.split(",")[0] for note in report.notes if "columns of other tables" in note}
    left = {"LDB601 on citations", "LDB601 on endpoints", "LDB604 on trials"}
    assert {f"not checked: {rule}" for rule in left} <= passed_over
    assert set(expected.notes) <= set(report.notes)


@pytest.mark.slow
def test_duckdb_runs_the_rules_on_other_rows_and_tables(datasets: Path) -> None:
    broken = spoil_what_rows_say_of_one_another(datasets)
    expected = luminaldb.validate(datasets, warnings=True)
    assert broken <= {f.code for f in expected.findings}
    report = luminaldb.validate(datasets, engine="duckdb", warnings=True)
    assert findings_of(report) == findings_of(expected)


def test_duckdb_holds_whole_numbers_beyond_64_bits(tmp_path: Path) -> None:
    package = wide_numbers(tmp_path / "p")
    expected = luminaldb.validate(package)
    assert {"LDB020", "LDB022", "LDB023", "LDB026", "LDB031", "LDB033"} == {f.code for f in expected.findings}
    assert findings_of(luminaldb.validate(package, engine="duckdb")) == findings_of(expected)


def test_a_limit_beyond_128_bits_is_compared_digit_by_digit(tmp_path: Path) -> None:
    fields = [{"name": "n", "type": "integer", "constraints": {"maximum": 10**40, "exclusiveMinimum": f"-{10**40}"}}]
    text = f"n\n1\n{10**40}\n{10**40 + 1}\n-{10**40}\n{1 - 10**40}\n"
    package = small_package(tmp_path / "p", fields, text)
    expected = luminaldb.validate(package)
    assert [(f.code, f.line) for f in expected.findings if f.code != "LDB013"] == [("LDB026", 4), ("LDB027", 5)]
    assert findings_of(luminaldb.validate(package, engine="duckdb")) == findings_of(expected)


def test_a_year_may_have_a_zone_behind_it(tmp_path: Path) -> None:
    fields = [{"name": "y", "type": "year", "constraints": {"minimum": "2000"}}]
    package = small_package(tmp_path / "p", fields, "y\n2024Z\n1999+01:00\n-0044\n24\n", schema={"primaryKey": ["y"]})
    expected = luminaldb.validate(package)
    assert [f.code for f in expected.findings] == ["LDB025", "LDB025", "LDB020"]
    assert findings_of(luminaldb.validate(package, engine="duckdb")) == findings_of(expected)


def test_a_frame_of_an_engine_has_no_order_to_check_runs_by() -> None:
    frame = luminaldb.load("citations")
    report = luminaldb.validate(duckdb.from_arrow(frame.to_arrow()), table="citations")
    assert any("LDB403" in note and "no order" in note for note in report.notes)


@pytest.mark.slow
def test_duckdb_finds_nothing_in_the_installed_tables() -> None:
    report = luminaldb.validate(engine="duckdb")
    assert report.findings == []
    assert report.rows == luminaldb.validate().rows


def test_duckdb_checks_odd_types_and_dialects_as_polars_does(tmp_path: Path) -> None:
    for package in (odd_package(tmp_path / "odd"), semicolons(tmp_path / "semicolons")):
        expected = luminaldb.validate(package)
        assert expected.findings
        assert findings_of(luminaldb.validate(package, engine="duckdb")) == findings_of(expected)


REPEATED = "id,u,a,b\n1,x,k,1\n2,y,l,2\n+1,x,k,1\n3,y,l,2\n4,x,,\n"
REPEATED_FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer"},
    {"name": "u", "type": "string", "constraints": {"unique": True}},
    *({"name": name, "type": "string"} for name in "ab"),
]


def repeated_package(folder: Path) -> Path:
    return small_package(folder, REPEATED_FIELDS, REPEATED, schema={"primaryKey": ["id"], "uniqueKeys": [["a", "b"]]})


def test_a_repeated_key_names_the_other_row(tmp_path: Path) -> None:
    package = repeated_package(tmp_path / "p")
    own = {(f.line, f.code): f.message.rpartition(": ")[2] for f in luminaldb.validate(package).findings}
    assert own == {
        (2, "LDB031"): "again in line 4",
        (4, "LDB031"): "as in line 2",
        (2, "LDB022"): "again in line 4",
        (3, "LDB022"): "again in line 5",
        (4, "LDB022"): "as in line 2",
        (5, "LDB022"): "as in line 3",
        (6, "LDB022"): "as in line 2",
        (2, "LDB032"): "again in line 4",
        (3, "LDB032"): "again in line 5",
        (4, "LDB032"): "as in line 2",
        (5, "LDB032"): "as in line 3",
    }
    # Rows of an engine have no lines: the key is what tells them apart.
    found = luminaldb.validate(package, engine="duckdb").findings
    assert {f.message for f in found if f.code == "LDB022" and f.row_key in ("2", "3")} == {
        "u occurs on more than one row: again in the row with key 3",
        "u occurs on more than one row: as in the row with key 2",
    }
    assert {f.message for f in found if f.code == "LDB031"} == {
        f"primary key {key} occurs on more than one row" for key in ("1", "+1")
    }
    assert len(found) == len(own)


@pytest.mark.parametrize("kind", KINDS)
def test_findings_of_every_frame_name_the_row_alike(tmp_path: Path, kind: str) -> None:
    package = luminaldb.Package.open(repeated_package(tmp_path / "p"))
    frame = package.text("table").frame
    report = luminaldb.validate(KINDS[kind](frame), table="table", package=package)
    keys = [f.row_key for f in report.findings]
    assert len(keys) == 11
    for to in ("text", "github", "sarif"):
        text = render(to, report)
        assert all(f"row with key {key}:" in text for key in keys), to
    unnamed = luminaldb.validate(KINDS[kind](frame.drop("id")), schema={"fields": REPEATED_FIELDS[1:]})
    assert [str(f).split("  ")[0] for f in unnamed.findings] == [
        "frame:u" if kind == "duckdb" else f"frame:row {n}:u" for n in range(1, 6)
    ]
    missing = luminaldb.validate(KINDS[kind](frame.drop("a")), schema={"fields": REPEATED_FIELDS}).findings
    assert "frame:a  LDB008" in str(missing[0])


def test_a_blank_row_is_a_warning_whatever_holds_it(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "n", "type": "integer", "missingValues": ["", "NA"]}]
    package = small_package(tmp_path / "p", fields, "a,n\nx,1\n,NA\n ,2\n,\n")
    rows = luminaldb.Package.open(package).text("table").frame
    found = [("LDB046", "warning", 3, ""), ("LDB046", "warning", 5, "")]
    whole = luminaldb.validate(package)
    assert [(f.code, f.severity, f.line, f.column) for f in whole.findings] == found
    assert whole.ok
    by_engine = luminaldb.validate(package, engine="duckdb")
    assert findings_of(by_engine) == findings_of(whole)
    schema = {"fields": fields}
    (tmp_path / "t.jsonl").write_text('{"a": "x", "n": 1}\n{"a": null, "n": null}\n', encoding="utf-8")
    rows.write_excel(tmp_path / "t.xlsx")
    for name, count in (("t.jsonl", 1), ("t.xlsx", 1)):
        report = luminaldb.validate(tmp_path / name, schema=schema)
        assert [f.code for f in report.findings] == ["LDB046"] * count, name
    for kind, frame_of in KINDS.items():
        assert [f.code for f in luminaldb.validate(frame_of(rows), schema=schema).findings] == ["LDB046"] * 2, kind
    # A column that must be filled says it already.
    required = small_package(tmp_path / "q", fields, "a,n\n,\n", schema={"primaryKey": ["a"]})
    assert [f.code for f in luminaldb.validate(required).findings] == ["LDB021"]


def wide_package(folder: Path, columns: int) -> Path:
    """Write a table whose dates are in a form of their own and whose numbers need their digits; some cells are bad."""
    fields: list[dict[str, Any]] = [{"name": "id", "type": "integer"}]
    for n in range(columns):
        day = {"name": f"d{n}", "type": "date", "format": "%d.%m.%Y"}
        limit = {"name": f"x{n}", "type": "number", "constraints": {"maximum": 1}}
        fields.append(limit if n % 2 else day)
    cells = [["09.02.2024", "0.5"], ["9/2/24", "1.0000000000000000001"]]
    rows = [",".join([str(n), *(cells[n if c % 50 < 2 else 0][c % 2] for c in range(columns))]) for n in range(2)]
    header = ",".join(str(f["name"]) for f in fields)
    text = "\n".join([header, *rows, ""])
    return small_package(folder, fields, text, schema={"primaryKey": ["id"]})


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_wide_table_is_checked_in_few_queries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_memory: bool
) -> None:
    package = wide_package(tmp_path / "p", 250)
    expected = findings_of(luminaldb.validate(package))
    assert len(expected) == 10
    queries: list[str] = []
    collect = nw.LazyFrame.collect
    monkeypatch.setattr(nw.LazyFrame, "collect", lambda *a, **o: queries.append("collect") or collect(*a, **o))
    for name in ("distinct", "project", "persist", "read"):
        run = getattr(DuckDB, name)
        monkeypatch.setattr(DuckDB, name, lambda *a, name=name, run=run: queries.append(name) or run(*a))
    if not in_memory:
        monkeypatch.setattr(sql_backend, "_MAX_CELLS_IN_MEMORY", 0)
    assert findings_of(luminaldb.validate(package, engine="duckdb")) == expected
    # Three groups of columns, and the few cells that need their digits; never a query per column.
    assert len(queries) < (2 if in_memory else 40)
    assert queries.count("read") == queries.count("persist") == (not in_memory)


@pytest.mark.parametrize("name", ["a.b", "`t`"])
def test_a_column_that_spark_cannot_name_is_left_to_polars(name: str) -> None:
    assert not sql_backend._can_name_columns(["x", name], Spark())
    assert sql_backend._can_name_columns(["x", name], DuckDB())


def test_a_wide_frame_of_an_engine_has_no_lines(tmp_path: Path) -> None:
    package = luminaldb.Package.open(wide_package(tmp_path / "p", 150))
    frame = package.text("table").frame
    reports = [luminaldb.validate(KINDS[kind](frame), table="table", package=package) for kind in ("polars", "duckdb")]
    assert findings_of(reports[0]) == findings_of(reports[1])
    assert [{f.line for f in report.findings} for report in reports] == [{2}, {0}]


def test_a_table_without_a_key_is_noted(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", [{"name": "n", "type": "integer"}], "n\n1\nx\n")
    report = luminaldb.validate(package, engine="duckdb")
    assert findings_of(report) == findings_of(luminaldb.validate(package))
    assert any("no primary key" in note for note in report.notes)


@pytest.mark.parametrize("name", ["t.csv.gz", "t [1].csv", "t{a}.csv", "t*.csv"])
def test_the_name_of_a_file_is_no_pattern_and_says_nothing_of_compression(tmp_path: Path, name: str) -> None:
    fields = [{"name": "n", "type": "integer"}]
    package = small_package(tmp_path / "p", fields, "", path=name, compression="no", format="csv")
    (package / name).write_text("n\nx\n")
    (package / "t 1.csv").write_text("n\n1\n")
    report = luminaldb.validate(package, engine="duckdb")
    assert [(f.code, f.value) for f in report.findings] == [("LDB020", "x")]


@pytest.mark.parametrize(
    "data", [b"", b"a,\xff\n1,2\n", b"a,b\n1,\xff\n", b"a,b\n1,\0\n", b"a,a\n1,2\n", b"a,b\n", b'a,b\n"1,2\n']
)
def test_a_file_that_is_no_table_is_reported_alike(tmp_path: Path, data: bytes) -> None:
    package = small_package(tmp_path / "p", [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}], data)
    report, expected = luminaldb.validate(package, engine="duckdb"), luminaldb.validate(package)
    assert [(f.code, f.line) for f in report.findings] == [(f.code, f.line) for f in expected.findings]


def test_a_large_file_is_staged_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_files, "CHUNK", 64)
    fields = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
    text = "id,n\n" + "".join(f'"r,{n}",{n}\n' for n in range(200)) + "last,x\n"
    package = small_package(tmp_path / "p", fields, text, schema={"primaryKey": ["id"]})
    report = luminaldb.validate(package, engine="duckdb")
    assert report.rows == 201
    assert findings_of(report) == [("table", "LDB020", "last", "n", "x")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "words"), [("plenty", "DuckDB can't take it"), ("20MB", "needs more than 20MB of memory")]
)
def test_memory_that_is_too_little_or_no_number_is_reported_in_a_line(
    run: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    limit: str,
    words: str,
) -> None:
    fields = [{"name": "key", "type": "integer"}, {"name": "text", "type": "string"}]
    rows = "".join(f"{n},{'x' * 900}{n}\n" for n in range(40_000))
    folder = small_package(tmp_path / "p", fields, f"key,text\n{rows}", schema={"primaryKey": ["text"]})
    monkeypatch.setenv("LUMINALDB_DUCKDB_MEMORY", limit)
    done = run("validate", folder, "--engine", "duckdb")
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_command_line_takes_an_engine(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    package = odd_package(tmp_path / "odd")
    done = run("validate", package, "--engine", "duckdb")
    assert done.returncode == 1
    assert "table.csv:row with key 2:ratio  LDB027" in done.stdout


@pytest.mark.parametrize("kind", ["polars", "duckdb"])
def test_keys_of_text_into_a_short_table_are_looked_up(kind: str) -> None:
    arms = luminaldb.load("arms").head(3)
    wrong = pl.concat([arms.head(1).with_columns(trial_id=pl.lit("nobody")), arms.tail(2)])
    report = luminaldb.validate(KINDS[kind](wrong), table="arms", references=True)
    assert [f.value for f in report.findings if f.code == "LDB033"] == ["nobody"]


@pytest.mark.parametrize(
    "pattern", [r"\w+", r"a\b", r"a$", r"(?i)a", r"a++", r"[a&&b]", r"[[:alpha:]]", r".", r"\p{L}", "a{2000}", r"[^\S]"]
)
def test_a_pattern_that_engines_read_differently_is_left_to_polars(pattern: str) -> None:
    assert portable_pattern(pattern) is None


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([r"\d+", r"[\d\s]*", r"\s?a", r"10\.[0-9]{4,9}/[^\sA-Z]+", r"(ab|c)*", r"x-?[A-Z]{1,2}", r"[^,]+"]),
    st.text(st.sampled_from([*"019a bcX-/.,\t\n\\", "٣", "\u00a0", "\u0085", "\u2028", "漢"]), max_size=8),
)
def test_a_portable_pattern_matches_alike(pattern: str, text: str) -> None:
    alike = portable_pattern(rf"\A(?:{pattern})\z")
    assert alike is not None
    whole = rf"\A(?:{pattern})\z"
    expected = pl.Series([text]).str.contains(whole).item()
    assert pl.Series([text]).str.contains(alike).item() == expected
    assert duckdb.execute("SELECT regexp_matches(?, ?)", [text, alike]).fetchall() == [(expected,)]
