"""The portal's tables in a browser: filtered, sorted, shared, downloaded, printed, by mouse and by keyboard."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
from browsing import Open, made_site, playwright, ready, shows
from helpers import read_rows, write_rows
from luminaldb.publish.content import choose
from luminaldb.publish.portal.browse import write_table

import luminaldb


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


def test_a_row_of_a_table_leads_to_its_place_on_a_page(visit: Open) -> None:
    page = ready(visit("browse/effects.html#effect_id=pertain-pfs-itt-primary"))
    page.get_by_role("link", name="pertain-pfs-itt-primary").click()
    page.wait_for_url("**/trials/pertain.html#effects.pertain-pfs-itt-primary")
    assert page.locator("tr:target").inner_text().startswith("PFS")


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
