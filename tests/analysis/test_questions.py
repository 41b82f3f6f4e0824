"""What is asked of the trials: questions, the flow of exclusions, counts, multi-arm trials and derived numbers."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import luminaldb
from luminaldb.analysis.count_data import COUNT_COLUMNS, with_effect_sizes
from luminaldb.analysis.derived_errors import derive_standard_errors
from luminaldb.analysis.multi_arm_trials import resolve_trials
from luminaldb.cli.main import app

PUBLISHED = Path(__file__).parents[2] / "benchmarks/published_results.py"
RESULTS = luminaldb.trial_results(include_superseded=True)
EFFECTS = RESULTS.filter(pl.col("result_type") == "effect")
ASKED = [
    {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor", "line": "first"},
    {"endpoint": "os", "therapy_class": "cdk4-6-inhibitor", "setting": "metastatic"},
    {"endpoint": "pfs", "therapy_class": "oral-serd", "biomarker": "ESR1"},
    {"endpoint": "dfs", "therapy_class": "aromatase-inhibitor", "control": "tamoxifen"},
    {"endpoint": "pfs", "therapy": "trastuzumab-deruxtecan", "mixed": True},
    {"endpoint": ["idfs", "dfs"], "therapy": "trastuzumab", "control": "trastuzumab"},
]


def trials_that_test(therapies: set[str]) -> set[str]:
    """Trials with an arm that has one of the therapies and an arm that has none."""
    arms = luminaldb.load("arms").select("arm_id", "trial_id")
    own = luminaldb.load("arm_therapies").filter(pl.col("therapy_id").is_in(sorted(therapies)))["arm_id"]
    has = arms.with_columns(has=pl.col("arm_id").is_in(own.implode()))
    both = has.group_by("trial_id").agg(pl.col("has").any().alias("some"), pl.col("has").all().alias("every"))
    return set(both.filter(pl.col("some") & ~pl.col("every"))["trial_id"])


@pytest.mark.parametrize("asked", ASKED[:3] + ASKED[4:5], ids=str)
def test_every_result_of_the_trials_that_test_the_therapy_is_accounted_for(asked: dict[str, object]) -> None:
    selection = luminaldb.comparisons(**asked)  # type: ignore[arg-type]
    therapies = {
        therapy
        for therapy, classes in luminaldb.Database.installed().classes_of_therapies.items()
        if asked.get("therapy_class") in classes or therapy == asked.get("therapy")
    }
    every = EFFECTS.filter(pl.col("trial_id").is_in(sorted(trials_that_test(therapies))))
    accounted = {r for joined in selection.included["result_id"] for r in joined.split("+")}
    assert set(every["result_id"]) == accounted | set(selection.excluded["result_id"])
    assert not accounted & set(selection.excluded["result_id"])


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_the_flow_adds_up_step_by_step(asked: dict[str, object]) -> None:
    selection = luminaldb.comparisons(**asked)  # type: ignore[arg-type]
    assert selection.flow is not None
    steps = selection.flow.to_dicts()
    for before, after in itertools.pairwise(steps):
        assert before["results_left"] - after["results"] == after["results_left"]
    assert dict(selection.counts()) == dict(selection.excluded.group_by("criterion").len().iter_rows())
    assert sum(step["results"] for step in steps) == selection.excluded.height
    assert selection.excluded["reason"].null_count() == 0


def test_trials_of_all_and_of_hormone_receptor_positive_patients_meet_by_their_primary_population() -> None:
    asked = {"endpoint": ["pfs", "ttp"], "therapy_class": "her2-targeted", "control_class": "endocrine-therapy"}
    both = luminaldb.comparisons(**asked, population=["itt", "primary"], her2_status="positive")
    assert {"tandem", "egf30008"} <= set(both.included["trial_id"])
    assert "egf30008" not in set(luminaldb.comparisons(**asked, her2_status="positive").included["trial_id"])


def test_a_therapy_by_any_name_and_its_comparator() -> None:
    chemotherapy = luminaldb.comparisons("pfs", therapy="Enhertu", control_class="chemotherapy").included
    assert set(chemotherapy["trial_id"]) == {"destiny-breast04", "destiny-breast06"}
    every = luminaldb.comparisons("pfs", therapy="T-DXd", mixed=True).included
    assert {"destiny-breast02", "destiny-breast03"} <= set(every["trial_id"])


def test_a_class_without_therapies_is_refused() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="no therapy in the tables is of class 'local-therapy'"):
        luminaldb.comparisons("dfs", therapy_class="local-therapy", results=RESULTS)


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


def test_a_class_by_its_name_too() -> None:
    by_id = luminaldb.comparisons("pfs", therapy_class="oral-serd", control_class="serm")
    named = luminaldb.comparisons(
        "pfs", therapy_class="Oral SERD", control_class="selective-estrogen-receptor-modulator"
    )
    assert named.question == by_id.question
    for wrong, nearest in {"oral-serds": "oral-serd", "cdk4/6": "cdk4-6-inhibitor"}.items():
        with pytest.raises(luminaldb.LuminaldbError, match=f"did you mean '{nearest}'"):
            luminaldb.comparisons("pfs", therapy_class=wrong)


def test_only_the_trials_asked_for() -> None:
    asked = {"therapy": "trastuzumab", "control": "trastuzumab", "setting": "adjuvant", "results": RESULTS}
    selection = luminaldb.comparisons("dfs", trials=["PHARE", "short her", "paloma-2"], **asked)
    assert set(selection.included["acronym"]) == {"PHARE", "ShortHER"}
    others = selection.excluded.filter(criterion="trials")
    assert set(others["reason"]) == {"not among the trials asked for"}
    assert not {"PHARE", "ShortHER"} & set(others["acronym"])
    every = luminaldb.comparisons("dfs", **asked)
    assert selection.included.height + selection.excluded.height == every.included.height + every.excluded.height
    assert (
        selection.notes[0]
        == "asked for, but not included: PALOMA-2 (no result compares arms that differ in the therapy)"
    )
    assert selection.question is not None
    assert selection.question.title.endswith("; only PHARE, ShortHER, PALOMA-2")
    with pytest.raises(luminaldb.LuminaldbError, match="no trial 'PHARO'; did you mean 'phare'"):
        luminaldb.comparisons("dfs", trials="PHARO", **asked)


def test_premenopausal_women_are_also_those_of_trials_before_and_around_menopause() -> None:
    asked = {"therapy_class": "cdk4-6-inhibitor", "setting": "metastatic", "line": "first"}
    found = luminaldb.comparisons("pfs", menopausal_status="premenopausal", **asked).included
    assert "MONALEESA-7" in found["acronym"].to_list()
    after = luminaldb.comparisons("pfs", menopausal_status="postmenopausal", **asked).included
    assert "MONALEESA-7" not in after["acronym"].to_list()


def test_some_trials_of_a_selection() -> None:
    selection = luminaldb.comparisons("os", therapy_class="cdk4-6-inhibitor", setting="metastatic", results=RESULTS)
    some = selection.only(["monaleesa 2", "PALOMA-3"])
    assert set(some.included["acronym"]) == {"MONALEESA-2", "PALOMA-3"}
    assert some.excluded.height == selection.excluded.height + selection.included.height - 2
    assert set(some.excluded.filter(criterion="trials")["reason"]) == {"not among the trials asked for"}
    assert some.flow is not None
    assert some.flow["results_left"].to_list()[-1] == 2
    counted = [note for note in some.notes if " differs: " in note]
    assert all("(1), " in note for note in counted), "the notes count the trials that are left"
    pooled = luminaldb.meta_analysis(selection, "fixed", trials=["MONALEESA-2", "PALOMA-3"])
    assert pooled.question.endswith("; only MONALEESA-2, PALOMA-3")
    frame = luminaldb.meta_analysis(selection.included, "fixed", trials=["MONALEESA-2", "PALOMA-3"])
    assert frame.estimate == pooled.estimate == luminaldb.meta_analysis(some, "fixed").estimate
    assert [name for name, _ in some.only("PALOMA-3").counts()].count("trials") == 1
    with pytest.raises(luminaldb.LuminaldbError, match="no result to pool is of trial 'HERA'; there are "):
        luminaldb.meta_analysis(selection, trials="HERA")
    with pytest.raises(luminaldb.LuminaldbError, match="no column trial_id or acronym"):
        luminaldb.meta_analysis(selection.included.drop("trial_id", "acronym"), trials="HERA")


def test_further_analyses_on_the_command_line() -> None:
    asked = ["meta-analysis", "--endpoint", "pfs", "--therapy-class", "cdk4-6-inhibitor", "--line", "first"]
    options = ["--leave-one-out", "--cumulative", "--small-studies", "--regression", "source_year"]
    options += ["--regression", "median_follow_up_months", "--subgroups", "trial_her2_status"]
    done = CliRunner().invoke(app, [*asked, *options])
    assert done.exit_code == 0, done.output
    headings = ["by HER2 status", "meta-regression on source year and median follow up months, k = ",
                "left out, since a value is missing: ", "for 2 moderators a relation may be chance (Cochrane Handbook)",
                "pooled again without one study", "pooled study by study, by year", "Egger's test: intercept"]  # fmt: skip
    positions = [done.output.index(heading) for heading in headings]
    assert positions == sorted(positions)
    record = json.loads(CliRunner().invoke(app, [*asked, *options, "--json"]).output)
    assert len(record["leave_one_out"]) == record["k"] == record["small_studies"]["k"]
    assert record["cumulative"][-1]["estimate"] == pytest.approx(record["estimate"])
    assert record["regression"]["coefficients"][0]["term"] == "intercept"
    assert record["regression"]["left_out"]
    assert {one["subgroup"] for one in record["subgroups"]["subgroups"]} >= {"negative", "positive"}
    two = [*asked[:1], "--endpoint", "dfs", "--therapy", "trastuzumab", "--control", "trastuzumab",
           "--trial", "PHARE", "--trial", "SOLD", "--leave-one-out", "--cumulative"]  # fmt: skip
    refused = CliRunner().invoke(app, two)
    assert refused.exit_code == 1
    assert "only PHARE, SOLD" in refused.output
    assert "pooled study by study, by year" in refused.output
    assert '"cumulative": [' in CliRunner().invoke(app, [*two, "--json"]).output
    assert "leaving one out needs three studies; there are 2" in str(refused.exception)
    wrong = CliRunner().invoke(app, [*asked, "--regression", "line"])
    assert "no column 'line'; did you mean 'trial_line'?" in str(wrong.exception)
    assert not wrong.output


def test_studies_without_an_event_are_named_and_not_counted_in_q() -> None:
    counts = {"events_experimental": [0, 3, 0], "n_experimental": [50, 60, 40], "events_control": [2, 0, 0],
              "n_control": [52, 58, 41]}  # fmt: skip
    pooled = luminaldb.meta_analysis(pl.DataFrame({"measure": ["risk_ratio"] * 3, **counts}), "mh")
    assert (pooled.k, pooled.q_df) == (3, 1)
    assert "Q(1) = " in str(pooled)
    assert pooled.warnings == (
        "not counted in Q: 1 of 3 studies, in which no patient of either arm has the event, or every patient",
    )


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


def test_a_family_of_endpoints_and_the_order_of_preference() -> None:
    asked = {"therapy_class": "her2-targeted", "control_class": "her2-targeted", "add_on": True}
    asked |= {"setting": "neoadjuvant", "population": ["itt", "evaluable"]}
    pcr = luminaldb.comparisons("pcr", **asked)
    assert pcr.included.height > luminaldb.comparisons("pcr_breast_nodes", **asked).included.height
    assert set(pcr.included["measure"]) == {"risk_ratio"}
    assert pcr.included["trial_id"].is_unique().all()
    neosphere = pcr.included.filter(trial_id="neosphere")
    assert neosphere["endpoint_id"].to_list() == ["pcr_breast_nodes"]


def test_results_before_and_after_a_year_and_by_phase_masking_and_source() -> None:
    asked = {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor"}
    early = luminaldb.comparisons(**asked, years=(None, 2020)).included
    assert early["source_year"].max() <= 2020
    blind = luminaldb.comparisons(**asked, masking="double_blind", phase="3").included
    masked = luminaldb.load("trials").filter(pl.col("masking") == "double_blind")["trial_id"]
    assert set(blind["trial_id"]) <= set(masked)
    assert blind["trial_phase"].cast(pl.String).unique().to_list() == ["3"]
    papers = luminaldb.comparisons(**asked, source_level=["full_text", "abstract"]).included
    assert set(papers["source_level"].cast(pl.String)) <= {"full_text", "abstract"}
    without = luminaldb.comparisons("pfs", therapy_class="her2-targeted", chemotherapy=False, mixed=True).included
    classes = luminaldb.Database.installed().classes_of_therapies
    given = {t for text in without["arm_therapies"].drop_nulls() for t in text.split("; ")}
    assert not any("chemotherapy" in classes[therapy] for therapy in given)
    with pytest.raises(luminaldb.LuminaldbError, match="no pair of a first and a last year"):
        luminaldb.comparisons("pfs", years=2020)  # type: ignore[arg-type]


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


def test_the_preferred_assessor_is_the_readers_choice() -> None:
    asked = {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor"}
    for assessor in ("independent_central", "investigator"):
        rows = luminaldb.comparisons(**asked, assessor=assessor).included.filter(trial_id="leonarda-1")
        assert rows["assessor"].to_list() == [assessor]
    default = luminaldb.comparisons(**asked).included.filter(trial_id="leonarda-1")
    assert default["assessor"].to_list() == ["independent_central"]


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


def test_what_empties_a_question_is_named_with_exit_code_1() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=r"there are none: excluded by .*endpoint \d+"):
        luminaldb.meta_analysis(luminaldb.comparisons("ttcns", therapy_class="cdk4-6-inhibitor"))
    run = CliRunner().invoke(app, ["pool", "--endpoint", "ttcns", "--therapy-class", "cdk4-6-inhibitor"])
    assert run.exit_code == 1
    assert "excluded: " in run.output
    assert "endpoint" in run.output
    asked = ["pool", "--endpoint", "pfs", "--therapy-class", "steroidal-aromatase-inhibitor"]
    assert "add --mixed comparator to pool" in str(CliRunner().invoke(app, asked).exception)
    chosen = CliRunner().invoke(app, ["pool", "--endpoint", "pfs", "--therapy", "palbociclib", "--setting", "adjuvant"])
    assert "--mixed" not in str(chosen.exception)


def test_a_question_says_what_it_mixes_in_words() -> None:
    everything = luminaldb.comparisons("pfs", setting="metastatic", line="first")
    assert any("no therapy or class was asked for" in note for note in everything.notes)
    family = luminaldb.comparisons("pcr", therapy_class="her2-targeted", setting="neoadjuvant")
    assert str(family).startswith("Pathologic complete response by any definition, risk ratio")
    first = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", line="first", her2_status="negative")
    assert "(0.36 to 0.83; 80 % interval), Albanell 2022" in str(first)
    positive = luminaldb.comparisons(
        ["pfs", "ttp"], therapy_class="her2-targeted", control_class="endocrine-therapy",
        population=["itt", "primary"], her2_status="positive", chemotherapy=False,
    )  # fmt: skip
    assert not any(note.startswith("HER2 status differs") for note in positive.notes)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"endpoint": "pcrr"}, "did you mean 'pcr'"),
        ({"endpoint": "pfs", "therapy": "palbocyclib"}, "did you mean palbociclib"),
        ({"endpoint": "pfs", "control": "tamoxifin"}, "did you mean tamoxifen"),
        ({"endpoint": "pfs", "biomarker": "ESR"}, "did you mean 'esr"),
        ({"endpoint": "pfs", "arms": "combined"}, "did you mean 'combine'"),
        ({"endpoint": "pfs", "assessor": "central"}, "no assessor 'central'"),
        ({"endpoint": "pfs", "derive": "p"}, "no derivation 'p'"),
        ({"endpoint": "pfs", "therapy": "palbociclib", "therapy_class": "cdk4-6-inhibitor"}, "not both"),
    ],
)
def test_wrong_use_names_what_may_be_meant(asked: dict[str, str], words: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=words):
        luminaldb.comparisons(**asked)  # type: ignore[arg-type]


@pytest.mark.slow
def test_published_results_are_repeated_from_our_rows_or_the_difference_is_explained() -> None:
    done = subprocess.run([sys.executable, PUBLISHED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("| equal |") >= 3


def test_evidence_is_ranked_and_carries_endpoint_and_estimate() -> None:
    found = luminaldb.evidence_for("T-DXd")
    assert found["rank"].to_list() == list(range(1, found.height + 1))
    effects = found.filter(table="effects")
    assert effects["endpoint_id"].null_count() == 0
    primary = luminaldb.load("effects").filter(pl.col("is_primary_endpoint"))["effect_id"].to_list()
    assert effects["row_key"][0] in primary
