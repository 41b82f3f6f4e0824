"""Loading installed tables and anybody's packages."""

from __future__ import annotations

import datetime
import math
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from helpers import small_package
from hypothesis import given
from hypothesis import strategies as st

import luminaldb
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage import text_reader
from luminaldb.loaders.datapackage.descriptor import Resource, TableSchema
from luminaldb.loaders.datapackage.dialect import Dialect
from luminaldb.loaders.datapackage.store import FolderStore


def test_import_brings_nothing_heavy() -> None:
    code = "import sys, luminaldb; print([m for m in ('polars','pandera','frictionless','typer','pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_brings_neither_pandera_nor_frictionless() -> None:
    code = "import sys, luminaldb; luminaldb.load('effects'); print('pandera' in sys.modules, 'frictionless' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"


def test_every_name_of_the_front_door_opens() -> None:
    for name in luminaldb.__all__:
        assert getattr(luminaldb, name) is not None
    with pytest.raises(AttributeError):
        _ = luminaldb.no_such_name


def test_the_dtypes_are_those_declared() -> None:
    schema = luminaldb.load("effects").schema
    assert schema["estimate"] == pl.Float64
    assert schema["n_control"] == pl.Int64
    assert schema["data_cutoff"] == pl.Date
    assert schema["is_primary_endpoint"] == pl.Boolean
    assert schema["measure"] == pl.Enum(["hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "risk_difference"])
    assert schema["note"] == pl.String


@pytest.mark.parametrize("table", list(installed.packages_by_table()))
def test_scan_equals_load(table: str) -> None:
    loaded = luminaldb.load(table)
    assert luminaldb.scan(table).collect().equals(loaded)
    assert not any((loaded[c] == "").any() for c, t in loaded.schema.items() if t == pl.String), "empty is null"


def test_a_printed_number_is_the_loaded_number() -> None:
    row = luminaldb.load("effects").filter(pl.col("effect_id") == "tandem-pfs-itt-primary").row(0, named=True)
    assert (row["estimate"], row["ci_low"], row["ci_high"], row["p_value"]) == (0.63, 0.47, 0.84, 0.0016)


def test_other_kinds_of_frame() -> None:
    own = luminaldb.load("endpoints")
    assert luminaldb.load("endpoints", to="pandas").shape == own.shape
    assert luminaldb.load("endpoints", to="arrow").num_rows == own.height
    relation = luminaldb.load("endpoints", to="duckdb")
    assert relation.aggregate("count(*)").fetchall() == [(own.height,)]
    with pytest.raises(ValueError, match="none of"):
        luminaldb.load("endpoints", to="excel")  # type: ignore[call-overload]


@pytest.mark.parametrize(("wrong", "near"), [("efects", "effects"), ("trial", "trials"), ("endpoint", "endpoints")])
def test_an_unknown_table_names_the_nearest(wrong: str, near: str) -> None:
    with pytest.raises(luminaldb.UnknownTableError, match=f"did you mean '{near}'"):
        luminaldb.load(wrong)
    with pytest.raises(luminaldb.UnknownTableError):
        luminaldb.scan(wrong)
    with pytest.raises(luminaldb.UnknownTableError):
        luminaldb.describe(wrong)


def test_tables_lists_every_table_with_its_rows() -> None:
    listed = luminaldb.tables()
    assert listed["table"].to_list() == list(installed.packages_by_table())
    for table, rows, columns in listed.select("table", "rows", "columns").iter_rows():
        assert luminaldb.load(table).shape == (rows, columns)


def test_describe_is_the_codebook() -> None:
    book = luminaldb.describe("effects")
    assert book["column"].to_list() == luminaldb.load("effects").columns
    row = book.filter(pl.col("column") == "population_id").row(0, named=True)
    assert row["key"] == "populations.population_id"
    assert book.filter(pl.col("column") == "citation_id")["key"].to_list() == ["citations.citation_id"]
    assert book.filter(pl.col("column") == "median_follow_up_months")["unit"].to_list() == ["months"]


def test_anybodys_package(tmp_path: Path) -> None:
    fields = [
        {"name": "when", "type": "date", "format": "%d.%m.%Y"},
        {"name": "sum", "type": "number", "decimalChar": ",", "groupChar": "."},
        {"name": "yes", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
        {"name": "tags", "type": "list"},
        {"name": "at", "type": "time"},
        {"name": "year", "type": "year"},
    ]
    data = "when;sum;yes;tags;at;year\n09.02.2024;1.234,5;ja;a,b;13:05:00;2024\n-;-;nein;-;-;-\n".encode("utf-16")
    package = small_package(
        tmp_path / "p", fields, data, encoding="utf-16", dialect={"delimiter": ";"}, schema={"missingValues": ["-"]}
    )
    frame = luminaldb.Package.open(package).load("table")
    first = (datetime.date(2024, 2, 9), 1234.5, True, ["a", "b"], datetime.time(13, 5), 2024)
    assert frame.rows() == [first, (None, None, False, None, None, None)]
    assert luminaldb.validate(package).ok


def test_inline_data(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}], "")
    descriptor = (
        (package / "datapackage.json").read_text().replace('"path": "table.csv"', '"data": [{"a": 1, "b": "x"}]')
    )
    (package / "datapackage.json").write_text(descriptor)
    assert luminaldb.Package.open(package).load("table").rows() == [(1, "x")]


@pytest.mark.parametrize(
    ("cell", "kind"), [("24-02-09", "date"), ("2024/02/09", "date"), ("01-02-2024", "date"), ("12a", "integer")]
)
def test_a_cell_without_its_form_is_never_guessed(tmp_path: Path, cell: str, kind: str) -> None:
    package = small_package(
        tmp_path / "p", [{"name": "a", "type": kind}, {"name": "b", "type": "string"}], f"a,b\n{cell},x\n"
    )
    with pytest.raises(luminaldb.TableError, match=f"table.csv:2: a '{cell}' is not a"):
        luminaldb.Package.open(package).load("table")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=20))
def test_text_written_by_the_csv_module_comes_back(rows: list[tuple[str, str, str]]) -> None:
    import csv
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([("a", "b", "c"), *rows])
        resource = Resource("t", "", "", "t.csv", None, "utf-8", Dialect(), TableSchema(()))
        table = text_reader.read_text(FolderStore(Path(folder)), resource)
    assert table.issues == []
    assert table.frame.rows() == rows
    starts = [2]
    for row in rows[:-1]:
        starts.append(starts[-1] + 1 + sum(cell.count("\n") for cell in row))
    assert list(table.lines) == starts


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_number_survives_its_text(value: float) -> None:
    from luminaldb.loaders.datapackage.descriptor import Field
    from luminaldb.loaders.datapackage.field_types import cast

    field = Field("x", "number")
    back = pl.DataFrame({"x": [repr(value)]}).select(cast(field, ("",)))["x"][0]
    assert back == value
    assert math.copysign(1, back) == math.copysign(1, value)
