"""Questions about counted results, and standard errors that are derived."""

from __future__ import annotations

import math

import polars as pl
import pytest

import luminaldb
from luminaldb.analysis.count_data import COUNT_COLUMNS, with_effect_sizes
from luminaldb.analysis.derived_errors import derive_standard_errors

RESULTS = luminaldb.trial_results(include_superseded=True)
EFFECTS = RESULTS.filter(pl.col("result_type") == "effect")


def test_studies_without_an_event_are_named_and_not_counted_in_q() -> None:
    counts = {"events_experimental": [0, 3, 0], "n_experimental": [50, 60, 40], "events_control": [2, 0, 0],
              "n_control": [52, 58, 41]}  # fmt: skip
    pooled = luminaldb.meta_analysis(pl.DataFrame({"measure": ["risk_ratio"] * 3, **counts}), "mh")
    assert (pooled.k, pooled.q_df) == (3, 1)
    assert "Q(1) = " in str(pooled)
    assert pooled.warnings == (
        "not counted in Q: 1 of 3 studies, in which no patient of either arm has the event, or every patient",
    )


def test_responses_are_counted_in_evaluable_patients_where_no_more_are() -> None:
    asked = {"therapy_class": "her2-targeted", "control_class": "her2-targeted", "setting": "neoadjuvant"}
    usual = luminaldb.comparisons("pcr", **asked, results=RESULTS)
    assert "evaluable" in set(usual.included["population_analysis_set"])
    assert usual.included["trial_id"].is_unique().all()
    assert usual.question is not None
    assert "intention to treat or evaluable patients" in usual.question.title
    assert set(luminaldb.comparisons("pcr", population="itt", **asked, results=RESULTS).included["trial_id"]) < set(
        usual.included["trial_id"]
    )


def test_responses_come_from_counts_else_from_percentages_and_say_so() -> None:
    selection = luminaldb.comparisons("orr", therapy_class="cdk4-6-inhibitor", measure="odds_ratio")
    assert selection.included.height > 2
    for row in selection.included.iter_rows(named=True):
        a, n1, c, n2 = (row[column] for column in COUNT_COLUMNS)
        assert row["estimate"] == pytest.approx(a * (n2 - c) / ((n1 - a) * c))
        assert row["derived_from"] is not None
    only = luminaldb.comparisons("orr", therapy_class="cdk4-6-inhibitor", derive=["counts"]).included
    assert set(only["derived_from"]) <= {"events and n"}
    for model in ("mh", "peto", "reml"):
        assert 1 < luminaldb.meta_analysis(selection, model).estimate < 4  # type: ignore[arg-type]
    with pytest.raises(luminaldb.LuminaldbError, match="Peto's method gives odds ratios"):
        luminaldb.meta_analysis(luminaldb.comparisons("orr", therapy_class="cdk4-6-inhibitor"), "peto")
    with pytest.raises(luminaldb.LuminaldbError, match="can't be pooled from counts"):
        luminaldb.meta_analysis(luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor"), "mh")


def test_one_half_is_added_only_to_a_study_with_an_empty_cell() -> None:
    rows = pl.DataFrame([(0, 10, 5, 10), (2, 10, 5, 10)], schema=COUNT_COLUMNS, orient="row")
    ratios = with_effect_sizes(rows, "odds_ratio")["estimate"].to_list()
    assert ratios == pytest.approx([(0.5 * 5.5) / (10.5 * 5.5), (2 * 5) / (8 * 5)])
    assert with_effect_sizes(rows, "risk_difference")["estimate"][1] == pytest.approx(-30)


def test_adverse_events_stand_side_by_side_and_can_be_pooled() -> None:
    table = luminaldb.adverse_events("diarrhea", grade="3_plus", therapy="abemaciclib")
    row = table.filter(pl.col("acronym") == "monarchE", pl.col("events_control").is_not_null()).row(0, named=True)
    assert row["percent_experimental"] > row["percent_control"]
    assert {"term_id", "grade", "attribution", "source", "citation_id", "source_level"} <= set(table.columns)
    assert set(table["grade"]) == {"3_plus"}
    selection = luminaldb.comparisons(
        adverse_event="diarrhoea", grade="3_plus", therapy_class="cdk4-6-inhibitor", mixed=True
    )
    assert "monarche" in set(selection.included["trial_id"])
    assert set(selection.included["endpoint_id"]) == {"diarrhea"}
    with pytest.raises(luminaldb.LuminaldbError, match="name a therapy or a therapy_class"):
        luminaldb.adverse_events("diarrhea")
    with pytest.raises(luminaldb.LuminaldbError, match="did you mean 'diarrhea'"):
        luminaldb.comparisons(adverse_event="diarhea", therapy_class="cdk4-6-inhibitor")
    with pytest.raises(luminaldb.LuminaldbError, match="name an endpoint or an adverse_event"):
        luminaldb.comparisons(therapy_class="cdk4-6-inhibitor")


def test_standard_errors_are_derived_from_p_values_and_events_only_where_asked_for() -> None:
    """Tierney 2007: |ln HR| / z, and the square root of 1 / e1 + 1 / e2."""
    row = EFFECTS.head(1).with_columns(
        pl.lit("hazard_ratio").alias("measure"), estimate=pl.lit(0.5), log_estimate=pl.lit(math.log(0.5)),
        standard_error=None, standard_error_from=None, ci_low=pl.lit(None, pl.Float64), ci_high=pl.lit(None, pl.Float64),
        p_operator=pl.lit("="), p_value=pl.lit(0.05), p_sides=pl.lit(None, pl.String), events_experimental=pl.lit(40),
        events_control=pl.lit(60),
    )  # fmt: skip
    from_p = derive_standard_errors(row, ("p_value", "events")).row(0, named=True)
    assert from_p["standard_error"] == pytest.approx(math.log(2) / 1.959963984540054)
    assert from_p["standard_error_from"] == "p_value"
    assert from_p["ci_high"] == pytest.approx(1.0)
    from_events = derive_standard_errors(row, ("events",)).row(0, named=True)
    assert from_events["standard_error"] == pytest.approx(math.sqrt(1 / 40 + 1 / 60))
    assert derive_standard_errors(row, ())["standard_error"][0] is None
    below = row.with_columns(p_operator=pl.lit("<"))
    assert derive_standard_errors(below, ("p_value",))["standard_error"][0] is None
    asked = {"endpoint": "os", "therapy_class": "her2-targeted", "mixed": True}
    more = luminaldb.comparisons(**asked, derive="all").included
    assert more.height > luminaldb.comparisons(**asked).included.height
    derived = more.filter(pl.col("standard_error_from").cast(pl.String).is_in(["p_value", "events"]))
    assert derived["derived_from"].str.contains("standard error from").all()


def test_that_a_source_prints_no_interval_is_only_stated_where_it_is_known() -> None:
    left = luminaldb.comparisons("os", therapy_class="her2-targeted", mixed=True).excluded
    without = left.filter(criterion="no interval").join(
        EFFECTS.select("result_id", "note", "citation_id"), on="result_id"
    )
    copied = set(luminaldb.load("printed_numbers")["row_key"])
    for row in without.iter_rows(named=True):
        if row["reason"].startswith("the source prints no interval"):
            assert "interval" in (row["note"] or "").lower() or row["result_id"] in copied
        else:
            assert row["reason"].startswith("no "), row
