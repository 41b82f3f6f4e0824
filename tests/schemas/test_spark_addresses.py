"""Spark reads tables and packages by address, checks their form on its executors, and finds what polars finds."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import polars as pl
import pytest

import luminaldb

Run = Callable[..., CompletedProcess[str]]
SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "n", "type": "integer", "constraints": {"maximum": 5}},
        {"name": "t", "type": "string"},
    ],
    "primaryKey": ["id"],
}
MULTI = b'id,n,t\r\na,1,"x\r\n,y"\r\nb,7,"q\n\n""r"""\r\nc,1\r\nd,2,z'
RAGGED = b"id;n;t\na;1\nb;2;y;z\n\nc;9;q\n"
TABLES = {
    "lines_in_cells.csv": MULTI,
    "packed.csv.gz": gzip.compress(RAGGED),
    "stray_quote.csv": b'id,n,t\na,1,5" disk\nb,9,y\n',
    "no_text.csv": b'id,n,t\na,1,\xe4\nb,9,z\nc,1,"x\xff\ny"\nd,7\xf0\ne,8,\0\n',
    "empty.csv": b"",
    "other_header.csv": b"id,x,t\na,1,x\n",
    "merge.csv": b"id,n,t\n<<<<<<< HEAD\na,1,x\n=======\na,2,x\n>>>>>>> z\n",
    "rows.jsonl": b'{"id":"a","n":1,"t":"x"}\n\n{"id":"b","n":9.0,"t":5,"u":1}\n{"id":"c","n":"1","t":null}\n{"id":\n7\n"\xff"\n',
    "list.json": b'[{"id": "a", "n": 9}]',
}


def findings_of(report: luminaldb.Report) -> list[tuple[str, str, str, str, str]]:
    return sorted((f.table, f.code, f.row_key, f.column, f.value) for f in report.findings)


def test_a_table_has_the_same_findings_as_by_polars(bucket: tuple[Path, str]) -> None:
    folder, address = bucket
    for name, content in TABLES.items():
        (folder / name).write_bytes(content)
    cells = {"id": ["a", "b", None], "n": [1, 9, 2], "t": ["x", None, ""]}
    pl.DataFrame(cells).write_parquet(folder / "typed.parquet")
    differing = {}
    for file in sorted(folder.iterdir()):
        expected = luminaldb.validate(file, schema=SCHEMA)
        report = luminaldb.validate(f"{address}/{file.name}", schema=SCHEMA, engine="spark")
        if (findings_of(report), report.rows) != (findings_of(expected), expected.rows):
            differing[file.name] = (report, expected)
    assert not differing


def test_records_across_blocks(spark: Any, bucket: tuple[Path, str]) -> None:
    """Cells with line breaks, of which blocks of a file start and end within; in blocks of 60 bytes."""
    folder, address = bucket
    chance = random.Random(7)  # noqa: S311 - any bytes will do
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "n", "t"])
    pieces = ["a", ",", '"', "\n", "\r\n", "é", "long " * 20]
    for _ in range(40):
        cell = "".join(chance.choice(pieces) for _ in range(chance.randint(0, 12)))
        row = [f"k{chance.randint(0, 30)}", chance.choice(["1", "9", "z", ""]), cell]
        writer.writerow(row[: 2 if chance.random() < 0.1 else 3])
    (folder / "t.csv").write_bytes(text.getvalue().encode())
    before = {
        key: spark.conf.get(key) for key in ("spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes")
    }
    try:
        for key in before:
            spark.conf.set(key, "60")
        report = luminaldb.validate(f"{address}/t.csv", schema=SCHEMA, engine="spark")
    finally:
        for key, value in before.items():
            spark.conf.set(key, value)
    expected = luminaldb.validate(folder / "t.csv", schema=SCHEMA)
    assert {"LDB006", "LDB020", "LDB026", "LDB031"} <= {f.code for f in expected.findings}
    assert (findings_of(report), report.rows) == (findings_of(expected), expected.rows)


def test_a_folder_of_parts_is_one_table(spark: Any, bucket: tuple[Path, str]) -> None:
    folder, address = bucket
    rows = [f"k{n % 90},{n % 7},x\n" for n in range(100)]
    (folder / "whole.csv").write_text("id,n,t\n" + "".join(rows))
    parts = folder / "parts"
    parts.mkdir()
    for n in range(4):
        (parts / f"part-{n}.csv").write_text("id,n,t\n" + "".join(rows[25 * n : 25 * n + 25]))
    for name in ("_SUCCESS", "part-4.csv"):
        (parts / name).touch()
    expected = [found[1:] for found in findings_of(luminaldb.validate(folder / "whole.csv", schema=SCHEMA))]
    for pattern in ("parts", "parts/part-?.csv"):
        report = luminaldb.validate(f"{address}/{pattern}", schema=SCHEMA, engine="spark")
        assert [found[1:] for found in findings_of(report)] == expected
        assert (report.rows, report.unchecked) == (100, [])
    (parts / "part-5.csv").write_text("id,n,u\nz,9,x\n")
    report = luminaldb.validate(f"{address}/parts", schema=SCHEMA, engine="spark")
    assert [f.message for f in report.findings if f.code == "LDB008"] == [
        "part-5.csv has another header than the first file: id,n,u"
    ]


def test_what_is_read_by_no_executor_is_named(bucket: tuple[Path, str]) -> None:
    folder, address = bucket
    (folder / "comments.csv").write_text("id,n\n#no row\na,9\n")
    (folder / "_hidden.csv").write_text("id,n\na,9\n")
    resources = [
        {"name": "comments", "path": "comments.csv", "dialect": {"commentChar": "#"}},
        {"name": "hidden", "path": "_hidden.csv"},
        {"name": "absent", "path": "absent.csv"},
        {"name": "outside", "path": "../x.csv"},
    ]
    fields = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer", "constraints": {"maximum": 5}}]
    for resource in resources:
        resource |= {"type": "table", "schema": {"fields": fields}}
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}))
    report = luminaldb.validate(address, engine="spark")
    assert {(f.table, f.code) for f in report.errors} >= {
        ("comments", "LDB026"), ("hidden", "LDB001"), ("absent", "LDB001"), ("outside", "LDB011")
    }  # fmt: skip
    assert any("comments" in note and "by one process" in note for note in report.notes)


def test_keys_between_tables_of_a_package(bucket: tuple[Path, str]) -> None:
    folder, address = bucket
    (folder / "sites.csv").write_text("site\nA\nB\n")
    (folder / "patients.csv").write_text("id,site\n1,A\n2,C\n")
    key = {"fields": "site", "reference": {"resource": "sites", "fields": "site"}}
    resources = [
        {"name": "sites", "path": "sites.csv", "schema": {"fields": [{"name": "site"}], "primaryKey": "site"}},
        {
            "name": "patients",
            "path": "patients.csv",
            "bytes": 15,
            "hash": "sha256:0",
            "schema": {"fields": [{"name": "id"}, {"name": "site"}], "primaryKey": "id", "foreignKeys": [key]},
        },
    ]
    (folder / "p.json").write_text(json.dumps({"name": "p", "resources": resources}))
    report = luminaldb.validate(f"{address}/p.json", engine="spark")
    assert findings_of(report) == findings_of(luminaldb.validate(folder / "p.json"))
    assert {f.code for f in report.errors} == {"LDB017", "LDB018", "LDB033"}
    assert not report.unchecked


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("{}/absent.csv", "no such file"),
        ("{}/absent", "no such file"),
        ("{}/package.zip", "a zip of a package is not read from there"),
        ("qqq://user:secret@bucket/t.csv", "No FileSystem for scheme .*; give Spark the jar of that file system"),
    ],
)
def test_what_can_not_be_opened_is_refused_in_one_line(bucket: tuple[Path, str], address: str, words: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=words) as caught:
        luminaldb.validate(address.format(bucket[1]), schema=SCHEMA, engine="spark")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_session_of_the_user_goes_on(spark: Any, bucket: tuple[Path, str]) -> None:
    folder, address = bucket
    (folder / "t.csv").write_text("id,n,t\na,1,x\n")
    with ThreadPoolExecutor(1) as other:
        report = other.submit(luminaldb.validate, f"{address}/t.csv", schema=SCHEMA, engine="spark").result()
    assert report.ok
    assert spark.range(3).count() == 3


def test_the_command_records_findings_and_leaves_them_out(bucket: tuple[Path, str], tmp_path: Path, run: Run) -> None:
    folder, address = bucket
    (folder / "t.csv").write_text("id,n,t\na,9,x\n")
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    command = ("validate", f"{address}/t.csv", "--engine", "spark", "--schema", tmp_path / "schema.json")
    assert run(*command, "--write-baseline", tmp_path / "known.json").returncode == 0
    assert run(*command, "--baseline", tmp_path / "known.json").returncode == 0
    done = run(*command, "--sample", "1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no sample is taken of what Spark reads" in done.stderr


@pytest.mark.slow
def test_two_executors_read_a_file_in_parts(
    folder_as_bucket: dict[str, str], tmp_path: Path, run_process: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command, in a cluster of two executors: what comes back to the driver doesn't grow with the rows."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and no java is on the path")
    folder, events = tmp_path / "bucket", tmp_path / "events"
    folder.mkdir()
    events.mkdir()
    with (folder / "t.csv").open("w") as file:
        file.write("id,n,t\n")
        file.writelines(f"k{n},{n % 5},{'text ' * 8}\n" for n in range(40_000))
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    settings = {
        **{f"spark.hadoop.{key}": value for key, value in folder_as_bucket.items()},
        "spark.hadoop.fs.viewfs.mounttable.bucket.link./data": folder.as_uri(),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": events.as_uri(),
        "spark.ui.enabled": "false",
        # A result that is larger than this ends the job.
        "spark.driver.maxResultSize": "100k",
        "spark.sql.files.maxPartitionBytes": "500k",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    monkeypatch.setenv(
        "PYSPARK_SUBMIT_ARGS", " ".join(f"--conf {k}={v}" for k, v in settings.items()) + " pyspark-shell"
    )
    master = ("--spark-master", "local-cluster[2,1,1024]")
    done = run_process(
        "validate", "s3a://bucket/data/t.csv", "--engine", "spark", "--schema", schema, "--strict", *master
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40,000 rows in 1 table" in done.stdout
    (log,) = events.glob("*/events_*")
    tasks = [e for e in map(json.loads, log.open(encoding="utf-8")) if e["Event"] == "SparkListenerTaskEnd"]
    readers = [task for task in tasks if task["Task Metrics"]["Input Metrics"]["Records Read"] > 1]
    assert {task["Task Info"]["Executor ID"] for task in readers} == {"0", "1"}
    assert max(Counter(task["Stage ID"] for task in readers).values()) > 2
    assert max(task["Task Metrics"]["Result Size"] for task in tasks) < 10_000
