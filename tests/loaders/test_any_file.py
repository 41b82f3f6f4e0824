"""Anybody's files: every dialect, encoding, compression and place of rows that the standard has."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pytest
from helpers import small_package, write_package

import luminaldb

TEXT = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
GOOD = "id,n\na,1\nb,2\n"
ROWS = [("a", 1), ("b", 2)]


def rules(package: Path) -> list[tuple[str, int]]:
    return [(f.code, f.line) for f in luminaldb.validate(package).findings]


DIALECTS: list[tuple[str, dict[str, Any], bytes]] = [
    ("delimiter", {"delimiter": ";"}, b"id;n\na;1\nb;2\n"),
    ("quoteChar", {"quoteChar": "'"}, b"id,n\n'a',1\n'b',2\n"),
    ("no-quotes", {"quoteChar": None, "escapeChar": "\\"}, b"id,n\na,1\nb,2\n"),
    ("escapeChar", {"escapeChar": "\\", "doubleQuote": False}, b'id,n\na,1\n"b",2\n'),
    ("skipInitialSpace", {"skipInitialSpace": True}, b"id, n\na, 1\nb, 2\n"),
    ("no-header", {"header": False}, b"a,1\nb,2\n"),
    ("no-header-rows", {"headerRows": []}, b"a,1\nb,2\n"),
    ("late-header", {"headerRows": [3]}, b"title\n\nid,n\na,1\nb,2\n"),
    ("comment-rows", {"commentRows": [1, 3]}, b"all about\nid,n\nunits,none\na,1\nb,2\n"),
    ("comment-char", {"commentChar": "#"}, b"# all about\nid,n\na,1\n#x,y\nb,2\n"),
    ("comment-characters", {"commentChar": "//"}, b"id,n\n// x\na,1\nb,2\n"),
    ("line-terminator", {"lineTerminator": ";"}, b"id,n;a,1;b,2"),
    ("old-mac", {"lineTerminator": "\r"}, b"id,n\ra,1\rb,2\r"),
    ("crlf", {"lineTerminator": "\r\n"}, b"id,n\r\na,1\r\nb,2\r\n"),
    ("case", {"caseSensitiveHeader": False}, b"ID,N\na,1\nb,2\n"),
    ("version-1", {"csv": {"delimiter": "|"}}, b"id|n\na|1\nb|2\n"),
]


@pytest.mark.parametrize(("name", "dialect", "data"), DIALECTS, ids=[d[0] for d in DIALECTS])
def test_dialects(tmp_path: Path, name: str, dialect: dict[str, Any], data: bytes) -> None:
    package = small_package(tmp_path / name, TEXT, data, dialect=dialect)
    assert luminaldb.Package.open(package).load("table").rows() == ROWS
    assert luminaldb.validate(package).findings == []


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        ({}, b"id;n\na;1\nb;2,5\n"),
        ({}, b"id\tn\r\na\t1\r\n"),
        ({"delimiter": ";"}, b'"id","n"\na,1\n'),
        ({"delimiter": "\t"}, b"id|n\na|1\n"),
    ],
)
def test_another_delimiter_than_the_descriptor_says_is_one_finding(
    tmp_path: Path, dialect: dict[str, Any], data: bytes
) -> None:
    package = small_package(tmp_path / "p", TEXT, data, dialect=dialect)
    assert rules(package) == [("LDB012", 1)]
    assert [(f.code, f.line) for f in luminaldb.validate(package, engine="duckdb").findings] == [("LDB012", 1)]


def test_a_header_of_several_rows(tmp_path: Path) -> None:
    fields = [{"name": "fruit-id", "type": "integer"}, {"name": "fruit-name"}]
    dialect = {"headerRows": [1, 2], "headerJoin": "-"}
    package = small_package(tmp_path / "p", fields, "fruit\nid,name\n1,apple\nx,pear\n", dialect=dialect)
    assert rules(package) == [("LDB020", 4)]


def test_a_null_sequence(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", TEXT, "id,n\na,\\N\n", dialect={"nullSequence": "\\N"})
    assert luminaldb.Package.open(package).load("table").rows() == [("a", None)]


@pytest.mark.parametrize(
    "dialect", [{"quoteChar": "::"}, {"quoteChar": ","}, {"delimiter": "\n"}, {"headerRows": [0]}, {"commentRows": "1"}]
)
def test_a_dialect_that_cannot_be_used(tmp_path: Path, dialect: dict[str, Any]) -> None:
    package = small_package(tmp_path / "p", TEXT, GOOD, dialect=dialect)
    assert "dialect" in next(f.message for f in luminaldb.validate(package).findings if f.code == "LDB019")
    with pytest.raises(luminaldb.LuminaldbError, match="dialect") as caught:
        luminaldb.Package.open(package).load("table")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    package = small_package(tmp_path / "p", TEXT, "id,n\nÄ,1\n".encode(encoding), encoding=encoding)
    assert luminaldb.Package.open(package).load("table").rows() == [("Ä", 1)]
    assert luminaldb.validate(package).ok


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "latin-1", "cp1252"])
def test_a_nul_byte_is_no_text_in_any_encoding_but_wide_ones(tmp_path: Path, encoding: str) -> None:
    package = small_package(tmp_path / "p", TEXT, b"id,n\na\0,1\nb,x\n", encoding=encoding)
    assert rules(package) == [("LDB005", 2), ("LDB020", 3)]
    wide = small_package(tmp_path / "q", TEXT, "id,n\na,1\n".encode("utf-16-le"), encoding="utf-16-le")
    assert rules(wide) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x1f\x8b\x08\0\xff", "gzip"),
        (b"PK\x03\x04\xff", "a zip or a workbook"),
        ("id,n\na,1\n".encode("utf-16-le"), "name its encoding"),
    ],
)
def test_a_file_that_is_no_text_at_all_is_one_finding(tmp_path: Path, data: bytes, words: str) -> None:
    (finding,) = luminaldb.validate(small_package(tmp_path / "p", TEXT, data)).findings
    assert words in f"{finding.message}. {finding.hint}"


@pytest.mark.parametrize("encoding", ["no-such", "hex", "undefined", "a\0b", "unicode_escape", "punycode"])
def test_an_encoding_that_is_none(tmp_path: Path, encoding: str) -> None:
    package = small_package(tmp_path / "p", TEXT, b"id,n\n\\ud800,1\n", encoding=encoding)
    assert [rule for rule, _ in rules(package)] == ["LDB002"]


def zip_file(data: bytes, *names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("t.csv",):
            archive.writestr(name, data)
    return stream.getvalue()


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zip_file}


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("named", [True, False], ids=["by-name", "by-property"])
def test_compressed_files(tmp_path: Path, kind: str, named: bool) -> None:
    path = f"t.csv.{kind}" if named else "t.csv"
    declared = {} if named else {"compression": kind}
    resource = {"type": "table", "path": path, "schema": {"fields": TEXT}, **declared}
    package = write_package(tmp_path / "p", resource, {path: PACKED[kind](GOOD.encode())})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS
    assert luminaldb.validate(package).findings == []


def test_several_streams_in_one_compressed_file(tmp_path: Path) -> None:
    data = gzip.compress(b"id,n\na,1\n") + gzip.compress(b"b,2\n") + b"\0\0"
    package = write_package(tmp_path / "p", {"path": "t.csv.gz", "schema": {"fields": TEXT}}, {"t.csv.gz": data})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS


def test_a_table_in_several_files_has_one_header(tmp_path: Path) -> None:
    resource = {"type": "table", "path": ["a.csv", "b.csv", "c.csv.gz"], "schema": {"fields": TEXT}}
    files = {"a.csv": b"id,n\na,1", "b.csv": b"b,2\n", "c.csv.gz": gzip.compress(b"c,x\n")}
    package = write_package(tmp_path / "p", resource, files)
    findings = luminaldb.validate(package).findings
    assert [(f.code, f.line, f.value) for f in findings] == [("LDB020", 4, "x")]
    assert findings[0].file.endswith("a.csv+b.csv+c.csv.gz")


INLINE: list[tuple[str, dict[str, Any]]] = [
    ("objects", {"data": [{"id": "a", "n": 1}, {"n": 2, "id": "b"}]}),
    ("arrays", {"data": [["id", "n"], ["a", 1], ["b", "2"]]}),
    ("no-header", {"data": [["a", 1], ["b", 2.0]], "dialect": {"header": False}}),
    ("csv-text", {"data": GOOD, "format": "csv"}),
    ("json-text", {"data": json.dumps([{"id": "a", "n": 1}, {"id": "b", "n": 2}]), "format": "json"}),
]


@pytest.mark.parametrize(("name", "resource"), INLINE, ids=[i[0] for i in INLINE])
def test_inline_rows(tmp_path: Path, name: str, resource: dict[str, Any]) -> None:
    package = write_package(tmp_path / "p", {"schema": {"fields": TEXT}, **resource})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS
    assert luminaldb.validate(package).findings == []


JSON_FILES: list[tuple[str, dict[str, Any], Any]] = [
    ("list", {}, [{"id": "a", "n": 1}, {"id": "b", "n": 2}]),
    ("property", {"property": "x.rows"}, {"x": {"rows": [["id", "n"], ["a", 1], ["b", 2]]}}),
    ("item-keys", {"itemKeys": ["id", "n"]}, [{"n": 1, "m": 0, "id": "a"}, {"id": "b", "n": 2}]),
]


@pytest.mark.parametrize(("name", "dialect", "value"), JSON_FILES, ids=[j[0] for j in JSON_FILES])
def test_a_json_file(tmp_path: Path, name: str, dialect: dict[str, Any], value: Any) -> None:
    resource = {"type": "table", "path": "t.json", "dialect": dialect, "schema": {"fields": TEXT}}
    package = write_package(tmp_path / "p", resource, {"t.json": json.dumps(value).encode()})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS


def test_values_of_another_json_type_than_their_field(tmp_path: Path) -> None:
    data = [{"id": "a", "n": 1}, {"id": 5, "n": True}, {"id": None, "n": 1.5}]
    package = write_package(tmp_path / "p", {"type": "table", "data": data, "schema": {"fields": TEXT}})
    found = [(f.code, f.line, f.column) for f in luminaldb.validate(package).findings]
    assert sorted(found) == [("LDB020", 2, "id"), ("LDB020", 2, "n"), ("LDB020", 3, "n")]


def test_native_values_are_written_as_their_fields_read_them(tmp_path: Path) -> None:
    fields = [
        {"name": "b", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
        {"name": "d", "type": "number", "decimalChar": ","},
        {"name": "p", "type": "geopoint"},
        {"name": "l", "type": "list", "itemType": "integer", "delimiter": ";"},
    ]
    data = [{"b": True, "d": 1.5, "p": [7, 50], "l": [1, 2]}]
    package = write_package(tmp_path / "p", {"type": "table", "data": data, "schema": {"fields": fields}})
    assert luminaldb.validate(package).findings == []
    assert luminaldb.Package.open(package).load("table").row(0) == (True, 1.5, "7, 50", [1, 2])


@pytest.mark.parametrize("data", [[1, 2], [{"id": "a"}, ["b"]], "{", "{}"])
def test_inline_rows_that_are_none(tmp_path: Path, data: Any) -> None:
    resource = {"data": data, "format": "json", "schema": {"fields": TEXT}}
    assert [rule for rule, _ in rules(write_package(tmp_path / "p", resource))] == ["LDB016"]


@pytest.mark.parametrize("mark", ["::", "||", ", "])
def test_a_delimiter_of_several_characters(tmp_path: Path, mark: str) -> None:
    text = f'id{mark}n\n"a{mark}b"{mark}1\nc:.{mark}x\n'
    package = small_package(tmp_path / "p", TEXT, text, dialect={"delimiter": mark})
    assert luminaldb.Package.open(package).text("table").frame.rows() == [(f"a{mark}b", "1"), ("c:.", "x")]


def test_the_parts_of_a_table_may_repeat_the_header(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", TEXT, "id,n\na,1\n", path=["table.csv", "more.csv"])
    (package / "more.csv").write_text("id,n\nb,2\n")
    report = luminaldb.validate(package)
    assert [(f.code, f.severity) for f in report.findings] == [("LDB045", "warning")]
    assert report.ok
    assert report.rows == 2
