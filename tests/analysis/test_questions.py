"""What is asked of the trials: questions, the flow of exclusions, and what differs between the included results."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import luminaldb
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
    with pytest.raises(luminaldb.LuminaldbError, match="not a pair of a first and a last year"):
        luminaldb.comparisons("pfs", years=2020)  # type: ignore[arg-type]


def test_the_preferred_assessor_is_the_readers_choice() -> None:
    asked = {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor"}
    for assessor in ("independent_central", "investigator"):
        rows = luminaldb.comparisons(**asked, assessor=assessor).included.filter(trial_id="leonarda-1")
        assert rows["assessor"].to_list() == [assessor]
    default = luminaldb.comparisons(**asked).included.filter(trial_id="leonarda-1")
    assert default["assessor"].to_list() == ["independent_central"]


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
