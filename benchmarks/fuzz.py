"""Feed the reader and the validator what nobody would write; only LuminaldbError may come out.

    pip install '.[fuzz]'
    python benchmarks/fuzz.py [--seconds=300] [FOLDER FOR THE CORPUS]

The first byte of an input says what it is: a table, a descriptor as bytes, or replacements within a descriptor
that uses all types, since bytes alone seldom stay JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["luminaldb"]):
    from luminaldb.loaders.package import Package
    from luminaldb.loaders.store import checked
    from luminaldb.schemas.validation import Validation

    import luminaldb

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
]
ROW = b"1,x,1,ja,2024-02-09,01:05 PM,2024-02-09T13:05:00Z,2024,2024-02,P1D,{},{},{},[],2024-02-09,1\n"
TABLE = ",".join(f["name"] for f in FIELDS).encode() + b"\n" + ROW
KEYS = {"primaryKey": ["key"], "uniqueKeys": [["s", "n"]], "foreignKeys": [
    {"fields": ["c"], "reference": {"resource": "", "fields": ["key"]}}]}  # fmt: skip
DESCRIPTOR: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "fuzz",
    "resources": [
        {"name": "t", "type": "table", "path": ["t.csv"], "dialect": {"headerRows": [1], "commentChar": "#"},
         "schema": {"fields": FIELDS, **KEYS}},
        {"name": "u", "type": "table", "data": [{"x": 1}], "schema": {"fields": [{"name": "x", "type": "integer"}]}},
    ],
}  # fmt: skip


class Memory:
    """A package that is nowhere but in memory."""

    label = "memory"

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def read(self, path: str) -> bytes:
        """Give a file's bytes."""
        if checked(path) not in self._files:
            raise luminaldb.LuminaldbError(f"{path}: no such file")
        return self._files[path]

    def local_path(self, path: str) -> Path | None:
        """Give None: there is no place."""
        checked(path)
        return None


def probe(descriptor: bytes, table: bytes) -> None:
    """Validate and load a package; whatever is no LuminaldbError is a find."""
    package = Package(Memory({"datapackage.json": descriptor, "t.csv": table}), "datapackage.json")
    try:
        report = Validation({"fuzz": package}).report()
    except luminaldb.LuminaldbError:
        return
    for finding in report.findings:
        str(finding).encode()
    for name in package.table_names:
        try:
            package.load(name)
        except luminaldb.LuminaldbError:
            continue


ODD: list[Any] = [None, True, 0, -1, 10**30, 1e308, "", "a", "\0", "any", [], {}, [[]], {"a": {}}, "(?=a)", "[", "(a{999}){999}",
                  "%Y%Y", "%", "object", "list", "duration", "superset", "../x", "https://x/y", "t.csv", "utf-16", "x" * 999]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Give every place of a JSON value: what holds it, and by which key or number."""
    found: list[tuple[Any, Any]] = []
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += [(value, key), *places(value[key])]
    return found


def mutated(data: bytes) -> bytes:
    """Replace parts of the descriptor by odd values, by parts of itself, or by text; or rename a key."""
    source = atheris.FuzzedDataProvider(data)
    descriptor = json.loads(json.dumps(DESCRIPTOR))
    for _ in range(source.ConsumeIntInRange(1, 4)):
        spots = places(descriptor)
        if not spots:
            break
        holder, key = spots[source.ConsumeIntInRange(0, len(spots) - 1)]
        match source.ConsumeIntInRange(0, 3):
            case 0:
                holder[key] = ODD[source.ConsumeIntInRange(0, len(ODD) - 1)]
            case 1:
                other, part = spots[source.ConsumeIntInRange(0, len(spots) - 1)]
                holder[key] = json.loads(json.dumps(other[part]))
            case 2:
                holder[key] = source.ConsumeUnicode(source.ConsumeIntInRange(0, 40))
            case _ if isinstance(holder, dict):
                names = ["minimum", "maxLength", "pattern", "enum", "jsonSchema", "categories", "format", "missingValues",
                         "itemType", "delimiter", "headerRows", "compression", "encoding", "fieldsMatch"]  # fmt: skip
                holder[names[source.ConsumeIntInRange(0, len(names) - 1)]] = holder.pop(key)
    return json.dumps(descriptor).encode()


def one_input(data: bytes) -> None:
    """Judge one input."""
    match data[0] % 4 if data else 0:
        case 0:
            probe(json.dumps(DESCRIPTOR).encode(), data[1:])
        case 1:
            probe(data[1:], TABLE)
        case _:
            probe(mutated(data[1:]), TABLE)


def main() -> None:
    """Fuzz until the time is up or something is found."""
    arguments = sys.argv[:1] + [a for a in sys.argv[1:] if not a.startswith("--seconds")]
    seconds = next((a.partition("=")[2] for a in sys.argv if a.startswith("--seconds=")), "300")
    folder = Path(arguments[1] if len(arguments) > 1 else "build/fuzz")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "descriptor").write_bytes(b"\1" + json.dumps(DESCRIPTOR).encode())
    (folder / "table").write_bytes(b"\0" + TABLE)
    for number in range(64):
        (folder / f"replacement-{number}").write_bytes(b"\2" + bytes((number * 37 + n * 11) % 256 for n in range(60)))
    options = ["-len_control=0", f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=6000", "-max_len=8000"]
    atheris.Setup([arguments[0], *options, str(folder)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
