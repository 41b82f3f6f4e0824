"""Ten tasks of clinicians, students and guideline authors: each done in at most three steps from the home page."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import openpyxl
import polars as pl
import pytest
from browsing import Open, playwright

import luminaldb
from luminaldb.publish.results_table import RESULTS_COLUMNS, results_table

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MOST_STEPS = 3


class Steps:
    """A person at the home page, whose steps are counted: a question typed, a link or button pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taken = 0

    def ask(self, words: str) -> Locator:
        """Type a question; give the answers."""
        self._step()
        self.page.fill("#big", words)
        answers = self.page.locator(".results[data-for=big] li")
        answers.first.wait_for()
        return answers

    def press(self, target: Locator) -> None:
        """Follow a link or press a button."""
        self._step()
        target.first.click()

    def question(self, words: str) -> None:
        """Follow a question of the home page."""
        self.press(self.page.locator(".questions a", has_text=words))

    def _step(self) -> None:
        self.taken += 1
        assert self.taken <= MOST_STEPS, "more than three steps"


def at_home(visit: Open) -> Steps:
    return Steps(visit("index.html"))


def test_overall_survival_of_two_drugs_and_its_source(visit: Open) -> None:
    steps = at_home(visit)
    answer = steps.ask("T-DXd vs T-DM1 overall survival").first
    playwright.expect(answer).to_contain_text("HR 0.73 (0.56–0.94)")  # noqa: RUF001 - as the page writes it
    playwright.expect(answer).to_contain_text("DESTINY-Breast03")
    steps.press(answer.locator("a"))
    steps.press(steps.page.locator(".headline", has_text="overall survival").get_by_role("link", name="Cortés 2024"))
    assert steps.page.locator("a[href^='https://doi.org/']").first.is_visible()


def test_what_works_in_esr1_mutated_disease(visit: Open) -> None:
    steps = at_home(visit)
    steps.question("ESR1-mutated")
    page_text = steps.page.inner_text(".summary")
    for word in ("EMBER-3", "EMERALD", "progression-free survival", "HR"):
        assert word in page_text
    for section in ("approvals", "claims", "mechanisms"):
        assert steps.page.locator(f"h2#{section}").is_visible()


def test_endocrine_and_anti_her2_therapy_without_chemotherapy(visit: Open) -> None:
    steps = at_home(visit)
    steps.question("without chemotherapy")
    answers = steps.page.locator(".results[data-for=big] li")
    answers.first.wait_for()
    page_text = " ".join(answers.all_inner_texts()[:20])
    for trial in ("TAnDEM", "eLEcTRA", "DETECT V"):
        assert trial in page_text


def test_all_pfs_results_of_cdk4_6_inhibitors_as_a_file(visit: Open, tmp_path: Path) -> None:
    flat = results_table(luminaldb.Database.installed())
    wanted = flat.filter(
        pl.col("endpoint") == "progression-free survival",
        pl.col("therapy_class").str.split("; ").list.contains("CDK4/6 inhibitor"),
    )
    steps = at_home(visit)
    steps.question("CDK4/6 inhibitors as a file")
    page = steps.page
    page.wait_for_selector(f"#results[data-shown='{wanted.height}']")
    with page.expect_download() as waiting:
        steps.press(page.get_by_role("button", name="Download as CSV"))
    saved = Path(waiting.value.path()).read_bytes()
    assert saved.startswith(b"\xef\xbb\xbf")
    names, *rows = csv.reader(io.StringIO(saved.decode("utf-8-sig")))
    assert names == [c.title for c in RESULTS_COLUMNS]
    ids = [c.name for c in RESULTS_COLUMNS].index("result_id")
    assert sorted(r[ids] for r in rows) == sorted(wanted["result_id"])
    with page.expect_download() as waiting:
        steps.press(page.get_by_role("button", name="Download as Excel"))
    waiting.value.save_as(tmp_path / "results.xlsx")
    book = openpyxl.load_workbook(tmp_path / "results.xlsx")["Results"]
    assert sorted(r[ids].value for r in book.iter_rows(min_row=2)) == sorted(wanted["result_id"])
    doi = [c.name for c in RESULTS_COLUMNS].index("doi")
    assert any(r[doi].hyperlink for r in book.iter_rows(min_row=2))


def test_citing_one_result(visit: Open) -> None:
    steps = at_home(visit)
    steps.press(steps.ask("MONALEESA-2 overall survival").first.locator("a"))
    steps.press(
        steps.page.locator(".headline", has_text="overall survival").get_by_role("link", name="Hortobagyi 2022")
    )
    row = luminaldb.load("citations").filter(citation_id="hortobagyi-2022-monaleesa-2")
    assert re.search(r"N Engl J Med|Annals|2022", steps.page.inner_text(".facts"))
    assert row.is_empty() or row["title"][0] == steps.page.inner_text("h1")


def test_two_trials_side_by_side(visit: Open) -> None:
    steps = at_home(visit)
    steps.question("Compare PALOMA-2 with MONALEESA-2")
    steps.page.wait_for_selector("#compared[data-ready='paloma-2,monaleesa-2']")
    page_text = steps.page.inner_text("#compared")
    for word in (
        "PALOMA-2",
        "MONALEESA-2",
        "overall survival",
        "neutrophil count decreased",
        "Palbociclib plus letrozole",
    ):
        assert word in page_text


def test_how_sure_a_number_is(visit: Open) -> None:
    steps = at_home(visit)
    steps.press(steps.ask("DESTINY-Breast03 OS").first.locator("a"))
    headline = steps.page.locator(".headline", has_text="overall survival").first
    playwright.expect(headline.locator(".sure")).to_have_text(re.compile("low|moderate|good|high"))
    playwright.expect(headline).to_contain_text("read twice")
    steps.press(steps.page.get_by_role("link", name="How sure?"))
    playwright.expect(steps.page.locator("#how-sure")).to_be_in_viewport()
    assert "read twice" in steps.page.inner_text("[aria-labelledby=how-sure]")


def test_side_effects_of_alpelisib(visit: Open) -> None:
    steps = at_home(visit)
    steps.question("side effects of alpelisib")
    playwright.expect(steps.page.locator(".dots li").first).to_contain_text("hyperglycemia")
    playwright.expect(steps.page.locator(".dots li").first).to_contain_text("36.6 % (grade 3 or 4) against 0.7 %")


def test_the_latest_analysis_of_monarche(visit: Open) -> None:
    steps = at_home(visit)
    steps.question("latest analysis of monarchE")
    playwright.expect(steps.page.locator("h1")).to_have_text("monarchE")
    headline = steps.page.locator(".headline", has_text="invasive disease-free survival").first
    latest = luminaldb.trial_results(analysis="latest").filter(
        trial_id="monarche", endpoint_id="idfs", population_analysis_set="itt", result_type="effect"
    )
    assert any(f"{e:g}" in headline.inner_text() for e in latest["estimate"])
    steps.press(headline.locator("summary"))
    assert headline.locator(".before li").count() >= 2


def test_first_line_guidance_for_her2_positive_hormone_receptor_positive_disease(visit: Open) -> None:
    steps = at_home(visit)
    steps.question("first line for HR+/HER2+")
    section = steps.page.locator("section", has=steps.page.locator(":target"))
    playwright.expect(section.locator("h2")).to_contain_text("first line")
    years = [int(y) for y in section.locator(".year").all_inner_texts() if y.isdigit()]
    assert years == sorted(years, reverse=True)
    assert years


def test_filtered_results_are_pooled_as_by_the_library(visit: Open) -> None:
    page = visit("browse/trial_results.html#drug=lerociclib&endpoint=progression-free survival&measure=HR")
    page.wait_for_selector("#results[data-ready=true]")
    page.get_by_role("button", name="Pool these").click()
    page_text = page.inner_text("#pooled")
    selection = luminaldb.comparisons("pfs", therapy="lerociclib", mixed=True)
    assert set(selection.included["trial_id"]) == {"leonarda-1", "leonarda-2"}
    pooled = luminaldb.meta_analysis(selection, "dl")
    assert f"{pooled.estimate:.2f} (95 % CI {pooled.ci_low:.2f} to {pooled.ci_high:.2f})" in page_text


@pytest.mark.parametrize(
    ("therapy_class", "endpoint", "setting"),
    [
        ("cdk4-6-inhibitor", "pfs", "metastatic"),
        ("cdk4-6-inhibitor", "os", "metastatic"),
        ("oral-serd", "pfs", "metastatic"),
        ("pi3k-inhibitor", "pfs", "metastatic"),
        ("akt-inhibitor", "pfs", "metastatic"),
        ("mtor-inhibitor", "pfs", "metastatic"),
    ],
)
def test_the_results_pooled_of_a_trial_are_those_that_the_library_pools(
    visit: Open, therapy_class: str, endpoint: str, setting: str
) -> None:
    """Independent review comes before the investigators in both, whatever the table marks as latest."""
    selection = luminaldb.comparisons(endpoint, therapy_class=therapy_class, setting=setting, mixed=True)
    flat = results_table(luminaldb.Database.installed()).filter(
        endpoint_id=endpoint, latest="latest", measure="HR", analysis_set="intention to treat"
    )
    # The page refuses to pool several comparisons of a trial, which the library combines, and turns none round.
    once = flat.group_by("trial_id").len().filter(pl.col("len") == 1)["trial_id"].to_list()
    included = selection.included.filter(
        pl.col("trial_id").is_in(once),
        ~pl.col("result_id").str.contains("+", literal=True),
        pl.col("derived_from").is_null(),
    )
    assert included.height > 1
    facets = {
        "trial_id": "|".join(included["trial_id"]), "endpoint": flat["endpoint"][0], "measure": "HR",
        "analysis_set": "intention to treat",
    }  # fmt: skip
    page = visit(f"browse/trial_results.html#{urlencode(facets)}")
    page.wait_for_selector("#results[data-ready=true]")
    page.get_by_role("button", name="Pool these").click()
    pooled = (page.get_attribute("#pooled", "data-results") or "").split()
    assert sorted(pooled) == sorted(included["result_id"]), page.inner_text("#pooled")
    model = luminaldb.meta_analysis(included, "dl")
    assert f"{model.estimate:.2f} (95 % CI {model.ci_low:.2f} to {model.ci_high:.2f})" in page.inner_text("#pooled")


def test_pooling_says_what_makes_the_trials_unlike(visit: Open) -> None:
    page = visit("browse/trial_results.html#drug=ribociclib&endpoint=progression-free survival&measure=HR")
    page.wait_for_selector("#results[data-ready=true]")
    page.get_by_role("button", name="Pool these").click()
    text = page.inner_text("#pooled")
    assert "RIGHT Choice (" in text.split("given in place of other drugs")[1]
    assert "They differ in line (" in text


def test_results_by_keyboard_and_words(visit: Open) -> None:
    page = visit("browse/trial_results.html")
    page.wait_for_selector("#results[data-ready=true]")
    page.locator("#words").focus()
    page.keyboard.type("PALOMA-2 overall survival")
    playwright.expect(page.locator("#list tbody tr").first).to_contain_text("PALOMA-2")
    assert "words=PALOMA-2" in page.url
    page.get_by_role("button", name="Clear filters").press("Enter")
    total = results_table(luminaldb.Database.installed()).height
    playwright.expect(page.locator("#shown")).to_have_text(f"{total:,} of {total:,} results")
