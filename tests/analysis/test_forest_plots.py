"""Forest and funnel plots, and questions asked of one kind of analysis."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import html5lib
import polars as pl
import pytest

import luminaldb
from luminaldb.analysis.effect_direction import infer_lower_is_better
from luminaldb.analysis.forest_rows import forest_rows
from luminaldb.analysis.funnel_plot import funnel_plot
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
    drawn = funnel_plot(luminaldb.meta_analysis(rows)).to_dict()
    sizes = sorted(len(data) for data in drawn["datasets"].values())
    assert sizes == [1, 3, rows.height]
    with pytest.raises(LuminaldbError, match="needs 10"):
        funnel_plot(luminaldb.meta_analysis(rows.head(9)))


def test_a_comparison_that_was_not_randomised_is_left_out_and_says_so() -> None:
    effects = luminaldb.load("effects").filter(pl.col("randomised").eq(False))
    assert "detect-v-pfs-itt-exploratory-ribociclib" in effects["effect_id"]
    answers = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor")
    assert answers.included.filter(pl.col("result_id").is_in(effects["effect_id"].implode())).is_empty()
    reasons = dict(answers.excluded.select("result_id", "reason").iter_rows())
    assert reasons["detect-v-pfs-itt-exploratory-ribociclib"] == "its arms were not randomised against one another"


def test_a_row_that_says_that_it_is_not_randomised_is_marked_so() -> None:
    results = luminaldb.trial_results(include_superseded=True).filter(pl.col("result_type") == "effect")
    words = pl.concat_str("arm", "control_arm", "note", separator=" ", ignore_nulls=True).str.to_lowercase()
    noted = results.filter(words.str.contains("not randomised|not a randomised"))
    unmarked = noted.filter(pl.col("randomised").fill_null(value=True))["result_id"].to_list()
    assert not noted.is_empty()
    assert not unmarked, f"{unmarked}: note or arms say that it was not randomised: set randomised to false"


@pytest.mark.parametrize(
    ("result", "reason", "other"),
    [
        ("leonarda-1-pfs-itt-primary-inv", "events assessed by another assessor (investigator, not independent central) "
         "than in SOURCE", "leonarda-1-pfs-itt-primary-bicr"),
        ("flipper-pfs-itt-exploratory", "an adjusted ratio (adjusted) of patients that the same source (primary) counts "
         "as randomised", "flipper-pfs-itt-primary"),
        ("paloma-3-pfs-itt-interim", "a later analysis of the trial, SOURCE, counts the same patients",
         "paloma-3-pfs-itt-updated"),
        ("pace-pfs-itt-primary-avelumab", "its arms differ in more than the therapies asked for", None),
    ],
)  # fmt: skip
def test_what_is_left_out_says_the_true_reason_in_words(result: str, reason: str, other: str | None) -> None:
    left = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor").excluded
    row = left.filter(result_id=result).row(0, named=True)
    results = luminaldb.trial_results(include_superseded=True)
    named = results.filter(result_id=other or "").select(pl.format("{} ({})", "source", "analysis")).to_series()
    assert row["reason"] == reason.replace("SOURCE", "".join(named))
    assert row["other_result_id"] == other
    assert not left["reason"].str.contains_any(results["result_id"].to_list()).any()


def texts_of_plot(picture: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", picture)


def make_results(**columns: object) -> pl.DataFrame:
    frame = pl.DataFrame({
        "measure": "hazard_ratio", "estimate": [0.5, 0.7, 3.0], "standard_error": [0.1, 0.2, 90.0], "acronym": "TRIAL",
        "source": "Smith 2000", "events_experimental": [10, 20, 3], "n_experimental": [100, 100, 20],
        "events_control": [20, 22, 2], "n_control": [100, 101, 10], "group": ["b", "a", "b"],
    })  # fmt: skip
    frame = frame.with_columns(log_estimate=pl.col("estimate").log())
    return frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items())


def test_columns_have_headings_events_weights_and_rows_of_one_name_stand_apart(tmp_path: Path) -> None:
    luminaldb.forest_plot(make_results()).save(tmp_path / "plot.svg")
    texts = texts_of_plot((tmp_path / "plot.svg").read_text(encoding="utf-8"))
    assert {"Study", "Experimental", "Control", "Hazard ratio", "Weight", "10/100", "22/101"} <= set(texts)
    assert [t for t in texts if t.startswith("TRIAL")] == [f"TRIAL (Smith 2000), {n}" for n in (1, 2, 3)]
    assert "Pooled" in texts
    assert sum(t.startswith("Pooled") for t in texts) == 1


def test_huge_standard_errors_stay_on_the_page(tmp_path: Path) -> None:
    rows = forest_rows(luminaldb.meta_analysis(make_results(standard_error=400.0)))
    assert rows["high"].is_infinite().any()
    assert "∞" in rows["text"][0]
    assert max(map(len, forest_rows(luminaldb.meta_analysis(make_results()))["text"])) < 45
    for name, frame in {"huge": make_results(), "endless": make_results(standard_error=400.0)}.items():
        luminaldb.forest_plot(frame).save(tmp_path / f"{name}.svg")
        picture = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert "NaN" not in picture
        assert "Infinity" not in picture
        assert width_of(picture) <= 700


def width_of(picture: str) -> float:
    return float(re.search(r'<svg[^>]* width="([\d.]+)"', picture)[1])


@pytest.mark.parametrize(("width", "most"), [(642, 680), (321, 345)])
def test_a_plot_fits_the_columns_of_a_journal(tmp_path: Path, width: int, most: float) -> None:
    selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", line="first")
    luminaldb.forest_plot(selection, width=width).save(tmp_path / "plot.svg")
    assert width_of((tmp_path / "plot.svg").read_text(encoding="utf-8")) <= most
    with pytest.raises(LuminaldbError, match="width=100 is too narrow"):
        luminaldb.forest_plot(selection, width=100)


@pytest.mark.parametrize(
    ("columns", "left"),
    [
        ({}, "experimental"),
        ({"measure": "odds_ratio", "endpoint_family": "response", "endpoint_better": "higher"}, "control"),
        ({"measure": "odds_ratio", "endpoint_family": "time_to_event", "endpoint_better": "higher"}, "experimental"),
        ({"measure": "risk_difference", "endpoint_family": "response", "endpoint_better": "higher"}, "control"),
        ({"measure": "odds_ratio"}, None),
    ],
)
def test_the_side_that_is_favoured_follows_the_endpoint(
    tmp_path: Path, columns: dict[str, str], left: str | None
) -> None:
    luminaldb.forest_plot(make_results(**columns)).save(tmp_path / "plot.svg")
    texts = texts_of_plot((tmp_path / "plot.svg").read_text(encoding="utf-8"))
    found = [t for t in texts if t.startswith("← favours")]
    assert found == ([f"← favours {left}"] if left else [])


def test_fewer_adverse_events_and_more_patients_free_of_progression_are_better() -> None:
    harms = luminaldb.comparisons(
        adverse_event="any", grade="3_plus", therapy_class="cdk4-6-inhibitor", setting="metastatic"
    )
    rates = luminaldb.comparisons(
        "pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", measure="risk_ratio", at_months=12
    )
    assert infer_lower_is_better(harms.included) is True
    assert infer_lower_is_better(rates.included) is False


def test_a_narrow_plot_tells_studies_apart_and_has_few_ticks() -> None:
    selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", line="first_or_second")
    plot = luminaldb.forest_plot(selection, width=321).to_dict()
    labels = [row["label"] for rows in plot["datasets"].values() for row in rows if row.get("kind") == "study"]
    cut = {label[:24] for label in labels}
    assert {"MONARCH plus, Cohort A, ", "MONARCH plus, Cohort B, "} <= cut
    ticks = next(
        layer["encoding"]["x"]["axis"]["values"] for layer in plot["layer"] if "axis" in layer["encoding"]["x"]
    )
    assert len(ticks) <= 3


def test_a_common_effect_has_no_variance_between_studies() -> None:
    plot = luminaldb.forest_plot(make_results(), model="fixed")
    assert "τ²" not in str(plot.to_dict()["title"]["subtitle"])


def test_subgroups_have_headings_and_diamonds_and_the_question_is_the_title() -> None:
    rows = forest_rows(
        luminaldb.meta_analysis(make_results()), subgroups=luminaldb.subgroup_analysis(make_results(), "group")
    )
    assert rows["kind"].to_list() == [
        "heading",
        "study",
        "heading",
        "study",
        "study",
        "subgroup",
        "pooled",
        "prediction",
    ]
    assert rows["label"][0] == "Group: a"
    selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic")
    plot = luminaldb.forest_plot(selection, subgroups="trial_line", favours=("CDK4/6 inhibitor", "control"))
    assert plot.title == selection.question.title
    assert "Test between subgroups" in str(plot.to_dict()["title"]["subtitle"])
    assert "favours CDK4/6 inhibitor" in str(plot.to_dict()["datasets"])


def test_the_page_has_picture_and_numbers_without_scripts_and_escapes_names(tmp_path: Path) -> None:
    plot = luminaldb.forest_plot(make_results(acronym="<b>A & B</b>"), title="<script>alert(1)</script>")
    plot.save(tmp_path / "plot.html")
    text = (tmp_path / "plot.html").read_text(encoding="utf-8")
    page = html5lib.HTMLParser(namespaceHTMLElements=False).parse(text)
    assert list(page.iter("script")) == []
    assert page.find(".//title").text == "<script>alert(1)</script>"
    cells = [cell.text for cell in page.iter("td")]
    assert "<b>A & B</b> (Smith 2000), 1" in cells
    assert len([e for e in page.iter() if str(e.tag).endswith("svg")]) == 1


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<svg"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_plot_saves_in_every_format_of_a_journal(tmp_path: Path, suffix: str, start: bytes) -> None:
    luminaldb.forest_plot(make_results()).save(tmp_path / f"plot.{suffix}")
    assert (tmp_path / f"plot.{suffix}").read_bytes().startswith(start)


@pytest.mark.slow
def test_the_command_draws_into_a_file_and_prints_subgroups(
    run: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    question = ("meta-analysis", "--endpoint", "pfs", "--therapy-class", "cdk4-6-inhibitor", "--setting", "metastatic")
    place = tmp_path / "plot.svg"
    done = run(*question, "--subgroups", "trial_line", "--out", place)
    assert done.returncode == 0, done.stderr
    assert "test between subgroups: Q(" in done.stdout
    assert "Subtotal" in place.read_text(encoding="utf-8")
    again = run(*question, "--out", place)
    assert (again.returncode, "overwrite it with --force" in again.stderr) == (1, True)
    assert run(*question, "--out", place, "--force").returncode == 0
    wrong = run(*question, "--out", tmp_path / "plot.jpg")
    assert (wrong.returncode, "ends in .svg, .pdf, .png, .html, .json" in wrong.stderr) == (1, True)
