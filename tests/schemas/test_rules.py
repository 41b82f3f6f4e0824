"""Each rule on its own examples, and the arithmetic that rules stand on."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import narwhals as nw
import polars as pl
import pytest
from helpers import read_rows, set_cell, write_rows

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.schemas.check_columns import ROW, TEXT
from luminaldb.schemas.check_frame import applicable_checks, check_frame
from luminaldb.schemas.check_results import evaluate_checks
from luminaldb.schemas.lookups import ReferenceCount, add_lookups
from luminaldb.schemas.rules import RULES, rule_checks
from luminaldb.schemas.rules.identifiers import is_valid_cas, is_valid_issn, is_valid_orcid
from luminaldb.schemas.rules.normal_distribution import quantile, tail
from luminaldb.schemas.rules.rule import Example, Rule
from luminaldb.schemas.statistics.rules import STATISTICS_RULES


def broken(rule: Rule, example: Example) -> int:
    """Count the rows of an example that break a rule; fail if none of its checks can be run."""
    if example.types:
        schema = TableSchema(tuple(Field(n, t) for n, t in example.types.items()))
    else:
        schema = installed.package_of(example.table).resource(example.table).schema
    text = pl.DataFrame(
        {n: [str(row.get(n, "")) for row in example.rows] for n in schema.names},
        schema=dict.fromkeys(schema.names, pl.String),
    )
    frame = check_frame(text, schema)
    brought = sorted({n for row in example.rows for n in row if n not in schema.names})
    frame = frame.with_columns(pl.Series(n, [row.get(n) for row in example.rows]) for n in brought)
    every = list(rule.checks(example.table, schema))
    frame = add_lookups(frame, [x for c in every for x in c.lookups if x.alias not in brought], {})
    checks = applicable_checks(every, frame.columns)
    assert checks, f"{rule.code}: no check runs on its own example"
    return int((~evaluate_checks(frame, checks).select(pl.all_horizontal(pl.all())).to_series()).sum())


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_rule_passes_its_good_example_and_fails_its_bad_one(rule: Rule) -> None:
    assert broken(rule, rule.passing) == 0
    assert broken(rule, rule.failing) >= 1


@pytest.mark.parametrize("z", [0.0, 0.1, 0.5, 1.0, 1.644854, 1.959964, 2.575829, 3.2905, 4.5, 6.0])
def test_the_normal_tail(z: float) -> None:
    frame = nw.from_native(pl.DataFrame({"z": [z]}), eager_only=True)
    seen = frame.select(tail(nw.col("z")).alias("p")).to_native()["p"][0]
    assert seen == pytest.approx(1 - NormalDist().cdf(z), abs=7.5e-8)


@pytest.mark.parametrize("level", [50.0, 80.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9])
def test_the_normal_quantile(level: float) -> None:
    frame = nw.from_native(pl.DataFrame({"p": [(100 - level) / 200]}), eager_only=True)
    seen = frame.select(quantile(nw.col("p")).alias("z")).to_native()["z"][0]
    assert seen == pytest.approx(NormalDist().inv_cdf(0.5 + level / 200), abs=5e-5)


@pytest.mark.parametrize(
    ("holds", "good", "bad"),
    [
        (
            is_valid_cas,
            ["10540-29-1", "7732-18-5", "129453-61-8", "50-00-0"],
            ["10540-29-2", "7732-81-5", "129453-16-8"],
        ),
        (is_valid_issn, ["0732-183X", "0028-4793", "2049-3630"], ["0732-1830", "0028-4739"]),
        (
            is_valid_orcid,
            ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"],
            ["0000-0002-1825-0079"],
        ),
    ],
    ids=["cas", "issn", "orcid"],
)
def test_check_digits(holds: object, good: list[str], bad: list[str]) -> None:
    frame = nw.from_native(pl.DataFrame({"x": [*good, *bad]}), eager_only=True)
    seen = frame.select(holds(nw.col("x")).alias("ok")).to_native()["ok"].to_list()  # type: ignore[operator]
    assert seen == [True] * len(good) + [False] * len(bad)


def test_a_p_value_is_checked_by_rounding_sides_and_sign() -> None:
    rule = next(r for r in RULES if r.code == "LDB106")
    z = math.log(0.63) / ((math.log(0.84) - math.log(0.47)) / (2 * NormalDist().inv_cdf(0.975)))
    two_sided = 2 * NormalDist().cdf(z)
    row = {"measure": "hazard_ratio", "estimate": "0.63", "ci_low": "0.47", "ci_high": "0.84", "ci_level": "95"}

    def wrong(**cells: str) -> int:
        return broken(rule, Example("effects", ({**row, **cells},)))

    assert wrong(p_operator="=", p_value=f"{two_sided:.4f}", p_sides="2") == 0
    assert wrong(p_operator="=", p_value=f"{two_sided / 2:.5f}", p_sides="1") == 0
    assert wrong(p_operator="=", p_value=f"{two_sided / 2:.5f}") == 0
    assert wrong(p_operator="<", p_value="0.01", p_sides="2") == 0
    assert wrong(p_operator=">", p_value="0.5", p_sides="2") == 1
    assert wrong(p_operator="<", p_value="0.00001", p_sides="2") == 1
    assert wrong(p_operator="=", p_value="0.02", p_sides="2") == 1


def test_a_checked_frame_counts_its_rows() -> None:
    frame = check_frame(pl.DataFrame({"a": ["1", "x"]}), TableSchema((Field("a", "integer"),)))
    assert frame[ROW].to_list() == [0, 1]
    assert frame["a"].to_list() == [1, None]
    assert frame["a" + TEXT].to_list() == ["1", "x"]


def test_a_claim_with_the_wrong_trial_is_found(datasets: Path) -> None:
    import luminaldb

    subjects = luminaldb.load("claim_subjects").join(luminaldb.load("claims"), on="claim_id")
    used = luminaldb.load("effects").select("citation_id", "trial_id").unique()
    row = (
        subjects.filter(pl.col("trial_id").is_not_null()).join(used, on=["citation_id", "trial_id"]).row(0, named=True)
    )
    ids = luminaldb.load("claim_subjects").select("claim_id", "position").rows()
    line = ids.index((row["claim_id"], row["position"]))
    other = "tandem" if row["trial_id"] != "tandem" else "pertain"
    set_cell(datasets / "claims/claim_subjects.csv", line, "trial_id", other)
    found = luminaldb.validate(datasets, warnings=True).findings
    assert ("LDB606", line + 2) in {(f.code, f.line) for f in found if f.table == "claim_subjects"}


def test_rules_on_unused_rows_and_ancestors_of_the_installed_tables(datasets: Path) -> None:
    import luminaldb

    classes = datasets / "therapies/therapy_classes.csv"
    ids = luminaldb.load("therapy_classes")["class_id"].to_list()
    set_cell(classes, ids.index("endocrine-therapy"), "parent_class_id", "oral-serd")
    rows = [r for r in read_rows(datasets / "trials/arm_therapies.csv") if r[0] != "tandem-anastrozole"]
    write_rows(datasets / "trials/arm_therapies.csv", rows)
    found = {(f.code, f.table, f.row_key) for f in luminaldb.validate(datasets).findings}
    assert ("LDB602", "therapy_classes", "oral-serd") in found
    assert ("LDB602", "therapy_classes", "endocrine-therapy") in found
    assert ("LDB603", "arms", "tandem-anastrozole") in found


def test_whatever_names_a_citation_uses_it() -> None:
    schema = installed.package_of("citations").resource("citations").schema
    (check,) = (c for c in rule_checks("citations", schema) if c.code == "LDB601")
    (count,) = check.lookups
    assert isinstance(count, ReferenceCount)
    naming = {
        (resource.name, key.columns[0])
        for package in installed.packages().values()
        for resource in package.descriptor.resources
        for key in resource.schema.all_references()
        if (key.reference.table or resource.name) == "citations"
    }
    assert naming == {*count.references, *count.optional_references}


def test_a_citation_is_used_by_tables_that_earlier_releases_lack() -> None:
    count = ReferenceCount("uses", "id", (("old", "id"),), (("new", "id"),))
    frame = pl.LazyFrame({"id::text": ["a", "b"]})
    tables = {"old": pl.LazyFrame({"id::text": ["a"]}), "new": pl.LazyFrame({"id::text": ["b", "b"]})}

    def uses(*names: str, **more: pl.LazyFrame) -> list[int] | None:
        others = {name: nw.from_native(tables[name]) for name in names}
        counted = count.add(nw.from_native(frame), others | {n: nw.from_native(f) for n, f in more.items()})
        found = nw.to_native(counted).collect().sort("id::text")
        return found["uses"].to_list() if "uses" in found.columns else None

    assert uses("old", "new") == [1, 2]
    assert uses("old") == [1, 0]
    assert uses("old", new=pl.LazyFrame()) is None
    assert uses("new") is None


def test_each_code_is_of_one_rule() -> None:
    codes = [rule.code for rule in (*RULES, *(r for r in STATISTICS_RULES if r not in RULES))]
    assert len(codes) == len(set(codes))


WRONG_ROWS: list[tuple[str, str, tuple[dict[str, object], ...]]] = [
    ("LDB113", "effects", ({"n_experimental": "99", "n_control": "101", "experimental_arm_id::n_assigned": 101,
                            "control_arm_id::n_assigned": 99},)),
    ("LDB122", "effects", ({"data_cutoff": "2026-05-05", "citation_id::year": 2017},)),
    ("LDB122", "second_reads", ({"read_on": "2001-01-01", "citation_id::year": 2017},)),
    ("LDB130", "effects", ({"measure": "hazard_ratio", "estimate": "0"},)),
    ("LDB130", "effects", ({"measure": "hazard_ratio", "estimate": "44"},)),
    ("LDB130", "effects", ({"p_operator": "=", "p_value": "0.000"},)),
    ("LDB131", "arm_therapies", ({"dose": "340"},)),
    ("LDB131", "arm_therapies", ({"dose": "75 g/m2"},)),
    ("LDB304", "claims", ({"claim_id": "a", "statement": "A."}, {"claim_id": "b", "statement": "A."})),
    ("LDB304", "populations", ({"trial_id": "t", "name": "All"}, {"trial_id": "t", "name": "All"})),
    ("LDB304", "approvals", ({"therapy_id": "t", "agency": "FDA"}, {"therapy_id": "t", "agency": "FDA"})),
    ("LDB413", "citations", ({"pmid": "3050576", "year": "2018"},)),
    ("LDB414", "citations", ({"authors": "Richard S. Finn; Miguel Martin"},)),
    ("LDB414", "citations", ({"authors": "Becker MA, Ibrahim YH"},)),
    ("LDB505", "effects", ({"note": "abst\U000e0041ract"},)),
    ("LDB505", "effects", ({"note": "abst\u3164ract"},)),
    ("LDB507", "citations", ({"authors": "Andr&#x000e9; F"},)),
    ("LDB507", "citations", ({"title": "A <i>phase</i> 3 trial"},)),
    ("LDB507", "citations", ({"authors": "L??nning P"},)),
    ("LDB507", "citations", ({"authors": "Zh\u00d0\u00b0ng P"},)),
    ("LDB508", "effects", ({"locator": "table ?"},)),
    ("LDB508", "effects", ({"locator": "https://example.org/x"},)),
    ("LDB508", "effects", ({"note": "x"},)),
    ("LDB513", "claims", ({"statement": "Survival was longer"},)),
    ("LDB602", "citations", ({"citation_id": "a", "superseded_by": "a", "::circle": True},)),
    ("LDB624", "trials", ({"trial_id": "t", "design": "randomised", "::arms": 2, "::control_arm": "A",
                           "::experimental_arm": None},)),
    ("LDB626", "populations", ({"menopausal_status": "premenopausal",
                                "trial_id::menopausal_status::text": "postmenopausal"},)),
    ("LDB627", "effects", ({"source_level": "registry", "citation_id::citation_type::text": "article"},)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "table", "rows"), WRONG_ROWS, ids=lambda x: x if isinstance(x, str) else "")
def test_each_kind_of_wrong_row_is_found(code: str, table: str, rows: tuple[dict[str, object], ...]) -> None:
    rule = next(r for r in RULES if r.code == code)
    assert broken(rule, Example(table, rows)) >= 1


RIGHT_ROWS: list[tuple[str, str, dict[str, object]]] = [
    ("LDB113", "effects", {"n_experimental": "101", "n_control": "99", "experimental_arm_id::n_assigned": 101,
                           "control_arm_id::n_assigned": 99}),
    ("LDB122", "effects", {"data_cutoff": "2017-05-05", "citation_id::year": 2017}),
    ("LDB130", "effects", {"measure": "risk_difference", "estimate": "0"}),
    ("LDB130", "effects", {"p_operator": "<", "p_value": "0.0001"}),
    ("LDB130", "effects", {"measure": "odds_ratio", "estimate": "28"}),
    ("LDB131", "arm_therapies", {"dose": "1 g, then 500 mg"}),
    ("LDB131", "arm_therapies", {"dose": "1200 mg"}),
    ("LDB413", "citations", {"pmid": "3050576", "year": "1988"}),
    ("LDB414", "citations", {"authors": "CIViC, Washington University"}),
    ("LDB507", "citations", {"title": "P < 0.05 and CI > 1 & more?"}),
    ("LDB508", "effects", {"locator": "tab. 2; results"}),
    ("LDB513", "claims", {"statement": "Patients who had had surgery. That that is so is known."}),
    ("LDB624", "trials", {"trial_id": "t", "design": "randomised", "::arms": 1, "::control_arm": "A",
                          "::experimental_arm": None}),
    ("LDB626", "populations", {"her2_status": "low", "trial_id::her2_status::text": "negative"}),
    ("LDB626", "populations", {"her2_status": "negative", "trial_id::her2_status::text": "mixed"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "table", "row"), RIGHT_ROWS, ids=lambda x: x if isinstance(x, str) else "")
def test_rows_that_are_right_pass(code: str, table: str, row: dict[str, object]) -> None:
    rule = next(r for r in RULES if r.code == code)
    assert broken(rule, Example(table, (row,))) == 0
