"""Networks equal R's metafor and what netmeta prints of published networks; wrong networks are refused in one line."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.analysis.network_meta_analysis.study_contrasts import contrasts_by_study

needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R with metafor isn't installed; CI has it")
# Arm-level data of metadat become contrasts of every pair of arms; rma.mv gets those against the first arm of each
# study, with the covariance that the arms give them.
R = """
suppressMessages({library(metafor); library(metadat)})
out <- commandArgs(TRUE)[1]
arms <- list(
  hasselblad = with(dat.hasselblad1998, data.frame(study, trt, x = xi, n = ni)),
  dong = with(dat.dong2013, data.frame(study = id, trt = treatment, x = death, n = randomized)),
  pagliaro = with(dat.pagliaro1992, data.frame(study = study, trt, x = xi, n = ni)),
  dogliotti = with(dat.dogliotti2014, data.frame(study = id, trt = treatment, x = stroke, n = total)),
  gurusamy = with(dat.gurusamy2011, data.frame(study = study, trt = treatment, x = death, n = n)),
  woods = with(dat.woods2010, data.frame(study = author, trt = treatment, x = r, n = N)),
  baker = with(dat.baker2009, data.frame(study = id, trt = treatment, x = exac, n = total)),
  senn = with(dat.senn2013, data.frame(study, trt = treatment, y = mi, v = sdi^2 / ni)))
frames <- lapply(arms, function(d) {
  d$trt <- gsub("[^A-Za-z0-9]", "_", d$trt); d$study <- as.character(d$study)
  if (is.null(d$y)) {
    zero <- ave(d$x == 0 | d$x == d$n, d$study, FUN = any); d$x <- d$x + zero / 2; d$n <- d$n + zero
    d$y <- log(d$x / (d$n - d$x)); d$v <- 1 / d$x + 1 / (d$n - d$x) }
  d <- d[!duplicated(d[c("study", "trt")]), ]; d <- d[ave(d$v, d$study, FUN = length) > 1, ]
  d[order(d$study, d$trt), ] })
f <- dat.franchini2012; b <- data.frame()
for (i in 1:nrow(f)) for (a in 1:3) if (!is.na(f[[paste0("y", a)]][i]))
  b <- rbind(b, data.frame(study = f$Study[i], trt = gsub("[^A-Za-z0-9]", "_", f[[paste0("Treatment", a)]][i]),
    y = f[[paste0("y", a)]][i], v = f[[paste0("sd", a)]][i]^2 / f[[paste0("n", a)]][i]))
frames$franchini <- b[order(b$study, b$trt), ]
for (name in names(frames)) { d <- frames[[name]]
  ref <- names(sort(-table(d$trt)))[1]; treatments <- c(ref, setdiff(sort(unique(d$trt)), ref))
  pairs <- data.frame(); y <- c(); study <- c(); comp <- c(); X <- NULL; V <- list()
  for (s in unique(d$study)) { a <- d[d$study == s, ]; m <- nrow(a)
    for (i in 2:m) for (j in 1:(i - 1)) pairs <- rbind(pairs, data.frame(study = s, treatment = a$trt[i],
      control = a$trt[j], estimate = a$y[i] - a$y[j], standard_error = sqrt(a$v[i] + a$v[j])))
    y <- c(y, a$y[-1] - a$y[1]); study <- c(study, rep(s, m - 1)); comp <- c(comp, 2:m)
    V[[s]] <- diag(a$v[-1], m - 1) + a$v[1]
    X <- rbind(X, outer(a$trt[-1], treatments[-1], "==") - outer(rep(a$trt[1], m - 1), treatments[-1], "==")) }
  keep <- qr(X)$rank == ncol(X); if (!keep) { cat(name, "disconnected\n", file = stderr()); next }
  write.csv(pairs, file.path(out, paste0(name, ".csv")), row.names = FALSE)
  colnames(X) <- treatments[-1]; V <- as.matrix(bldiag(V))
  for (m in c("reml", "fixed")) {
    # As tight as the optimiser converges.
    for (tolerance in if (m == "reml") 10^-(12:8) else 1) {
      fit <- if (m == "fixed") rma.mv(y, V, mods = X, intercept = FALSE)
        else try(rma.mv(y, V, mods = X, intercept = FALSE, random = ~ factor(comp) | study, rho = 1/2,
          control = list(optimizer = "nlminb", rel.tol = tolerance)), silent = TRUE)
      if (!inherits(fit, "try-error")) break }
    cat(name, m, ref, "tau2", sprintf("%.15g", if (m == "reml") fit$tau2 else 0), "\n")
    cat(name, m, ref, "Q", sprintf("%.15g", fit$QE), "\n")
    for (t in treatments[-1]) { i <- match(t, rownames(fit$beta))
      cat(name, m, ref, t, sprintf("%.15g", c(fit$beta[i], fit$se[i])), "\n") } } }
"""


def differences(file: Path) -> pl.DataFrame:
    """Read contrasts that are differences, so that they are pooled as they are."""
    text = {"study": pl.String, "treatment": pl.String, "control": pl.String}
    return pl.read_csv(file, schema_overrides=text).with_columns(measure=pl.lit("risk_difference"))


@pytest.fixture(scope="module")
def metafor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    folder = tmp_path_factory.mktemp("metafor")
    (folder / "networks.R").write_text(R)
    done = subprocess.run(
        ["Rscript", "--vanilla", folder / "networks.R", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder, [line.split() for line in done.stdout.splitlines()]


@needs_r
def test_networks_agree_with_metafor_to_six_digits(metafor: tuple[Path, list[list[str]]]) -> None:
    folder, lines = metafor
    names = {line[0] for line in lines}
    assert len(names) >= 8
    for name in sorted(names):
        for model in ("reml", "fixed"):
            own = [line for line in lines if line[:2] == [name, model]]
            ours = luminaldb.network_meta_analysis(differences(folder / f"{name}.csv"), own[0][2], model=model)
            found = {row["node"]: row for row in ours.effects.iter_rows(named=True)}
            for _, _, _, what, *numbers in own:
                expected = [float(n) for n in numbers]
                if what == "tau2":
                    # The likelihood is flat about its maximum: metafor's optimiser stops at about seven digits of it.
                    assert ours.tau2 == pytest.approx(expected[0], rel=1e-5, abs=1e-7), (name, model)
                elif what == "Q":
                    assert ours.q == pytest.approx(expected[0], rel=1e-6), (name, model)
                else:
                    row = found[what]
                    exact = pytest.approx(expected, rel=1e-6, abs=1e-6 * expected[1])
                    assert [row["estimate"], row["standard_error"]] == exact, (name, model, what)


@needs_r
def test_the_network_of_senn_as_netmeta_publishes_it(metafor: tuple[Path, list[list[str]]]) -> None:
    """The manual of netmeta prints these of Senn 2013: Q, tau2, P-scores, the test of the interaction model."""
    frame = differences(metafor[0] / "senn.csv")
    common = luminaldb.network_meta_analysis(frame, "placebo", model="fixed", lower_is_better=True)
    random = luminaldb.network_meta_analysis(frame, "placebo", model="dl", lower_is_better=True)
    assert (common.k, len(common.nodes), common.q_df) == (26, 10, 18)
    assert random.tau2 == pytest.approx(0.1087, abs=5e-5)
    assert random.i2 == pytest.approx(81.4, abs=0.05)
    q = {row["source"]: row for row in random.decompose_q().iter_rows(named=True)}
    assert [(round(q[s]["q"], 1), q[s]["df"]) for s in ("total", "within designs", "between designs")] == [
        (97.0, 18), (74.4, 11), (22.5, 7),
    ]  # fmt: skip
    interaction = q["between designs, random effects"]
    assert [round(interaction[c], 4) for c in ("q", "p_value", "tau2")] == pytest.approx(
        [2.19, 0.948, 0.144], abs=0.005
    )
    scores = dict(common.p_scores().iter_rows())
    published = {"rosiglitazone": 0.9789, "metformin": 0.8513, "pioglitazone": 0.7686, "miglitol": 0.6200,
                 "benfluorex": 0.5727, "acarbose": 0.4792, "vildagliptin": 0.3512, "sitagliptin": 0.2386,
                 "sulfonylurea": 0.1395, "placebo": 0.0}  # fmt: skip
    assert scores == pytest.approx(published, abs=2e-4)


def network(rows: list[tuple[str, str, str, float, float]], **more: object) -> pl.DataFrame:
    schema = ["study", "treatment", "control", "log_estimate", "standard_error"]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.lit(v).alias(c) for c, v in more.items())


TRIANGLE = [
    ("1", "b", "a", -0.3, 0.1),
    ("2", "b", "a", -0.1, 0.2),
    ("3", "c", "a", -0.5, 0.15),
    ("4", "c", "b", -0.1, 0.2),
]


@st.composite
def networks(draw: st.DrawFn) -> pl.DataFrame:
    """Connected networks: a chain of nodes, and more trials between any of them."""
    size = draw(st.integers(3, 6))
    pairs = [(n, n + 1) for n in range(size - 1)]
    pairs += draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), min_size=2, max_size=10))
    number = st.floats(-1, 1)
    error = st.floats(0.05, 0.6)
    rows = [(str(k), f"n{a}", f"n{b}", draw(number), draw(error)) for k, (a, b) in enumerate(pairs) if a != b]
    return network(rows)


@given(networks(), st.sampled_from(["reml", "dl", "fixed"]))
@settings(max_examples=40, deadline=None)
def test_neither_the_reference_nor_the_side_of_a_comparison_matters(frame: pl.DataFrame, model: str) -> None:
    one = luminaldb.network_meta_analysis(frame, "n0", model=model)
    turned = frame.with_columns(treatment="control", control="treatment", log_estimate=-pl.col("log_estimate"))
    other = luminaldb.network_meta_analysis(turned.reverse(), "n1", model=model)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-9)
    key = ["treatment", "control"]
    ours, theirs = one.pairs().sort(key), other.pairs().sort(key)
    for column in ("log_estimate", "standard_error"):
        assert theirs[column].to_list() == pytest.approx(ours[column].to_list(), rel=1e-5, abs=1e-7)


def test_two_nodes_are_an_ordinary_meta_analysis() -> None:
    rows = [(str(n), "b", "a", y, s) for n, (y, s) in enumerate([(-0.5, 0.1), (0.2, 0.2), (-0.1, 0.15)])]
    frame = network(rows, measure="hazard_ratio")
    for model in ("reml", "dl", "fixed"):
        ours = luminaldb.network_meta_analysis(frame, "a", model=model)
        pooled = luminaldb.meta_analysis(frame.with_columns(estimate=pl.col("log_estimate").exp()), model)
        assert ours.tau2 == pytest.approx(pooled.tau2, rel=1e-9)
        assert ours.effects["log_estimate"][0] == pytest.approx(pooled.log_estimate, rel=1e-9)
        assert ours.q == pytest.approx(pooled.q, rel=1e-9)


def test_all_contrasts_of_a_trial_give_back_what_its_arms_say() -> None:
    arms = {"a": (0.1, 0.02), "b": (-0.3, 0.05), "c": (0.4, 0.01), "d": (0.0, 0.03)}
    rows = [
        ("t", i, j, arms[i][0] - arms[j][0], math.sqrt(arms[i][1] + arms[j][1])) for i in arms for j in arms if i > j
    ]
    (study,) = contrasts_by_study(luminaldb.contrasts(network(rows)))
    assert study.covariance_from == "contrasts"
    assert study.y == pytest.approx([arms[n][0] - 0.1 for n in "bcd"])
    assert study.v == pytest.approx(np.diag([arms[n][1] for n in "bcd"]) + 0.02)


def test_the_covariance_of_contrasts_with_one_control_is_that_of_its_events_or_assumed() -> None:
    rows = [("t", "b", "a", -0.3, 0.2), ("t", "c", "a", -0.2, 0.25), ("u", "c", "b", 0.1, 0.2)]
    known = network(rows, events_control=100)
    (study, _) = contrasts_by_study(luminaldb.contrasts(known))
    assert (study.covariance_from, study.v[0, 1]) == ("events", pytest.approx(0.01))
    (study, _) = contrasts_by_study(luminaldb.contrasts(network(rows)))
    assert (study.covariance_from, study.v[0, 1]) == ("assumed", pytest.approx(0.025))
    result = luminaldb.network_meta_analysis(network(rows))
    assert "assumed (correlation 0.5) in 1 of the studies" in str(result)
    # More events than the standard error allows: they can't be the arm's.
    (study, _) = contrasts_by_study(luminaldb.contrasts(network(rows, events_control=2)))
    assert study.covariance_from == "assumed"


def test_direct_and_indirect_evidence_add_up_to_the_network() -> None:
    result = luminaldb.network_meta_analysis(network(TRIANGLE), "a", model="fixed")
    split = result.split_nodes().filter(treatment="c", control="b").row(0, named=True)
    assert (split["direct"], split["direct_standard_error"]) == pytest.approx((-0.1, 0.2))
    weights = [1 / split[f"{kind}_standard_error"] ** 2 for kind in ("direct", "indirect")]
    both = (weights[0] * split["direct"] + weights[1] * split["indirect"]) / sum(weights)
    assert both == pytest.approx(result.pairs().filter(treatment="c", control="b")["log_estimate"][0])
    tree = luminaldb.network_meta_analysis(network(TRIANGLE[:3]), "a")
    assert tree.split_nodes().is_empty()


def test_ranks_and_league_table() -> None:
    result = luminaldb.network_meta_analysis(network(TRIANGLE), "a")
    assert result.lower_is_better
    assert result.p_scores()["node"][-1] == "a"
    assert result.p_scores(lower_is_better=False)["node"][0] == "a"
    ranks = result.rankogram()
    assert ranks.equals(result.rankogram())
    for column in ("node", "rank"):
        assert ranks.group_by(column).agg(pl.col("probability").sum())["probability"].to_list() == pytest.approx(
            [1] * 3
        )
    # The mean rank is the P-score on another scale.
    mean = dict(ranks.group_by("node").agg((3 - (pl.col("rank") * pl.col("probability")).sum()) / 2).iter_rows())
    assert mean == pytest.approx(dict(result.p_scores().iter_rows()), abs=0.01)
    league = result.league_table()
    assert league.columns == ["node", *league["node"]]
    assert league.height == 3


def test_a_network_in_parts_names_them_and_one_can_be_chosen() -> None:
    frame = network([*TRIANGLE, ("5", "x", "y", 0.1, 0.1), ("6", "x", "y", 0.2, 0.1)])
    with pytest.raises(luminaldb.LuminaldbError, match=r"2 parts .*\(1\) a, b, c; \(2\) x, y"):
        luminaldb.network_meta_analysis(frame)
    assert luminaldb.network_meta_analysis(frame, part="x").nodes == ("x", "y")
    with pytest.raises(luminaldb.LuminaldbError, match="no trial connects the reference 'a' with 'x'"):
        luminaldb.network_meta_analysis(frame, "a", part="x")
    with pytest.raises(luminaldb.LuminaldbError, match="no node 'z'"):
        luminaldb.network_meta_analysis(frame, "z")


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (network([]), {}, "nothing was included"),
        (network(TRIANGLE[:1]), {}, "at least two studies; there is one"),
        (network([*TRIANGLE, ("4", "b", "c", 0.1, 0.2)]), {}, "4: one pair of arms is compared twice"),
        (network([("1", "b", "a", 0.1, 0.0)]), {}, "1: no effect or standard error of b and a"),
        (network(TRIANGLE).drop("control"), {}, "needs the columns control"),
        (network(TRIANGLE), {"model": "bayes"}, "no model 'bayes'"),
        (network(TRIANGLE), {"ci_level": 0.95}, "ci_level=0.95 is not a confidence level"),
        (network(TRIANGLE, measure="median_ratio"), {}, "no measure 'median_ratio'"),
    ],
)
def test_what_is_no_network_is_refused(frame: pl.DataFrame, options: dict[str, object], message: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=message):
        luminaldb.network_meta_analysis(frame, **options)


@pytest.mark.parametrize("nodes", ["regimen", "class", "therapy", {"aromatase-inhibitor": "AI", "fulvestrant": "F"}])
def test_every_kind_of_node_makes_a_network_of_our_trials(nodes: object) -> None:
    selection = luminaldb.comparisons("pfs", setting="metastatic", arms="each")
    rows = luminaldb.contrasts(selection, nodes=nodes)
    assert rows.height > 20
    assert (rows["treatment"] != rows["control"]).all()
    assert not rows["treatment"].str.contains("placebo").any()
    name = {"regimen": "fulvestrant", "class": "injectable-serd", "therapy": "palbociclib"}.get(str(nodes), "F")
    result = luminaldb.network_meta_analysis(selection, nodes=nodes, part=name)
    assert name in result.nodes
    assert result.k == result.contrasts["study"].n_unique()
    with pytest.raises(luminaldb.LuminaldbError, match="'fulvstrant' is neither a therapy nor a class"):
        luminaldb.contrasts(selection, nodes={"fulvstrant": "F"})


def test_frames_for_r_say_the_same_again() -> None:
    rows = [*TRIANGLE, ("5", "b", "a", -0.3, 0.2), ("5", "c", "a", -0.2, 0.25)]
    result = luminaldb.network_meta_analysis(network(rows), "a")
    back = result.to_netmeta().select(
        study="studlab", treatment="treat1", control="treat2", log_estimate="TE", standard_error="seTE"
    )
    assert back.filter(study="5").height == 3
    again = luminaldb.network_meta_analysis(back, "a")
    columns = ["log_estimate", "standard_error"]
    assert again.effects.select(columns).to_numpy() == pytest.approx(
        result.effects.select(columns).to_numpy(), rel=1e-6
    )
    for_multinma = result.to_multinma().filter(study="5")
    assert for_multinma["y"].null_count() == 1
    assert for_multinma["se"].null_count() == 0
    with pytest.raises(luminaldb.LuminaldbError, match="MetaInsight reads counts"):
        result.to_metainsight()


def test_counts_for_metainsight_have_each_arm_once() -> None:
    rows = [("t", "b", "a", 0.1, 0.2), ("t", "c", "a", 0.2, 0.2), ("u", "c", "a", 0.3, 0.2)]
    counts = {"events_experimental": 10, "n_experimental": 40, "events_control": 12, "n_control": 41}
    result = luminaldb.network_meta_analysis(network(rows, measure="odds_ratio", **counts))
    frame = result.to_metainsight()
    assert frame.columns == ["Study", "T", "R", "N"]
    assert frame.rows() == [
        ("t", "a", 12, 41),
        ("t", "b", 10, 40),
        ("t", "c", 10, 40),
        ("u", "a", 12, 41),
        ("u", "c", 10, 40),
    ]


def test_pictures_are_drawn(tmp_path: Path) -> None:
    result = luminaldb.network_meta_analysis(network(TRIANGLE), "a")
    for name, chart in {"network": result.network_plot(), "forest": result.forest_plot(),
                        "ranks": result.rankogram_plot()}.items():  # fmt: skip
        chart.save(tmp_path / f"{name}.svg")
        assert "<svg" in (tmp_path / f"{name}.svg").read_text(encoding="utf-8")


def test_arms_that_were_combined_are_no_node() -> None:
    combined = luminaldb.comparisons("pfs", setting="metastatic").included.head(3)
    combined = combined.with_columns(arm_id=pl.lit("one-arm+another-arm"))
    with pytest.raises(luminaldb.LuminaldbError, match=r"not an arm with therapies; .* arms='each'"):
        luminaldb.contrasts(combined)


@pytest.mark.slow
def test_the_command_prints_effects_tables_for_r_and_the_parts_of_a_network(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    question = ("network-meta-analysis", "--endpoint", "pfs", "--setting", "metastatic", "--nodes", "therapy")
    done = run(*question)
    assert done.returncode == 1
    assert "parts that no trial connects: (1)" in done.stderr
    part = ("--part", "palbociclib", "--reference", "no added therapy")
    done = run(*question, *part)
    assert done.returncode == 0, done.stderr
    assert "hazard ratio against no added therapy, 95 % intervals:" in done.stdout
    record = json.loads(run(*question, *part, "--json").stdout)
    assert {row["node"] for row in record["effects"]} >= {"palbociclib", "ribociclib"}
    assert record["excluded"]
    assert run(*question, *part, "--show", "netmeta").stdout.splitlines()[0].split("\t") == [
        "studlab", "treat1", "treat2", "TE", "seTE",
    ]  # fmt: skip
