"""Forest and funnel plots, and questions asked of one kind of analysis."""

from __future__ import annotations

import polars as pl
import pytest

import luminaldb
from luminaldb.analysis.forest_plot import forest_rows
from luminaldb.analysis.funnel_plot import funnel
from luminaldb.errors import LuminaldbError


def test_a_question_of_primary_analyses_finds_only_these() -> None:
    primary = luminaldb.comparisons("os", therapy_class="cdk4-6-inhibitor", analysis="primary")
    latest = luminaldb.comparisons("os", therapy_class="cdk4-6-inhibitor")
    assert set(primary.included["analysis"].cast(pl.String)) == {"primary"}
    assert len(set(latest.included["analysis"].cast(pl.String))) > 1
    with pytest.raises(LuminaldbError, match="no analysis 'last'"):
        luminaldb.comparisons("os", analysis="last")


def test_many_questions_may_share_the_results_asked() -> None:
    results = luminaldb.trial_results(include_superseded=True)
    once = luminaldb.comparisons("pfs", therapy_class="oral-serd", population="esr1m", results=results)
    assert once.included.equals(luminaldb.comparisons("pfs", therapy_class="oral-serd", population="esr1m").included)


def test_a_forest_plot_shows_a_diamond_per_model() -> None:
    rows = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic").included
    others = [luminaldb.meta_analysis(rows, "dl"), luminaldb.meta_analysis(rows, "fixed")]
    lines = forest_rows(luminaldb.meta_analysis(rows), others).filter(kind="pooled")
    assert lines["estimate"].to_list() == [luminaldb.meta_analysis(rows, m).estimate for m in ("reml", "dl", "fixed")]
    assert len(set(lines["label"])) == 3
    drawn = luminaldb.forest_plot(rows, also=["dl", "fixed"]).to_dict()
    assert "DerSimonian" in str(drawn["datasets"])


def test_a_funnel_needs_ten_studies() -> None:
    rows = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic").included
    drawn = funnel(luminaldb.meta_analysis(rows)).to_dict()
    sizes = sorted(len(data) for data in drawn["datasets"].values())
    assert sizes == [1, 3, rows.height]
    with pytest.raises(LuminaldbError, match="needs 10"):
        funnel(luminaldb.meta_analysis(rows.head(9)))


def test_a_comparison_that_was_not_randomised_is_left_out_and_says_so() -> None:
    effects = luminaldb.load("effects").filter(pl.col("randomised").eq(False))
    assert "detect-v-pfs-itt-exploratory-ribociclib" in effects["effect_id"]
    answers = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor")
    assert answers.included.filter(pl.col("result_id").is_in(effects["effect_id"].implode())).is_empty()
    said = dict(answers.excluded.select("result_id", "reason").iter_rows())
    assert said["detect-v-pfs-itt-exploratory-ribociclib"] == "its arms were not randomised against one another"


def test_a_row_that_says_that_it_is_not_randomised_is_marked_so() -> None:
    results = luminaldb.trial_results(include_superseded=True).filter(pl.col("result_type") == "effect")
    words = pl.concat_str("arm", "control_arm", "note", separator=" ", ignore_nulls=True).str.to_lowercase()
    told = results.filter(words.str.contains("not randomised|not a randomised"))
    unmarked = told.filter(pl.col("randomised").fill_null(value=True))["result_id"].to_list()
    assert not told.is_empty()
    assert not unmarked, f"{unmarked}: note or arms say that it was not randomised: set randomised to false"


@pytest.mark.parametrize(
    ("therapy_class", "result", "reason"),
    [
        ("cdk4-6-inhibitor", "leonarda-1-pfs-itt-primary-inv", "events assessed by another assessor (investigator, not "
         "independent central) than in leonarda-1-pfs-itt-primary-bicr"),
        ("cdk4-6-inhibitor", "flipper-pfs-itt-exploratory",
         "an adjusted ratio (adjusted) of patients that flipper-pfs-itt-primary counts as randomised"),
        ("cdk4-6-inhibitor", "paloma-3-pfs-itt-interim",
         "a later analysis of the trial, paloma-3-pfs-itt-updated, counts the same patients"),
        ("cdk4-6-inhibitor", "pace-pfs-itt-primary-avelumab",
         "its arms differ in more than the therapies asked for"),
    ],
)  # fmt: skip
def test_what_is_left_out_says_the_true_reason(therapy_class: str, result: str, reason: str) -> None:
    left = luminaldb.comparisons("pfs", therapy_class=therapy_class).excluded
    said = left.filter(result_id=result)["reason"].to_list()
    assert said == [reason]
