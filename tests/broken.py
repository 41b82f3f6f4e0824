"""Broken copies of the shipped packages and a small one of odd types, for engines to agree on."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from helpers import read_rows, set_cell, small_package, write_rows

# Table, column, and what makes a good cell bad.
SPOILT: list[tuple[str, str, str]] = [
    ("trials/effects", "estimate", "0·63"),
    ("trials/effects", "n_control", "1,024"),
    ("trials/effects", "data_cutoff", "24-02-09"),
    ("trials/effects", "data_cutoff", "2023-02-29"),
    ("trials/effects", "n_experimental", "9999999999999999999999999999999999999999"),
    ("trials/effects", "measure", "HR"),
    ("trials/effects", "p_value", "5"),
    ("trials/effects", "citation_id", "nobody-1900"),
    ("trials/effects", "population_id", "pertain-itt"),
    ("trials/effects", "ci_low", "9.99"),
    ("trials/populations", "n", "999999"),
    ("trials/arm_therapies", "optional", "maybe"),
    ("citations/citations", "doi", "https://doi.org/10.1/x"),
    ("citations/citations", "citation_id", ""),
    ("vocabularies/endpoints", "endpoint_id", "pfs"),
    ("claims/claims", "statement", "x" * 400),
]

ODD_FIELDS: list[dict[str, Any]] = [
    {"name": "key", "type": "integer"},
    {"name": "seen", "type": "datetime"},
    {"name": "day", "type": "date", "format": "%d/%m/%Y"},
    {"name": "spot", "type": "geopoint"},
    {"name": "extra", "type": "object", "constraints": {"jsonSchema": {"required": ["a"]}}},
    {"name": "tags", "type": "list", "constraints": {"maxLength": 2}},
    {"name": "price", "type": "number", "decimalChar": ",", "groupChar": "."},
    {"name": "word", "type": "string", "constraints": {"pattern": r"\w+\b"}},
    {"name": "digits", "type": "string", "constraints": {"pattern": r"\d[\d\s]*"}},
    {"name": "size", "type": "integer", "constraints": {"enum": [1, 2]}},
    {"name": "ratio", "type": "number", "constraints": {"exclusiveMinimum": 0}},
    {"name": "mail", "type": "string", "format": "email", "constraints": {"unique": True}},
]
ODD_ROWS: list[list[str]] = [
    [
        "1",
        "2024-02-09T13:05:00Z",
        "09/02/2024",
        "7.1, 50.7",
        '{"a": 1}',
        "a,b",
        "1.234,5",
        "äu",
        "٣ 4",
        "1",
        "0.5",
        "a@b.org",
    ],
    ["2", "2024-02-09 13:05", "9/2/24", "7.1; 50.7", '{"b": 1}', "a,b,c", "1,234.5", "a b", "x", "3", "0", "a at b"],
    ["3", "", "", "", "[1", "", "NaN", 'a"b', "1\n2", "+2", "INF", "a@b.org"],
    ["3", "", "", "", "", "", "", "", "", "2", ".5", "a'b@c.org"],
    ["+4", "", "", "", "", "", "", "", "", "two", "5.", "漢@c.org"],
    ["", "", "", "", "", "", "", "", "", "", "1e-3", "c@c.org"],
]


def spoil(datasets: Path) -> None:
    """Spoil a cell of another row for each entry."""
    for number, (table, column, wrong) in enumerate(SPOILT):
        file = datasets / f"{table}.csv"
        rows = read_rows(file)
        at = rows[0].index(column)
        filled = [n for n, row in enumerate(rows[1:]) if row[at] not in ("", wrong)]
        set_cell(file, filled[(number * 7) % len(filled)], column, wrong)
    file = datasets / "trials/outcomes.csv"
    rows = read_rows(file)
    write_rows(file, [*rows, rows[5], rows[6][:3]])


def odd_package(folder: Path) -> Path:
    """Write a table of the types and forms that engines don't know, keys within it included."""
    folder.mkdir(parents=True)
    place = folder / "odd.csv"
    with place.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([[f["name"] for f in ODD_FIELDS], *ODD_ROWS])
    keys = {
        "primaryKey": ["key"],
        "uniqueKeys": [["size", "ratio"]],
        "foreignKeys": [
            {"fields": ["size"], "reference": {"resource": "", "fields": ["key"]}},
            {"fields": ["key", "size"], "reference": {"resource": "", "fields": ["key", "size"]}},
        ],
    }
    return small_package(folder, ODD_FIELDS, place.read_bytes(), schema=keys)


def semicolons(folder: Path) -> Path:
    """Write a small table in another dialect, with a byte order mark, CR LF and a short row."""
    fields = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer", "missingValues": ["-"]}]
    dialect = {"delimiter": ";", "quoteChar": "'"}
    text = b"\xef\xbb\xbfid;n\r\n'a;1';1\r\nb;x\r\nc\r\nd;\r\ne;-\r\n"
    package = small_package(folder, fields, text, schema={"primaryKey": ["id"]}, dialect=dialect, encoding="utf-8")
    descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["resources"][0]["dialect"] == dialect
    return package
