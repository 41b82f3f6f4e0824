"""Broken copies of the installed packages and a small one of odd types, for engines to agree on."""

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
    ("trials/effects", "n_experimental", "9" * 38),
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


def spoil_what_rows_say_of_one_another(datasets: Path) -> set[str]:
    """Break the rules that look at other rows and tables; give their codes."""
    _append(datasets / "citations/citations.csv", {"citation_id": "unused-1900"}, like=0)
    for row, pmid in enumerate(("19786670", "19786671", "19786672")):
        set_cell(datasets / "citations/citations.csv", 10 + row, "pmid", pmid)
    classes = datasets / "therapies/therapy_classes.csv"
    head, *rows = read_rows(classes)
    own, parent = head.index("class_id"), head.index("parent_class_id")
    child = next(n for n, row in enumerate(rows) if row[parent])
    above = next(n for n, row in enumerate(rows) if row[own] == rows[child][parent])
    set_cell(classes, above, "parent_class_id", rows[child][own])
    _append(datasets / "trials/arms.csv", {"arm_id": "zz-arm"}, like=0)
    _append(datasets / "trials/trials.csv", {"trial_id": "zz-trial", "note": ""}, like=0)
    _swap_medians(datasets)
    _mix_up_claims(datasets)
    retired = datasets / "curation/retired_ids.csv"
    head, *rows = read_rows(retired)
    row = {"table_name": "effects", "old_id": "tandem-pfs-itt-primary", "successor_id": "nobody-is-this"}
    filled = {"retired_in": "1.0.0", "reason": "A test.", **row}
    write_rows(retired, [head, *rows, [filled.get(c, "") for c in head]])
    reads = datasets / "curation/second_reads.csv"
    set_cell(reads, 0, "table_name", "efects")
    set_cell(reads, 1, "row_key", "nobody-read-this")
    set_cell(reads, 2, "fields_corrected", "ci_low; limits")
    return {
        "LDB109", "LDB403", "LDB601", "LDB602", "LDB603", "LDB604", "LDB606", "LDB607", "LDB608", "LDB609", "LDB610",
        "LDB611",
    }  # fmt: skip


def _append(file: Path, cells: dict[str, str], *, like: int) -> None:
    head, *rows = read_rows(file)
    row = {**dict(zip(head, rows[like], strict=True)), **cells}
    write_rows(file, [head, *rows, [row[c] for c in head]])


def _swap_medians(datasets: Path) -> None:
    """Make the median of TAnDEM's control arm far the longer."""
    file = datasets / "trials/outcomes.csv"
    head, *rows = read_rows(file)
    at = {name: head.index(name) for name in head}
    for row in rows:
        if row[at["arm_id"]] == "tandem-anastrozole" and row[at["measure"]] == "median_months":
            row[at["estimate"]], row[at["ci_low"]], row[at["ci_high"]] = "99", "", ""
    write_rows(file, [head, *rows])


def _mix_up_claims(datasets: Path) -> None:
    """Let a claim that cites TAnDEM be about another trial, and let that trial speak against what it supports."""
    effects = datasets / "trials/effects.csv"
    head, *rows = read_rows(effects)
    at = {name: head.index(name) for name in head}
    for row in rows:
        if row[at["trial_id"]] == "pertain" and row[at["measure"]] == "hazard_ratio":
            row[at["estimate"]], row[at["ci_low"]], row[at["ci_high"]] = "2.00", "1.50", "2.67"
    write_rows(effects, [head, *rows])
    source = next(r[at["citation_id"]] for r in rows if r[at["trial_id"]] == "tandem")
    claims, subjects = datasets / "claims/claims.csv", datasets / "claims/claim_subjects.csv"
    _append(claims, {"claim_id": "zz-claim", "citation_id": source}, like=0)
    head, *rows = read_rows(subjects)
    own = {"claim_id": "zz-claim", "position": "1", "trial_id": "pertain", "stance": "supports"}
    write_rows(subjects, [head, *rows, [own.get(c, "") for c in head]])


def wide_numbers(folder: Path) -> Path:
    """Write whole numbers of up to 40 digits, in keys too."""
    fields = [
        {"name": "id", "type": "integer"},
        {"name": "other", "type": "integer", "constraints": {"maximum": 10**30, "unique": True}},
        {"name": "small", "type": "integer", "constraints": {"minimum": -(10**25), "enum": [1, 2, 10**20]}},
        {"name": "parent", "type": "integer"},
    ]
    big, top = "9" * 25, "170141183460469231731687303715884105727"
    rows = [
        ["1", big, "1", "01"], [f"+{big}", f"0{big}", str(10**20), big], [f"00{big}", "1" + "0" * 31, "3", "2"],
        ["-" + "8" * 38, "5", "1", f"0{big}"], [top, "6", "2", "9" * 24], ["9" * 40, "7", "1", ""], ["2", "x", "", "2"],
    ]  # fmt: skip
    text = "\n".join(",".join(row) for row in [[f["name"] for f in fields], *rows]) + "\n"
    key = {"fields": ["parent"], "reference": {"resource": "", "fields": ["id"]}}
    return small_package(folder, fields, text, schema={"primaryKey": ["id"], "foreignKeys": [key]})


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
