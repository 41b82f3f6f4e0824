"""The table that benchmarks validate: as many rows as asked for, the same each time, clean or with planted errors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

GENES = 20_000
ARMS = ["control", "trastuzumab", "pertuzumab", "tucatinib"]
GRADES = ["1", "2", "3", "4", "5"]
STATUS = ["open", "locked", "withdrawn"]
FIELDS = [
    {"name": "sample_id", "type": "string", "constraints": {"required": True, "pattern": "S[0-9]{9}"}},
    {"name": "subject_id", "type": "string", "constraints": {"required": True, "pattern": "P-[0-9]{7}"}},
    {"name": "gene_id", "type": "string", "constraints": {"required": True}},
    {"name": "arm", "type": "string", "constraints": {"required": True, "enum": ARMS}},
    {"name": "grade", "type": "string", "constraints": {"enum": GRADES}},
    {"name": "status", "type": "string", "constraints": {"required": True, "enum": STATUS}},
    {"name": "assay_id", "type": "string", "constraints": {"pattern": "[A-Z]{2}[0-9]{6}"}},
    {"name": "age", "type": "integer", "constraints": {"minimum": 18, "maximum": 110}},
    {"name": "visit", "type": "integer", "constraints": {"required": True, "minimum": 1, "maximum": 99}},
    {"name": "weight_kg", "type": "number", "constraints": {"minimum": 30, "maximum": 250}},
    {"name": "score", "type": "number", "constraints": {"minimum": 0, "maximum": 1}},
    {"name": "visit_date", "type": "date", "constraints": {"required": True}},
]
COLUMNS = [str(field["name"]) for field in FIELDS]


@dataclass(frozen=True)
class Planted:
    """An error put into the broken table.

    Attributes:
        column: its column.
        row: on which record, counting from 0.
        value: the wrong cell.
        rule: the code luminaldb gives it.
    """

    column: str
    row: int
    value: str
    rule: str


def plant_errors(rows: int) -> list[Planted]:
    """Return the errors of a broken table, spread over its length; a table has at least 100 rows."""
    wrong = [
        ("sample_id", "S12", "LDB024"),
        ("sample_id", "S000000000", "LDB031"),
        ("gene_id", "ENSG99999999999", "LDB033"),
        ("arm", "Placebo", "LDB023"),
        ("age", "17", "LDB025"),
        ("visit", "1.5", "LDB020"),
        ("weight_kg", "7O.5", "LDB020"),
        ("score", "1.001", "LDB026"),
        ("visit_date", "24-02-09", "LDB020"),
        ("subject_id", "", "LDB021"),
    ]
    step = rows // (len(wrong) + 1)
    return [Planted(column, step * n + 7, value, rule) for n, (column, value, rule) in enumerate(wrong, start=1)]


def write(folder: Path, rows: int, *, broken: bool) -> Path:
    """Write a data package with the tables `samples` and `genes`; in chunks, so that memory stays small."""
    folder.mkdir(parents=True, exist_ok=True)
    genes = pl.DataFrame({"gene_id": [gene(n) for n in range(GENES)]})
    genes.write_csv(folder / "genes.csv")
    errors = plant_errors(rows) if broken else []
    with (folder / "samples.csv").open("wb") as stream:
        for start in range(0, rows, 500_000):
            stop = min(rows, start + 500_000)
            chunk = samples(start, stop)
            for e in (e for e in errors if start <= e.row < stop):
                is_planted_row = pl.int_range(pl.len()) == e.row - start
                chunk = chunk.with_columns(
                    pl.when(is_planted_row).then(pl.lit(e.value or None)).otherwise(e.column).alias(e.column)
                )
            chunk.write_csv(stream, include_header=start == 0)
    (folder / "datapackage.json").write_text(json.dumps(DESCRIPTOR), encoding="utf-8")
    return folder


def gene(number: int) -> str:
    """Name a gene."""
    return f"ENSG{number:011d}"


def samples(start: int, stop: int) -> pl.DataFrame:
    """Make some rows: pseudo-random by multiplicative hashing of the row number, the same on every machine."""
    n = pl.int_range(start, stop, eager=True, dtype=pl.Int64)
    noise = {
        c: (n * factor + 12_345) % 999_983 for c, factor in zip(COLUMNS, range(48_271, 96_000, 3_989), strict=False)
    }

    def pick(column: str, of: list[str]) -> pl.Series:
        return pl.Series(of).gather(noise[column] % len(of))

    def digits(values: pl.Series, width: int) -> pl.Series:
        return values.cast(pl.String).str.zfill(width)

    blank = noise["grade"] % 10 == 0
    frame = pl.DataFrame(
        {
            "sample_id": "S" + digits(n, 9),
            "subject_id": "P-" + digits(noise["subject_id"], 7),
            "gene_id": "ENSG" + digits(noise["gene_id"] % GENES, 11),
            "arm": pick("arm", ARMS),
            "grade": pick("grade", GRADES),
            "status": pick("status", STATUS),
            "assay_id": pick("assay_id", ["AB", "QC", "XY"]) + digits(noise["assay_id"], 6),
            "age": (18 + noise["age"] % 80).cast(pl.String),
            "visit": (1 + noise["visit"] % 99).cast(pl.String),
            "weight_kg": ((300 + noise["weight_kg"] % 2000) / 10).cast(pl.String),
            "score": (noise["score"] % 10_000 / 10_000).cast(pl.String),
            "visit_date": (18_000 + noise["visit_date"] % 2_000).cast(pl.Int32).cast(pl.Date).cast(pl.String),
        }
    )
    return frame.with_columns(pl.when(~blank).then("grade").alias("grade"))


DESCRIPTOR = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "samples",
    "resources": [
        {
            "name": "genes",
            "type": "table",
            "path": "genes.csv",
            "encoding": "utf-8",
            "schema": {
                "fields": [{"name": "gene_id", "type": "string", "constraints": {"pattern": "ENSG[0-9]{11}"}}],
                "primaryKey": ["gene_id"],
            },
        },
        {
            "name": "samples",
            "type": "table",
            "path": "samples.csv",
            "encoding": "utf-8",
            "schema": {
                "fields": FIELDS,
                "primaryKey": ["sample_id"],
                "foreignKeys": [
                    {"fields": ["gene_id"], "reference": {"resource": "genes", "fields": ["gene_id"]}},
                ],
            },
        },
    ],
}
