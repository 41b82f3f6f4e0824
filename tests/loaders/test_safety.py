"""What a hostile package may not do: read outside, swell, hang, reach for the network, or crash the reader."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest
from helpers import small_package

import luminaldb

FIELDS: list[dict[str, Any]] = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
GOOD = "id,n\na,1\n"
SECRET = "the-secret-outside"


def descriptor_only(folder: Path, raw: Any) -> Path:
    folder.mkdir()
    (folder / "datapackage.json").write_bytes(raw if isinstance(raw, bytes) else json.dumps(raw).encode())
    return folder


def assert_refused(package: Path, words: str) -> None:
    """See that a package is refused in one line."""
    with pytest.raises(luminaldb.LuminaldbError) as caught:
        luminaldb.validate(package)
    assert words in str(caught.value), str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000
    assert SECRET not in str(caught.value)


def assert_finding(package: Path, rule: str, words: str) -> None:
    """See that a package is found wrong in one line."""
    findings = luminaldb.validate(package).findings
    assert [f.code for f in findings] == [rule], [str(f)[:200] for f in findings]
    assert words in findings[0].message
    assert "\n" not in str(findings[0])
    assert len(str(findings[0])) < 1000
    assert SECRET not in str(findings[0])


def unusable(package: Path, words: str) -> None:
    """See that a table's description is found wrong in one line, and that the table can't be loaded."""
    findings = [f for f in luminaldb.validate(package).findings if f.code in ("LDB011", "LDB019")]
    assert len(findings) == 1
    assert words in findings[0].message
    assert "\n" not in str(findings[0])
    assert len(str(findings[0])) < 1000
    assert SECRET not in str(findings[0])
    with pytest.raises(luminaldb.LuminaldbError, match=re.escape(words)):
        luminaldb.Package.open(package).load("table")


@pytest.mark.parametrize(
    "path", ["../outside.csv", "/etc/hostname", "https://example.org/x.csv", "a/../../outside.csv"]
)
@pytest.mark.parametrize("place", ["second-part", "schema", "dialect", "no-table"])
def test_no_path_leaves_the_package(tmp_path: Path, path: str, place: str) -> None:
    (tmp_path / "outside.csv").write_text(SECRET)
    resource: dict[str, Any] = {"path": "table.csv"}
    if place == "second-part":
        resource["path"] = ["table.csv", path]
    elif place == "no-table":
        path = path.replace(".csv", ".pdf")
        resource = {"path": path, "name": "table"}
    else:
        resource[place] = path
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    raw = json.loads((package / "datapackage.json").read_text())
    raw["resources"] = [{**raw["resources"][0], **resource} if place != "no-table" else resource]
    (package / "datapackage.json").write_text(json.dumps(raw))
    if place in ("schema", "dialect"):
        unusable(package, path)
        return
    report = luminaldb.validate(package)
    assert SECRET not in json.dumps(report.to_dict())
    if place == "no-table" and "://" in path:
        assert any("not described as a table" in note for note in report.notes)
    else:
        assert "LDB011" in [f.code for f in report.findings]


@pytest.mark.parametrize("name", ["schema.json", "dialect.json"])
def test_a_link_that_leaves_the_package(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.json").write_text(json.dumps({"fields": [{"name": SECRET}], "delimiter": SECRET}))
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    raw = json.loads((package / "datapackage.json").read_text())
    raw["resources"][0][name.removesuffix(".json")] = name
    (package / "datapackage.json").write_text(json.dumps(raw))
    (package / name).symlink_to(tmp_path / "outside.json")
    unusable(package, "link that leaves the package")


def test_nothing_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> None:
        asked.append(arguments)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    constraint = {"jsonSchema": {"$schema": "https://example.org/s", "$ref": "https://example.org/x"}}
    fields = [{"name": "o", "type": "object", "constraints": constraint}]
    package = small_package(tmp_path / "p", fields, 'o\n"{""a"": 1}"\n', profile="https://example.org/resource.json")
    raw = json.loads((package / "datapackage.json").read_text())
    raw |= {"$schema": "https://example.org/package.json", "profile": "https://example.org/profile.json"}
    raw["resources"][0]["schema"]["$schema"] = "https://example.org/schema.json"
    (package / "datapackage.json").write_text(json.dumps(raw))
    report = luminaldb.validate(package)
    assert {f.code for f in report.findings} == {"LDB038"}
    assert sum("profile https://example.org/" in note for note in report.notes) == 4
    assert asked == []


def bomb(kind: str) -> bytes:
    # More than the 64 MiB that any file may unpack to.
    data = b"id,n\n" + b"\n" * 80_000_000
    if kind != "zip":
        return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lambda d: lzma.compress(d, preset=0)}[kind](data)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", data)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
def test_a_compressed_bomb(tmp_path: Path, kind: str) -> None:
    package = small_package(tmp_path / "p", FIELDS, bomb(kind), compression=kind)
    assert_finding(package, "LDB001", "unpacks to")


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
@pytest.mark.parametrize("broken", [b"nothing of the kind", b"", None], ids=["other", "empty", "cut"])
def test_a_broken_archive(tmp_path: Path, kind: str, broken: bytes | None) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", GOOD)
    whole = {"gz": gzip.compress(GOOD.encode()), "bz2": bz2.compress(GOOD.encode()), "xz": lzma.compress(GOOD.encode())}
    data = whole.get(kind, stream.getvalue())[:-9] if broken is None else broken
    findings = luminaldb.validate(small_package(tmp_path / "p", FIELDS, data, compression=kind)).findings
    assert [f.code for f in findings] == ["LDB010" if data == b"" and kind != "zip" else "LDB001"]


def test_a_zip_of_several_files_is_no_table(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("../b.csv", GOOD)
    assert_finding(
        small_package(tmp_path / "p", FIELDS, stream.getvalue(), compression="zip"), "LDB001", "a zip of 2 files"
    )


EXPLODING = ["(a+)+$", "(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a*)*b"]


@pytest.mark.parametrize("pattern", EXPLODING)
def test_an_exploding_pattern_costs_no_time(tmp_path: Path, pattern: str) -> None:
    cell = "a" * 50_000 + "!"
    fields = [{"name": "s", "type": "string", "constraints": {"pattern": pattern}}]
    assert_finding(small_package(tmp_path / "p", fields, f"s\n{cell}\n"), "LDB024", "match its pattern")
    fields = [{"name": "s", "type": "array", "constraints": {"jsonSchema": {"items": {"pattern": f"^{pattern}"}}}}]
    package = small_package(tmp_path / "q", fields, f's\n"[""{cell}""]"\n')
    luminaldb.validate(package)


def test_a_json_schema_whose_references_multiply(tmp_path: Path) -> None:
    defs: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    defs["d40"] = {}
    fields = [{"name": "o", "type": "object", "constraints": {"jsonSchema": {"$ref": "#/$defs/d0", "$defs": defs}}}]
    assert_finding(small_package(tmp_path / "p", fields, "o\n{}\n"), "LDB036", "doesn't fit")


def test_a_json_schema_that_refers_to_itself(tmp_path: Path) -> None:
    fields = [{"name": "o", "type": "object", "constraints": {"jsonSchema": {"$ref": "#"}}}]
    assert_finding(small_package(tmp_path / "p", fields, "o\n{}\n"), "LDB036", "doesn't fit")


def test_a_million_columns(tmp_path: Path) -> None:
    header = ",".join(f"c{n}" for n in range(1_000_000))
    assert_finding(small_package(tmp_path / "p", [], f"{header}\n"), "LDB014", "1,000,000 columns")
    data = [{f"c{n}": 1 for n in range(30_000)}]
    raw = {"name": "x", "resources": [{"name": "t", "type": "table", "data": data, "schema": {"fields": []}}]}
    assert "30,000 columns" in str(luminaldb.validate(descriptor_only(tmp_path / "q", raw)).findings[0])


def test_a_hundred_thousand_fields(tmp_path: Path) -> None:
    fields = [{"name": f"c{n}", "type": "string"} for n in range(100_000)]
    unusable(small_package(tmp_path / "p", fields, "a\n"), "100,000 fields")


def test_a_huge_descriptor(tmp_path: Path) -> None:
    assert_refused(descriptor_only(tmp_path / "p", b'{"name": "' + b"x" * 70_000_000 + b'"}'), "over 64 MiB")


DEEP: list[tuple[str, bytes, str]] = [
    ("lists", b'{"resources": ' + b"[" * 900 + b"]" * 900 + b"}", "nested too deeply"),
    ("objects", b'{"resources": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", "nested too deeply"),
    ("digits", b'{"resources": ' + b"9" * 10_000 + b"}", "thousands of digits"),
    ("surrogate", b'{"resources": [{"name": "\\ud800"}]}', "not Unicode"),
]


@pytest.mark.parametrize(("name", "data", "words"), DEEP, ids=[d[0] for d in DEEP])
def test_json_that_is_too_much(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    assert_refused(descriptor_only(tmp_path / name, data), words)


@pytest.mark.parametrize("kind", ["object", "array", "geojson", "geopoint"])
def test_deep_json_in_a_cell(tmp_path: Path, kind: str) -> None:
    cell = '{"a":' * 50_000 if kind in ("object", "geojson") else "[" * 50_000 + "]" * 50_000
    fields = [{"name": "o", "type": kind, **({"format": "array"} if kind == "geopoint" else {})}]
    package = small_package(tmp_path / "p", fields, 'o\n"' + cell.replace('"', '""') + '"\n')
    assert_finding(package, "LDB020", "o is not")


@pytest.mark.parametrize("name", ["*", "^.*$", "a::text"])
def test_a_field_named_as_polars_names_many(tmp_path: Path, name: str) -> None:
    unusable(small_package(tmp_path / "p", [{"name": name, "type": "string"}], f"{name}\nx\n"), "is not supported")


@pytest.mark.parametrize("key", [{"uniqueKeys": [[]]}, {"foreignKeys": [{"fields": [], "reference": {"fields": []}}]}])
def test_a_key_of_no_fields(tmp_path: Path, key: dict[str, Any]) -> None:
    unusable(small_package(tmp_path / "p", FIELDS, GOOD, schema=key), "names no field")


def test_a_schema_member_of_the_wrong_type_is_no_crash(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    raw = json.loads((package / "datapackage.json").read_text())
    raw["$schema"], raw["contributors"] = 5, {"title": 1}
    (package / "datapackage.json").write_text(json.dumps(raw))
    assert {f.code for f in luminaldb.validate(package).findings} == {"LDB013"}
