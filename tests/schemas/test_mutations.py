"""Break each constraint and each rule once, and see it found at the right file, line and column."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import read_rows, set_cell, small_package, write_rows
from typer.testing import CliRunner

import luminaldb
from luminaldb.cli.main import app
from luminaldb.issues import Issue
from luminaldb.loaders import installed


def row_of(file: Path, **wanted: str | None) -> int:
    """Find the first record whose cells are as wanted: a text, or None for any that is filled."""
    rows = read_rows(file)
    head = rows[0]
    for number, row in enumerate(rows[1:]):
        cells = dict(zip(head, row, strict=True))
        if all((cells[c] != "") if w is None else (cells[c] == w) for c, w in wanted.items()):
            return number
    raise LookupError(f"{file.name} has no row with {wanted}")


def line_of(file: Path, row: int) -> int:
    """The line on which a record starts: no cell of the installed tables holds a line break."""
    return row + 2


def find_issue(findings: list[Issue], rule: str, file: Path, line: int, column: str) -> Issue:
    """Return the finding of a rule at a place, or fail with what was found instead."""
    for finding in findings:
        if (finding.code, finding.line, finding.column) == (rule, line, column) and finding.file == str(file):
            return finding
    raise AssertionError(f"{rule} not found at {file}:{line}:{column}; found:\n" + "\n".join(map(str, findings)))


# Rule, table, column to spoil, what the row must have, and the wrong cell; or a function that makes it.
SPOILT: list[tuple[str, str, str, dict[str, str | None], str | Callable[[str], str]]] = [
    ("LDB020", "trials/effects", "estimate", {"estimate": None}, "0·63"),
    ("LDB020", "trials/effects", "n_control", {"n_control": None}, "1,024"),
    ("LDB020", "trials/effects", "data_cutoff", {"data_cutoff": None}, "24-02-09"),
    ("LDB020", "trials/arm_therapies", "optional", {}, "maybe"),
    ("LDB021", "trials/effects", "locator", {}, ""),
    ("LDB022", "citations/citations", "doi", {"doi": None}, lambda _: "10.1200/jco.2008.20.6847"),
    ("LDB023", "trials/effects", "measure", {}, "HR"),
    ("LDB024", "citations/citations", "doi", {"doi": None}, "https://doi.org/10.1/x"),
    ("LDB025", "trials/effects", "p_value", {"p_value": None, "p_operator": "="}, "-0.1"),
    ("LDB026", "trials/effects", "p_value", {"p_value": None, "p_operator": "="}, "5"),
    ("LDB030", "claims/claims", "statement", {}, lambda old: old + " x" * 200),
    ("LDB031", "vocabularies/endpoints", "endpoint_id", {"endpoint_id": "os"}, "pfs"),
    ("LDB033", "trials/effects", "population_id", {}, "no-such-population"),
    ("LDB034", "trials/effects", "citation_id", {}, "nobody-1900"),
    ("LDB101", "trials/effects", "ci_low", {"effect_id": "tandem-pfs-itt-primary"}, "0.74"),
    ("LDB101", "trials/effects", "ci_high", {"effect_id": "tandem-pfs-itt-primary"}, "0.54"),
    ("LDB102", "trials/effects", "estimate", {"effect_id": "tandem-pfs-itt-primary"}, "0.68"),
    ("LDB103", "trials/effects", "events_control", {"events_control": None, "n_control": None}, "99999"),
    ("LDB104", "trials/adverse_events", "percent", {"percent": None, "n": None, "events": None}, "77.7"),
    ("LDB105", "trials/populations", "n", {"n": None}, "999999"),
    ("LDB203", "trials/effects", "p_value", {"p_value": None}, ""),
    ("LDB203", "trials/effects", "ci_level", {"ci_low": "", "ci_high": ""}, "95"),
    ("LDB203", "trials/outcomes", "at_months", {"measure": "percent_at"}, ""),
    ("LDB204", "citations/citations", "notice", {"publication_status": "corrected", "notice": None}, ""),
]


# Cells of one row that are wrong together: rule and column that is reported, table, the row, the wrong cells.
SPOILT_ROWS: list[tuple[str, str, str, dict[str, str | None], dict[str, str]]] = [
    ("LDB201", "therapy_id", "claims/claim_subjects", {"therapy_id": None}, {"gene_id": "hgnc:3430"}),
    ("LDB201", "therapy_id", "mechanisms/mechanism_evidence", {"therapy_id": None}, {"therapy_id": ""}),
    ("LDB202", "pmid", "citations/citations", {"doi": None}, dict.fromkeys(("pmid", "doi", "url"), "")),
    ("LDB205", "estimate", "trials/outcomes", {"measure": "median_months", "estimate": None},
     dict.fromkeys(("estimate", "ci_low", "ci_high", "ci_level", "n", "events", "note"), "")),
    ("LDB301", "control_arm_id", "trials/effects", {"trial_id": "tandem"},
     {"control_arm_id": "pertain-trastuzumab-ai"}),
    ("LDB301", "population_id", "trials/outcomes", {"trial_id": "tandem"}, {"population_id": "pertain-itt"}),
    ("LDB302", "control_arm_id", "trials/effects", {"experimental_arm_id": "tandem-trastuzumab-anastrozole"},
     {"control_arm_id": "tandem-trastuzumab-anastrozole"}),
    ("LDB105", "n_assigned", "trials/arms", {"trial_id": "tandem"}, {"n_assigned": "9999999"}),
]  # fmt: skip
Mutation = tuple[str, str, int, Path]
MUTATIONS = [(rule, table, column, wanted, {column: wrong}) for rule, table, column, wanted, wrong in SPOILT] + [
    (rule, table, column, wanted, dict(wrong)) for rule, column, table, wanted, wrong in SPOILT_ROWS
]


@pytest.fixture(scope="module")
def reports_of_mutations(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[Issue], Mutation]]:
    """The findings of each mutation, with rule, column, line and file of what must be among them.

    Mutations of different tables are validated together. A table never has two: its checks must see each one alone.
    """
    rounds: list[dict[str, int]] = []
    for number, (_, table, *_) in enumerate(MUTATIONS):
        free = next((r for r in rounds if table not in r), None)
        if free is None:
            rounds.append(free := {})
        free[table] = number
    results: dict[int, tuple[list[Issue], Mutation]] = {}
    for tables in rounds:
        folder = tmp_path_factory.mktemp("mutations") / "datasets"
        shutil.copytree(installed.datasets_folder(), folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        places = {number: spoil(folder, *MUTATIONS[number]) for number in tables.values()}
        report = luminaldb.validate(folder)
        assert not report.ok
        results |= {number: (report.findings, place) for number, place in places.items()}
        shutil.rmtree(folder)
    return [results[number] for number in range(len(MUTATIONS))]


def spoil(
    folder: Path, rule: str, table: str, column: str, wanted: dict[str, str | None], wrong: dict[str, Any]
) -> Mutation:
    """Write wrong cells into the first row that is as wanted, and give where the finding must be."""
    file = folder / f"{table}.csv"
    row = row_of(file, **wanted)
    rows = read_rows(file)
    if rule == "LDB022" and rows[row + 1][rows[0].index(column)] == wrong[column](""):
        row += 1
    for name, cell in wrong.items():
        set_cell(file, row, name, cell(rows[row + 1][rows[0].index(name)]) if callable(cell) else cell)
    return rule, column, line_of(file, row), file


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=[f"{r}-{t}.{c}" for r, t, c, *_ in MUTATIONS])
def test_a_spoilt_cell_is_found(reports_of_mutations: list[tuple[list[Issue], Mutation]], number: int) -> None:
    findings, (rule, column, line, file) = reports_of_mutations[number]
    finding = find_issue(findings, rule, file, line, column)
    assert finding.row_key
    assert finding.hint
    assert finding.severity == "error"


@pytest.mark.parametrize(
    ("row", "package", "lone"),
    [
        ("LDB601,citations,kaufman-2009-tandem,It is used.,", "citations", 0),
        ("LDB505,citations,kaufman-2009-tandem,It stands so in the source.,", "citations", 1),
    ],
    ids=["other-tables", "the-row-alone"],
)
def test_a_waiver_is_not_stale_where_a_table_is_missing_that_its_rule_looks_at(
    datasets: Path, row: str, package: str, lone: int
) -> None:
    waivers = datasets / "curation/waivers.csv"
    head, *rows = waivers.read_text(encoding="utf-8").splitlines()
    waivers.write_text("\n".join([head, *sorted([*rows, row])]) + "\n", encoding="utf-8")
    for parts, expected in ([datasets / package, datasets / "curation"], lone), ([datasets], 1):
        findings = json.loads(CliRunner().invoke(app, ["validate", *map(str, parts), "--format", "json"]).output)
        found = [f for f in findings["findings"] if f["rule"] == "LDB901" and "kaufman-2009-tandem" in f["row_key"]]
        assert len(found) == expected, findings


def test_a_waived_finding_is_silent_and_a_stale_waiver_is_not(datasets: Path) -> None:
    set_cell(datasets / "trials/effects.csv", row_of(datasets / "trials/effects.csv", effect_id="tandem-pfs-itt-primary"),
             "estimate", "0.68")  # fmt: skip
    waivers = datasets / "curation/waivers.csv"
    before = read_rows(waivers)
    waived = ["LDB102", "effects", "tandem-pfs-itt-primary", "Exact interval.", ""]
    write_rows(waivers, [*before, waived])
    assert luminaldb.validate(datasets).ok
    write_rows(waivers, [*before, waived, ["LDB102", "effects", "pertain-pfs-itt-primary", "No reason.", ""]])
    find_issue(luminaldb.validate(datasets).findings, "LDB901", waivers, len(before) + 2, "rule_code")


# Constraints that the installed descriptors don't use: rule, field, good cell, bad cell.
ON_SMALL: list[tuple[str, dict[str, Any], str, str]] = [
    ("LDB020", {"type": "year"}, "2024", "24"),
    ("LDB020", {"type": "yearmonth"}, "2024-02", "2024-13"),
    ("LDB020", {"type": "time"}, "13:05:00", "25:00:00"),
    ("LDB020", {"type": "datetime"}, "2024-02-09T13:05:00Z", "2024-02-09 13:05"),
    ("LDB020", {"type": "duration"}, "P1Y2M", "1 year"),
    ("LDB020", {"type": "geopoint"}, "7.1, 50.7", "7.1; 50.7"),
    ("LDB020", {"type": "geopoint", "format": "array"}, "[7.1, 50.7]", "7.1, 50.7"),
    ("LDB020", {"type": "object"}, '{"a": 1}', "[1]"),
    ("LDB020", {"type": "array"}, "[1, 2]", '{"a": 1}'),
    ("LDB020", {"type": "geojson"}, '{"type": "Point", "coordinates": [1, 2]}', '{"type": 3}'),
    ("LDB020", {"type": "date", "format": "%d/%m/%Y"}, "09/02/2024", "9/2/24"),
    ("LDB020", {"type": "date", "format": "any"}, "9 Feb 2024", "not a day"),
    ("LDB020", {"type": "date"}, "2024-02-29", "2023-02-29"),
    ("LDB020", {"type": "number", "decimalChar": ",", "groupChar": "."}, "1.234,5", "1,234.5x"),
    ("LDB020", {"type": "number", "bareNumber": False}, "95 %", "percent"),
    ("LDB020", {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]}, "yes", "true"),
    ("LDB023", {"type": "integer", "constraints": {"enum": [1, 2]}}, "2", "3"),
    ("LDB024", {"type": "string", "constraints": {"pattern": "MONDO|OMIM"}}, "OMIM", "MONDO:123"),
    ("LDB025", {"type": "date", "constraints": {"minimum": "2024-01-01"}}, "2024-01-01", "2023-12-31"),
    ("LDB027", {"type": "number", "constraints": {"exclusiveMinimum": 0}}, "0.1", "0"),
    ("LDB028", {"type": "number", "constraints": {"exclusiveMaximum": 1}}, "0.9", "1"),
    ("LDB029", {"type": "string", "constraints": {"minLength": 2}}, "ab", "a"),
    ("LDB029", {"type": "array", "constraints": {"minLength": 2}}, "[1, 2]", "[1]"),
    ("LDB030", {"type": "list", "constraints": {"maxLength": 2}}, "a,b", "a,b,c"),
    ("LDB035", {"type": "string", "categories": ["a", "b"]}, "a", "c"),
    ("LDB036", {"type": "object", "constraints": {"jsonSchema": {"required": ["a"]}}}, '{"a": 1}', '{"b": 1}'),
    ("LDB037", {"type": "string", "format": "email"}, "a@b.org", "a at b"),
    ("LDB037", {"type": "string", "format": "uuid"}, "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810"),
    ("LDB037", {"type": "string", "format": "uri"}, "https://example.org", "example"),
]


@pytest.mark.parametrize(
    ("rule", "field", "good", "bad"), ON_SMALL, ids=[f"{r}-{f['type']}-{n}" for n, (r, f, _, _) in enumerate(ON_SMALL)]
)
def test_every_type_and_constraint_of_table_schema(
    tmp_path: Path, rule: str, field: dict[str, Any], good: str, bad: str
) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    fields = [{"name": "key", "type": "integer"}, {"name": "x", **field}]
    fine = small_package(tmp_path / "good", fields, f"key,x\n1,{quoted(good)}\n2,\n")
    assert luminaldb.validate(fine).findings == []
    spoilt = small_package(tmp_path / "bad", fields, f"key,x\n1,{quoted(good)}\n2,{quoted(bad)}\n")
    report = luminaldb.validate(spoilt)
    assert [(f.code, f.line, f.column, f.value) for f in report.findings] == [(rule, 3, "x", bad)]


def test_keys_of_a_small_package(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
    package = small_package(tmp_path / "p", fields, "a,b\nx,1\nx,1\ny,\n", schema={"primaryKey": ["a", "b"]})
    findings = luminaldb.validate(package).findings
    assert [(f.code, f.line, f.column) for f in findings] == [
        ("LDB031", 2, "a"),
        ("LDB031", 3, "a"),
        ("LDB021", 4, "b"),
    ]
    package = small_package(tmp_path / "u", fields, "a,b\nx,1\nx,1\n,1\n,1\n", schema={"uniqueKeys": [["a", "b"]]})
    assert [(f.code, f.line) for f in luminaldb.validate(package).findings] == [("LDB032", 2), ("LDB032", 3)]
    own = {"foreignKeys": [{"fields": ["b"], "reference": {"resource": "", "fields": ["a"]}}]}
    package = small_package(tmp_path / "f", fields, "a,b\nx,\ny,x\nz,q\n", schema=own)
    assert [(f.code, f.line, f.value) for f in luminaldb.validate(package).findings] == [("LDB033", 4, "q")]


def test_the_line_counts_quoted_newlines(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "n", "type": "integer"}]
    package = small_package(tmp_path / "p", fields, 'a,n\n"two\nlines",1\nx,y\n')
    assert [(f.code, f.line, f.column) for f in luminaldb.validate(package).findings] == [("LDB020", 4, "n")]


@pytest.mark.parametrize("table", luminaldb.tables()["table"].to_list())
def test_a_installed_table_passes_its_pandera_schema(table: str) -> None:
    luminaldb.schema(table).validate(luminaldb.load(table), lazy=True)


def test_the_pandera_schema_says_the_same_of_a_typed_frame() -> None:
    import pandera.errors
    import polars as pl

    schema = luminaldb.schema("effects")
    effects = luminaldb.load("effects")
    wrong = effects.with_columns(
        pl.when(pl.col("effect_id") == "tandem-pfs-itt-primary").then(0.1).otherwise("estimate").alias("estimate")
    )
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        schema.validate(wrong, lazy=True)
    assert "LDB101" in str(caught.value)
