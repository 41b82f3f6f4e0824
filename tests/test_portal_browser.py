"""The portal as a person meets it, in Debian's Chromium: found, filtered, followed, redrawn, by mouse and by keyboard."""

from __future__ import annotations

import csv
import io
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from helpers import read_rows, write_rows
from luminaldb.loaders.package import Package
from luminaldb.publish.content import Content, Sheet, choose
from luminaldb.publish.portal.browse import write_table
from luminaldb.publish.portal.entities import write_entities
from luminaldb.publish.portal.evidence import Evidence
from luminaldb.publish.portal.searching import write_search
from luminaldb.publish.portal.serve import server
from luminaldb.publish.portal.site import Site
from luminaldb.publish.portal.vendoring import in_site

import luminaldb

CHROMIUM = shutil.which("chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright: pip install 'luminaldb[test-portal]'")
axe_package = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe: the extra test-portal has it")
if CHROMIUM is None:
    pytest.skip("no chromium: apt-get install chromium", allow_module_level=True)
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
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
    "forest plot": "forest/cdk4-6-inhibitor--os--hazard-ratio--itt--any--latest.html",
    "crosstalk": "crosstalk.html",
    "evidence map": "evidence-map.html",
    "quality": "quality.html",
    "downloads": "downloads.html",
    "licences": "licences.html",
}
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as run:
        started = run.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(portal: Path) -> Iterator[str]:
    running = server(portal)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/"
    running.shutdown()
    running.server_close()


@pytest.fixture
def visit(browser: Browser, served: str) -> Iterator[Open]:
    """Open a page; at the end no page may have complained, failed, or asked another machine for anything."""
    contexts, wrong = [], []

    def go(place: str, base: str = served, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESK, "accept_downloads": True, **options})
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda m: wrong.append(f"console {m.type}: {m.text}") if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith((base, "data:", "blob:")) else wrong.append(f"asked for {r.url}"),
        )
        page.on("requestfailed", lambda r: None if left_behind(r) else wrong.append(f"failed: {r.url} {r.failure}"))
        page.on("dialog", lambda d: wrong.append(f"dialog: {d.message}"))
        page.goto(base + place)
        return page

    yield go
    for context in contexts:
        context.close()
    assert wrong == []


def left_behind(request: Request) -> bool:
    """Say whether a page was left for another one before what it asked for had come, which is no failure of the page."""
    return request.failure == "net::ERR_ABORTED"


def ready(page: Page) -> Page:
    page.wait_for_selector("#table[data-ready=true]")
    return page


def shows(page: Page, rows: int, table: str) -> None:
    """Wait until the table says that it shows so many rows."""
    total = luminaldb.load(table).height
    playwright.expect(page.locator("#shown")).to_have_text(f"{rows:,} of {total:,} rows", timeout=15_000)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Faslodex", "fulvestrant"),
        ("T-DM1", "trastuzumab emtansine"),
        ("tdm1", "trastuzumab emtansine"),
        ("NCT01491737", "PERTAIN"),
        ("ERBB2", "ERBB2"),
        ("cdk4/6 inhib", "CDK4/6 inhibitor"),
        ("Rimawi pertain", "Rimawi 2018"),
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


def test_a_table_filters_hides_shares_and_downloads_exactly_what_it_shows(visit: Open, tmp_path: Path) -> None:
    page = ready(visit("browse/effects.html"))
    page.get_by_label("Filter endpoint_id").press_sequentially("= os")
    page.get_by_label("Filter ci_high").press_sequentially("< 1")
    wanted = luminaldb.load("effects").filter(pl.col("endpoint_id") == "os", pl.col("ci_high") < 1)
    shows(page, wanted.height, "effects")
    page.click("#columns summary")
    page.get_by_label("note", exact=True).uncheck()
    page.select_option("#sort", "estimate")
    with page.expect_download() as waiting:
        page.click("#save")
    waiting.value.save_as(tmp_path / "shown.csv")
    names, *rows = read_rows(tmp_path / "shown.csv")
    assert names == [c for c in wanted.columns if c != "note"]
    raw = list(csv.DictReader(io.StringIO(choose(["effects"]).sheets[0].raw.decode())))
    expected = [[r[n] for n in names] for r in raw if r["effect_id"] in set(wanted["effect_id"])]
    assert sorted(rows) == sorted(expected)
    estimates = [float(r[names.index("estimate")]) for r in rows if r[names.index("estimate")]]
    assert estimates == sorted(estimates)
    again = ready(visit("browse/effects.html" + page.url[page.url.index("#") :]))
    shows(again, wanted.height, "effects")
    assert again.input_value("#sort") == "estimate"
    assert not again.get_by_label("Filter note").is_visible()
    again.click("#clear")
    shows(again, luminaldb.load("effects").height, "effects")


def test_a_fact_leads_to_its_source_and_back(visit: Open) -> None:
    page = visit("trials/pertain.html")
    page.locator("[id='effects.pertain-pfs-itt-primary']").get_by_role("link", name="Rimawi 2018").click()
    assert page.url.endswith("citations/rimawi-2018-pertain.html")
    row = luminaldb.load("citations").filter(citation_id="rimawi-2018-pertain").row(0, named=True)
    assert page.inner_text("h1") == row["title"]
    assert page.get_by_role("link", name=row["doi"]).get_attribute("href") == f"https://doi.org/{row['doi']}"
    page.locator("[id='effects.pertain-pfs-itt-primary']").get_by_role("link", name="PERTAIN").click()
    assert page.inner_text("h1") == "PERTAIN"


def test_a_row_of_a_table_leads_to_its_place_on_a_page(visit: Open) -> None:
    page = ready(visit("browse/effects.html#effect_id=pertain-pfs-itt-primary"))
    page.get_by_role("link", name="pertain-pfs-itt-primary").click()
    page.wait_for_url("**/trials/pertain.html#effects.pertain-pfs-itt-primary")
    assert page.locator("tr:target").inner_text().startswith("PFS")


def test_choosing_another_question_redraws_the_forest_plot(visit: Open) -> None:
    page = visit("forest/index.html")
    before = page.get_attribute("#answer img", "src")
    page.select_option("#class", "oral-serd")
    page.select_option("#population", "esr1m")
    page.wait_for_selector("#answer h2:has-text('Oral SERD')")
    pooled = luminaldb.pool(luminaldb.question("pfs", therapy_class="oral-serd", population="esr1m").rows)
    assert page.get_attribute("#answer img", "src") != before
    assert page.evaluate("document.querySelector('#answer img').decode().then(() => true)")
    line = page.get_by_role("row", name=pooled.title).inner_text()
    assert f"{pooled.estimate:.2f}\t{pooled.ci_low:.2f} to {pooled.ci_high:.2f}" in line
    assert "trials pooled" in page.inner_text("#said")
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
    page.select_option("#direction", "")
    page.select_option("#therapy", "lapatinib")
    assert "ERBB2" in page.inner_text("#said")
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
        if page.locator("#said a").count():
            break
    assert page.locator("#said a").get_attribute("href", timeout=1000).startswith("citations/")


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


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.textContent.trim(); }"
        )
        if found == name:
            return
    raise AssertionError(f"no way by keyboard to {name}")


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_axe_finds_nothing_on_one_page_of_each_kind(visit: Open, kind: str) -> None:
    axe = axe_package.Axe()
    tags = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark", "viewport": PHONE}):
        page = visit(ONE_OF_EACH[kind], **options)
        settle(page, kind)
        found = axe.run(page, options=tags).response["violations"]
        told = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
        assert told == [], f"{kind}, {options['color_scheme']}"


def settle(page: Page, kind: str) -> None:
    if kind == "table":
        ready(page)
    if kind == "crosstalk":
        page.wait_for_selector("#map[data-ready=true]")
    if kind == "search":
        page.locator(".results[data-for=big] li").first.wait_for()


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_nothing_is_cut_off_on_a_phone(visit: Open, kind: str) -> None:
    page = visit(ONE_OF_EACH[kind], viewport=PHONE)
    settle(page, kind)
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    assert wide <= PHONE["width"], f"{kind} is {wide} px wide"


def test_without_javascript_tables_plots_maps_and_downloads_remain(visit: Open) -> None:
    page = visit("browse/outcomes.html", java_script_enabled=False)
    assert page.locator("#plain tbody tr").count() == 250
    page.get_by_role("link", name="2", exact=True).click()
    assert page.locator("#plain tbody tr").count() == 250
    assert page.get_by_role("link", name="CSV", exact=True).is_visible()
    forest = visit("forest/index.html", java_script_enabled=False)
    assert forest.locator("#answer img").first.is_visible()
    assert not forest.locator("#choose").is_visible()
    assert visit("crosstalk.html", java_script_enabled=False).locator("#drawing svg").is_visible()


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


def made_site(folder: Path, datasets: Path) -> Site:
    """A site of tables in another folder."""
    packages = {s.package_name: Package.open(datasets / s.package_name) for s in choose().sheets}
    sheets = [
        Sheet(s.package_name, packages[s.package_name], packages[s.package_name].resource(s.name))
        for s in choose().sheets
    ]
    site = Site(Evidence(Content(sheets, "0.0.1", "2026-01-01")), folder)
    site.copy_assets(in_site())
    return site


def test_what_a_table_says_stays_text(visit: Open, datasets: Path, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> </script>"
    file = datasets / "claims/claims.csv"
    rows = read_rows(file)
    rows[1][rows[0].index("statement")] = evil
    write_rows(file, rows)
    site = made_site(tmp_path / "site", datasets)
    write_entities(site, lambda _: None)
    write_search(site)
    write_table(site, site.evidence["claims"])
    base = f"{(tmp_path / 'site').as_uri()}/"
    page = visit(f"claims/{rows[1][0]}.html", base=base)
    assert page.inner_text("h1").split() == evil.split()
    table = ready(visit("browse/claims.html", base=base))
    assert table.locator(".tabulator-cell", has_text="alert(1)").first.inner_text().split() == evil.split()
    search = visit("search.html?q=onerror", base=base)
    search.locator(".results[data-for=big] li a").first.wait_for()
    assert "<script>" in search.locator(".results[data-for=big] li a").first.inner_text()


def test_ten_thousand_rows_stay_smooth_and_no_formula_leaves(visit: Open, datasets: Path, tmp_path: Path) -> None:
    file = datasets / "trials/outcomes.csv"
    rows = read_rows(file)
    note = rows[0].index("note")
    many = [[f"row-{n:05}", *rows[1 + n % (len(rows) - 1)][1:note], f"=1+{n}"] for n in range(10_000)]
    write_rows(file, [rows[0], *many])
    site = made_site(tmp_path / "site", datasets)
    write_table(site, site.evidence["outcomes"])
    page = ready(visit("browse/outcomes.html", base=f"{(tmp_path / 'site').as_uri()}/"))
    assert page.locator(".tabulator-row").count() < 200
    usual = page.evaluate(
        """async () => {
            const holder = document.querySelector(".tabulator-tableholder");
            const steps = [];
            for (let step = 1; step <= 60; step++) {
                const start = performance.now();
                holder.scrollTop = (holder.scrollHeight / 60) * step;
                await new Promise(requestAnimationFrame);
                await new Promise(requestAnimationFrame);
                steps.push(performance.now() - start);
            }
            return steps.sort((a, b) => a - b)[30];
        }"""
    )
    assert usual < 500, f"a step of the scroll usually took {usual:.0f} ms"
    assert page.locator(".tabulator-row").count() < 200
    assert page.get_by_text("row-09999").first.is_visible()
    page.get_by_label("Filter outcome_id").press_sequentially("row-0999")
    playwright.expect(page.locator("#shown")).to_have_text("10 of 10,000 rows", timeout=15_000)
    with page.expect_download() as waiting:
        page.click("#save")
    saved = read_rows(Path(waiting.value.path()))
    assert [r[note] for r in saved[1:]] == [f"'=1+{n}" for n in range(9990, 10_000)]


def test_the_home_page_asks_for_little(visit: Open) -> None:
    page = visit("index.html")
    page.wait_for_load_state("networkidle")
    files = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert len(files) <= 4, files
    assert not [f for f in files if re.search(r"tabulator|cytoscape|search\\.js", f)]
