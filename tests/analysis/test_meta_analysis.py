"""Pooled results equal R's metafor, digit by digit; what can't be pooled is refused in one line."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import luminaldb
from luminaldb.analysis.forest_rows import forest_rows
from luminaldb.analysis.overlapping_patients import find_shared_patients
from luminaldb.cli.main import app

needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R with metafor isn't installed; CI has it")
PARITY = Path(__file__).parents[2] / "benchmarks/metafor_parity.py"
QUESTIONS = {
    "cdk": {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor", "line": "first"},
    "cdk-all": {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor"},
    "serd": {"endpoint": "pfs", "therapy_class": "oral-serd", "population": "esr1m"},
    "os": {"endpoint": "os", "therapy_class": "cdk4-6-inhibitor", "setting": "metastatic"},
}


def studies(y: list[float], s: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {"measure": "hazard_ratio", "estimate": np.exp(y), "log_estimate": y, "standard_error": s,
         "trial_id": [f"t{i}" for i in range(len(y))]}
    )  # fmt: skip


@pytest.mark.slow
@needs_r
def test_every_model_and_method_agrees_with_metafor() -> None:
    """The benchmark pools our questions and synthetic data sets with both, and fails above a difference of 1e-9."""
    done = subprocess.run([sys.executable, PARITY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"(\d+) data sets of estimates and (\d+) of counts", done.stdout)
    assert counted is not None
    assert int(counted[1]) + int(counted[2]) >= 40
    for method in ("reml adhoc", "reml knha", "dl z", "fixed z", "mh OR", "mh RR", "mh RD", "peto OR", "escalc OR"):
        assert f"\n{method}" in f"\n{done.stdout}", method


def test_the_interval_is_never_narrower_than_the_common_effect_one() -> None:
    """Two trials of 0.54 to 1.02 that agree by chance gave 0.74 (0.74 to 0.74) by plain Hartung-Knapp."""
    two = studies([math.log(0.74), math.log(0.7401)], [0.16, 0.16])
    one = luminaldb.meta_analysis(two)
    assert one.test == "adhoc"
    assert one.common is not None
    assert one.ci_low < one.common.ci_low < one.common.ci_high < one.ci_high
    assert "2 studies are too few" in one.warnings[0]
    plain = luminaldb.meta_analysis(two, test="knha")
    assert plain.ci_high - plain.ci_low < 0.01
    assert "narrower than the common-effect one" in plain.warnings[1]
    assert not luminaldb.meta_analysis(studies([0.1, 0.2, 0.0, 0.3, 0.1], [0.2] * 5)).warnings


def test_a_small_p_value_is_printed_as_such() -> None:
    one = luminaldb.meta_analysis(studies([-0.5] * 6, [0.05] * 6), "fixed")
    assert "p < 0.0001" in str(one)
    assert "e-" not in str(one)


def test_an_unknown_test_or_one_that_does_not_fit_the_model_is_refused() -> None:
    rows = studies([0.1, 0.2], [0.2, 0.1])
    with pytest.raises(luminaldb.LuminaldbError, match="choose from adhoc, knha, z"):
        luminaldb.meta_analysis(rows, test="hk")  # type: ignore[arg-type]
    with pytest.raises(luminaldb.LuminaldbError, match="is for random effects"):
        luminaldb.meta_analysis(rows, "fixed", test="knha")


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0.02, 1)), min_size=2, max_size=12), st.floats(-1, 1))
@settings(max_examples=60, deadline=None)
def test_moving_every_study_moves_the_result_and_nothing_else(rows: list[tuple[float, float]], by: float) -> None:
    y, s = zip(*rows, strict=True)
    for model in ("fixed", "dl", "reml"):
        one = luminaldb.meta_analysis(studies(list(y), list(s)), model)
        moved = luminaldb.meta_analysis(studies([v + by for v in y], list(s)), model)
        assert moved.log_estimate == pytest.approx(one.log_estimate + by, abs=1e-6)
        assert moved.tau2 == pytest.approx(one.tau2, abs=1e-6)
        assert one.studies["weight"].sum() == pytest.approx(100)
        assert min(y) - 1e-9 <= one.log_estimate <= max(y) + 1e-9


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (studies([0.1], [0.2]), "at least two results; there is one"),
        (studies([0.1, 0.2], [0.2, 0.0]), "no estimate or standard error"),
        (studies([0.1, 0.2], [0.2, 0.1]).with_columns(trial_id=pl.lit("pertain")), "one trial's patients"),
        (studies([0.1, 0.2], [0.2, 0.1]).with_columns(measure=pl.Series(["hazard_ratio", "odds_ratio"])), "different"),
        (studies([0.1, 0.2], [0.2, math.nan]), "no estimate or standard error"),
        (studies([0.1, 0.2], [0.2, math.inf]), "no estimate or standard error"),
        (studies([0.1, math.nan], [0.2, 0.1]), "no estimate or standard error"),
        (studies([0.1, 0.2], [0.2, 1e-200]), "no estimate or standard error"),
        (studies([0.1, 0.2], [0.2, 0.1]).with_columns(estimate=None), "no estimate or standard error"),
        (
            studies([0.1, 0.2], [0.2, 0.1]).with_columns(standard_error=pl.lit("0.1")),
            "numbers in the column standard_e",
        ),
        (
            studies([0.1, 0.2], [0.2, 0.1]).with_columns(measure=pl.lit("HR")),
            "no measure 'HR' can be pooled; choose from",
        ),
        (
            studies([0.1, 0.2], [0.2, 0.1]).with_columns(measure=pl.lit(None, pl.String)),
            "no measure None can be pooled",
        ),
        (pl.DataFrame({"a": [1, 2]}), "needs the columns estimate, measure, standard_error"),
    ],
)
def test_what_cannot_be_pooled_is_refused(frame: pl.DataFrame, words: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=words):
        luminaldb.meta_analysis(frame)


@pytest.mark.parametrize("level", [0.95, -5, 0, 100, 150, math.nan, math.inf, "95", None])
def test_a_level_that_is_no_percentage_is_refused(level: float) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="is not a confidence level in percent"):
        luminaldb.meta_analysis(studies([0.1, 0.2], [0.2, 0.1]), ci_level=level)


def test_every_kind_of_frame_and_the_answers_themselves_pool_alike() -> None:
    answers = luminaldb.comparisons(**QUESTIONS["serd"])
    rows = answers.included
    expected = luminaldb.meta_analysis(rows)
    relation = duckdb.connect().from_arrow(rows.to_arrow())
    for given_rows in (answers, rows.lazy(), rows.to_pandas(), rows.to_arrow(), relation):
        one = luminaldb.meta_analysis(given_rows)
        assert (one.estimate, one.ci_low, one.ci_high) == (expected.estimate, expected.ci_low, expected.ci_high)
        assert luminaldb.forest_plot(given_rows).to_dict()["datasets"]


@pytest.mark.parametrize("given_rows", [None, [1, 2], {"estimate": [1]}, "pfs", pl.Series([0.1, 0.2])])
def test_what_is_no_frame_is_refused_in_one_line(given_rows: object) -> None:
    for take in (luminaldb.meta_analysis, luminaldb.forest_plot):
        with pytest.raises(luminaldb.LuminaldbError, match="takes a polars, pandas or Arrow frame"):
            take(given_rows)


def test_trials_without_an_id_are_not_one_trial() -> None:
    rows = studies([0.1, 0.2], [0.2, 0.1]).with_columns(trial_id=pl.lit(None, pl.String))
    assert luminaldb.meta_analysis(rows).k == 2


def test_an_interval_beyond_every_number_has_no_upper_end() -> None:
    one = luminaldb.meta_analysis(studies([0.0, 1.0], [1000.0, 1000.0]), "fixed")
    assert one.ci_low == pytest.approx(0)
    assert one.ci_high == math.inf


def test_pooling_without_its_libraries_names_the_extra() -> None:
    """As after `pip install 'luminaldb[excel]'`, which brings none of them."""
    code = (
        "import sys\n"
        "for name in ('numpy', 'scipy', 'pandas', 'pyarrow'): sys.modules[name] = None\n"
        "from luminaldb.cli.main import main\n"
        "main()"
    )
    asked = ["pool", "--endpoint", "pfs", "--therapy-class", "oral-serd", "--population", "esr1m"]
    done = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["luminaldb: scipy is not installed; run: pip install 'luminaldb[analysis]'"]


def test_an_unknown_model_endpoint_class_or_population_is_refused() -> None:
    rows = luminaldb.comparisons(**QUESTIONS["cdk"]).included
    with pytest.raises(luminaldb.LuminaldbError, match="choose from reml, dl, fixed, mh, peto"):
        luminaldb.meta_analysis(rows, "bayes")  # type: ignore[arg-type]
    for asked in (
        {"endpoint": "pfz"},
        {"endpoint": "pfs", "therapy_class": "x"},
        {"endpoint": "pfs", "population": "x"},
    ):
        with pytest.raises(luminaldb.LuminaldbError, match=r"no (endpoint|therapy class|population)"):
            luminaldb.comparisons(**asked)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"endpoint": "pfz"}, "no endpoint 'pfz'; did you mean 'pfs'?"),
        ({"measure": "HR"}, "no measure 'HR'; there are hazard_ratio, odds_ratio, "),
        ({"setting": "Metastatic"}, "no setting 'Metastatic'; did you mean 'metastatic'?"),
        ({"line": "1"}, "no line '1'; there are first, "),
        ({"her2_status": "pos"}, "no her2_status 'pos'; did you mean 'positive'?"),
        ({"analysis": "lastest"}, "no analysis 'lastest'; did you mean 'latest'?"),
        ({"population": "zzz"}, "no population 'zzz'; luminaldb show populations lists them"),
        ({"therapy_class": "cdk46"}, "no therapy class 'cdk46'; did you mean 'cdk4-6-inhibitor'"),
        ({"therapy_class": "zzz"}, "no therapy class 'zzz'; luminaldb show therapy_classes lists them"),
    ],
)
def test_a_typo_in_a_question_is_refused_with_what_may_be_meant(asked: dict[str, str], words: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="^" + re.escape(words)):
        luminaldb.comparisons(**{"endpoint": "pfs", **asked})


def test_every_kind_of_population_may_be_asked_for() -> None:
    """Also those that no result has yet: nothing is found, and nothing is wrong."""
    for population in luminaldb.load("populations")["analysis_set"].dtype.categories:
        assert luminaldb.comparisons("pfs", population=population).included["result_id"].is_unique().all()


def test_the_network_refuses_a_crosstalk_that_there_is_not() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="did you mean 'her2_to_er'"):
        luminaldb.crosstalk_graph(crosstalk="her2-to-er")


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_counts_each_trial_once_and_accounts_for_every_result(asked: dict[str, str]) -> None:
    answers = luminaldb.comparisons(**asked)
    assert set(find_shared_patients(answers.included)) == {None}
    assert set(answers.included.filter(pl.col("trial_id").is_duplicated())["trial_id"]) <= {"monarch-plus"}
    assert answers.included["standard_error"].is_not_null().all()
    assert not set(answers.included["result_id"]) & set(answers.excluded["result_id"])
    assert answers.excluded["reason"].is_not_null().all()
    every = luminaldb.trial_results(include_superseded=True).filter(
        pl.col("result_type") == "effect",
        pl.col("endpoint_id") == asked["endpoint"],
        pl.col("trial_id").is_in(answers.included["trial_id"].implode()),
        pl.col("population_id").is_in(answers.included["population_id"].implode()),
        pl.col("arm_id").is_in(answers.included["arm_id"].implode()),
        pl.col("measure") == "hazard_ratio",
    )
    assert set(every["result_id"]) <= set(answers.included["result_id"]) | set(answers.excluded["result_id"])


def test_cohorts_that_were_randomised_apart_both_count() -> None:
    """MONARCH plus: 306 and 157 patients, 463 enrolled, no arm in common."""
    rows = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor").included
    cohorts = rows.filter(trial_id="monarch-plus")
    assert set(cohorts["result_id"]) == {"monarch-plus-pfs-cohort-a-final", "monarch-plus-pfs-cohort-b-final"}
    assert find_shared_patients(cohorts) == [None, None]
    lines = forest_rows(luminaldb.meta_analysis(rows))["label"]
    assert lines.is_unique().all()
    assert lines.str.contains("MONARCH plus").sum() == 2
    for doubt in (
        {"control_arm_id": pl.lit("monarch-plus-placebo-nsai")},
        {"population_id": pl.lit("monarch-plus-cohort-a")},
        {"population_n": pl.lit(306)},
        {"population_n": pl.lit(None, pl.Int64)},
        {"population_analysis_set": pl.lit("subgroup")},
        {"trial_design": pl.lit("randomised_factorial")},
    ):
        doubtful = cohorts.with_columns(**doubt)
        assert find_shared_patients(doubtful) == [None, 0]
        with pytest.raises(luminaldb.LuminaldbError, match="one trial's patients"):
            luminaldb.meta_analysis(doubtful)


def test_arms_that_merge_others_share_their_patients() -> None:
    """BIG 1-98: the monotherapy groups are part of those that began with letrozole or tamoxifen, under other arm ids.

    The first analysis stopped at the switch; that of monotherapy goes on for twelve years.
    """
    selection = luminaldb.comparisons("dfs", therapy_class="aromatase-inhibitor", control="tamoxifen")
    assert "big-1-98-dfs-monotherapy-updated-2019" in selection.included["result_id"]
    first = selection.excluded.filter(result_id="big-1-98-dfs-itt-primary").row(0, named=True)
    assert first["reason"].startswith("may share patients with another result of its trial")
    assert first["reason"].endswith("which is followed longer (151.2 months, not 25.8)")
    assert first["other_result_id"] == "big-1-98-dfs-monotherapy-updated-2019"


def test_no_patient_of_a_joint_analysis_counts_twice() -> None:
    """TEXT and SOFT: only their joint analysis compares exemestane with tamoxifen, ovarian suppression in both arms."""
    selection = luminaldb.comparisons("dfs", therapy_class="aromatase-inhibitor", control="tamoxifen")
    assert "text-soft" in set(selection.included["trial_id"])
    assert not {"text", "soft"} & set(selection.included["trial_id"])
    assert luminaldb.meta_analysis(selection).k == selection.included.height
    every = luminaldb.comparisons("dfs", therapy_class="aromatase-inhibitor", control="tamoxifen", mixed=True)
    assert len({"text-soft", "soft"} & set(every.included["trial_id"])) == 1
    both = luminaldb.trial_results().filter(
        pl.col("result_id").is_in(["text-soft-dfs-itt-updated-13y", "soft-dfs-itt-updated-12y-exe-ofs"])
    )
    with pytest.raises(
        luminaldb.LuminaldbError, match="text-soft-dfs-itt-updated-13y pools several trials: leave it out"
    ):
        luminaldb.meta_analysis(both)
    assert luminaldb.meta_analysis(both.drop("trial_design")).k == 2


def test_a_row_whose_patients_are_counted_elsewhere_too_is_a_pooled_analysis() -> None:
    """Cure: where a trial's note says that its patients are also counted there, its design is pooled_analysis."""
    trials = luminaldb.load("trials")
    with_note = trials.filter(pl.col("note").str.contains("also counted there"))
    assert set(with_note["trial_id"]) == set(trials.filter(pl.col("design") == "pooled_analysis")["trial_id"])
    for row in with_note.iter_rows(named=True):
        words = set(re.findall(r"[a-z0-9-]+", row["note"]))
        pooled = words & set(trials["trial_id"]) - {row["trial_id"]}
        assert pooled, f"{row['trial_id']}: its note names the trials it pools that are in these tables, by id"


def test_an_add_on_has_the_same_partner_in_both_arms() -> None:
    asked = {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor"}
    every, added = luminaldb.comparisons(**asked, mixed=True), luminaldb.comparisons(**asked, add_on=True)
    assert set(added.included["trial_id"]) < set(every.included["trial_id"])
    assert {"paloma-2", "monaleesa-3", "monarch-2"} <= set(added.included["trial_id"])
    assert added.included["comparison"].unique().to_list() == ["add-on"]
    assert added.included.equals(luminaldb.comparisons(**asked).included)
    reasons = dict(added.excluded.select("result_id", "reason").iter_rows())
    assert reasons["right-choice-pfs-itt-primary"] == "its arms differ in more than a therapy of the class"
    with pytest.raises(luminaldb.LuminaldbError, match="needs a therapy_class"):
        luminaldb.comparisons("pfs", add_on=True)


def test_a_risk_difference_is_pooled_as_it_is() -> None:
    frame = pl.DataFrame(
        {"measure": "risk_difference", "estimate": [5.0, 9.0], "standard_error": [2.0, 2.0], "trial_id": ["a", "b"]}
    )
    pooled = luminaldb.meta_analysis(frame, "fixed")
    assert (pooled.estimate, pooled.standard_error) == pytest.approx((7, math.sqrt(2)))


def test_the_forest_plot_saves_in_every_format(tmp_path: Path) -> None:
    chart = luminaldb.forest_plot(luminaldb.comparisons(**QUESTIONS["serd"]).included, title="Oral SERDs")
    for suffix, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("html", b"<!doctype html>")):
        chart.save(tmp_path / f"plot.{suffix}")
        assert (tmp_path / f"plot.{suffix}").read_bytes().lstrip().startswith(start)
    drawn = (tmp_path / "plot.svg").read_text()
    assert "EMERALD" in drawn
    assert "0.55 (0.39 to 0.77)" in drawn


def test_the_network_holds_every_interaction_once() -> None:
    graph, rows = luminaldb.crosstalk_graph(), luminaldb.load("interactions")
    assert isinstance(graph, nx.MultiDiGraph)
    drawn = {(key, source, target) for source, target, key in graph.edges(keys=True)}
    assert drawn == set(rows.select("interaction_id", "source_gene_id", "target_gene_id").iter_rows())
    assert all(node["symbol"] for _, node in graph.nodes(data=True))
    assert (
        luminaldb.crosstalk_graph(crosstalk="er_to_her2").number_of_edges() == rows["crosstalk"].eq("er_to_her2").sum()
    )


def test_the_command_prints_the_plot_and_speaks_json() -> None:
    asked = ["pool", "--endpoint", "pfs", "--therapy-class", "oral-serd", "--population", "esr1m"]
    plain = CliRunner().invoke(app, asked)
    assert plain.exit_code == 0, plain.output
    assert "EMERALD" in plain.output
    assert "excluded: " in plain.output
    assert "ember-3-pfs-esr1m-primary" not in plain.output
    rows = CliRunner().invoke(app, [*asked, "--excluded"])
    line = next(text for text in rows.output.splitlines() if text.startswith("  ember-3-pfs-esr1m-primary"))
    assert ": superseded result: a later analysis of the trial" in line
    record = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    pooled = luminaldb.meta_analysis(luminaldb.comparisons(**QUESTIONS["serd"]).included)
    assert record["estimate"] == pooled.estimate
    assert len(record["studies"]) == pooled.k
    assert CliRunner().invoke(app, [*asked, "--model", "bayes"]).exit_code == 2
    wrong = CliRunner().invoke(app, [*asked, "--setting", "Metastatic"])
    assert "did you mean 'metastatic'" in str(wrong.exception)


BCG = """
suppressMessages(library(metafor)); d <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
write.csv(data.frame(y = d$yi, s = sqrt(d$vi)), commandArgs(TRUE)[1], row.names = FALSE)
"""


@needs_r
def test_the_bcg_trials_give_what_their_package_prints(tmp_path: Path) -> None:
    """The README of R's metafor (Viechtbauer, J Stat Softw 2010;36(3)) prints these for Colditz's 13 trials."""
    subprocess.run(["Rscript", "-e", BCG, tmp_path / "bcg.csv"], check=True)
    trials = pl.read_csv(tmp_path / "bcg.csv")
    assert trials.height == 13
    one = luminaldb.meta_analysis(studies(trials["y"].to_list(), trials["s"].to_list()), test="knha")
    log = [one.log_estimate, one.standard_error, math.log(one.ci_low), math.log(one.ci_high), one.p_value, one.tau2]
    assert [f"{v:.4f}" for v in (*log, one.q)] == [
        "-0.7145", "0.1808", "-1.1084", "-0.3206", "0.0019", "0.3132", "152.2330",
    ]  # fmt: skip
    shown = (one.i2, one.estimate, one.ci_low, one.ci_high, one.prediction_low, one.prediction_high)
    assert [f"{v:.2f}" for v in shown] == ["92.22", "0.49", "0.33", "0.73", "0.14", "1.76"]


def test_three_trials_pooled_agree_with_the_published_pooling_of_their_patients() -> None:
    """The regulator pooled patients, we pool printed ratios: the last digit may differ, the answer may not."""
    claim = luminaldb.load("claims").row(
        by_predicate=pl.col("claim_id") == "fda-2021-cdk46-fulvestrant-survival", named=True
    )
    printed = re.search(r"hazard ratio ([\d.]+), 95% CI ([\d.]+) to ([\d.]+)", claim["statement"])
    assert printed is not None
    rows = luminaldb.trial_results().filter(
        pl.col("result_id").is_in(["monaleesa-3-os-itt-interim", "monarch-2-os-itt-interim", "paloma-3-os-itt-final"])
    )
    one = luminaldb.meta_analysis(rows, "fixed")
    assert one.k == 3
    assert (one.estimate, one.ci_low, one.ci_high) == pytest.approx([float(v) for v in printed.groups()], abs=0.015)
