"""What the property tests and benchmarks/fuzz.py share: packages to spoil, and the check that nothing crashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import luminaldb
from luminaldb.issues import Issue, Report
from luminaldb.loaders.datapackage import chunked_reader
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.store import check_path
from luminaldb.schemas.engines import chunks
from luminaldb.schemas.runner import check_packages

FIELDS: list[dict[str, Any]] = [
    {"name": "key", "type": "integer", "constraints": {"required": True, "minimum": -5}},
    {"name": "s", "type": "string", "constraints": {"pattern": "[a-z-[aeiou]]*|x", "maxLength": 3}},
    {"name": "n", "type": "number", "decimalChar": ",", "groupChar": ".", "bareNumber": False},
    {"name": "b", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
    {"name": "d", "type": "date", "format": "any", "constraints": {"minimum": "2024-01-01"}},
    {"name": "t", "type": "time", "format": "%I:%M %p"},
    {"name": "dt", "type": "datetime", "missingValues": ["-"]},
    {"name": "y", "type": "year"},
    {"name": "ym", "type": "yearmonth", "constraints": {"maximum": "2024-02"}},
    {"name": "du", "type": "duration", "constraints": {"minimum": "P1D"}},
    {"name": "gp", "type": "geopoint", "format": "object"},
    {"name": "gj", "type": "geojson"},
    {"name": "o", "type": "object", "constraints": {"jsonSchema": {"properties": {"a": {"pattern": "a+"}}}}},
    {"name": "a", "type": "array", "constraints": {"enum": [[1], []]}},
    {"name": "l", "type": "list", "itemType": "date"},
    {"name": "c", "type": "integer", "categories": [{"value": 1, "label": "one"}]},
    {"name": "w", "type": "string", "categories": ["a", "b"]},
]
HEADER = ",".join(f["name"] for f in FIELDS)
_ROW = '1,x,"1,5",ja,2024-02-09,01:05 PM,2024-02-09T13:05:00Z,2024,2024-02,P1D,"{""lon"": 1, ""lat"": 2}",,{},[],2024-02-09,1,a'
TABLE = f"{HEADER}\n{_ROW}\n".encode()
_KEYS = {"primaryKey": ["key"], "uniqueKeys": [["s", "n"]], "foreignKeys": [
    {"fields": ["c"], "reference": {"resource": "", "fields": ["key"]}}]}  # fmt: skip
DESCRIPTOR: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "odd",
    "resources": [
        {"name": "t", "type": "table", "path": "t.csv", "dialect": {"headerRows": [1], "commentChar": "#"},
         "schema": {"fields": FIELDS, **_KEYS}},
        {"name": "u", "type": "table", "data": [{"x": 1}], "schema": {"fields": [{"name": "x", "type": "integer"}]}},
    ],
}  # fmt: skip
GOOD = json.dumps(DESCRIPTOR).encode()
# Members that a descriptor may hold anywhere, rightly or wrongly.
MEMBERS = ["type", "format", "constraints", "minimum", "maxLength", "pattern", "enum", "jsonSchema", "categories",
           "missingValues", "itemType", "delimiter", "headerRows", "compression", "encoding", "fieldsMatch", "uniqueKeys",
           "foreignKeys", "dialect", "name", "path"]  # fmt: skip
ODD: list[Any] = [None, True, 0, -1, 10**30, 1e308, "", "a", "\0", "any", [], {}, [[]], {"a": {}}, "(?=a)", "[", "(a{999}){999}",
                  "%Y%Y", "%", "object", "list", "duration", "superset", "../x", "https://x/y", "t.csv", "utf-16", "gz", "x" * 999]  # fmt: skip

# A table that can be checked in chunks, keys of all kinds included.
PLAIN_FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "constraints": {"required": True}},
    {"name": "half", "type": "string"},
    {"name": "other", "type": "number", "constraints": {"unique": True, "maximum": 9}},
    {"name": "gene", "type": "string"},
    {"name": "seen", "type": "date"},
]
PLAIN_SCHEMA = {
    "fields": PLAIN_FIELDS,
    "primaryKey": ["id"],
    "uniqueKeys": [["half", "seen"]],
    "foreignKeys": [{"fields": ["gene"], "reference": {"resource": "genes", "fields": ["gene"]}}],
}
PLAIN_HEADER = ",".join(f["name"] for f in PLAIN_FIELDS)


class Memory:
    """A package that is nowhere but in memory."""

    label = "memory"

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        if check_path(path) not in self._files:
            raise luminaldb.LuminaldbError(f"{path}: no such file")
        return self._files[path]

    def local_path(self, path: str) -> Path | None:
        """Return None: there is no place."""
        check_path(path)
        return None


def validate_and_load(descriptor: bytes, table: bytes) -> Report | None:
    """Validate and load; None where the package is refused, and any other exception is a find."""
    package = Package(Memory({"datapackage.json": descriptor, "t.csv": table}), "datapackage.json")
    try:
        report = check_packages({"odd": package})
    except luminaldb.LuminaldbError as error:
        assert "\n" not in str(error)
        return None
    for finding in report.findings:
        assert "\n" not in str(finding)
        str(finding).encode()
    json.dumps(report.to_dict())
    for name in package.table_names:
        try:
            package.load(name)
        except luminaldb.LuminaldbError as error:
            assert "\n" not in str(error)
            assert not report.ok, str(error)
    return report


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place of a JSON value: what holds it, and by which key or number."""
    found: list[tuple[Any, Any]] = []
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += [(value, key), *places(value[key])]
    return found


def plain_package(folder: Path, table: bytes, **dialect: Any) -> Path:
    """Write a package whose table can be checked in chunks."""
    folder.mkdir(parents=True, exist_ok=True)
    genes = {"name": "genes", "path": "genes.csv", "schema": {"fields": [{"name": "gene", "type": "string"}]}}
    own = {"name": "rows", "path": "rows.csv", "schema": PLAIN_SCHEMA, **({"dialect": dialect} if dialect else {})}
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [genes, own]}))
    (folder / "genes.csv").write_text("gene\nERBB2\nESR1\n")
    (folder / "rows.csv").write_bytes(table)
    return folder


@contextmanager
def in_chunks(size: int) -> Iterator[None]:
    """Check every file that can be checked in chunks so, however small it is."""
    before = chunks.LARGE_BYTES, chunked_reader.read_chunks.__defaults__
    chunks.LARGE_BYTES, chunked_reader.read_chunks.__defaults__ = 0, (size,)
    try:
        yield
    finally:
        chunks.LARGE_BYTES, chunked_reader.read_chunks.__defaults__ = before


def validate_plain_package(folder: Path, chunk: int | None) -> tuple[list[Issue], int]:
    """Validate a plain package, in chunks of so many bytes or whole; give sorted findings and the number of rows."""
    if chunk is None:
        report = check_packages({"p": Package.open(folder)})
    else:
        with in_chunks(chunk):
            report = check_packages({"p": Package.open(folder)})
    return sorted(report.findings, key=lambda f: (f.table, f.line, f.code, f.column)), report.rows
