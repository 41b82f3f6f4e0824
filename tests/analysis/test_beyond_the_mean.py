"""Meta-regression, subgroups, leave-one-out, cumulative and Egger's test equal metafor's; absolute effects and tables."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import html5lib
import numpy as np
import polars as pl
import pytest

import luminaldb

needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R with metafor isn't installed; CI has it")
R = """
suppressMessages(library(metafor)); d <- read.csv(commandArgs(TRUE)[1])
exact <- list(threshold = 1e-14, maxiter = 10000)
say <- function(...) cat(..., "\\n")
number <- function(x) sprintf("%.14g", x)
for (id in unique(d$case)) { one <- d[d$case == id, ]
  for (m in c("REML", "DL", "FE")) {
    fit <- rma(one$y, sei = one$s, method = m, control = exact)
    l <- leave1out(fit)
    for (i in 1:nrow(one)) say(id, m, "out", i, number(c(l$estimate[i], l$se[i],
      if (m == "FE") 0 else l$tau2[i], l$I2[i], l$Q[i])))
    cu <- cumul(fit, order = one$year)
    for (i in 1:nrow(one)) say(id, m, "cumul", i, number(c(cu$estimate[i], cu$se[i],
      if (m == "FE") 0 else cu$tau2[i], cu$I2[i])))
    for (t in if (m == "FE") "z" else c("z", "knha", "adhoc")) {
      for (f in c("x", "group")) {
        r <- rma(one$y, sei = one$s, mods = as.formula(paste("~", f)), data = one, method = m, test = t, control = exact)
        say(id, m, paste0("reg-", f, "-", t), 0, number(c(r$beta[2], r$se[2], r$pval[2], r$ci.lb[2], r$tau2, r$I2,
          if (is.null(r$R2)) NA else r$R2, r$QE, r$QM, r$QMp))) } }
    g <- lapply(split(one, one$group), function(p) if (nrow(p) > 1)
      rma(p$y, sei = p$s, method = m, control = exact) else list(beta = p$y, se = p$s))
    b <- sapply(g, function(r) r$beta[1]); se <- sapply(g, function(r) r$se)
    q <- rma(b, sei = se, method = "FE")
    say(id, m, "groups", 0, number(c(b, se, q$QE, q$QEp))) }
  e <- regtest(rma(one$y, sei = one$s, method = "FE"), model = "lm")
  say(id, "FE", "egger", 0, number(c(e$zval, e$pval, e$est))) }
"""
MODELS = {"REML": "reml", "DL": "dl", "FE": "fixed"}
Numbers = dict[tuple[str, str, str, int], list[float]]


def random_studies() -> Iterator[tuple[str, pl.DataFrame]]:
    random = np.random.default_rng(20261130)
    for case, (k, spread) in enumerate([(4, 0.0), (7, 0.2), (12, 0.5), (25, 0.3), (40, 1.0)]):
        s = random.uniform(0.05, 0.5, k)
        x = random.normal(0, 1, k)
        y = -0.3 + 0.2 * x + random.normal(0, spread, k) + random.normal(0, 1, k) * s
        yield f"made-{case}", pl.DataFrame({
            "measure": "hazard_ratio", "estimate": np.exp(y), "log_estimate": y, "standard_error": s, "x": x,
            "group": [("b", "a", "c")[n % (2 if k < 6 else 3)] for n in range(k)],
            "source_year": [int(n) for n in random.permutation(np.arange(2000, 2000 + k))],
            "acronym": [f"T{n}" for n in range(k)],
        })  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> dict[str, pl.DataFrame]:
    ours = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", mixed=True).included
    ours = ours.with_columns(x=pl.col("source_year").cast(pl.Float64), group=pl.col("trial_line").cast(pl.String))
    ours = ours.filter(pl.col("x").is_not_null()).filter(pl.len().over("group") > 1)
    return {**dict(random_studies()), "cdk": ours}


@pytest.fixture(scope="module")
def metafor(cases: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    folder = tmp_path_factory.mktemp("metafor")
    table = pl.concat(
        frame.select(
            pl.lit(name).alias("case"), pl.col("log_estimate").alias("y"), pl.col("standard_error").alias("s"), "x", "group",
            pl.col("source_year").cast(pl.Int64).alias("year"),
        )
        for name, frame in cases.items()
    )  # fmt: skip
    table.write_csv(folder / "studies.csv")
    (folder / "beyond.R").write_text(R)
    done = subprocess.run(["Rscript", "--vanilla", folder / "beyond.R", folder / "studies.csv"], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    return {(c, m, what, int(n)): [math.nan if v == "NA" else float(v) for v in rest] for c, m, what, n, *rest in lines}


def close(theirs: list[float]) -> object:
    return pytest.approx(theirs, rel=1e-6, abs=1e-7, nan_ok=True)


@pytest.mark.slow
@needs_r
def test_leaving_one_out_is_metafors(cases: dict[str, pl.DataFrame], metafor: Numbers) -> None:
    for name, frame in cases.items():
        for method, model in MODELS.items():
            found = luminaldb.leave_one_out(luminaldb.meta_analysis(frame, model))
            assert found.height == frame.height
            for n, row in enumerate(found.iter_rows(named=True), 1):
                estimate, error, tau2, i2, q = metafor[name, method, "out", n]
                assert [row["log_estimate"], row["tau2"], row["i2"], row["q"]] == close([estimate, tau2, i2, q]), (
                    name,
                    n,
                )
                if model != "reml":
                    assert row["standard_error"] == pytest.approx(error, rel=1e-6)


@needs_r
def test_the_cumulative_result_is_metafors(cases: dict[str, pl.DataFrame], metafor: Numbers) -> None:
    for name, frame in cases.items():
        for method, model in MODELS.items():
            found = luminaldb.cumulative_meta_analysis(luminaldb.meta_analysis(frame, model))
            for n, row in enumerate(found.iter_rows(named=True), 1):
                estimate, error, tau2, i2 = metafor[name, method, "cumul", n]
                assert [row["log_estimate"], row["tau2"], row["i2"]] == close([estimate, tau2, i2]), (name, method, n)
                if model != "reml":
                    assert row["standard_error"] == pytest.approx(error, rel=1e-6)


@needs_r
def test_meta_regression_is_metafors(cases: dict[str, pl.DataFrame], metafor: Numbers) -> None:
    compared = 0
    for (name, method, what, _), theirs in metafor.items():
        if not what.startswith("reg-"):
            continue
        _, column, test = what.split("-")
        one = luminaldb.meta_regression(cases[name], column, model=MODELS[method], test=test)
        row = one.coefficients.row(1, named=True)
        r2 = math.nan if method == "FE" or one.r2 is None else one.r2
        numbers = [row["estimate"], row["standard_error"], row["p_value"], row["ci_low"], one.tau2, one.i2, r2]
        if method == "FE" or one.r2 is None:
            theirs[6] = math.nan
        assert [*numbers, one.q_residual, one.statistic, one.p_value] == close(theirs), (name, method, what)
        compared += 1
    assert compared == len(cases) * 14


@needs_r
def test_subgroups_are_pooled_and_compared_as_metafor_does(cases: dict[str, pl.DataFrame], metafor: Numbers) -> None:
    for name, frame in cases.items():
        for method, model in MODELS.items():
            found = luminaldb.subgroup_analysis(luminaldb.meta_analysis(frame, model), "group")
            numbers = [
                *found.subgroups["log_estimate"],
                *found.subgroups["standard_error"],
                found.q_between,
                found.p_value,
            ]
            assert numbers == close(metafor[name, method, "groups", 0]), (name, method)


@needs_r
def test_eggers_test_is_metafors(cases: dict[str, pl.DataFrame], metafor: Numbers) -> None:
    for name, frame in cases.items():
        found = luminaldb.egger_test(frame)
        assert [found.statistic, found.p_value, found.limit] == close(metafor[name, "FE", "egger", 0])
        assert bool(found.warning) == (frame.height < 10)


def some_studies(**more: object) -> pl.DataFrame:
    frame = dict(random_studies())["made-1"]
    return frame.with_columns(pl.lit(value).alias(name) for name, value in more.items())


def test_studies_without_a_year_come_last_and_are_named() -> None:
    frame = some_studies().with_columns(year=pl.when(pl.int_range(pl.len()) != 1).then(2000 + pl.int_range(pl.len())))
    with pytest.warns(UserWarning, match="1 of 7 studies have no year and come last: T1"):
        result = luminaldb.cumulative_meta_analysis(frame, by="year")
    assert result["added"][-1] == "T1"


def test_a_regression_leaves_out_studies_without_a_value_and_names_them() -> None:
    frame = some_studies().with_columns(x=pl.when(pl.int_range(pl.len()) == 1).then(None).otherwise("x"))
    with pytest.warns(UserWarning, match=r"1 of 7 studies left out, since they have no x: T1"):
        result = luminaldb.meta_regression(frame, "x")
    assert result.k == 6
    assert len(result.left_out) == 1
    assert "left out, since a value is missing: T1" in str(result)
    assert "warning: 6 studies; with fewer than 10 a relation may be chance" in str(result)
    whole = frame.filter(pl.col("x").is_not_null())
    without = luminaldb.meta_regression(whole, "x")
    assert result.coefficients.equals(without.coefficients)
    group = frame.with_columns(group=pl.when(pl.col("x").is_not_null()).then("group"))
    with pytest.warns(UserWarning, match="1 of 7 studies left out, since they have no group: T1"):
        subgroups = luminaldb.subgroup_analysis(group, "group")
    assert subgroups.q_between == luminaldb.subgroup_analysis(whole, "group").q_between
    assert "left out, since a value is missing: T1" in str(subgroups)
    assert "warning: 6 studies" in str(subgroups)


def test_a_baseline_risk_below_one_percent_warns_of_its_unit() -> None:
    pooled = luminaldb.meta_analysis(some_studies())
    with pytest.warns(UserWarning, match="baseline_risk=0.4 means 0.4 %, 4 of 1000 patients; for 40 % write 40"):
        luminaldb.absolute_effect(pooled, 0.4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: luminaldb.leave_one_out(f.head(2)), "three studies; there are 2"),
        (lambda f: luminaldb.cumulative_meta_analysis(f, by="when"), "no column 'when'"),
        (lambda f: luminaldb.meta_regression(f, "y"), "no column 'y'"),
        (lambda f: luminaldb.meta_regression(f, "acronym"), "too few for 6 terms"),
        (lambda f: luminaldb.meta_regression(f, "measure"), "all studies have the same measure"),
        (lambda f: luminaldb.meta_regression(f, "x", test="t"), "no test 't'; choose from adhoc, knha, z"),
        (lambda f: luminaldb.meta_regression(f, "x", model="ml"), "no model 'ml'"),
        (
            lambda f: luminaldb.subgroup_analysis(f.with_columns(group=None), "group"),
            "no study has a value of group",
        ),
        (lambda f: luminaldb.egger_test(f.with_columns(standard_error=0.1)), "different standard errors"),
        (luminaldb.funnel_plot, "needs 10 studies; there are 7"),
        (
            lambda f: luminaldb.absolute_effect(luminaldb.meta_analysis(f), 0),
            "baseline_risk=0 is not a risk in percent",
        ),
        (lambda f: luminaldb.summary_of_findings({}), "needs an outcome"),
        (
            lambda f: luminaldb.summary_of_findings({"PFS": f}, baseline_risks={"OS": 20}),
            "no outcome 'OS'; there are PFS",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call: object, message: str) -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=message):
        call(some_studies())


@pytest.mark.parametrize(
    ("measure", "estimate", "risk", "expected"),
    [
        ("risk_ratio", 0.8, 20.0, 160.0),
        ("odds_ratio", 0.5, 20.0, 1000 * 0.1 / 0.9),
        ("hazard_ratio", 0.5, 36.0, 200.0),
        ("risk_difference", -5.0, 20.0, 150.0),
    ],
)
def test_absolute_effects_follow_the_handbook(measure: str, estimate: float, risk: float, expected: float) -> None:
    frame = pl.DataFrame({"measure": measure, "estimate": [estimate] * 2, "standard_error": [0.1, 0.1],
                          "log_estimate": [math.log(estimate) if estimate > 0 else None] * 2})  # fmt: skip
    one = luminaldb.absolute_effect(luminaldb.meta_analysis(frame, "fixed"), risk)
    assert one.experimental == pytest.approx(expected)
    assert one.difference == pytest.approx(expected - 10 * risk)
    assert one.experimental_low < one.experimental < one.experimental_high
    assert one.number_needed == pytest.approx(1000 / (10 * risk - expected))
    assert str(one).startswith(f"{10 * risk - expected:.0f} fewer per 1000 (")


def test_the_summary_of_findings_fills_the_figures_and_leaves_the_judgement() -> None:
    pfs = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", line="first")
    name = "Progression <or> death | PFS"
    table = luminaldb.summary_of_findings(
        {name: pfs, "Other": some_studies()}, baseline_risks={name: 60.0}, title="A & B"
    )
    first, second = table.frame.iter_rows(named=True)
    assert first["certainty"] == "to be assessed"
    assert first["control_risk"] == 600
    assert "fewer per 1000" in first["difference"]
    assert (second["control_risk"], second["patients"]) == (None, None)
    markdown = table.to_markdown().splitlines()
    assert len(markdown) == 4
    assert len({line.replace("\\|", "").count("|") for line in markdown}) == 1
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(table.to_html())
    cells = ["".join(cell.itertext()).strip() for cell in page.iter("td")]
    assert cells[0] == name
    assert len(cells) == 2 * len(list(page.iter("th")))
    assert str(table).startswith("A & B\n  Progression")


def test_studies_of_one_name_are_told_apart() -> None:
    frame = some_studies(acronym="TRIAL", source="Smith 2020")
    names = luminaldb.leave_one_out(frame)["left_out"].to_list()
    assert len(set(names)) == 7
    assert names[0] == "TRIAL (Smith 2020), 1"


def test_funnel_plots_are_drawn_with_and_without_contours(tmp_path: Path) -> None:
    frame = dict(random_studies())["made-2"]
    for contours in (False, True):
        place = tmp_path / f"funnel-{contours}.svg"
        luminaldb.funnel_plot(frame, contours=contours).save(place)
        assert ("0.05" in place.read_text(encoding="utf-8")) or not contours
