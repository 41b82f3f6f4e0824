"""Rules on reported statistics on extraction sheets: each rule finds its error, whatever the notation of numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from helpers import small_package

import luminaldb
from luminaldb.schemas.statistics import sheet_cells, sheet_columns
from luminaldb.schemas.statistics.rules import REQUIRED_COLUMNS, STATISTICS_RULES, statistics_checks

SHEET = (
    "Study;Hazard ratio;95% CI;p;e1;e2\n"
    "right;0.63;0.47\u20130.84;0.0016;87;99\n"
    "wrong digit;0.68;0.47 to 0.84;p<0.01;87;99\n"
    "wrong p;0.63;[0.47, 0.84];0.16;87;99\n"
    "decimal comma;0,63;0.47-0.84;.0016*;87;99\n"
    "other events;0.63;0.47-0.84;0.0016;87;9\n"
    "not reported;NR;NR;;;\n"
)
COLUMN_MAP = {
    "estimate": "Hazard ratio", "ci": "95% CI", "p_value": "p", "events_experimental": "e1", "events_control": "e2",
}  # fmt: skip


def write_sheet(tmp_path: Path, text: str = SHEET) -> Path:
    file = tmp_path / "sheet.csv"
    file.write_text(text, encoding="utf-8")
    return file


def findings_of(report: Any) -> list[tuple[int, str, str]]:
    return [(f.line, f.code, f.column) for f in report.findings]


EXPECTED = [
    (3, "LDB102", "Hazard ratio"),
    (4, "LDB106", "p"),
    (4, "LDB107", "p"),
    (6, "LDB108", "95% CI"),
]


def test_a_sheet_with_names_of_its_own(tmp_path: Path) -> None:
    report = luminaldb.validate(write_sheet(tmp_path), columns=COLUMN_MAP)
    assert findings_of(report) == EXPECTED
    assert report.findings[0].value == "0.68"
    notes = "\n".join(report.notes)
    assert "hazard ratio, by the name of the column Hazard ratio" in notes
    assert "LDB104 (needs percent, events, n)" in notes
    assert "which has no schema" in notes


def test_zeros_that_a_format_adds_to_every_number_are_no_printed_decimals(tmp_path: Path) -> None:
    rows = ("1.180,0.900,1.540", "1.450,1.020,2.080", "2.020,0.480,8.560")
    mapping = {"estimate": "or", "ci_low": "low", "ci_high": "high"}
    padded = luminaldb.validate(write_sheet(tmp_path, "or,low,high\n" + "\n".join(rows)), columns=mapping)
    assert padded.ok
    assert any("last zero is not taken for printed decimals" in note for note in padded.notes)
    assert any("taken for an odds ratio" in note for note in padded.notes)
    printed = luminaldb.validate(
        write_sheet(tmp_path, "or,low,high\n" + "\n".join((*rows, "1.200,0.801,1.600"))), columns=mapping
    )
    assert [f.line for f in printed.findings] == [2, 3, 4, 5]


def test_without_a_map_the_note_shows_how_to_write_one(tmp_path: Path) -> None:
    notes = luminaldb.validate(write_sheet(tmp_path), rules="statistics").notes
    assert any("no column is mapped; map them with --map estimate=COLUMN" in note for note in notes)


def test_maps_are_parsed_as_the_documentation_shows() -> None:
    assert sheet_columns.parse_map("estimate=HR,ci_low=LCL") == {"estimate": "HR", "ci_low": "LCL"}
    assert sheet_columns.parse_map(["estimate=a,,b", "measure=OR"]) == {"estimate": "a,b", "measure": "OR"}
    with pytest.raises(luminaldb.LuminaldbError, match="did you mean 'estimate'"):
        sheet_columns.parse_map("estimat=HR")
    with pytest.raises(luminaldb.LuminaldbError, match="not NAME=COLUMN"):
        sheet_columns.parse_map("estimate")
    with pytest.raises(luminaldb.LuminaldbError, match="two columns for estimate: 'HR' and 'OR'"):
        sheet_columns.parse_map(["estimate=HR", "estimate=OR"])


def test_a_map_with_a_column_that_no_table_has_is_refused(tmp_path: Path) -> None:
    for name, header in (("a.csv", "HR,LCL"), ("b.csv", "HR,UCL")):
        (tmp_path / name).write_text(f"{header}\n0.5,0.4\n", encoding="utf-8")
    both = {"estimate": "HR", "ci_low": "LCL", "ci_high": "UCL", "measure": "hazard_ratio"}
    notes = luminaldb.validate(tmp_path / "*.csv", columns=both).unchecked
    assert [note for note in notes if "UCL in" in note] and [note for note in notes if "LCL in" in note]
    with pytest.raises(luminaldb.LuminaldbError, match=r"no table has column 'LLC'.*did you mean 'LCL'"):
        luminaldb.validate(tmp_path / "*.csv", columns={**both, "ci_low": "LLC"})
    with pytest.raises(luminaldb.LuminaldbError, match=r"a\.csv: the table has no column 'UCL'"):
        luminaldb.validate(tmp_path / "a.csv", columns=both)
    with pytest.raises(luminaldb.LuminaldbError, match="the table has no column 'none'"):
        luminaldb.validate(pl.DataFrame({"HR": ["0.5"]}), columns={"estimate": "none"})


@pytest.mark.parametrize("kind", ["polars", "pandas", "arrow", "duckdb"])
def test_a_frame(kind: str) -> None:
    frame = pl.DataFrame({"est": [0.63, 0.68], "lo": [0.47, 0.47], "hi": [0.84, 0.84]})
    user_frame = {
        "polars": lambda: frame,
        "pandas": frame.to_pandas,
        "arrow": frame.to_arrow,
        "duckdb": lambda: duckdb.from_arrow(frame.to_arrow()),
    }[kind]()
    report = luminaldb.validate(user_frame, columns={"odds_ratio": "est", "ci_low": "lo", "ci_high": "hi"})
    assert [f.code for f in report.findings] == ["LDB102"]


def test_properties_of_a_descriptor_map_columns(tmp_path: Path) -> None:
    names = {"HR": "estimate", "L": "ci_low", "U": "ci_high"}
    fields = [{"name": n, "type": "number", "x-statistic": what} for n, what in names.items()]
    package = small_package(tmp_path / "p", fields, "HR,L,U\n0.63,0.47,0.84\n0.68,0.47,0.84\n")
    assert findings_of(luminaldb.validate(package)) == []
    assert findings_of(luminaldb.validate(package, rules="statistics")) == [(3, "LDB102", "HR")]
    descriptor = json.loads((package / "datapackage.json").read_text())
    (package / "datapackage.json").write_text(json.dumps({**descriptor, "x-rules": ["statistics"]}))
    for engine in ("polars", "duckdb"):
        assert findings_of(luminaldb.validate(package, engine=engine)) == [(3, "LDB102", "HR")]


def test_a_table_without_statistics_is_not_applicable(tmp_path: Path) -> None:
    names = {"HR": "estimate", "L": "ci_low", "U": "ci_high"}
    fields = [{"name": n, "type": "number", "x-statistic": what} for n, what in names.items()]
    package = small_package(tmp_path / "p", fields, "HR,L,U\n0.63,0.47,0.84\n")
    descriptor = json.loads((package / "datapackage.json").read_text())
    other = {"name": "other", "type": "table", "data": [{"x": 1}], "schema": {"fields": [{"name": "x"}]}}
    descriptor["resources"].append(other)
    (package / "datapackage.json").write_text(json.dumps({**descriptor, "x-rules": ["statistics"]}))
    for engine in ("polars", "duckdb"):
        report = luminaldb.validate(package, engine=engine)
        assert report.unchecked == []
        (note,) = [note for note in report.notes if note.startswith("not applicable")]
        assert "other" in note
    # A note names a table without statistics if the user selects the rules; a mapped column must exist.
    (tmp_path / "t.csv").write_text("x\n1\n", encoding="utf-8")
    report = luminaldb.validate(tmp_path / "t.csv", rules="statistics", schema={"fields": [{"name": "x"}]})
    assert [note for note in report.unchecked if "as no column is mapped" in note]
    other["x-statistics"] = {"estimate": "y"}
    (package / "datapackage.json").write_text(json.dumps({**descriptor, "x-rules": ["statistics"]}))
    assert [note for note in luminaldb.validate(package).unchecked if "none of the columns y" in note]


def test_a_package_of_anybody_can_waive_a_row(tmp_path: Path) -> None:
    fields = [
        {"name": "id", "type": "string"},
        *({"name": c, "type": "integer", "x-statistic": c} for c in ("n", "events")),
    ]
    rows = "id,n,events\na,3,9\nb,3,9\n"
    package = small_package(tmp_path / "p", fields, rows, schema={"primaryKey": "id"})
    descriptor = json.loads((package / "datapackage.json").read_text())
    table = descriptor["resources"][0]["name"]
    waiver_fields = [{"name": c, "type": "string"} for c in ("rule_code", "table_name", "row_key", "reason")]
    descriptor["x-rules"] = ["statistics"]
    descriptor["resources"].append({"name": "waivers", "path": "waivers.csv", "schema": {"fields": waiver_fields}})
    (package / "datapackage.json").write_text(json.dumps(descriptor))
    (package / "waivers.csv").write_text(f"rule_code,table_name,row_key,reason\nLDB103,{table},a,events were counted\n")
    assert [(f.code, f.row_key) for f in luminaldb.validate(package).findings] == [("LDB103", "b")]


def test_differences_are_symmetric_without_logarithms() -> None:
    rows = pl.DataFrame(
        {
            "MD": ["-0.30", "-0.30", "-0.30"],
            "L": ["-0.50", "-0.45", "-0.50"],
            "U": ["-0.10", "-0.10", "-0.10"],
            "p": ["0.0033", "", "0.5"],
        }
    )
    names = {"estimate": "MD", "ci_low": "L", "ci_high": "U", "p_value": "p"}
    assert findings_of(luminaldb.validate(rows, columns=names)) == [
        (2, "LDB118", "MD"),
        (3, "LDB106", "p"),
        (3, "LDB107", "p"),
    ]


def test_arms_cuts_medians_counts() -> None:
    rows = pl.DataFrame(
        {
            "trial": ["a", "a", "b"], "cut": ["2020-01-01", "2021-06-01", "2020-01-01"], "e": ["90", "80", "3"],
            "n1": ["50", "50", "50"], "n2": ["50", "51", "50"], "all": ["100", "100", "100"],
        }
    )  # fmt: skip
    names = {"comparison": "trial", "data_cutoff": "cut", "events": "e", "n_experimental": "n1", "n_control": "n2"}
    report = luminaldb.validate(rows, columns={**names, "n_total": "all"})
    assert {(f.line, f.code) for f in report.findings} == {(2, "LDB110"), (2, "LDB105")}


def test_every_rule_of_a_full_sheet_lists_the_columns_it_needs() -> None:
    from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

    fields = tuple(Field(name, type=kind) for name, (kind, _) in sheet_columns.COLUMNS.items())
    schema = TableSchema((*fields, Field("hypothesis", type="string")))
    assert {check.code for check in statistics_checks(schema)} == set(REQUIRED_COLUMNS)


@pytest.mark.parametrize("rule", STATISTICS_RULES, ids=lambda rule: rule.code)
def test_a_rule_on_statistics_passes_its_good_example_and_fails_its_bad_one(rule: Any) -> None:
    for example, broken in ((rule.passing, False), (rule.failing, True)):
        rows = pl.DataFrame([dict(row) for row in example.rows])
        report = luminaldb.validate(
            rows, columns={name: name for name in rows.columns if name in sheet_columns.COLUMNS}
        )
        codes = {f.code for f in report.findings}
        assert (rule.code in codes) is broken


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("0\u00b763", "0.63"),
        (" 1,5 ", "1.5"),
        ("\u22120.3", "-0.3"),
        ("NR", ""),
        ("5%", "5"),
        ("1.2.3", ""),
        ("1e-3", "1e-3"),
    ],
)
def test_numbers_as_people_write_them(cell: str, text: str) -> None:
    assert sheet_cells.number(cell) == text


def test_a_count_may_have_marks_between_thousands() -> None:
    assert [sheet_cells.number(c, whole=True) for c in ("1,024", "1 024", "12.0", "1.5")] == [
        "1024",
        "1024",
        "12",
        "1.5",
    ]
