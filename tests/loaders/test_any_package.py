"""Anybody's data package: headers, keys, schemas elsewhere, versions, what is no table."""

from __future__ import annotations

import json
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


MATCHES = [
    ("exact", "n,id", ["LDB015"]), ("exact", "id,n,m", ["LDB009"]), ("exact", "id", ["LDB008"]),
    ("equal", "n,id", []), ("equal", "id,n,m", ["LDB009"]), ("equal", "id", ["LDB008"]),
    ("subset", "n,m,id", []), ("subset", "id", ["LDB008"]),
    ("superset", "n", []), ("superset", "id,m", ["LDB009"]),
    ("partial", "n,m", []), ("partial", "m", ["LDB008"]),
]  # fmt: skip


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_header_that_names_a_column_twice_is_one_finding(tmp_path: Path, engine: str) -> None:
    package = small_package(tmp_path / "p", TEXT, "id,n,id,m,m\na,1,a,2,2\n")
    findings = luminaldb.validate(package, engine=engine).findings
    assert [(f.code, f.column) for f in findings] == [("LDB007", "id"), ("LDB007", "m"), ("LDB009", "m")]
    twice = small_package(tmp_path / "q", TEXT, "id,n,id\na,1,a\n")
    assert [f.code for f in luminaldb.validate(twice, engine=engine).findings] == ["LDB007"]
    moved = small_package(tmp_path / "r", TEXT, "n,id,id\n1,a,a\n")
    assert [f.code for f in luminaldb.validate(moved, engine=engine).findings] == ["LDB007", "LDB015"]


FAULTS = {
    "fields": [
        {"name": "a", "type": "text", "constraints": []},
        {"name": "c", "type": "integer", "constraints": {"minimum": "u", "minLength": "x", "unique": 1}},
        {"name": "d", "type": "text", "constraints": {"maxLength": "y"}},
        {"name": "b", "format": 3, "title": 5},
        {"type": "string"},
    ],
    "primaryKey": "z",
    "uniqueKeys": "y",
    "foreignKeys": [{"fields": "a"}],
    "fieldsMatch": "all",
}


def test_every_fault_of_a_descriptor_is_named_once(tmp_path: Path) -> None:
    package = write_package(
        tmp_path / "p",
        {
            "path": "t.csv",
            "type": "tabular",
            "schema": FAULTS,
            "encoding": 1,
            "dialect": {"delimiter": 1, "quoteChar": "xx"},
        },
        {"t.csv": b"a,b\n"},
    )
    findings = luminaldb.validate(package).findings
    assert {f.table for f in findings} == {"table"}
    named = [
        ("a", "type"), ("a", "constraints"), ("b", "format"), ("b", "title"), ("", "field 5 has no name"),
        ("c", "minimum"), ("c", "minLength"), ("c", "unique"), ("d", "type"), ("d", "maxLength"),
        ("", "delimiter"), ("", "quoteChar"), ("", "resource type"),
        ("", "primaryKey"), ("", "uniqueKeys"), ("", "foreign key"), ("", "fieldsMatch"), ("", "encoding"),
    ]  # fmt: skip
    for column, words in named:
        assert len([f for f in findings if f.column == column and words in f.message]) == 1, (column, words)
    assert len(findings) == len(named)
    with pytest.raises(luminaldb.LuminaldbError, match="encoding must be text"):
        luminaldb.Package.open(package).load("table")


@pytest.mark.parametrize(("match", "header", "expected"), MATCHES)
@pytest.mark.parametrize("listed", [False, True])
def test_fields_match(tmp_path: Path, match: str, header: str, expected: list[str], listed: bool) -> None:
    fields_match = [match] if listed else match
    package = small_package(tmp_path / "p", TEXT, header + "\n", schema={"fieldsMatch": fields_match})
    own = [f.code for f in luminaldb.validate(package).findings if f.code != "LDB013"]
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
    package = write_package(tmp_path / "p", resource, files)
    assert rules(package) == [("LDB020", 2)]


@pytest.mark.parametrize(
    ("schema", "words"),
    [("https://example.org/s.json", "--allow-remote"), ("../s.json", "leaves"), ("none.json", "no such file"), ("t.csv", "not JSON")],
)  # fmt: skip
def test_a_schema_that_cannot_be_read(tmp_path: Path, schema: str, words: str) -> None:
    package = write_package(
        tmp_path / "p", {"type": "table", "path": "t.csv", "schema": schema}, {"t.csv": GOOD.encode()}
    )
    with pytest.raises(luminaldb.LuminaldbError, match=words) as caught:
        luminaldb.Package.open(package).load("table")
    assert "\n" not in str(caught.value)


def test_version_1_and_version_0(tmp_path: Path) -> None:
    resource = {"name": "table", "profile": "tabular-data-resource", "path": "t.csv", "schema": {"fields": TEXT}}
    first = write_package(tmp_path / "1", resource, {"t.csv": GOOD.encode()}, profile="tabular-data-package")
    raw = json.loads((first / "datapackage.json").read_text())
    del raw["$schema"]
    (first / "datapackage.json").write_text(json.dumps(raw))
    assert luminaldb.validate(first).findings == []
    zeroth = write_package(tmp_path / "0", {"url": "t.csv", "schema": {"fields": TEXT}}, {"t.csv": GOOD.encode()})
    assert luminaldb.Package.open(zeroth).load("table").rows() == ROWS


def test_tab_separated_files(tmp_path: Path) -> None:
    resource = {"type": "table", "path": "t.tsv", "schema": {"fields": TEXT}}
    package = write_package(tmp_path / "p", resource, {"t.tsv": GOOD.replace(",", "\t").encode()})
    assert luminaldb.Package.open(package).load("table").rows() == ROWS


def test_what_is_no_table_is_passed_with_a_note(tmp_path: Path) -> None:
    resources: list[dict[str, Any]] = [
        {"name": "paper", "path": "paper.pdf"},
        {"name": "map", "data": {"a": 1}},
        {"name": "sheet", "type": "table", "path": "t.sav"},
        {"name": "bare", "path": "t.csv"},
    ]
    files = {"t.csv": GOOD.encode(), "paper.pdf": b"%PDF", "t.sav": b"x"}
    package = write_package(tmp_path / "p", {"path": "t.csv"}, files, resources=resources)
    report = luminaldb.validate(package)
    assert report.ok
    assert report.tables == 1
    assert [n for n in report.notes if n.startswith("not checked: small.")] == [
        "not checked: small.paper, not described as a table",
        "not checked: small.map, not described as a table",
        "not checked: small.sheet, tables in the format 'sav' are not supported; csv, tsv, json, jsonl, xlsx, ods, "
        "parquet, sqlite and duckdb are",
    ]
    with pytest.raises(luminaldb.LuminaldbError, match="sav"):
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
    package = write_package(tmp_path / "p", {"path": "paper.pdf"})
    assert [(f.code, f.table) for f in luminaldb.validate(package).findings] == [("LDB001", "table")]
    climbing = write_package(tmp_path / "q", {"path": "../paper.pdf"})
    assert "LDB011" in [f.code for f in luminaldb.validate(climbing).findings]


@pytest.mark.parametrize(
    ("resource", "field", "words"), [("nowhere", "id", "no resource of the package"), ("", "nothing", "not a field")]
)
def test_a_foreign_key_to_nothing_is_not_passed_in_silence(
    tmp_path: Path, resource: str, field: str, words: str
) -> None:
    key = {"fields": ["id"], "reference": {"resource": resource, "fields": [field]}}
    findings = luminaldb.validate(small_package(tmp_path / "p", TEXT, GOOD, schema={"foreignKeys": [key]})).findings
    assert [(f.code, f.column) for f in findings] == [("LDB038", "id")]
    assert words in findings[0].message


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("spoilt", [b"b\xe9,2", b"b,\0"], ids=["latin-1", "nul"])
def test_bytes_that_are_no_text_keep_only_their_row_from_being_checked(
    tmp_path: Path, engine: str, spoilt: bytes
) -> None:
    key = {"fields": "t", "reference": {"resource": "t", "fields": "id"}}
    names = [{"name": "id", "type": "string"}, {"name": "Größe", "type": "integer"}]
    resources = [
        {"name": "t", "path": "t.csv", "schema": {"fields": names, "primaryKey": "id"}},
        {"name": "u", "path": "u.csv", "schema": {"fields": [{"name": "t", "type": "string"}], "foreignKeys": [key]}},
    ]
    header = "id,Größe".encode("latin-1" if b"\xe9" in spoilt else "utf-8")
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}))
    (tmp_path / "t.csv").write_bytes(b"\n".join([header, b"a,x", spoilt, b"c,3", b""]))
    (tmp_path / "u.csv").write_bytes(b"t\na\nb\nz\n")
    report = luminaldb.validate(tmp_path, engine=engine)
    in_header = [("t", "LDB002", "")] if b"\xe9" in spoilt else []
    of_row = [("t", "LDB002" if in_header else "LDB005", "0xE9" if in_header else ""), ("t", "LDB020", "x")]
    # The key of the row with a byte of Latin-1 is not known, so no key is against it.
    of_keys = [] if in_header else [("u", "LDB033", "z")]
    found = [(f.table, f.code, f.value) for f in report.findings if f.value != "0xF6"]
    assert sorted(found) == sorted([*of_row, *of_keys])
    assert f"not checked: rows of t whose form is broken ({1})" in report.notes
    assert any("ask of t" in note for note in report.notes) == bool(in_header)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("t.csv", b'id,n\n"a"b,1\nc,x\n', [("LDB016", 2), ("LDB020", 3)]),
        ("t.csv", b'id,n\n"a,1\nc,x\n', [("LDB016", 2), ("LDB020", 3)]),
        ("t.csv", b'id,n\n"a,1\n"c",x\nd,y\n', [("LDB016", 2), ("LDB020", 3), ("LDB020", 4)]),
        (
            "t.jsonl",
            b'{"id": "a", "n": 1}\n\n{"id"}\n{"id": 5, "n": "x"}\n',
            [("LDB016", 3), ("LDB020", 4), ("LDB020", 4)],
        ),
        ("t.jsonl", b'{"id": "\xe9", "n": 1}\n{"id": "a", "n": "x"}\n', [("LDB002", 1), ("LDB020", 2)]),
        ("t.jsonl", b'["id", "n"]\n["b"]\n{}\n["a", "x"]\n', [("LDB006", 2), ("LDB016", 3), ("LDB020", 4)]),
        ("t.json", b'[{"id": "a"}, [1], {"n": "x"}]', [("LDB016", 2), ("LDB020", 3)]),
    ],
)
def test_a_row_without_form_is_left_out_and_the_others_are_checked(
    tmp_path: Path, engine: str, name: str, data: bytes, expected: list[tuple[str, int]]
) -> None:
    package = small_package(tmp_path / "p", TEXT, "", path=name)
    (package / name).write_bytes(data)
    report = luminaldb.validate(package, engine=engine)
    lines = engine == "polars"
    assert sorted((f.code, f.line if lines else 0) for f in report.findings) == sorted(
        (code, line if lines else 0) for code, line in expected
    )
    assert [note for note in report.unchecked if "rows of table whose form is broken" in note]


def test_a_part_of_a_table_that_is_missing_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", TEXT, "", path=["a.csv", "gone.csv", "../b.csv", "c.csv"])
    (package / "a.csv").write_text("id,n\na,x\n")
    (package / "c.csv").write_text("id,n\nb,y\n")
    report = luminaldb.validate(package)
    assert sorted(f.code for f in report.findings) == ["LDB001", "LDB011", "LDB020", "LDB020", "LDB045"]
    assert "not checked: the rows of table in files that can't be read" in report.notes


def test_a_file_that_is_not_read_is_not_checked_whatever_is_ignored(tmp_path: Path) -> None:
    from luminaldb.schemas.code_filter import select_codes

    for name, data, note in [
        ("conflict", b"id,n\n<<<<<<< a\na,1\n=======\na,2\n>>>>>>> b\n", "the rows of table, which can't be read"),
        ("quote", b'id,n\na,1\n"b,2\nc,x\n', "rows of table whose form is broken (1)"),
        ("short", b"id,n\na,1\nb\n", "rows of table whose form is broken (1)"),
        ("twice", b"id,n,m,m\na,1,2,3\n", "m of table, which the header names twice"),
    ]:
        report = select_codes(luminaldb.validate(small_package(tmp_path / name, TEXT, data)), (), ("LDB",))
        assert (len(report.findings), report.notes) == (0, [f"not checked: {note}"])


def test_a_key_into_another_package_is_checked_where_that_is_named_or_inside(tmp_path: Path) -> None:
    fields = {"fields": [{"name": "id", "type": "string"}], "primaryKey": "id"}
    write_package(tmp_path / "a", {"name": "t", "path": "t.csv", "schema": fields}, {"t.csv": b"id\nx\n"})
    places = {"../a/datapackage.json": "t", "../a": "t", "../a/": "none", "elsewhere": "t"}
    keys = [
        {"fields": "id", "reference": {"package": place, "resource": table, "fields": "id"}}
        for place, table in places.items()
    ]
    keys.append({"fields": "id", "reference": {"package": "../a", "resource": "t", "fields": "zz"}})
    resource = {"name": "u", "path": "u.csv", "schema": {**fields, "foreignKeys": keys}}
    write_package(tmp_path / "b", resource, {"u.csv": b"id\nx\nz\n"}, name="other")
    alone = luminaldb.validate(tmp_path / "b")
    assert not alone.findings
    assert len([note for note in alone.unchecked if "that was not given" in note]) == len(keys)
    both = luminaldb.validate(tmp_path / "a", tmp_path / "b")
    assert [(f.code, f.value) for f in both.findings] == [
        ("LDB038", ""), ("LDB038", ""), ("LDB034", "z"), ("LDB034", "z"),
    ]  # fmt: skip
    assert [f.message for f in both.findings[:2]] == [
        "a key refers to none of ../a/, which is no resource of the package",
        "a key refers to t.zz of ../a, which is not a field",
    ]
    assert [note for note in both.unchecked if "elsewhere.t, a table that was not given" in note]


def test_wrong_properties_of_a_package_hide_neither_one_another_nor_the_tables(tmp_path: Path) -> None:
    package = write_package(
        tmp_path / "p",
        {"path": "t.csv", "schema": {"fields": TEXT}, "bytes": "x"},
        {"t.csv": b"id,n\na,x\n"},
        title={"en": "x"},
        version=1,
        licenses=[{}],
    )
    findings = luminaldb.validate(package).findings
    words = ["'title'", "'version'", "license requires", "'bytes'", "whole number"]
    assert [[word for word in words if word in f.message] for f in findings] == [[word] for word in words]
    assert luminaldb.Package.open(package).descriptor.title == ""


ONE_FAULT: list[tuple[Any, str]] = [
    (None, "no object with a name"),
    ({"name": 3, "path": "t.csv"}, "no object with a name"),
    ({"path": "t.csv"}, "no object with a name"),
    ({"data": []}, "not both"),
    ({"path": "../t.csv"}, "leaves the package"),
    ({"path": 3}, "path must be text"),
    ({"type": "tabular"}, "resource type"),
    ({"schema": []}, "schema must be an object"),
    ({"schema": {"fields": {}}}, "fields must be a list"),
    ({"schema": {"fields": [None]}}, "no name"),
    ({"schema": {"fields": [{"name": "a", "type": 3}]}}, "type 3"),
    ({"schema": {"fields": [{"name": "a", "type": "string", "constraints": {"minLength": "x"}}]}}, "minLength"),
    ({"schema": {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": 1}}]}}, "pattern"),
    ({"schema": {"fields": [{"name": "a", "type": "string", "constraints": {"unique": 1}}]}}, "unique"),
    ({"schema": {"fields": [{"name": "a", "constraints": {"enum": {}}}]}}, "enum must be a list"),
    ({"schema": {"fields": [{"name": "a", "trueValues": "x"}]}}, "trueValues must be a list"),
    ({"schema": {"fields": [{"name": "a"}], "primaryKey": "z"}}, "primaryKey"),
    ({"schema": {"fields": [{"name": "a"}], "foreignKeys": [None]}}, "foreign key"),
    ({"schema": {"fields": [{"name": "a"}], "missingValues": 3}}, "missingValues"),
    ({"dialect": {"delimiter": 3}}, "delimiter"),
    ({"encoding": 3}, "encoding"),
    ({"bytes": "x"}, "bytes"),
]


@pytest.mark.parametrize(("change", "words"), ONE_FAULT, ids=[words for _, words in ONE_FAULT])
def test_a_fault_is_one_finding(tmp_path: Path, change: Any, words: str) -> None:
    resource = {"name": "t", "type": "table", "path": "t.csv", "schema": {"fields": [{"name": "a"}]}}
    changed = change if change is None or "name" in change or change == {"path": "t.csv"} else {**resource, **change}
    profile = "https://datapackage.org/profiles/2.0/datapackage.json"
    (tmp_path / "datapackage.json").write_text(json.dumps({"$schema": profile, "name": "p", "resources": [changed]}))
    (tmp_path / "t.csv").write_text("a\nx\n")
    findings = luminaldb.validate(tmp_path).findings
    assert len(findings) == 1, [str(f) for f in findings]
    assert words in findings[0].message
