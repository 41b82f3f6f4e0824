"""Arms of trials in questions: combined, split, chosen or turned round."""

from __future__ import annotations

import math

import polars as pl
import pytest

import luminaldb
from luminaldb.analysis.multi_arm_trials import resolve_trials

RESULTS = luminaldb.trial_results(include_superseded=True)
EFFECTS = RESULTS.filter(pl.col("result_type") == "effect")


def test_comparisons_of_durations_name_the_arms_of_each_trial() -> None:
    """HERA asks of longer, PHARE of shorter treatment: their ratios point in opposite directions."""
    asked = {"therapy": "trastuzumab", "control": "trastuzumab", "setting": "adjuvant"}
    notes = luminaldb.comparisons("dfs", **asked).notes
    note = next(one for one in notes if one.startswith("arms differ in dose, schedule or duration"))
    assert "HERA: " in note
    assert "PHARE: " in note


def test_a_joint_analysis_of_which_one_trial_is_known_is_kept_in_its_place() -> None:
    selection = luminaldb.comparisons("dfs", therapy="trastuzumab", setting="adjuvant", add_on=True)
    trials = set(selection.included["trial_id"])
    assert "nsabp-b-31-ncctg-n9831" in trials
    assert "ncctg-n9831" not in trials


def test_a_ratio_printed_the_other_way_round_is_turned_and_marked() -> None:
    printed = EFFECTS.filter(result_id="egf30008-cbr-her2-positive-primary").row(0, named=True)
    asked = {"therapy": "lapatinib", "population": "primary", "measure": "odds_ratio", "derive": ["inverted"]}
    one = luminaldb.comparisons("cbr", **asked).included.filter(trial_id="egf30008").row(0, named=True)
    assert one["estimate"] == pytest.approx(1 / printed["estimate"])
    assert one["ci_low"] == pytest.approx(1 / printed["ci_high"])
    assert one["log_estimate"] == pytest.approx(-printed["log_estimate"])
    assert one["arm_id"] == printed["control_arm_id"]
    assert one["derived_from"] == "inverted"
    asked["derive"] = ()
    left = luminaldb.comparisons("cbr", **asked).excluded.filter(result_id=printed["result_id"])
    assert "derive='inverted' turns it round" in left["reason"][0]


def test_the_arms_of_a_trial_are_combined_split_or_chosen_but_not_taken_by_precision() -> None:
    asked = {"endpoint": "pfs", "therapy_class": "oral-serd", "population": "esr1m"}
    printed = EFFECTS.filter(pl.col("result_id").str.starts_with("serena-2-pfs-esr1m-primary"))
    one = luminaldb.comparisons(**asked).included.filter(trial_id="serena-2").row(0, named=True)
    assert one["derived_from"] == "arms combined"
    assert printed["estimate"].min() < one["estimate"] < printed["estimate"].max()
    assert one["standard_error"] < printed["standard_error"].min()
    assert one["standard_error"] > math.sqrt(1 / (printed["standard_error"] ** -2).sum())
    split = luminaldb.comparisons(**asked, arms="split")
    parts = split.included.filter(trial_id="serena-2")
    assert parts.height == printed.height
    assert (parts["standard_error"] > printed["standard_error"].min()).all()
    assert luminaldb.meta_analysis(split).k == split.included.height
    assert luminaldb.meta_analysis(split.included).k == split.included.height
    chosen = luminaldb.comparisons(**asked, arms="serena-2-camizestrant-75").included.filter(trial_id="serena-2")
    assert chosen["arm_id"].to_list() == ["serena-2-camizestrant-75"]
    assert chosen["derived_from"].to_list() == [None]
    each = luminaldb.comparisons(**asked, arms="each").included
    with pytest.raises(luminaldb.LuminaldbError, match="one trial's patients would count twice"):
        luminaldb.meta_analysis(each)


def test_combined_arms_weigh_what_their_shared_arm_allows() -> None:
    """Two arms of 50 events each against one of 100: as one arm of 100 events against 100."""
    rows = EFFECTS.filter(pl.col("result_id").str.starts_with("serena-2-pfs-esr1m-primary")).head(2)
    error = math.sqrt(1 / 50 + 1 / 100)
    rows = rows.with_columns(
        standard_error=pl.lit(error), log_estimate=pl.lit(-0.5), events_experimental=pl.lit(50), comparison=pl.lit("x"),
        events_control=pl.lit(100),
    )  # fmt: skip
    one, _, _ = resolve_trials(rows, "combine")
    assert one["standard_error"][0] == pytest.approx(math.sqrt(1 / 100 + 1 / 100))
    assert one["log_estimate"][0] == pytest.approx(-0.5)
    assert one["events_experimental"][0] == 100
