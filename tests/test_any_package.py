"""Anybody's data package: every type, format, dialect and place of rows that the standard has, v2 and v1."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from helpers import small_package

import luminaldb

TEXT = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
GOOD = "id,n\na,1\nb,2\n"
ROWS = [("a", 1), ("b", 2)]


def rules(package: Path) -> list[tuple[str, int]]:
    return [(f.rule, f.line) for f in luminaldb.validate(package).findings]


def packaged(folder: Path, resource: dict[str, Any], files: dict[str, bytes] | None = None, **package: Any) -> Path:
    """Write a package of one resource and the files it names."""
    folder.mkdir(parents=True)
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "small",
        "resources": [{"name": "table", **resource}],
        **package,
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    for name, data in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def cells_package(folder: Path, field: dict[str, Any], cells: list[str], **schema: Any) -> Path:
    quoted = ['"' + c.replace('"', '""') + '"' for c in cells]
    lines = "".join(f"{n},{c}\n" for n, c in enumerate(quoted, start=1))
    fields = [{"name": "key", "type": "integer"}, {"name": "x", **field}]
    return small_package(folder, fields, "key,x\n" + lines, schema=schema)


# Field, cells the standard takes, cells it doesn't.
FORMS: list[tuple[dict[str, Any], list[str], list[str]]] = [
    ({"type": "string", "format": "email"}, ["a@b.org"], ["a b@c.org", "@b.org"]),
    ({"type": "string", "format": "uri"}, ["https://example.org/x?y#z", "urn:isbn:1"], ["//example.org", "x"]),
    ({"type": "string", "format": "uuid"}, ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"], ["6ba7b8109dad11d180b400c04fd430c8"]),
    ({"type": "string", "format": "binary"}, ["dGVzdA=="], ["dGVzdA", "%"]),
    ({"type": "integer"}, ["007", "-1", "+1", "9223372036854775808", "-170141183460469231731687303715884105728"],
     ["1.0", "1e3", "1_000", " 1", "0x10", "١٢", "1,000", "NaN"]),
    ({"type": "integer", "groupChar": ","}, ["1,234"], ["1.234"]),
    ({"type": "integer", "bareNumber": False}, ["95%", "EUR 95", "€95", "€ -12", "Rs. 12"], ["percent", "-€12", "- 12"]),
    ({"type": "number"}, ["1", "-1.50", ".5", "5.", "1e400", "1E-3", "007.5", "NaN", "nan", "INF", "-inf"],
     ["1,5", "1e", ".", "+INF", "infinity", "1_0", "0x1p3", "--1"]),
    ({"type": "number", "decimalChar": ",", "groupChar": " "}, ["1 234,5", "2"], ["1.5"]),
    ({"type": "number", "bareNumber": False, "decimalChar": ","}, ["12,5 kg", "NaN", "1234."], ["kg"]),
    ({"type": "boolean"}, ["true", "True", "TRUE", "1", "false", "False", "FALSE", "0"], ["yes", "tRUE", "2"]),
    ({"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein", "n.v."]}, ["ja", "n.v."], ["true", "nxvx"]),
    ({"type": "date"}, ["2024-02-29"], ["2023-02-29", "24-02-09", "2024-2-9", "2024/02/09", "2024-02-29T00:00:00"]),
    ({"type": "date", "format": "%d/%m/%Y"}, ["09/02/2024", "9/2/2024"], ["2024-02-09", "31/02/2024"]),
    ({"type": "date", "format": "fmt:%d.%m.%y"}, ["09.02.24"], ["09.02.2024"]),
    ({"type": "date", "format": "%A %j %Y"}, ["Friday 040 2024"], ["Friyay 040 2024"]),
    ({"type": "date", "format": "any"}, ["9 Feb 2024", "2024-02-09"], ["not a day"]),
    ({"type": "time"}, ["13:05:00", "23:59:59.5"], ["1:05:00", "13:05", "24:00:01"]),
    ({"type": "time", "format": "%I:%M %p"}, ["01:05 PM"], ["13:05 PM"]),
    ({"type": "datetime"}, ["2024-02-09T13:05:00", "2024-02-09T13:05:00.123456789Z", "2024-02-09T13:05:00-05:00"],
     ["2024-02-09 13:05:00", "2024-02-09T13:05", "2024-02-09T13:05:00+15:00"]),
    ({"type": "datetime", "format": "%Y-%m-%d %H:%M:%S.%f %z"}, ["2024-02-09 13:05:00.5 +0100"], ["2024-02-09"]),
    ({"type": "year"}, ["2024", "0044", "-0044", "12024", "2024Z", "2024+01:00"], ["24", "0000", "02024", "2024-02"]),
    ({"type": "yearmonth"}, ["2024-02", "2024-02Z"], ["2024-13", "2024-2", "2024"]),
    ({"type": "duration"}, ["P1Y2M3DT4H5M6.7S", "-P1D", "PT36H"], ["P", "PT", "P1Y2", "P1W", "1Y", "P1.5Y"]),
    ({"type": "geopoint"}, ["180, -90", "7.1,50.7"], ["181,0", "0,91", "7.1; 50.7", "7", "1,2,3"]),
    ({"type": "geopoint", "format": "array"}, ["[180, -90]"], ["[181, 0]", "[1]", "[1, 2, 3]", '["1", "2"]', "1,2"]),
    ({"type": "geopoint", "format": "object"}, ['{"lon": 7.1, "lat": 50.7}'],
     ['{"lon": 7.1}', '{"lon": 7.1, "lat": 91}', '{"lon": 1, "lat": 2, "z": 3}', "[1, 2]", '{"lon": true, "lat": 2}']),
    ({"type": "geojson"}, ['{"type": "Point", "coordinates": [1, 2]}',
     '{"type": "Feature", "geometry": null, "properties": {}}', '{"type": "FeatureCollection", "features": []}',
     '{"type": "GeometryCollection", "geometries": [{"type": "LineString", "coordinates": [[1, 2], [3, 4]]}]}'],
     ["{}", '{"type": "Point"}', '{"type": "Point", "coordinates": [[1, 2]]}', '{"type": "Feature"}', "[1]"]),
    ({"type": "geojson", "format": "topojson"},
     ['{"type": "Topology", "objects": {"a": {"type": "Point", "coordinates": [1, 2]}}, "arcs": [[[0, 0], [1, 1]]]}',
      '{"type": "LineString", "arcs": [42]}'],
     ['{"type": "Topology"}', '{"type": "LineString", "coordinates": [[1, 2]]}']),
    ({"type": "object"}, ['{"a": [1]}'], ["[1]", '{"a": NaN}', "a"]),
    ({"type": "array"}, ["[1, {}]"], ["{}", "[1", "[Infinity]"]),
    ({"type": "list"}, ["a,b", "a"], []),
    ({"type": "list", "itemType": "integer", "delimiter": ";"}, ["1;2", "3"], ["1;b", "1,2", "1;;2"]),
    ({"type": "list", "itemType": "date"}, ["2024-02-09,2024-02-10"], ["2024-02-30"]),
    ({"type": "any"}, ["1", "apple"], []),
    ({}, ["1", "apple"], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "good", "bad"), FORMS, ids=[f"{n}-{f.get('type')}" for n, (f, _, _) in enumerate(FORMS)]
)
def test_the_form_of_every_type(tmp_path: Path, field: dict[str, Any], good: list[str], bad: list[str]) -> None:
    package = cells_package(tmp_path / "p", field, [*good, *bad])
    findings = luminaldb.validate(package).findings
    assert [f.value for f in findings] == bad, [str(f) for f in findings]
    assert {f.rule for f in findings} <= {"LDB020", "LDB037"}


LIMITS: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("LDB025", {"type": "duration", "constraints": {"minimum": "P1M"}}, ["P31D", "P1Y"], ["P27D", "P30D", "-P1Y"]),
    ("LDB026", {"type": "yearmonth", "constraints": {"maximum": "2024-02"}}, ["2024-02", "-0044-01"], ["2024-03", "12024-01"]),
    ("LDB025", {"type": "datetime", "constraints": {"minimum": "2024-02-09T12:00:00Z"}},
     ["2024-02-09T13:00:00+01:00"], ["2024-02-09T12:30:00+01:00"]),
    ("LDB026", {"type": "date", "format": "%d.%m.%Y", "constraints": {"maximum": "09.02.2024"}}, ["9.2.2024"], ["10.02.2024"]),
    ("LDB025", {"type": "date", "format": "any", "constraints": {"minimum": "9 Feb 2024"}}, ["2024-02-09"], ["8 Feb 2024"]),
    ("LDB026", {"type": "integer", "constraints": {"maximum": 10**30}}, [str(10**30)], [str(10**30 + 1)]),
    ("LDB025", {"type": "integer", "constraints": {"minimum": "5"}}, ["005"], ["4"]),
    ("LDB026", {"type": "number", "decimalChar": ",", "constraints": {"maximum": 1.5}}, ["1,5"], ["1,6", "1e400"]),
    ("LDB023", {"type": "number", "constraints": {"enum": [1, "2.50"]}}, ["1.0", "2.5"], ["3"]),
    ("LDB023", {"type": "array", "constraints": {"enum": [[1, 2]]}}, ["[1,2]"], ["[2, 1]"]),
    ("LDB023", {"type": "list", "constraints": {"enum": [["a", "b"], "c"]}}, ["a,b", "c"], ["a"]),
    ("LDB023", {"type": "boolean", "constraints": {"enum": [True]}}, ["1"], ["0"]),
    ("LDB023", {"constraints": {"enum": ["a", 1]}}, ["a", "1"], ["b"]),
    ("LDB024", {"type": "string", "constraints": {"pattern": "[a-z-[aeiou]]+"}}, ["xyz"], ["abc"]),
    ("LDB024", {"type": "string", "constraints": {"pattern": "[A-Z]-[0-9]"}}, ["A-1"], ["A1"]),
    ("LDB024", {"type": "string", "constraints": {"pattern": r"\i\c*"}}, ["xml:id"], ["1a"]),
    ("LDB024", {"type": "string", "constraints": {"pattern": "a|b"}}, ["a", "b"], ["ab", "a\n"]),
    ("LDB029", {"type": "object", "constraints": {"minLength": 1}}, ['{"a": 1}'], ["{}"]),
    ("LDB035", {"type": "integer", "categories": [{"value": 1, "label": "low"}, {"value": 2}]}, ["1", "02"], ["3"]),
    ("LDB022", {"type": "integer", "constraints": {"unique": True}}, ["2"], ["1", "01"]),
    ("LDB036", {"type": "array", "constraints": {"jsonSchema": {"items": {"type": "string", "pattern": "^a+$"}}}}, ['["a"]'], ['["b"]']),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "field", "good", "bad"), LIMITS, ids=[f"{n}-{x[0]}" for n, x in enumerate(LIMITS)])
def test_limits_look_at_values_not_at_text(
    tmp_path: Path, rule: str, field: dict[str, Any], good: list[str], bad: list[str]
) -> None:
    findings = luminaldb.validate(cells_package(tmp_path / "p", field, [*good, *bad])).findings
    shown = [v.encode("unicode_escape").decode() if not v.isprintable() else v for v in bad]
    assert [(f.rule, f.value) for f in findings] == [(rule, v) for v in shown], [str(f) for f in findings]


def test_what_is_loaded(tmp_path: Path) -> None:
    fields = [
        {"name": "zoned", "type": "datetime"},
        {"name": "day", "type": "date", "format": "any"},
        {"name": "clock", "type": "time", "format": "%I:%M %p"},
        {"name": "many", "type": "list", "itemType": "integer"},
        {"name": "big", "type": "integer"},
        {"name": "era", "type": "year"},
    ]
    row = '2024-02-09T13:05:00-05:30,9 Feb 2024,01:05 PM,"1,2",9223372036854775808,2024Z\n'
    package = small_package(tmp_path / "p", fields, "zoned,day,clock,many,big,era\n" + row)
    expected = (datetime(2024, 2, 9, 18, 35), date(2024, 2, 9), time(13, 5), [1, 2], 2**63, 2024)
    assert luminaldb.Package.open(package).load("table").row(0) == expected


UNSOUND: list[tuple[dict[str, Any], str]] = [
    ({"type": "string", "constraints": {"minimum": 1}}, "minimum is not for the type string"),
    ({"type": "integer", "constraints": {"minimum": "low"}}, "'low' is not of the type integer"),
    ({"type": "string", "constraints": {"minLength": -1}}, "not a number of characters"),
    ({"type": "string", "constraints": {"pattern": "(?=a)b"}}, "look-around"),
    ({"type": "string", "constraints": {"pattern": r"(a)\1"}}, "backreferences"),
    ({"type": "string", "constraints": {"pattern": "a)|(b"}}, "unopened group"),
    ({"type": "string", "constraints": {"pattern": "(((a{1000}){1000}){1000})"}}, "can't be used"),
    ({"type": "integer", "constraints": {"enum": [1, "x"]}}, "'x', which is not of the type integer"),
    ({"type": "object", "constraints": {"jsonSchema": {"type": "nonsense"}}}, "jsonSchema can't be used"),
    ({"type": "object", "constraints": {"jsonSchema": {"$ref": "https://example.org/x"}}}, "leads out"),
    ({"type": "number", "categories": [1, 2]}, "categories are for strings and integers"),
    ({"type": "string", "categories": ["a", "a"]}, "the same value"),
    ({"type": "integer", "categories": [{"value": 1, "label": "x"}, {"value": 2, "label": "x"}]}, "the same label"),
    ({"type": "string", "categories": ["a"], "constraints": {"enum": ["b"]}}, "none of the categories"),
    ({"type": "string", "categories": ["a"], "categoriesOrdered": "yes"}, "categoriesOrdered must be"),
    ({"type": "date", "format": "%Q"}, "bad directive"),
]


@pytest.mark.parametrize(("field", "words"), UNSOUND, ids=[w for _, w in UNSOUND])
def test_a_schema_that_says_what_cannot_be(tmp_path: Path, field: dict[str, Any], words: str) -> None:
    findings = luminaldb.validate(cells_package(tmp_path / "p", field, [])).findings
    told = [f for f in findings if f.rule == "LDB038"]
    assert len(told) == 1, [str(f) for f in findings]
    assert words in told[0].message
    assert told[0].column == "x"


def test_missing_values_of_field_schema_resource_and_package(tmp_path: Path) -> None:
    fields: list[dict[str, Any]] = [
        {"name": "a", "type": "integer"},
        {"name": "b", "type": "integer", "missingValues": ["-"]},
    ]
    of_field = small_package(tmp_path / "f", fields, "a,b\nNA,-\nNA,NA\n", schema={"missingValues": ["", "NA"]})
    assert rules(of_field) == [("LDB020", 3)]
    labelled = [{"value": "-99", "label": "refused"}]
    of_schema = small_package(tmp_path / "s", fields[:1], 'a\n-99\n""\n', schema={"missingValues": labelled})
    assert rules(of_schema) == [("LDB020", 3)]
    of_resource = small_package(tmp_path / "r", fields[:1], "a\nNA\n", missingValues=["NA"])
    assert rules(of_resource) == []
    resource = {"type": "table", "path": "t.csv", "schema": {"fields": fields[:1]}}
    of_package = packaged(tmp_path / "p", resource, {"t.csv": b"a\nNA\n"}, missingValues=["NA"])
    assert rules(of_package) == []
    none = small_package(tmp_path / "n", fields[:1], 'a\n1\n""\n', schema={"missingValues": []})
    assert rules(none) == [("LDB020", 3)]


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


def test_a_header_of_several_rows(tmp_path: Path) -> None:
    fields = [{"name": "fruit-id", "type": "integer"}, {"name": "fruit-name"}]
    dialect = {"headerRows": [1, 2], "headerJoin": "-"}
    package = small_package(tmp_path / "p", fields, "fruit\nid,name\n1,apple\nx,pear\n", dialect=dialect)
    assert rules(package) == [("LDB020", 4)]


def test_a_null_sequence(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", TEXT, "id,n\na,\\N\n", dialect={"nullSequence": "\\N"})
    assert luminaldb.Package.open(package).load("table").rows() == [("a", None)]


@pytest.mark.parametrize(
    "dialect", [{"delimiter": "::"}, {"quoteChar": ","}, {"delimiter": "\n"}, {"headerRows": [0]}, {"commentRows": "1"}]
)
def test_a_dialect_that_cannot_be_used(tmp_path: Path, dialect: dict[str, Any]) -> None:
    package = small_package(tmp_path / "p", TEXT, GOOD, dialect=dialect)
    assert "dialect" in next(f.message for f in luminaldb.validate(package).findings if f.rule == "LDB019")
    with pytest.raises(luminaldb.LuminaldbError, match="dialect") as caught:
        luminaldb.Package.open(package).load("table")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    package = small_package(tmp_path / "p", TEXT, "id,n\nÄ,1\n".encode(encoding), encoding=encoding)
    assert luminaldb.Package.open(package).load("table").rows() == [("Ä", 1)]
    assert luminaldb.validate(package).ok


@pytest.mark.parametrize("encoding", ["no-such", "hex", "undefined", "a\0b", "unicode_escape"])
def test_an_encoding_that_is_none(tmp_path: Path, encoding: str) -> None:
    package = small_package(tmp_path / "p", TEXT, b"id,n\n\\ud800,1\n", encoding=encoding)
    assert [rule for rule, _ in rules(package)] == ["LDB002"]


def zipped(data: bytes, *names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("t.csv",):
            archive.writestr(name, data)
    return stream.getvalue()


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped}


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("named", [True, False], ids=["by-name", "by-property"])
def test_compressed_files(tmp_path: Path, kind: str, named: bool) -> None:
    path = f"t.csv.{kind}" if named else "t.csv"
    said = {} if named else {"compression": kind}
    resource = {"type": "table", "path": path, "schema": {"fields": TEXT}, **said}
    package = packaged(tmp_path / "p", resource, {path: PACKED[kind](GOOD.encode())})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS
    assert luminaldb.validate(package).findings == []


def test_several_streams_in_one_compressed_file(tmp_path: Path) -> None:
    data = gzip.compress(b"id,n\na,1\n") + gzip.compress(b"b,2\n") + b"\0\0"
    package = packaged(tmp_path / "p", {"path": "t.csv.gz", "schema": {"fields": TEXT}}, {"t.csv.gz": data})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS


def test_a_table_in_several_files_has_one_header(tmp_path: Path) -> None:
    resource = {"type": "table", "path": ["a.csv", "b.csv", "c.csv.gz"], "schema": {"fields": TEXT}}
    files = {"a.csv": b"id,n\na,1", "b.csv": b"b,2\n", "c.csv.gz": gzip.compress(b"c,x\n")}
    package = packaged(tmp_path / "p", resource, files)
    findings = luminaldb.validate(package).findings
    assert [(f.rule, f.line, f.value) for f in findings] == [("LDB020", 4, "x")]
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
    package = packaged(tmp_path / "p", {"schema": {"fields": TEXT}, **resource})
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
    package = packaged(tmp_path / "p", resource, {"t.json": json.dumps(value).encode()})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS


def test_values_of_another_json_type_than_their_field(tmp_path: Path) -> None:
    data = [{"id": "a", "n": 1}, {"id": 5, "n": True}, {"id": None, "n": 1.5}]
    package = packaged(tmp_path / "p", {"type": "table", "data": data, "schema": {"fields": TEXT}})
    found = [(f.rule, f.line, f.column) for f in luminaldb.validate(package).findings]
    assert sorted(found) == [("LDB020", 2, "id"), ("LDB020", 2, "n"), ("LDB020", 3, "n")]


def test_native_values_are_written_as_their_fields_read_them(tmp_path: Path) -> None:
    fields = [
        {"name": "b", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
        {"name": "d", "type": "number", "decimalChar": ","},
        {"name": "p", "type": "geopoint"},
        {"name": "l", "type": "list", "itemType": "integer", "delimiter": ";"},
    ]
    data = [{"b": True, "d": 1.5, "p": [7, 50], "l": [1, 2]}]
    package = packaged(tmp_path / "p", {"type": "table", "data": data, "schema": {"fields": fields}})
    assert luminaldb.validate(package).findings == []
    assert luminaldb.Package.open(package).load("table").row(0) == (True, 1.5, "7, 50", [1, 2])


@pytest.mark.parametrize("data", [[1, 2], [{"id": "a"}, ["b"]], "{", "{}"])
def test_inline_rows_that_are_none(tmp_path: Path, data: Any) -> None:
    resource = {"data": data, "format": "json", "schema": {"fields": TEXT}}
    assert [rule for rule, _ in rules(packaged(tmp_path / "p", resource))] == ["LDB016"]


MATCHES = [
    ("exact", "n,id", ["LDB015"]), ("exact", "id,n,m", ["LDB009"]), ("exact", "id", ["LDB008"]),
    ("equal", "n,id", []), ("equal", "id,n,m", ["LDB009"]), ("equal", "id", ["LDB008"]),
    ("subset", "n,m,id", []), ("subset", "id", ["LDB008"]),
    ("superset", "n", []), ("superset", "id,m", ["LDB009"]),
    ("partial", "n,m", []), ("partial", "m", ["LDB008"]),
]  # fmt: skip


@pytest.mark.parametrize(("match", "header", "expected"), MATCHES)
@pytest.mark.parametrize("listed", [False, True])
def test_fields_match(tmp_path: Path, match: str, header: str, expected: list[str], listed: bool) -> None:
    said = [match] if listed else match
    package = small_package(tmp_path / "p", TEXT, header + "\n", schema={"fieldsMatch": said})
    own = [f.rule for f in luminaldb.validate(package).findings if f.rule != "LDB013"]
    assert own == expected
    if not expected:
        assert luminaldb.Package.open(package).load("table").height == 0


def test_unique_keys_look_at_values_and_skip_nulls(tmp_path: Path) -> None:
    rows = "id,n\na,1\na,01\na,\na,\nb,1\n"
    package = small_package(tmp_path / "p", TEXT, rows, schema={"uniqueKeys": [["id", "n"]]})
    assert rules(package) == [("LDB032", 2), ("LDB032", 3)]


def test_foreign_keys_look_at_values(tmp_path: Path) -> None:
    key = {"fields": "n", "reference": {"resource": "", "fields": "m"}}
    fields = [{"name": "n", "type": "integer"}, {"name": "m", "type": "integer"}]
    package = small_package(tmp_path / "p", fields, "n,m\n01,1\n2,3\n", schema={"foreignKeys": [key]})
    assert rules(package) == [("LDB033", 3)]


def test_schema_and_dialect_in_files_of_their_own(tmp_path: Path) -> None:
    resource = {"type": "table", "path": "t.csv", "schema": "meta/schema.json", "dialect": "meta/dialect.json"}
    files = {
        "t.csv": b"id;n\na;x\n",
        "meta/schema.json": json.dumps({"fields": TEXT}).encode(),
        "meta/dialect.json": b'{"delimiter": ";"}',
    }
    package = packaged(tmp_path / "p", resource, files)
    assert rules(package) == [("LDB020", 2)]


@pytest.mark.parametrize(
    ("schema", "words"),
    [("https://example.org/s.json", "--allow-remote"), ("../s.json", "leaves"), ("none.json", "no such file"), ("t.csv", "not JSON")],
)  # fmt: skip
def test_a_schema_that_cannot_be_read(tmp_path: Path, schema: str, words: str) -> None:
    package = packaged(tmp_path / "p", {"type": "table", "path": "t.csv", "schema": schema}, {"t.csv": GOOD.encode()})
    with pytest.raises(luminaldb.LuminaldbError, match=words) as caught:
        luminaldb.Package.open(package).load("table")
    assert "\n" not in str(caught.value)


def test_version_1_and_version_0(tmp_path: Path) -> None:
    resource = {"name": "table", "profile": "tabular-data-resource", "path": "t.csv", "schema": {"fields": TEXT}}
    first = packaged(tmp_path / "1", resource, {"t.csv": GOOD.encode()}, profile="tabular-data-package")
    raw = json.loads((first / "datapackage.json").read_text())
    del raw["$schema"]
    (first / "datapackage.json").write_text(json.dumps(raw))
    assert luminaldb.validate(first).findings == []
    zeroth = packaged(tmp_path / "0", {"url": "t.csv", "schema": {"fields": TEXT}}, {"t.csv": GOOD.encode()})
    assert luminaldb.Package.open(zeroth).load("table").rows() == ROWS


def test_tab_separated_files(tmp_path: Path) -> None:
    resource = {"type": "table", "path": "t.tsv", "schema": {"fields": TEXT}}
    package = packaged(tmp_path / "p", resource, {"t.tsv": GOOD.replace(",", "\t").encode()})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS


def test_what_is_no_table_is_passed_with_a_note(tmp_path: Path) -> None:
    resources: list[dict[str, Any]] = [
        {"name": "paper", "path": "paper.pdf"},
        {"name": "map", "data": {"a": 1}},
        {"name": "sheet", "type": "table", "path": "t.xlsx"},
        {"name": "bare", "path": "t.csv"},
    ]
    files = {"t.csv": GOOD.encode(), "paper.pdf": b"%PDF", "t.xlsx": b"PK"}
    package = packaged(tmp_path / "p", {"path": "t.csv"}, files, resources=resources)
    report = luminaldb.validate(package)
    assert report.ok
    assert report.tables == 1
    assert [n for n in report.notes if n.startswith("not checked: small.")] == [
        "not checked: small.paper, not described as a table",
        "not checked: small.map, not described as a table",
        "not checked: small.sheet, tables in the format 'xlsx' are not supported; csv, tsv and json are",
    ]
    with pytest.raises(luminaldb.LuminaldbError, match="xlsx"):
        luminaldb.Package.open(package).load("sheet")


def test_a_profile_of_somebody_else_is_named_and_not_read(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", TEXT, GOOD, **{"$schema": "https://example.org/profile.json"})
    report = luminaldb.validate(package)
    assert report.ok, report.findings
    assert any("https://example.org/profile.json" in note for note in report.notes)


def test_size_and_hash_of_a_file(tmp_path: Path) -> None:
    import hashlib

    right = "sha256:" + hashlib.sha256(GOOD.encode()).hexdigest()
    assert rules(small_package(tmp_path / "a", TEXT, GOOD, bytes=len(GOOD), hash=right)) == []
    assert rules(small_package(tmp_path / "b", TEXT, GOOD, bytes=1)) == [("LDB017", 0)]
    assert rules(small_package(tmp_path / "c", TEXT, GOOD, hash="0" * 32)) == [("LDB018", 0)]


def test_a_file_that_is_no_table_must_be_there(tmp_path: Path) -> None:
    package = packaged(tmp_path / "p", {"path": "paper.pdf"})
    assert [(f.rule, f.table) for f in luminaldb.validate(package).findings] == [("LDB001", "table")]
    climbing = packaged(tmp_path / "q", {"path": "../paper.pdf"})
    assert "LDB011" in [f.rule for f in luminaldb.validate(climbing).findings]


@pytest.mark.parametrize(
    ("resource", "field", "words"), [("nowhere", "id", "no resource of the package"), ("", "nothing", "not a field")]
)
def test_a_foreign_key_to_nothing_is_not_passed_in_silence(
    tmp_path: Path, resource: str, field: str, words: str
) -> None:
    key = {"fields": ["id"], "reference": {"resource": resource, "fields": [field]}}
    findings = luminaldb.validate(small_package(tmp_path / "p", TEXT, GOOD, schema={"foreignKeys": [key]})).findings
    assert [(f.rule, f.column) for f in findings] == [("LDB038", "id")]
    assert words in findings[0].message
