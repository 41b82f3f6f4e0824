"""The portal as a person meets it, in Debian's Chromium: found, followed, redrawn, by mouse and by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from browsing import PHONE, Open, ready, shows, tab_to, temporary_site
from helpers import read_rows, write_rows
from playwright.sync_api import Page

import luminaldb
from luminaldb.publish.portal.browse import ROWS_PER_PAGE, write_table_page
from luminaldb.publish.portal.entity_pages import write_entity_pages
from luminaldb.publish.portal.search_index import write_search_page

axe_package = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe: the extra test-portal has it")
# A4 portrait between margins of 1 cm, 96 px an inch.
PAPER = {"width": 718, "height": 1046}
ONE_OF_EACH = {
    "home": "index.html",
    "search": "search.html?q=fulvestrant",
    "list": "trials/index.html",
    "tables": "browse/index.html",
    "table": "browse/effects.html",
    "codebook": "codebook.html",
    "therapy": "therapies/fulvestrant.html",
    "class": "classes/cdk4-6-inhibitor.html",
    "mechanism": "mechanisms/pik3ca-mutation.html",
    "gene": "genes/hgnc-3430.html",
    "trial": "trials/alternative.html",
    "claim": "claims/abc4-dual-blockade-no-os.html",
    "citation": "citations/johnston-2018-alternative.html",
    "forest": "forest/index.html",
    "forest plot": "forest/cdk4-6-inhibitor--os--hazard-ratio--itt--metastatic--latest--add-on.html",
    "results": "browse/trial_results.html",
    "side effects": "safety/therapies-alpelisib.html",
    "side effects of a class": "safety/classes-cdk4-6-inhibitor.html",
    "list of side effects": "safety/index.html",
    "biomarker": "biomarkers/esr1-mutated.html",
    "biomarkers": "biomarkers/index.html",
    "guidance": "guidance.html",
    "compare": "compare.html#trials=paloma-2,monaleesa-2",
    "crosstalk": "crosstalk.html",
    "evidence map": "evidence-map.html",
    "quality": "quality.html",
    "downloads": "downloads.html",
    "licences": "licences.html",
    "rows of a trial": "trials/inavo120-adverse-events.html",
    "what is left to do": "todo.html",
    "tasks of a kind": "todo/weak-source.html",
}


def test_a_fact_leads_to_its_source_and_back(visit: Open) -> None:
    page = visit("trials/pertain.html")
    page.locator("[id='effects.pertain-pfs-itt-primary']").get_by_role("link", name="Rimawi 2018").click()
    assert page.url.endswith("citations/rimawi-2018-pertain.html")
    row = luminaldb.load("citations").filter(citation_id="rimawi-2018-pertain").row(0, named=True)
    assert page.inner_text("h1") == row["title"]
    assert page.get_by_role("link", name=row["doi"]).get_attribute("href") == f"https://doi.org/{row['doi']}"
    page.locator("[id='effects.pertain-pfs-itt-primary']").get_by_role("link", name="PERTAIN").click()
    assert page.inner_text("h1") == "PERTAIN"


def test_choosing_another_question_redraws_the_forest_plot(visit: Open) -> None:
    page = visit("forest/index.html")
    before = page.get_attribute("#answer img", "src")
    page.select_option("#class", "oral-serd")
    page.select_option("#population", "esr1m")
    page.select_option("#arms", "every")
    page.wait_for_selector("#answer h2:has-text('Oral SERD')")
    selection = luminaldb.comparisons(
        "pfs", therapy_class="oral-serd", population="esr1m", setting="metastatic", mixed="comparator"
    )
    pooled = luminaldb.meta_analysis(selection.included)
    assert page.get_attribute("#answer img", "src") != before
    assert page.evaluate("document.querySelector('#answer img').decode().then(() => true)")
    line = page.get_by_role("row", name=pooled.title).inner_text()
    assert f"{pooled.estimate:.2f}\t{pooled.ci_low:.2f} to {pooled.ci_high:.2f}" in line
    assert "trials pooled" in page.inner_text("#message")
    again = visit("forest/index.html" + page.url[page.url.index("#") :])
    again.wait_for_selector("#answer h2:has-text('Oral SERD')")
    assert again.input_value("#population") == "esr1m"


def test_the_crosstalk_map_filters_by_direction_and_by_therapy(visit: Open) -> None:
    page = visit("crosstalk.html")
    page.wait_for_selector("#map[data-ready=true]")
    every = luminaldb.load("interactions")
    assert page.get_attribute("#map", "data-shown") == str(every.height)
    page.select_option("#direction", "er_to_her2")
    towards = every.filter(pl.col("crosstalk") == "er_to_her2")
    assert page.get_attribute("#map", "data-shown") == str(towards.height)
    visible = page.locator("tr[id^='interactions.']:visible")
    assert visible.count() == towards.height
    assert page.inner_text("h2 .count") == f"{towards.height} of {every.height}"
    page.select_option("#direction", "")
    page.select_option("#therapy", "lapatinib")
    assert "ERBB2" in page.inner_text("#message")
    assert 0 < visible.count() < every.height
    page.reload()
    page.wait_for_selector("#map[data-ready=true]")
    assert page.input_value("#therapy") == "lapatinib"


def test_the_crosstalk_map_names_the_paper_of_an_edge_under_the_mouse(visit: Open) -> None:
    page = visit("crosstalk.html#direction=her2_to_er")
    page.wait_for_selector("#map[data-ready=true]")
    box = page.locator("#map").bounding_box()
    assert box
    for x in range(60, int(box["width"]) - 60, 12):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] * 0.55)
        if page.locator("#message a").count():
            break
    assert page.locator("#message a").get_attribute("href", timeout=1000).startswith("citations/")


def test_search_and_a_table_by_keyboard_alone(visit: Open, tmp_path: Path) -> None:
    page = visit("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "big"
    page.keyboard.type("browse pertain")
    page.keyboard.press("Control+A")
    page.keyboard.type("PERTAIN")
    page.locator(".results[data-for=big] li a").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trials/pertain.html")
    table = ready(visit("browse/trials.html"))
    tab_to(table, "Filter acronym")
    table.keyboard.type("PALOMA")
    shows(table, luminaldb.load("trials").filter(pl.col("acronym").str.contains("PALOMA")).height, "trials")
    table.evaluate("document.getElementById('main').focus()")
    tab_to(table, "Download the rows shown")
    with table.expect_download() as waiting:
        table.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "trials.csv"


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_axe_finds_nothing_on_one_page_of_each_kind(visit: Open, kind: str) -> None:
    axe = axe_package.Axe()
    tags = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark", "viewport": PHONE}):
        page = visit(ONE_OF_EACH[kind], **options)
        settle(page, kind)
        found = axe.run(page, options=tags).response["violations"]
        violations = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
        assert violations == [], f"{kind}, {options['color_scheme']}"


def settle(page: Page, kind: str) -> None:
    if kind == "table":
        ready(page)
    if kind == "results":
        page.wait_for_selector("#results[data-ready=true]")
    if kind == "compare":
        page.wait_for_selector("#compared[data-ready]")
    if kind == "crosstalk":
        # On a narrow screen the map is hidden: the list below it is read.
        page.wait_for_selector("#map[data-ready=true]", state="attached")
    if kind == "search":
        page.locator(".results[data-for=big] li").first.wait_for()


@pytest.mark.parametrize("width", [320, 640, 1024, 1280, 2560])
@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_nothing_is_cut_off_at_any_width(visit: Open, kind: str, width: int) -> None:
    page = visit(ONE_OF_EACH[kind], viewport={"width": width, "height": 900})
    settle(page, kind)
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    assert wide <= width, f"{kind} is {wide} px wide"
    cut = page.evaluate(
        """(width) => [...document.querySelectorAll("main table")].filter((t) => {
            const box = t.getBoundingClientRect();
            return box.width && !t.closest("#grid") && box.right > width + 1;
        }).map((t) => `${t.getAttribute("aria-label") || t.getAttribute("aria-labelledby")} ends at ${t.getBoundingClientRect().right}`)""",
        width,
    )
    assert cut == [], kind


def test_without_javascript_tables_plots_maps_and_downloads_remain(visit: Open) -> None:
    page = visit("browse/outcomes.html", java_script_enabled=False)
    assert page.locator("#plain tbody tr").count() == ROWS_PER_PAGE
    page.get_by_role("link", name="2", exact=True).click()
    assert page.locator("#plain tbody tr").count() == ROWS_PER_PAGE
    assert page.get_by_role("link", name="CSV", exact=True).is_visible()
    forest = visit("forest/index.html", java_script_enabled=False)
    assert forest.locator("#answer img").first.is_visible()
    assert not forest.locator("#choose").is_visible()
    assert visit("crosstalk.html", java_script_enabled=False).locator("#map svg").is_visible()


def test_every_kind_of_page_opens_from_a_folder(visit: Open, portal: Path) -> None:
    for kind in ("home", "table", "trial", "forest", "crosstalk"):
        page = visit(ONE_OF_EACH[kind], base=f"{portal.as_uri()}/")
        settle(page, kind)
        assert page.locator("h1").is_visible()


def test_print_leaves_out_what_paper_cannot_do(visit: Open) -> None:
    page = visit("trials/pertain.html")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    assert page.locator("[id='effects.pertain-pfs-itt-primary'] svg").is_visible()
    assert page.locator(".advice").is_visible()


def test_what_a_table_says_stays_text(visit: Open, datasets: Path, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> </script>"
    file = datasets / "claims/claims.csv"
    rows = read_rows(file)
    rows[1][rows[0].index("statement")] = evil
    write_rows(file, rows)
    site = temporary_site(tmp_path / "site", datasets)
    write_entity_pages(site, lambda _: None)
    write_search_page(site)
    write_table_page(site, site.evidence["claims"])
    base = f"{(tmp_path / 'site').as_uri()}/"
    page = visit(f"claims/{rows[1][0]}.html", base=base)
    assert page.inner_text("h1").split() == evil.split()
    table = ready(visit("browse/claims.html", base=base))
    assert table.locator(".tabulator-cell", has_text="alert(1)").first.inner_text().split() == evil.split()
    search = visit("search.html?q=onerror", base=base)
    search.locator(".results[data-for=big] li a").first.wait_for()
    assert "<script>" in search.locator(".results[data-for=big] li a").first.inner_text()


def test_the_home_page_asks_for_little(visit: Open) -> None:
    page = visit("index.html")
    page.wait_for_load_state("networkidle")
    files = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert len(files) <= 4, files
    assert not [f for f in files if re.search(r"tabulator|search\\.js", f)]


@pytest.mark.parametrize("kind", ["trial", "therapy", "class", "mechanism", "gene", "citation", "quality", "codebook"])
def test_no_column_is_cut_off_on_a4_paper(visit: Open, kind: str) -> None:
    page = visit(ONE_OF_EACH[kind] if kind != "trial" else "trials/monaleesa-2.html", viewport=PAPER)
    page.emulate_media(media="print")
    furthest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('th, td')].map(e => e.getBoundingClientRect().right))"
    )
    cut = page.evaluate(
        "[...document.querySelectorAll('th, td')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert furthest <= PAPER["width"], f"a column of {kind} ends at {furthest} px"
    assert cut == 0, f"{cut} cells of {kind} hold more than they show"


def test_long_notes_do_not_make_tall_rows(visit: Open) -> None:
    page = visit("trials/monaleesa-2.html")
    heights = page.evaluate(
        "[...document.querySelectorAll('[aria-labelledby=effects] tbody tr')].map(e => e.clientHeight)"
    )
    assert max(heights) < 150, heights


def test_bars_and_plots_can_be_read_on_a_phone(visit: Open) -> None:
    page = visit("quality.html", viewport=PHONE)
    assert page.locator(".bar-line svg").first.bounding_box()["width"] > 250
    page = visit("forest/cdk4-6-inhibitor--os--hazard-ratio--itt--metastatic--latest--add-on.html", viewport=PHONE)
    plot = page.locator("figure.paper img").first
    assert plot.evaluate("e => e.currentSrc").endswith("-narrow.svg")
    letters, least = 13, 9
    assert letters * plot.bounding_box()["width"] / plot.evaluate("e => e.naturalWidth") > least
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('figure.paper'))")
