"""Anybody's cells: every type, format and constraint that Table Schema has, v2 and v1."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import small_package, write_package

import luminaldb
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.schemas import backtracking_patterns
from luminaldb.schemas.exact_numbers import exact_checks, select_needed_checks


def rules(package: Path) -> list[tuple[str, int]]:
    return [(f.code, f.line) for f in luminaldb.validate(package).findings]


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
    ({"type": "integer", "bareNumber": False}, ["95%", "EUR 95", "€95", "€ -12", "Rs. 12", "-€12", "-$ 1000"], ["percent", "- 12"]),
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
    assert {f.code for f in findings} <= {"LDB020", "LDB037"}


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
    assert [(f.code, f.value) for f in findings] == [(rule, v) for v in shown], [str(f) for f in findings]


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
    ({"type": "string", "constraints": {"pattern": "(?=a"}}, "look-around"),
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
    issues = [f for f in findings if f.code == "LDB038"]
    assert len(issues) == 1, [str(f) for f in findings]
    assert words in issues[0].message
    assert issues[0].column == "x"


def test_missing_values_of_field_schema_resource_and_package(tmp_path: Path) -> None:
    fields: list[dict[str, Any]] = [
        {"name": "a", "type": "integer"},
        {"name": "b", "type": "integer", "missingValues": ["-"]},
    ]
    of_field = small_package(tmp_path / "f", fields, "a,b\nNA,-\nNA,NA\n", schema={"missingValues": ["", "NA"]})
    assert rules(of_field) == [("LDB046", 2), ("LDB020", 3)]
    labelled = [{"value": "-99", "label": "refused"}]
    of_schema = small_package(tmp_path / "s", fields[:1], 'a\n-99\n""\n', schema={"missingValues": labelled})
    assert rules(of_schema) == [("LDB046", 2), ("LDB020", 3)]
    of_resource = small_package(tmp_path / "r", fields[:1], "a\nNA\n", missingValues=["NA"])
    assert rules(of_resource) == [("LDB046", 2)]
    resource = {"type": "table", "path": "t.csv", "schema": {"fields": fields[:1]}}
    of_package = write_package(tmp_path / "p", resource, {"t.csv": b"a\nNA\n"}, missingValues=["NA"])
    assert rules(of_package) == [("LDB046", 2)]
    none = small_package(tmp_path / "n", fields[:1], 'a\n1\n""\n', schema={"missingValues": []})
    assert rules(none) == [("LDB020", 3)]


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [(r"^(?!x).*$", "ab", "xb"), (r"(a|b)\1", "aa", "ab"), (r"(?=a)[a-z]+", "ab", "ba")],
)
def test_a_pattern_that_needs_backtracking_is_run_and_remarked_on(
    tmp_path: Path, pattern: str, good: str, bad: str
) -> None:
    fields = [{"name": "x", "type": "string", "constraints": {"pattern": pattern}}]
    report = luminaldb.validate(small_package(tmp_path / "p", fields, f"x\n{good}\n{bad}\n"))
    assert [(f.code, f.line, f.severity) for f in report.findings] == [("LDB038", 0, "warning"), ("LDB024", 3, "error")]


def test_a_pattern_that_explodes_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtracking_patterns, "SECONDS", 1)
    fields = [{"name": "x", "type": "string", "constraints": {"pattern": r"(?=a)(a+)+\1b"}}]
    with pytest.raises(luminaldb.LuminaldbError, match="takes longer than 1 seconds"):
        luminaldb.validate(small_package(tmp_path / "p", fields, f"x\n{'a' * 40}\n"))


@pytest.mark.parametrize(
    ("limits", "good", "bad"),
    [
        ({"maximum": 1}, "1.0000000000000000000000000000", "1.0000000000000000000000000001"),
        ({"exclusiveMaximum": 1}, "0.99999999999999999999", "1.00000000000000000000"),
        ({"minimum": "0.1"}, "0.10000000000000000000001", "0.09999999999999999999999"),
        ({"exclusiveMinimum": -1}, "-0.99999999999999999999", "-1.00000000000000000001"),
    ],
)
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_decimals_of_any_length_are_compared_exactly(
    tmp_path: Path, limits: dict[str, Any], good: str, bad: str, engine: str
) -> None:
    fields = [{"name": "k", "type": "string"}, {"name": "x", "type": "number", "constraints": limits}]
    text = f"k,x\na,{good}\nb,{bad}\n"
    report = luminaldb.validate(
        small_package(tmp_path / "p", fields, text, schema={"primaryKey": ["k"]}), engine=engine
    )
    assert [(f.row_key, f.value) for f in report.findings] == [("b", bad)]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_whole_numbers_of_any_length(tmp_path: Path, engine: str) -> None:
    fields = [{"name": "k", "type": "string"}, {"name": "x", "type": "integer", "constraints": {"maximum": 10}}]
    text = f"k,x\na,{'0' * 60}9\nb,-{'9' * 60}\nc,{'9' * 60}\nd,x\n"
    report = luminaldb.validate(
        small_package(tmp_path / "p", fields, text, schema={"primaryKey": ["k"]}), engine=engine
    )
    assert sorted((f.row_key, f.code) for f in report.findings) == [("c", "LDB026"), ("d", "LDB020")]


def test_only_cells_near_a_limit_are_compared_digit_by_digit() -> None:
    field = Field("x", type="number", constraints={"minimum": 0, "maximum": 1})
    schema = TableSchema((field,))
    checks = list(exact_checks(schema))
    far = pl.DataFrame({"x": ["0.12345678901234567890", "0.98765432109876543210", "1", "x", ""]})
    assert select_needed_checks(checks, far, schema) == []
    near = pl.DataFrame({"x": ["0.12345678901234567890", "1.00000000000000000001"]})
    assert [check.code for check in select_needed_checks(checks, near, schema)] == ["LDB026"]
