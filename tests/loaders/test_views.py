"""Views, names and search: what a user asks for first."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist

import polars as pl
import pytest

import luminaldb
from luminaldb.loaders import names
from luminaldb.loaders.latest_results import latest_results
from luminaldb.loaders.standard_errors import with_standard_error
from luminaldb.loaders.views import name_sources


def test_trial_results_has_one_row_per_result() -> None:
    shown = luminaldb.trial_results(include_superseded=True)
    rows = luminaldb.load("effects").height + luminaldb.load("outcomes").height
    assert shown.height == rows
    assert shown["result_id"].is_sorted()
    assert not shown.select("result_type", "result_id").is_duplicated().any()


def test_the_default_view_leaves_out_what_was_replaced_and_an_argument_brings_it_back() -> None:
    default, whole = luminaldb.trial_results(), luminaldb.trial_results(include_superseded=True)
    gone = whole.join(default, on=["result_type", "result_id"], how="anti")
    assert not gone.is_empty()
    status = gone["publication_status"].cast(pl.String)
    assert (gone["superseded_by"].is_not_null() | status.str.starts_with("retracted")).all()


def test_a_ratio_is_ready_for_a_meta_analysis() -> None:
    row = luminaldb.trial_results().filter(pl.col("result_id") == "tandem-pfs-itt-primary").row(0, named=True)
    z = NormalDist().inv_cdf(0.975)
    assert row["log_estimate"] == pytest.approx(math.log(0.63))
    assert row["standard_error"] == pytest.approx((math.log(0.84) - math.log(0.47)) / (2 * z))
    assert row["arm_therapies"] == "anastrozole; trastuzumab"
    assert row["control_arm_therapies"] == "anastrozole"
    assert row["source"] == "Kaufman 2009"
    assert row["pmid"] == "19786670"


@pytest.mark.parametrize("level", [90.0, 95.0, 97.5, 99.0])
def test_the_standard_error_uses_the_intervals_own_level(level: float) -> None:
    z = NormalDist().inv_cdf(0.5 + level / 200)
    se = 0.123
    frame = pl.DataFrame(
        {
            "measure": ["hazard_ratio", "risk_difference"],
            "estimate": [0.8, 5.0],
            "ci_low": [0.8 * math.exp(-z * se), 5.0 - z * se],
            "ci_high": [0.8 * math.exp(z * se), 5.0 + z * se],
            "ci_level": [level, level],
        }
    )
    out = with_standard_error(frame)
    assert out["standard_error"].to_list() == pytest.approx([se, se])
    assert out["log_estimate"].to_list() == [pytest.approx(math.log(0.8)), None]


def test_a_limit_of_zero_gives_no_standard_error() -> None:
    frame = pl.DataFrame(
        {"measure": ["odds_ratio"], "estimate": [0.5], "ci_low": [0.0], "ci_high": [1.0], "ci_level": [95.0]}
    )
    assert with_standard_error(frame)["standard_error"].to_list() == [None]


def _result(name: str, **columns: object) -> dict[str, object]:
    return {
        "result_type": "effect", "result_id": name, "trial_id": "t", "population_id": "p",
        "population_analysis_set": "itt", "endpoint_id": "os",
        "measure": "hazard_ratio", "at_months": None, "arm_id": "a", "control_arm_id": "b", "period": None,
        "adjustment": None, "assessor": None, "derived_from": None, "is_primary_endpoint": False, "data_cutoff": None,
        "median_follow_up_months": None, "source_year": None, "source_level": "abstract", "analysis": "primary",
        "superseded_by": None,
        **columns,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([_result("a", source_year=2010), _result("b", source_year=2020)], {"b"}),
        ([_result("a", source_year=2010, population_id="first"), _result("b", source_year=2020)], {"b"}),
        ([_result("a", source_year=2010, population_id="q", population_analysis_set="subgroup"),
          _result("b", source_year=2020)], {"a", "b"}),
        ([_result("a", source_year=2020, median_follow_up_months=40.0),
          _result("b", source_year=2010, median_follow_up_months=60.0)], {"b"}),
        ([_result("a", data_cutoff=date(2020, 1, 1), median_follow_up_months=50.0),
          _result("b", data_cutoff=date(2021, 1, 1), median_follow_up_months=40.0)], {"b"}),
        ([_result("a", analysis="updated", source_year=2010), _result("b", source_year=2011)], {"b"}),
        ([_result("a", analysis="final", source_year=2010),
          _result("b", analysis="interim", source_year=2011)], {"a"}),
        ([_result("a", analysis="updated", source_level="secondary", source_year=2010),
          _result("b", source_level="secondary", source_year=2011)], {"a"}),
        ([_result("a", analysis="final", data_cutoff=date(2010, 1, 1)),
          _result("b", analysis="interim", data_cutoff=date(2011, 1, 1))], {"b"}),
        ([_result("a", analysis="final", adjustment="adjusted", is_primary_endpoint=True),
          _result("b", analysis="interim")], {"a"}),
        ([_result("a", analysis="final", adjustment="adjusted"), _result("b", analysis="interim")], {"b"}),
        ([_result("a", adjustment="adjusted", source_year=2025), _result("b", source_year=2020)], {"b"}),
        ([_result("a", analysis="final", adjustment="adjusted"),
          _result("b", analysis="final", adjustment="unadjusted")], {"b"}),
        ([_result("a", data_cutoff=date(2009, 1, 1)), _result("b", source_year=2020),
          _result("c", source_year=2010, data_cutoff=date(2008, 1, 1))], {"b"}),
        ([_result("a", source_level="label", source_year=2026), _result("b", source_year=2020)], {"b"}),
        ([_result("a", period="years 5-9", source_year=2025), _result("b", source_year=2020)], {"b"}),
        ([_result("a", period="years 0-4"), _result("b", period="years 5-9")], {"a", "b"}),
        ([_result("a", adjustment="rpsft", source_year=2025), _result("b", source_year=2020)], {"b"}),
        ([_result("a", adjustment="stratified"), _result("b", adjustment="unadjusted")], {"a"}),
        ([_result("a", assessor="investigator", source_year=2025),
          _result("b", assessor="independent_central", is_primary_endpoint=True, source_year=2020)], {"b"}),
        ([_result("a", derived_from="digitised_curve", source_year=2025), _result("b", source_year=2020)], {"b"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_result_is_latest_by_time_and_by_its_label_only_where_times_are_missing(
    rows: list[dict[str, object]], kept: set[str], turned: bool
) -> None:
    frame = pl.DataFrame(rows[::-1] if turned else rows, infer_schema_length=None)
    assert set(latest_results(frame)["result_id"]) == kept


def test_the_latest_analysis_doesnt_count_twice() -> None:
    latest = luminaldb.trial_results(analysis="latest")
    key = ["trial_id", "population_id", "endpoint_id", "measure", "at_months", "arm_id", "control_arm_id"]
    key += ["period", "adjustment", "assessor", "derived_from"]
    assert not latest.select(key).is_duplicated().any()
    pertain = latest.filter(
        pl.col("trial_id") == "pertain", pl.col("endpoint_id") == "pfs", pl.col("result_type") == "effect"
    )
    itt = pertain.filter(pl.col("population_id") == "pertain-itt")
    assert itt.select("analysis", "estimate").rows() == [("final", 0.67)]
    with pytest.raises(ValueError, match="neither"):
        luminaldb.trial_results(analysis="newest")  # type: ignore[call-overload]


@pytest.mark.parametrize("name", ["fulvestrant", "Faslodex", "FASLODEX", "ICI 182,780", "ICI-182780", "CHEMBL1358"])
def test_a_therapy_is_found_by_any_of_its_names(name: str) -> None:
    assert names.therapy_id(name, luminaldb.Database.installed()) == "fulvestrant"


def test_evidence_for_touches_every_kind_of_row() -> None:
    found = luminaldb.evidence_for("Faslodex")
    kinds = set(found["table"].unique())
    assert {"therapies", "therapy_names", "therapy_identifiers", "therapy_targets", "mechanism_evidence"} <= kinds
    assert {"trials", "effects", "outcomes", "claims"} <= kinds
    assert set(found["relation"].unique()) <= {"therapy", "class", "arm"}
    for table, key in found.select("table", "row_key").iter_rows():
        assert key, f"{table} without a key"
    assert not found.select("table", "row_key").is_duplicated().any()


def test_an_unknown_therapy_names_near_ones() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="fulvestrant"):
        luminaldb.evidence_for("fulvestrent")


@pytest.mark.parametrize(
    ("text", "table", "key"),
    [
        ("T-DM1", "therapies", "trastuzumab-emtansine"),
        ("kadcyla", "therapies", "trastuzumab-emtansine"),
        ("NCT01491737", "trials", "pertain"),
        ("https://doi.org/10.1200/JCO.2008.20.6847", "citations", "kaufman-2009-tandem"),
        ("PMID: 19786670", "citations", "kaufman-2009-tandem"),
        ("PMID 19786670", "citations", "kaufman-2009-tandem"),
        ("https://pubmed.ncbi.nlm.nih.gov/19786670/", "citations", "kaufman-2009-tandem"),
        ("https://clinicaltrials.gov/study/NCT01491737", "trials", "pertain"),
        ("erbb2", "genes", "hgnc:3430"),
        ("PFS", "endpoints", "pfs"),
        ("ESR1 mutation", "mechanisms", "esr1-mutation"),
    ],
)
def test_search_finds_by_any_name(text: str, table: str, key: str) -> None:
    first = luminaldb.search(text).row(0, named=True)
    assert (first["table"], first["row_key"], first["match"]) == (table, key, "exact")


def test_a_source_is_named_with_its_year_once() -> None:
    names = name_sources(luminaldb.load("citations")).drop_nulls("source_year")
    twice = [
        n for n, y in names.select("source", "source_year").iter_rows() if n.count(str(y)) > 1 and n.endswith(f" {y}")
    ]
    assert twice == []
    assert names.filter(citation_id="rimawi-2018-pertain")["source"].item() == "Rimawi 2018"


def test_search_finds_nothing_quietly() -> None:
    assert luminaldb.search("zzzz-qqqq").is_empty()
    assert luminaldb.search("  ").is_empty()
    assert luminaldb.search("(").height >= 0
