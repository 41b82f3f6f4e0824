"""Search as a person meets it: by any name, by identifiers as papers print them, by names misspelt."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from browsing import Open, playwright

import luminaldb
from luminaldb.loaders.search import search_note

QUERIES = Path(__file__).parents[1] / "data/search_queries.json"
if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Faslodex", "fulvestrant"),
        ("T-DM1", "trastuzumab emtansine"),
        ("tdm1", "trastuzumab emtansine"),
        ("NCT01491737", "PERTAIN"),
        ("ERBB2", "ERBB2"),
        ("cdk4/6 inhib", "CDK4/6 inhibitor"),
        ("28968163", None),
    ],
)
def test_search_finds_by_any_name(visit: Open, asked: str, found: str | None) -> None:
    if found is None:
        row = luminaldb.load("citations").filter(pl.col("pmid").is_not_null()).row(0, named=True)
        asked, found = row["pmid"], None
    page = visit("index.html")
    page.fill("#big", asked)
    first = page.locator(".results[data-for=big] li a").first
    first.wait_for()
    if found is not None:
        assert first.inner_text() == found
        return
    first.click()
    assert asked in page.inner_text("main")


def test_search_by_address_and_from_a_folder(visit: Open, portal: Path) -> None:
    page = visit("trials/pertain.html", base=f"{portal.as_uri()}/")
    page.fill("#find", "Ibrance")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=Ibrance")
    page.click(".results[data-for=big] li a >> nth=0")
    assert page.inner_text("h1") == "palbociclib"


def found(page: Page, asked: str) -> list[str]:
    """Ask, and give the titles found."""
    page.fill("#big", asked)
    hint = page.locator(".results[data-for=big] .hint")
    playwright.expect(hint).to_contain_text(re.compile("found"))
    page.wait_for_function(
        "(query) => { const r = document.querySelector('.results[data-for=big]'); return r.dataset.query === query; }",
        arg=asked,
    )
    return page.locator(".results[data-for=big] li a").all_inner_texts()


def test_an_identifier_with_one_digit_changed_finds_nothing(visit: Open) -> None:
    page = visit("search.html")
    papers = luminaldb.load("citations").drop_nulls("pmid")
    pmids, dois = set(papers["pmid"]), set(papers["doi"].drop_nulls())
    trials = luminaldb.load("trials")
    registered = {*trials["registry_id"].drop_nulls(), *";".join(trials["other_registry_ids"].drop_nulls()).split(";")}
    wrong = [changed(next(iter(sorted(of)))) for of in (pmids, dois, {r for r in registered if r.startswith("NCT")})]
    for asked in ["27717304", "2771730", "NCT04191498", *wrong]:
        assert asked not in pmids | dois | registered
        assert found(page, asked) == [], asked


def changed(identifier: str) -> str:
    return identifier[:-1] + str((int(identifier[-1]) + 5) % 10)


@pytest.mark.parametrize(
    "asked",
    [
        "27717303",
        "PMID 27717303",
        "pmid:27717303",
        "https://pubmed.ncbi.nlm.nih.gov/27717303/",
        "10.1056/NEJMoa1609709",
        "doi: 10.1056/NEJMoa1609709",
        "https://doi.org/10.1056/NEJMoa1609709",
        "http://dx.doi.org/10.1056/nejmoa1609709",
    ],
)
def test_a_paper_is_found_by_its_identifier_however_it_is_written(visit: Open, asked: str) -> None:
    assert found(visit("search.html"), asked) == ["Hortobagyi 2016"]


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("01491737", "PERTAIN"),
        ("https://clinicaltrials.gov/study/NCT01491737", "PERTAIN"),
        ("arrangoiz-2022-star", "arrangoiz-2022-star"),
        ("trastuzmab", "trastuzumab"),
        ("herceptn", "trastuzumab"),
        ("kadcila", "trastuzumab emtansine"),
        ("palbocyclib", "palbociclib"),
        ("HER2", "ERBB2"),
        ("estrogen receptor", "ESR1"),
    ],
)
def test_what_was_meant_comes_first(visit: Open, asked: str, title: str) -> None:
    assert found(visit("search.html"), asked)[0] == title


def test_the_search_box_ranks_as_the_command_does(visit: Open) -> None:
    page = visit("search.html")
    for query in json.loads(QUERIES.read_text(encoding="utf-8")):
        wanted = luminaldb.search(query["query"]).head(10)["label"].to_list()
        assert found(page, query["query"])[:10] == wanted, query["query"]
    unanswered = (
        "abemaciclib vs ribociclib",
        "T-DXd vs tucatinib",
        "alpelisib ILD",
        "cost of palbociclib",
        "foobarimab OS",
    )
    for asked in (
        *unanswered,
        "Bidirectional crosstalk ER HER2 upregulation",
        "ESR1 mutations: how common and what do they do?",
        "giredestrant vs standard endocrine therapy",
        "palbociclib vs capecitabine",
        "trastuzumab vs lapatinib",
        "dose of abemaciclib",
        "palbociclib after progression on CDK4/6",
        "anastrozole vs tamoxifen",
    ):
        wanted = luminaldb.search(asked).head(10)["label"].to_list()
        assert found(page, asked)[:10] == wanted, asked
        note = page.locator(".results[data-for=big] .notice")
        assert [search_note(asked)] == (note.all_inner_texts() or [""]), asked
        assert bool(search_note(asked)) == (asked in unanswered)


def test_an_answer_leads_to_its_row(visit: Open) -> None:
    page = visit("search.html?q=T-DXd vs T-DM1 overall survival")
    page.click(".results[data-for=big] li a >> nth=0")
    assert page.inner_text("h1") == "DESTINY-Breast03"
    playwright.expect(page.locator(":target")).to_contain_text("0.73")


def test_a_retired_id_leads_to_what_is_stated_of_it(visit: Open) -> None:
    page = visit("search.html?q=arrangoiz-2022-star")
    page.click(".results[data-for=big] li a >> nth=0")
    assert "arrangoiz-2022-star is retired" in page.inner_text("h1").replace("The id ", "")
    assert page.locator("main a[href*='vogel-2010-star']").is_visible()


def test_a_link_to_a_withdrawn_result_leads_to_why_it_was_withdrawn(visit: Open) -> None:
    withdrawn = luminaldb.load("retired_ids").filter(pl.col("successor_id").is_null(), table_name="effects")
    if withdrawn.is_empty():
        pytest.skip("no effect is withdrawn without a successor in these tables")
    gone = withdrawn.row(0, named=True)
    old = gone["old_id"]
    trial = max((t for t in luminaldb.load("trials")["trial_id"] if old.startswith(f"{t}-")), key=len)
    page = visit(f"trials/{trial}.html#effects.{old}")
    line = page.locator("tr:target")
    playwright.expect(line).to_be_in_viewport()
    assert gone["reason"] in line.inner_text()
    page.goto(f"{page.url.partition('trials/')[0]}search.html?q={old}")
    page.click(".results[data-for=big] li a >> nth=0")
    playwright.expect(page.locator("tr:target")).to_contain_text(old)
