"""The portal's tables in a browser: filtered, sorted, shared, downloaded, printed, by mouse and by keyboard."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import polars as pl
from browsing import Open, playwright, ready, shows, temporary_site
from helpers import read_rows, write_rows

import luminaldb
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.portal.browse import write_table_page


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
    saved = (tmp_path / "shown.csv").read_bytes()
    assert saved.startswith(codecs.BOM_UTF8), "Excel reads a file without this mark as its own code page"
    names, *rows = csv.reader(io.StringIO(saved.decode("utf-8-sig")))
    assert names == [c for c in wanted.columns if c != "note"]
    raw = list(csv.DictReader(io.StringIO(choose_content(["effects"]).tables[0].raw.decode())))
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


def test_a_row_of_a_table_leads_to_its_place_on_a_page(visit: Open) -> None:
    page = ready(visit("browse/effects.html#effect_id=pertain-pfs-itt-primary"))
    page.get_by_role("link", name="pertain-pfs-itt-primary").click()
    page.wait_for_url("**/trials/pertain.html#effects.pertain-pfs-itt-primary")
    assert page.locator("tr:target").inner_text().startswith("PFS")


def test_keys_have_names_that_filters_find_and_second_reads_lead_to_their_rows(visit: Open) -> None:
    page = ready(visit("browse/effects.html"))
    page.get_by_label("Filter endpoint_id").fill("overall surv")
    shows(page, luminaldb.load("effects").filter(endpoint_id="os").height, "effects")
    cell = page.locator(".tabulator-row .tabulator-cell[tabulator-field=endpoint_id]").first
    assert cell.inner_text().split(maxsplit=1) == ["os", "overall survival"]
    read = luminaldb.load("second_reads").filter(table_name="effects").row(0, named=True)
    page = ready(visit(f"browse/second_reads.html#row_key=%3D{read['row_key']}"))
    page.get_by_role("link", name=read["row_key"]).first.click()
    page.wait_for_url(f"**/trials/*.html#effects.{read['row_key']}")


def test_a_table_comes_as_plain_rows_until_somebody_is_there(visit: Open) -> None:
    page = visit("browse/effects.html")
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("performance.getEntriesByType('resource').some((e) => e.name.includes('tabulator.js'))")
    assert page.locator("#plain tbody tr").last.is_visible()
    page.mouse.move(640, 300)
    page.mouse.wheel(0, 3000)
    page.wait_for_selector("script[src$='/browse.js']", state="attached")
    page.wait_for_timeout(700)
    assert page.locator("#plain").is_visible(), "rows that somebody reads stay where they are"
    assert page.evaluate("scrollY") == 3000
    page.goto(page.url.replace("effects.html", "effects-2.html"))
    page.mouse.move(640, 200)
    page.wait_for_selector("script[src$='/browse.js']", state="attached")
    page.wait_for_timeout(700)
    assert page.locator("#plain").is_visible(), "a later page stays until the table is asked for"
    page.get_by_role("button", name="Filter, sort and download this table").press("Enter")
    page.wait_for_selector("#table[data-ready=true]")
    playwright.expect(page.locator("#sort")).to_be_focused()


def test_of_ten_thousand_rows_few_are_drawn_and_no_formula_leaves(visit: Open, datasets: Path, tmp_path: Path) -> None:
    file = datasets / "trials/outcomes.csv"
    rows = read_rows(file)
    note = rows[0].index("note")
    many = [[f"row-{n:05}", *rows[1 + n % (len(rows) - 1)][1:note], f"=1+{n}"] for n in range(10_000)]
    write_rows(file, [rows[0], *many])
    site = temporary_site(tmp_path / "site", datasets)
    write_table_page(site, site.evidence["outcomes"])
    page = ready(visit("browse/outcomes.html", base=f"{(tmp_path / 'site').as_uri()}/"))
    assert page.locator(".tabulator-row").count() < 200
    most = page.evaluate(
        """async () => {
            const holder = document.querySelector(".tabulator-tableholder");
            let most = 0;
            for (let step = 1; step <= 60; step++) {
                holder.scrollTop = (holder.scrollHeight / 60) * step;
                await new Promise(requestAnimationFrame);
                await new Promise(requestAnimationFrame);
                most = Math.max(most, document.querySelectorAll(".tabulator-row").length);
            }
            return most;
        }"""
    )
    assert most < 200, f"{most} rows were drawn at once"
    assert page.get_by_text("row-09999").first.is_visible()
    page.get_by_label("Filter outcome_id").press_sequentially("row-0999")
    playwright.expect(page.locator("#shown")).to_have_text("10 of 10,000 rows", timeout=15_000)
    with page.expect_download() as waiting:
        page.click("#save")
    saved = read_rows(Path(waiting.value.path()))
    assert [r[note] for r in saved[1:]] == [f"'=1+{n}" for n in range(9990, 10_000)]


def test_download_follows_a_filter_at_once(visit: Open) -> None:
    page = ready(visit("browse/effects.html"))
    before = page.locator("#save").bounding_box()
    page.get_by_label("Filter effect_id").fill("paloma-2")
    assert page.locator("#save").bounding_box() == before, "what is clicked next must not move"
    with page.expect_download(timeout=5_000) as waiting:
        page.mouse.click(before["x"] + 5, before["y"] + 5)
    wanted = luminaldb.load("effects").filter(pl.col("effect_id").str.contains("paloma-2"))
    assert len(Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()) == wanted.height + 1
    page.get_by_label("Filter effect_id").focus()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("paloma-3")
    shows(page, luminaldb.load("effects").filter(pl.col("effect_id").str.contains("paloma-3")).height, "effects")
    assert page.locator("#save").bounding_box() == before


def test_an_address_pasted_over_that_of_another_view_shows_its_rows(visit: Open) -> None:
    page = ready(visit("browse/effects.html#trial_id=paloma-2"))
    effects = luminaldb.load("effects")
    of = {t: effects.filter(pl.col("trial_id").str.contains(t)).height for t in ("paloma-2", "paloma-3")}
    assert of["paloma-2"] != of["paloma-3"]
    shows(page, of["paloma-2"], "effects")
    page.goto(page.url.replace("paloma-2", "paloma-3") + "&~sort=estimate:desc&~hide=note")
    shows(page, of["paloma-3"], "effects")
    assert page.get_by_label("Filter trial_id").input_value() == "paloma-3"
    assert (page.input_value("#sort"), page.is_checked("#down")) == ("estimate", True)
    assert not page.get_by_label("Filter note").is_visible()
    page.goto(page.url.partition("#")[0] + "#endpoint_id=%3Dos")
    shows(page, effects.filter(endpoint_id="os").height, "effects")
    assert page.input_value("#sort") == ""
    assert page.get_by_label("Filter trial_id").input_value() == ""
    assert (
        page.locator(".tabulator-row").first.inner_text().startswith(effects.filter(endpoint_id="os")["effect_id"][0])
    )
    assert page.url.endswith("#endpoint_id=%3Dos")


def test_number_filters_read_numbers_as_people_type_them(visit: Open) -> None:
    page = ready(visit("browse/effects.html"))
    effects = luminaldb.load("effects")
    estimate, p, n = pl.col("estimate"), pl.col("p_value"), pl.col("n_experimental")
    for column, asked, wanted in (
        ("estimate", "=0.5", estimate == 0.5),
        ("estimate", "< 0,5", estimate < 0.5),
        ("estimate", "≤ .5", estimate <= 0.5),
        ("p_value", "<1e-1", p < 0.1),
        ("n_experimental", ">= 1,000", n >= 1000),
        ("endpoint_id", "=PFS", pl.col("endpoint_id") == "pfs"),
    ):
        page.get_by_label(f"Filter {column}").fill(asked)
        rows = effects.filter(wanted).height
        assert 0 < rows < effects.height
        shows(page, rows, "effects")
        page.get_by_label(f"Filter {column}").fill("")
    assert page.inner_text("#odd") == ""
    page.get_by_label("Filter estimate").fill("< half")
    shows(page, 0, "effects")
    assert "< half" in page.inner_text("#odd")


def test_links_of_every_row_are_reached_by_keyboard(visit: Open) -> None:
    page = ready(visit("browse/effects.html#endpoint_id=os"))
    wanted = luminaldb.load("effects").filter(pl.col("endpoint_id").str.contains("os"))
    page.locator(".tabulator-tableholder").focus()
    focused = "document.activeElement.closest('.tabulator-row')?.querySelector('.tabulator-cell').innerText"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == wanted["effect_id"][0]
    assert page.evaluate("document.activeElement.getAttribute('role')") == "row"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == wanted["effect_id"][0]
    for step in range(1, 61):
        page.keyboard.press("ArrowDown")
        page.wait_for_function(f"(id) => ({focused}) === id", arg=wanted["effect_id"][step])
    playwright.expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"(id) => ({focused}) === id", arg=wanted["effect_id"][59])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == wanted["trial_id"][59]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/trials/{wanted['trial_id'][59]}.html")


def test_a_table_on_paper_holds_every_row_shown(visit: Open, tmp_path: Path) -> None:
    page = ready(visit("browse/effects.html#trial_id=paloma-2"))
    effects = luminaldb.load("effects").filter(pl.col("trial_id").str.contains("paloma-2"))
    page.pdf(path=tmp_path / "paper.pdf", format="A4")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    lines = page.locator("#paper p")
    assert lines.count() == effects.height
    for line, row in zip(lines.all(), effects.iter_rows(named=True), strict=True):
        line_text = line.inner_text()
        assert f"effect_id: {row['effect_id']}" in line_text
        assert f"citation_id: {row['citation_id']}" in line_text
    assert not page.locator("#grid").is_visible()
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000
