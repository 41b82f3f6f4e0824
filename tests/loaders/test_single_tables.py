"""Tables without a data package: every format, standard input, patterns, databases; and what is noted of them."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart

import luminaldb
from luminaldb.loaders.datapackage.infer import infer

Run = Callable[..., CompletedProcess[str]]
SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True}},
        {"name": "day", "type": "date"},
        {"name": "size", "type": "number", "constraints": {"maximum": 1}},
    ],
    "primaryKey": "id",
}
ROWS = [("1", "2024-02-09", "0.60"), ("2", "2024-02-30", "0.5"), ("2", "", "1.5")]
FOUND = {("LDB020", "day"), ("LDB026", "size"), ("LDB031", "id")}
CSV = "id,day,size\n" + "".join(",".join(row) + "\n" for row in ROWS)


def workbook(file: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("id", "day", "size"), *ROWS):
        sheet.append(row)
    sheet["C2"] = 0.6
    sheet["C2"].number_format = "0.00"
    book.create_sheet("other").append(["x"])
    book.save(file)


def open_document(file: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        "<table:table-row>"
        + "".join(cell.format(c) if c else "<table:table-cell/>" for c in row)
        + "</table:table-row>"
        for row in (("id", "day", "size"), *ROWS)
    )
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    body = f'<table:table table:name="a">{rows}{blank}</table:table>'
    xml = f"<office:document-content {names}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", xml)


def zstandard(file: Path) -> None:
    import pyarrow

    with pyarrow.CompressedOutputStream(str(file), "zstd") as stream:
        stream.write(CSV.encode())


def zip_file(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("t.csv", CSV)


def frame() -> pl.DataFrame:
    return pl.DataFrame(ROWS, schema=["id", "day", "size"], orient="row")


WRITERS: dict[str, Callable[[Path], Any]] = {
    "t.csv": lambda f: f.write_text(CSV),
    "t.tsv": lambda f: f.write_text(CSV.replace(",", "\t")),
    "semicolons.csv": lambda f: f.write_text(CSV.replace(",", ";")),
    "t.csv.gz": lambda f: f.write_bytes(gzip.compress(CSV.encode())),
    "t.csv.zst": zstandard,
    "t.csv.zip": zip_file,
    "t.jsonl": lambda f: f.write_text(
        "".join(json.dumps(dict(zip(("id", "day", "size"), r, strict=True))) + "\n" for r in ROWS)
    ),
    "t.json": lambda f: f.write_text(json.dumps([dict(zip(("id", "day", "size"), r, strict=True)) for r in ROWS])),
    "lists.json": lambda f: f.write_text(json.dumps([("id", "day", "size"), *ROWS], indent=1)),
    "t.xlsx": workbook,
    "t.ods": open_document,
    "t.parquet": lambda f: frame().write_parquet(f),
}


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_table_of_any_format_is_checked_by_a_schema(name: str, engine: str, tmp_path: Path) -> None:
    file = tmp_path / name
    WRITERS[name](file)
    # The workbook has another sheet, too.
    report = luminaldb.validate(file, schema=SCHEMA, engine=engine, sheet="Sheet" if name == "t.xlsx" else None)
    assert {(f.code, f.column) for f in report.findings} == FOUND
    assert {f.file for f in report.findings} == {str(file)}
    assert report.rows == len(ROWS)
    assert not report.unchecked


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_without_a_schema_is_not_wholly_checked(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    WRITERS[name](file)
    report = luminaldb.validate(file)
    assert report.ok
    assert report.unchecked
    assert "luminaldb infer" in report.unchecked[0]


def test_a_number_of_a_workbook_keeps_the_zeros_that_it_shows(tmp_path: Path) -> None:
    workbook(tmp_path / "t.xlsx")
    from luminaldb.loaders.datapackage.single_file import open_table

    assert open_table(tmp_path / "t.xlsx").text("t").frame["size"][0] == "0.60"
    (issue,) = luminaldb.validate(tmp_path / "t.xlsx", sheet="c").findings
    assert (issue.message, issue.hint) == ("no sheet 'c'", "There are Sheet, other.")


def test_further_sheets_are_noted_as_not_checked(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    workbook(file)
    note = f"not checked: sheets of {file} behind the first: other; --sheet names one"
    assert note in luminaldb.validate(file, schema=SCHEMA).unchecked
    assert note not in luminaldb.validate(file, schema=SCHEMA, sheet="Sheet").unchecked
    document = tmp_path / "t.ods"
    open_document(document)
    assert not luminaldb.validate(document, schema=SCHEMA).unchecked


def test_blank_sheets_and_charts_are_no_tables(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "day", "size"])
    book.active.append([1, "2024-02-09", 0.5])
    book.create_sheet("blank")
    book.create_chartsheet("chart", 0).add_chart(BarChart())
    book.save(tmp_path / "t.xlsx")
    for sheet in (None, "Sheet", "1"):
        report = luminaldb.validate(tmp_path / "t.xlsx", schema=SCHEMA, sheet=sheet)
        assert (report.ok, report.rows, report.notes) == (True, 1, [])


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_table_of_a_database(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"results.{kind}"
    connection = sqlite3.connect(file) if kind == "sqlite" else duckdb.connect(str(file))
    connection.execute("CREATE TABLE effects (id VARCHAR, day VARCHAR, size VARCHAR)")
    connection.execute("CREATE TABLE other (a INTEGER)")
    for row in ROWS:
        connection.execute("INSERT INTO effects VALUES (?, ?, ?)", row)
    connection.commit()
    connection.close()
    before = file.read_bytes()
    address = f"{kind}:///{file}?table=effects"
    report = luminaldb.validate(address, schema=SCHEMA)
    assert {(f.code, f.column) for f in report.findings} == FOUND
    assert file.read_bytes() == before
    descriptor = tmp_path / "datapackage.json"
    descriptor.write_text(json.dumps(infer(address)), encoding="utf-8")
    inferred = luminaldb.validate(descriptor)
    assert (inferred.ok, inferred.rows) == (True, len(ROWS))
    (issue,) = luminaldb.validate(f"{kind}:///{file}").findings
    assert "2 tables" in issue.message
    assert "effects, other" in issue.hint


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://bucket/t.csv", "only Spark reads an address of s3;"),
        ("s3a://bucket/p", "only Spark reads an address of s3a; choose --engine spark"),
        ("hdfs://host/p/datapackage.json", "only Spark reads an address of hdfs"),
        ("https://example.org/t.csv", "a table by itself is not read from an address"),
    ],
)
def test_an_address_that_nothing_reads(address: str, words: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=words) as caught:
        luminaldb.validate(address, allow_remote=True)
    assert "download it" in str(caught.value)


def test_a_pattern_names_several_files(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(CSV)
    report = luminaldb.validate(tmp_path / "*.csv", schema=SCHEMA)
    assert (report.tables, report.rows) == (2, 6)
    with pytest.raises(luminaldb.LuminaldbError, match="no file matches"):
        luminaldb.validate(tmp_path / "*.tsv")


@pytest.mark.parametrize("name", WRITERS)
def test_standard_input_of_any_format(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "t.csv.zip":
        pytest.skip("a zip is a workbook there")
    WRITERS[name](tmp_path / name)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((tmp_path / name).read_bytes())))
    report = luminaldb.validate("-", schema=SCHEMA)
    assert ({(f.code, f.column) for f in report.findings}, report.rows) == (FOUND, len(ROWS))


def test_standard_input_schema_and_strict(tmp_path: Path, run: Run, run_process: Run) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    result = run_process("validate", "-", "--schema", str(schema), input=CSV)
    assert result.returncode == 1
    assert "stdin:3:day" in result.stdout
    assert run("validate", "-", input=CSV).returncode == 0
    strict = run("validate", "-", "--strict", input=CSV)
    assert strict.returncode == 1
    assert "--strict" in strict.stderr


def test_a_schema_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV)
    (tmp_path / "s.json").write_text('{"resources": []}')
    with pytest.raises(luminaldb.LuminaldbError, match="no Table Schema"):
        luminaldb.validate(tmp_path / "t.csv", schema=tmp_path / "s.json")
    with pytest.raises(luminaldb.LuminaldbError, match="is only for single tables"):
        luminaldb.validate(Path(luminaldb.__path__[0]) / "datasets/trials", schema=SCHEMA)


def test_nothing_to_check_is_no_success(tmp_path: Path, run: Run) -> None:
    resource = {"name": "a", "path": "a.txt"}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [resource]}))
    (tmp_path / "a.txt").write_text("a")
    assert not luminaldb.validate(tmp_path).ok
    result = run("validate", str(tmp_path))
    assert result.returncode == 1
    assert "nothing was checked" in result.stderr


def test_infer_writes_a_descriptor_that_the_table_fulfils(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "My Table.csv"
    file.write_text("Study ID;n;when;code;x\na;1;2024-02-09;007;NA\nb;2;2024-02-10;008;0.5\n")
    result = run("infer", str(file), "--out", str(tmp_path / "datapackage.json"))
    assert result.returncode == 0, result.stderr
    descriptor = json.loads((tmp_path / "datapackage.json").read_text())
    (resource,) = descriptor["resources"]
    assert {f["name"]: f["type"] for f in resource["schema"]["fields"]} == {
        "Study ID": "string", "n": "integer", "when": "date", "code": "string", "x": "number",
    }  # fmt: skip
    assert resource["schema"]["primaryKey"] == ["Study ID"]
    assert luminaldb.validate(tmp_path).findings == []
    again = run("infer", str(file), "--out", str(tmp_path / "datapackage.json"))
    assert again.returncode == 1


def test_infer_names_the_cell_that_has_not_the_type_of_all_others(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "t.csv"
    file.write_text("n,word\n" + "".join(f"{n if n != 50 else '5O'},a{n}\n" for n in range(100)))
    result = run("infer", str(file), "--json", "--schema-only")
    n, word = json.loads(result.stdout)["fields"]
    assert (n["type"], word["type"]) == ("integer", "string")
    assert "line 52 '5O' is not" in n["description"]
    assert result.stderr == f"note: n: {n['description']}\n"
    (issue,) = luminaldb.validate(file, schema={"fields": [n, word]}).findings
    assert (issue.line, issue.value) == (52, "5O")


def test_a_text_file_is_a_table_and_has_no_sheets(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "t.txt"
    file.write_text("a\tb\n1\tx\n")
    assert [f["type"] for f in infer(file)["resources"][0]["schema"]["fields"]] == ["integer", "string"]
    report = luminaldb.validate(file)
    assert (report.findings, report.tables, report.rows) == ([], 1, 1)
    assert any("separated by tabs" in note for note in report.notes)
    for command in ("validate", "infer"):
        result = run(command, str(file), "--sheet", "x")
        assert result.returncode == 1
        assert result.stderr.endswith("t.txt: has no sheets; leave out --sheet, which is for workbooks\n")


@given(st.lists(st.tuples(*[st.text("0123456789.-:TNA ab", max_size=6)] * 2), max_size=8))
@settings(max_examples=60, deadline=None)
def test_an_inferred_schema_always_fits(rows: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.csv"
        stream = io.StringIO()
        import csv

        csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
        file.write_text(stream.getvalue(), encoding="utf-8")
        schema = infer(file)["resources"][0]["schema"]
        # A blank row is warned of, whatever the schema.
        found = luminaldb.validate(file, schema=schema).findings
        assert [issue for issue in found if issue.code != "LDB046"] == []


def test_a_frame_by_a_pandera_schema() -> None:
    import pandera.polars as pa

    schema = pa.DataFrameSchema({"a": pa.Column(int, pa.Check.ge(0))})
    report = luminaldb.validate(pl.DataFrame({"a": [1, -1]}), schema=schema)
    assert [(f.code, f.column, f.value, f.line) for f in report.findings] == [("LDB044", "a", "-1", 2)]
    assert luminaldb.validate(pl.DataFrame({"a": [1]}), schema=schema).ok
    table_schema = {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": 0}}]}
    assert [f.code for f in luminaldb.validate(pl.DataFrame({"a": [1, -1]}), schema=table_schema).findings] == [
        "LDB025"
    ]
