"""Properties of the reader and the validator: whatever comes in, only LuminaldbError comes out, and soon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luminaldb.loaders.package import Package
from luminaldb.loaders.store import checked
from luminaldb.schemas.findings import Report
from luminaldb.schemas.validation import Validation

import luminaldb

FIELDS: list[dict[str, Any]] = [
    {"name": "key", "type": "integer", "constraints": {"required": True}},
    {"name": "s", "type": "string", "constraints": {"pattern": "[a-z]*"}},
    {"name": "n", "type": "number", "bareNumber": False},
    {"name": "d", "type": "date", "format": "any"},
    {"name": "dt", "type": "datetime"},
    {"name": "du", "type": "duration", "constraints": {"minimum": "P1D"}},
    {"name": "gp", "type": "geopoint"},
    {"name": "gj", "type": "geojson"},
    {"name": "o", "type": "object", "constraints": {"jsonSchema": {"required": ["a"]}}},
    {"name": "l", "type": "list", "itemType": "integer"},
    {"name": "c", "type": "string", "categories": ["a", "b"]},
]
HEADER = ",".join(f["name"] for f in FIELDS)
GOOD = HEADER + '\n1,a,1,2024-02-09,2024-02-09T13:05:00Z,P2D,"1,2",,"{""a"": 1}","1,2",a\n'
RESOURCE = {"name": "t", "type": "table", "path": "t.csv", "schema": {"fields": FIELDS, "primaryKey": ["key"]}}
DESCRIPTOR: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "fuzz",
    "resources": [{**RESOURCE, "dialect": {"header": True}}],
}
BOUNDED = settings(deadline=10_000, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


class Memory:
    """A package in memory."""

    label = "memory"

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes:
        if checked(path) not in self._files:
            raise luminaldb.LuminaldbError(f"{path}: no such file")
        return self._files[path]

    def local_path(self, path: str) -> Path | None:
        checked(path)
        return None


def judged(descriptor: bytes, table: bytes) -> Report | None:
    """Validate and load; None where the package is refused, and any other exception fails the test."""
    package = Package(Memory({"datapackage.json": descriptor, "t.csv": table}), "datapackage.json")
    try:
        report = Validation({"fuzz": package}).report()
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


def test_the_package_that_is_mutated_is_good() -> None:
    report = judged(json.dumps(DESCRIPTOR).encode(), GOOD.encode())
    assert report is not None
    assert report.findings == []


@BOUNDED
@given(st.binary(max_size=400))
def test_random_bytes_as_a_table(data: bytes) -> None:
    report = judged(json.dumps(DESCRIPTOR).encode(), data)
    assert report is not None
    assert not report.ok


odd_cells = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["NaN", "1e400", "9" * 60, "-0", "P1Y", "-P9999Y", "[", '{"type": "Point"}', "0000-01-01", "9999-12-31",
                     "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1,2", "180,90", "١٢", "\u2028", "1;2"]),
)  # fmt: skip


@BOUNDED
@given(st.lists(st.lists(odd_cells, min_size=len(FIELDS), max_size=len(FIELDS)), min_size=1, max_size=4))
def test_odd_cells(rows: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    assert judged(json.dumps(DESCRIPTOR).encode(), "\n".join([HEADER, *lines, ""]).encode()) is not None


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["any", "%Y%Y", "(?=a)", "[", "a{9999}", "../x", "https://x/y", "t.csv", "utf-16", "gz", "list", "object"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["type", "format", "constraints", "minimum", "pattern", "enum", "jsonSchema", "categories", "missingValues", "itemType",
        "delimiter", "headerRows", "compression", "encoding", "fieldsMatch", "uniqueKeys", "foreignKeys", "dialect"]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Give every place of a JSON value: what holds it, and its key or number."""
    found: list[tuple[Any, Any]] = []
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += [(value, key), *places(value[key])]
    return found


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    descriptor = json.loads(json.dumps(DESCRIPTOR))
    for _ in range(draw(st.integers(1, 3))):
        spots = places(descriptor)
        holder, key = draw(st.sampled_from(range(len(spots))).map(spots.__getitem__))
        value = draw(json_values)
        if isinstance(holder, dict) and draw(st.booleans()):
            holder[draw(st.sampled_from(KEYS))] = value
        else:
            holder[key] = value
    return json.dumps(descriptor).encode()


@settings(BOUNDED, max_examples=200)
@given(mutated())
def test_mutated_descriptors(descriptor: bytes) -> None:
    judged(descriptor, GOOD.encode())


@BOUNDED
@given(st.binary(max_size=200))
def test_random_bytes_as_a_descriptor(data: bytes) -> None:
    judged(data, GOOD.encode())
