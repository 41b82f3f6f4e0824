"""What the standards ask for, and bugs reported for other validators: each engine gives the same result."""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from helpers import small_package

import luminaldb
from luminaldb.cli.error_report import error_report
from luminaldb.issues import Report
from luminaldb.publish.reports.report import FORMATS, render
from luminaldb.schemas import combined_check
from luminaldb.schemas.engines import chunks, polars_backend

DATA = Path(__file__).parent.parent / "data/conformance"
CASES = {case["folder"]: case for case in json.loads((DATA / "cases.json").read_text(encoding="utf-8"))}
ENGINES = ("polars", "duckdb", "spark")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine; its tests are skipped where it isn't installed."""
    if request.param == "duckdb":
        pytest.importorskip("duckdb")
    if request.param == "spark":
        request.getfixturevalue("spark")
    return str(request.param)


def issues(folder: Path, engine: str) -> list[tuple[str, str, str, str, str]] | str:
    """Return the errors of a package but for their lines, or why the package is refused."""
    try:
        return errors_of(luminaldb.validate(folder, engine=engine))
    except luminaldb.LuminaldbError as error:
        return str(error)


def errors_of(report: Report) -> list[tuple[str, str, str, str, str]]:
    return sorted((f.table, f.code, f.row_key, f.column, f.value) for f in report.errors)


@cache
def polars_report(folder: str) -> Report | luminaldb.LuminaldbError:
    """The report of a case by polars, with which those of the engines, of pandera and in every format are compared."""
    try:
        return luminaldb.validate(DATA / folder)
    except luminaldb.LuminaldbError as error:
        return error


def polars_issues(folder: str) -> list[tuple[str, str, str, str, str]] | str:
    report = polars_report(folder)
    return str(report) if isinstance(report, luminaldb.LuminaldbError) else errors_of(report)


def test_every_folder_is_a_case() -> None:
    assert set(CASES) == {
        f"{kind.name}/{case.name}" for kind in DATA.iterdir() if kind.is_dir() for case in kind.iterdir()
    }


@pytest.mark.parametrize("folder", CASES)
def test_a_case_has_the_result_of_the_standards(folder: str, engine: str) -> None:
    case, expected = CASES[folder], polars_issues(folder)
    found = expected if engine == "polars" else issues(DATA / folder, engine)
    result = "invalid" if found else "valid"
    assert (result == case["expect"]) is not ("differs" in case), f"{case['about']}: {found}"
    assert found == expected


def test_what_differs_is_never_silent() -> None:
    for folder, case in CASES.items():
        if "differs" in case:
            report = polars_report(folder)
            assert isinstance(report, Report)
            assert report.unchecked, folder


@pytest.mark.parametrize("folder", CASES)
def test_pandera_and_the_direct_route_give_the_same_result(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = polars_issues(folder)
    use_pandera = partial(combined_check.combine_checks, use_pandera=True)
    asked: list[bool] = []

    def combine_checks(*arguments: Any, **options: Any) -> Any:
        asked.append(options.pop("use_pandera"))
        return use_pandera(*arguments, **options)

    for module in (polars_backend, chunks):
        monkeypatch.setattr(module, "combine_checks", combine_checks)
    assert issues(DATA / folder, "polars") == direct
    assert not any(asked)


@pytest.mark.parametrize("folder", CASES)
def test_every_format_reports_a_case(folder: str) -> None:
    report = polars_report(folder)
    if isinstance(report, luminaldb.LuminaldbError):
        report = error_report(report)
        assert not report.ok
    codes = {f.code for f in report.findings}
    for name in FORMATS:
        text = render(name, report)
        assert all(code in text for code in codes), name
    assert json.loads(render("json", report))["ok"] is report.ok


def wide(count: int) -> tuple[list[dict[str, Any]], str]:
    names = [f"c{n}" for n in range(count)]
    fields = [{"name": n, "type": "integer", "constraints": {"required": True, "minimum": 0}} for n in names]
    rows = [names, ["1"] * count, ["x", *["-1"] * (count - 1)]]
    return fields, "".join(",".join(row) + "\n" for row in rows)


TABLES: dict[str, tuple[list[dict[str, Any]], str, dict[str, Any]]] = {
    "nothing to check": ([{"name": "a", "type": "string"}], "a\n1\n", {}),
    "no fields": ([], "a,b\n1,2\n", {}),
    "names that differ in case": (
        [{"name": "Id", "type": "integer"}, {"name": "ID", "type": "string", "constraints": {"unique": True}}],
        "Id,ID\n1,a\n2,a\nx,b\n",
        {"primaryKey": ["Id"]},
    ),
    "a name with a point": (
        [{"name": "a.b", "type": "integer"}, {"name": "c", "type": "string"}],
        "a.b,c\n1,a\nx,b\n",
        {},
    ),
    "a column without a name": (
        [{"name": "a", "type": "integer"}, {"name": "", "type": "integer"}],
        "a,\n1,2\nx,y\n",
        {},
    ),
    "numbers with group characters": (
        [{"name": "n", "type": "number", "groupChar": ".", "decimalChar": ",", "constraints": {"minimum": 5}}],
        'n\n"1.000,5"\n"3,2"\nx\n',
        {},
    ),
    "bare numbers": (
        [
            {"name": "n", "type": "number", "bareNumber": False, "decimalChar": ",", "groupChar": "."},
            {"name": "i", "type": "integer", "bareNumber": False},
        ],
        'n,i\n"€ 1.000,5",12%\n"-3,2 kg",$5\n1.5.5,a\n- 3,4 5\nNaN,-inf\ninf,+7x\n"x,5",-7 -\n',
        {},
    ),
    "a key with group characters": (
        [{"name": "n", "type": "integer", "groupChar": ","}],
        'n\n"9,999,999,999,999,999,999,999"\n9999999999999999999999\n"1,000"\n1000\nx\n',
        {"primaryKey": ["n"]},
    ),
    "dates in a form of their own": (
        [{"name": "d", "type": "date", "format": "%d.%m.%Y"}, {"name": "t", "type": "time"}],
        "d,t\n09.02.2024,13:05:00\n2024-02-09,1 pm\n",
        {},
    ),
    "400 columns": (*wide(400), {"primaryKey": ["c0"]}),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == "400 columns" else n for n in TABLES])
def test_engines_agree_on_a_table(name: str, engine: str, tmp_path: Path) -> None:
    fields, text, schema = TABLES[name]
    folder = small_package(tmp_path / "p", fields, text, schema=schema)
    found = issues(folder, engine)
    assert found == issues(folder, "polars")
    assert not isinstance(found, str), found


def test_a_key_into_a_table_that_an_engine_can_not_name(engine: str, tmp_path: Path) -> None:
    def resource(name: str, columns: list[str], **schema: Any) -> dict[str, Any]:
        fields = [{"name": c, "type": "integer"} for c in columns]
        return {"name": name, "type": "table", "path": f"{name}.csv", "schema": {"fields": fields, **schema}}

    def key(own: str, table: str, other: str) -> dict[str, Any]:
        return {"foreignKeys": [{"fields": [own], "reference": {"resource": table, "fields": [other]}}]}

    tables = [
        resource("a", ["id", "ID"], **key("ID", "b", "n")),
        resource("b", ["n", "m"], **key("m", "a", "id")),
    ]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": tables}))
    (tmp_path / "a.csv").write_text("id,ID\n1,5\n2,6\n")
    (tmp_path / "b.csv").write_text("n,m\n5,1\n7,3\n")
    found = issues(tmp_path, engine)
    assert [(f[0], f[1], f[4]) for f in found] == [("a", "LDB033", "6"), ("b", "LDB033", "3")]
