"""Each export format, read back by a client that isn't ours, equals the loaded tables value by value."""

from __future__ import annotations

import csv
import datetime
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pandas
import polars as pl
import pyarrow.parquet
import pytest

import luminaldb
from luminaldb.atomic_write import replace_file
from luminaldb.loaders import installed
from luminaldb.publish.export.formats.csv import excel_csv

DUCKDB_TYPES = {pl.Int64: "BIGINT", pl.Float64: "DOUBLE", pl.Boolean: "BOOLEAN", pl.Date: "DATE"}
TABLES = list(installed.packages_by_table())


def expected(table: str) -> list[tuple[Any, ...]]:
    return luminaldb.load(table).rows()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exports")
    names = {
        "csv": "csv",
        "parquet": "parquet",
        "json": "json",
        "jsonl": "jsonl",
        "sqlite": "luminaldb.sqlite",
    }
    return {to: luminaldb.export(to, folder / name) for to, name in names.items()}


@pytest.mark.parametrize("table", TABLES)
def test_csv_is_the_installed_bytes(written: dict[str, Path], table: str) -> None:
    package = installed.package_of(table)
    assert (written["csv"] / f"{table}.csv").read_bytes() == package.store.read(f"{table}.csv")


@pytest.mark.parametrize("table", TABLES)
def test_csv_read_by_the_csv_module(written: dict[str, Path], table: str) -> None:
    with (written["csv"] / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    loaded = luminaldb.load(table)
    assert len(rows) == loaded.height
    for row, own in zip(rows, loaded.iter_rows(named=True), strict=True):
        for column, value in own.items():
            assert same_text(row[column], value), (table, column, row[column], value)


def same_text(text: str, value: Any) -> bool:
    match value:
        case None:
            return text == ""
        case bool():
            return text == str(value).lower()
        case int() | float():
            return float(text) == value
        case datetime.date():
            return text == value.isoformat()
        case _:
            return text == value


def test_the_csv_export_passes_frictionless_with_every_key(written: dict[str, Path]) -> None:
    descriptor = json.loads((written["csv"] / "datapackage.json").read_text(encoding="utf-8"))
    keys = [k for r in descriptor["resources"] for k in r["schema"].get("foreignKeys", [])]
    own = [k for p in installed.packages().values() for r in p.descriptor.resources for k in r.schema.all_references()]
    assert len(keys) == len(own) > 40
    assert "x-reference" not in json.dumps(descriptor)
    assert all(r["hash"].startswith("sha256:") and r["bytes"] > 0 for r in descriptor["resources"])
    report = frictionless.validate(str(written["csv"] / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note", "rowNumber", "fieldName"])[:5]


def test_the_csv_export_passes_our_own_checks(written: dict[str, Path]) -> None:
    report = luminaldb.validate(written["csv"])
    assert not report.findings, [str(f) for f in report.findings[:5]]
    assert not report.notes


def test_a_broken_key_in_the_csv_export_is_seen_by_frictionless_and_by_us(
    written: dict[str, Path], tmp_path: Path
) -> None:
    exported = shutil.copytree(written["csv"], tmp_path / "export")
    file = exported / "arms.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",tandem,", ",no-such-trial,", 1), encoding="utf-8")
    arms = frictionless.Package(str(exported / "datapackage.json")).get_resource("arms")
    assert "foreign-key" in {e[0] for e in arms.validate().flatten(["type"])}
    assert "LDB033" in {f.code for f in luminaldb.validate(exported).findings}


@pytest.mark.parametrize("table", TABLES)
def test_csv_read_by_duckdb(written: dict[str, Path], table: str) -> None:
    file, loaded = written["csv"] / f"{table}.csv", luminaldb.load(table)
    types = ", ".join(f"'{name}': '{DUCKDB_TYPES.get(type(t), 'VARCHAR')}'" for name, t in loaded.schema.items())
    rows = duckdb.sql(
        f"SELECT * FROM read_csv('{file}', header=true, auto_detect=false, delim=',', quote='\"', escape='\"', columns={{{types}}})"
    )
    assert rows.fetchall() == loaded.rows()


@pytest.mark.parametrize("table", TABLES)
def test_csv_read_by_pandas(written: dict[str, Path], table: str) -> None:
    loaded = luminaldb.load(table)
    kinds = {pl.Int64: "Int64", pl.Float64: "float64", pl.Boolean: "boolean"}
    types = {name: kinds.get(type(t), "string") for name, t in loaded.schema.items() if t != pl.Date}
    dates = [name for name, t in loaded.schema.items() if t == pl.Date]
    frame = pandas.read_csv(
        written["csv"] / f"{table}.csv", dtype=types, parse_dates=dates, keep_default_na=False, na_values=[""]
    )
    read = frame.astype(object).where(frame.notna(), None)
    for name in dates:
        read[name] = [None if value is None else value.date() for value in read[name]]
    assert [tuple(row) for row in read.itertuples(index=False)] == loaded.rows()


@pytest.mark.parametrize("table", TABLES)
def test_parquet_read_by_duckdb_and_pyarrow(written: dict[str, Path], table: str) -> None:
    file = written["parquet"] / f"{table}.parquet"
    loaded = luminaldb.load(table)
    assert duckdb.sql(f"SELECT * FROM '{file}'").fetchall() == loaded.rows()
    arrow = pyarrow.parquet.read_table(file)
    assert arrow.column_names == loaded.columns
    kinds = {pl.Int64: "int64", pl.Float64: "double", pl.Boolean: "bool", pl.Date: "date32[day]"}
    for name, kind in loaded.schema.items():
        own = arrow.schema.field(name).type
        text = (
            pyarrow.types.is_dictionary(own) or pyarrow.types.is_large_string(own) or pyarrow.types.is_string_view(own)
        )
        assert str(own) == kinds[type(kind)] if type(kind) in kinds else text, (name, own)
    assert [tuple(row.values()) for row in arrow.to_pylist()] == loaded.rows()
    frame = pandas.read_parquet(file, dtype_backend="pyarrow")
    assert [tuple(row) for row in frame.astype(object).where(frame.notna(), None).to_numpy()] == loaded.rows()
    metadata = arrow.schema.metadata or pyarrow.parquet.read_metadata(file).metadata
    assert metadata[b"version"] == luminaldb.__version__.encode()
    assert b"CC0" in metadata[b"license"]
    fields = {f.name: f for f in installed.package_of(table).resource(table).schema.fields}
    assert json.loads(metadata[b"columns"]) == {name: f.description for name, f in fields.items()}
    assert json.loads(metadata[b"units"]) == {name: f.unit for name, f in fields.items() if f.unit}


@pytest.mark.parametrize("table", TABLES)
def test_json_read_by_the_json_module_and_by_duckdb(written: dict[str, Path], table: str) -> None:
    file = written["json"] / f"{table}.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    plain = [
        {k: v.isoformat() if isinstance(v, datetime.date) else v for k, v in r.items()}
        for r in luminaldb.load(table).to_dicts()
    ]
    assert rows == plain
    assert duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall() == [(len(rows),)]


@pytest.mark.parametrize("table", TABLES)
def test_json_lines_read_by_the_json_module_and_by_duckdb(written: dict[str, Path], table: str) -> None:
    file, loaded = written["jsonl"] / f"{table}.jsonl", luminaldb.load(table)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [list(json.loads(line)) for line in lines] == [loaded.columns] * loaded.height
    types = ", ".join(f"'{name}': '{DUCKDB_TYPES.get(type(t), 'VARCHAR')}'" for name, t in loaded.schema.items())
    read = duckdb.sql(f"SELECT * FROM read_json('{file}', format='newline_delimited', columns={{{types}}})")
    assert read.fetchall() == loaded.rows()


@pytest.mark.parametrize("table", TABLES)
def test_sqlite_read_by_sqlite3(written: dict[str, Path], table: str) -> None:
    with closing(sqlite3.connect(written["sqlite"])) as database:
        key = ", ".join(f'"{c}"' for c in installed.package_of(table).resource(table).schema.primary_key)
        rows = database.execute(f'SELECT * FROM "{table}" ORDER BY {key}').fetchall()
        strict = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    plain = [tuple(v.isoformat() if isinstance(v, datetime.date) else v for v in row) for row in expected(table)]
    assert sorted(rows, key=repr) == sorted(plain, key=repr)
    assert strict.endswith("STRICT")
    assert "PRIMARY KEY" in strict


def test_sqlite_holds_its_keys(written: dict[str, Path]) -> None:
    with closing(sqlite3.connect(written["sqlite"])) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert len(database.execute("PRAGMA foreign_key_list(effects)").fetchall()) == 7
        indices = {r[1] for r in database.execute("PRAGMA index_list(effects)")}
        assert "effects_trial_id" in indices
        database.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(
                "INSERT INTO arms (arm_id, trial_id, label, role) VALUES ('x', 'no-such-trial', 'x', 'single')"
            )
        with pytest.raises(sqlite3.IntegrityError):
            database.execute("UPDATE arms SET n_assigned = 'many'")
        assert dict(database.execute("SELECT * FROM luminaldb_about"))["version"] == luminaldb.__version__


@pytest.mark.parametrize(
    ("view", "options"),
    [
        ("trial_results", {}),
        ("trial_results_all", {"include_superseded": True}),
        ("trial_results_latest", {"analysis": "latest"}),
    ],
)
def test_the_views_of_sqlite_equal_the_joined_frames(
    written: dict[str, Path], view: str, options: dict[str, Any]
) -> None:
    own = luminaldb.trial_results(**options)
    with closing(sqlite3.connect(written["sqlite"])) as database:
        rows = database.execute(f"SELECT * FROM {view}")
        assert [d[0] for d in rows.description] == own.columns
        plain = [tuple(v.isoformat() if isinstance(v, datetime.date) else v for v in row) for row in own.rows()]
        assert rows.fetchall() == plain


@pytest.mark.usefixtures("archive")
@pytest.mark.filterwarnings("ignore:2.1.0 has no")
def test_an_older_release_as_sqlite_has_the_joined_results_of_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    luminaldb.export("sqlite", file, version="2.1.0")
    with closing(sqlite3.connect(file)) as database:
        (rows,) = database.execute("SELECT count(*) FROM trial_results_all").fetchone()
    old = luminaldb.load("effects", version="2.1.0").height + luminaldb.load("outcomes", version="2.1.0").height
    assert rows == old


def test_csv_for_excel(tmp_path: Path) -> None:
    folder = luminaldb.export("csv", tmp_path / "excel", excel=True)
    raw = (folder / "effects.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n") == luminaldb.load("effects").height + 1
    assert luminaldb.validate(folder).ok


def test_csv_for_excel_runs_no_formula(tmp_path: Path) -> None:
    from helpers import small_package

    from luminaldb.publish.export.content import ExportTable

    fields = [{"name": "t", "type": "string"}, {"name": "n", "type": "number"}]
    text = 't,n\n=1+1,-2\n@SUM(A1),3\n"-x, y",4\nplain,-5\n'
    database = luminaldb.Database.open(small_package(tmp_path / "p", fields, text))
    package = database.package_of("table")
    lines = excel_csv(ExportTable("p", package, package.resource("table"), database)).decode("utf-8-sig").split("\r\n")
    assert lines == ["t,n", "'=1+1,-2", "'@SUM(A1),3", '"\'-x, y",4', "plain,-5", ""]


def test_one_table_goes_to_one_file(tmp_path: Path) -> None:
    for to in ("csv", "json", "parquet"):
        file = luminaldb.export(to, tmp_path / f"effects.{to}", tables=["effects"])
        assert file.is_file()
    assert pl.read_parquet(tmp_path / "effects.parquet").equals(luminaldb.load("effects"))


def test_a_part_of_the_packages(tmp_path: Path) -> None:
    folder = luminaldb.export("csv", tmp_path / "some", packages=["citations", "vocabularies"])
    assert sorted(p.name for p in folder.iterdir()) == [
        "adverse_event_terms.csv",
        "citations.csv",
        "datapackage.json",
        "endpoints.csv",
        "genes.csv",
        "review_questions.csv",
    ]
    assert frictionless.validate(str(folder / "datapackage.json")).valid


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    file = luminaldb.export("sqlite", tmp_path / "x.sqlite", tables=["endpoints"])
    before = file.read_bytes()
    with pytest.raises(luminaldb.LuminaldbError, match="--force"):
        luminaldb.export("sqlite", file)
    assert file.read_bytes() == before
    luminaldb.export("sqlite", file, force=True)
    assert file.read_bytes() != before
    folder = luminaldb.export("csv", tmp_path / "f", tables=["endpoints", "genes"])
    (folder / "mine.txt").write_text("mine")
    (folder / "endpoints.csv").write_text("old")
    with pytest.raises(luminaldb.LuminaldbError, match="--force"):
        luminaldb.export("csv", folder, tables=["endpoints", "genes"])
    assert (folder / "endpoints.csv").read_text() == "old"
    luminaldb.export("csv", folder, tables=["endpoints", "genes"], force=True)
    assert (folder / "mine.txt").read_text() == "mine"
    assert (folder / "endpoints.csv").read_text() != "old"


def test_a_failure_leaves_nothing_half_made(tmp_path: Path) -> None:
    class PullThePlugError(Exception):
        pass

    def plug(table: str) -> None:
        if table == "effects":
            raise PullThePlugError

    for to, name in (
        ("csv", "folder"),
        ("xlsx", "x.xlsx"),
        ("sqlite", "x.sqlite"),
        ("parquet", "p"),
        ("json", "j"),
        ("jsonl", "l"),
    ):
        with pytest.raises(PullThePlugError):
            luminaldb.export(to, tmp_path / name, progress=plug)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("to", ["csv", "xlsx", "parquet", "json", "jsonl", "sqlite"])
def test_a_full_disk_is_reported_in_one_line_and_leaves_nothing(tmp_path: Path, to: str) -> None:
    (tmp_path / "x").mkdir()
    done = subprocess.run([sys.executable, "-m", "luminaldb", "export", "--to", to, "--out", str(tmp_path / "x/out")],
                          preexec_fn=small_files, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "can't be written" in done.stderr
    assert list((tmp_path / "x").iterdir()) == []


def small_files() -> None:
    """Let this process write no file above 20,000 bytes, as a disk would that is nearly full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_a_file_never_replaces_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(luminaldb.LuminaldbError, match="is a folder"), replace_file(tmp_path / "x", force=True):
        raise AssertionError
