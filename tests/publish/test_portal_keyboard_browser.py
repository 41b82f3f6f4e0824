"""The pages of comparison, guidance, results, side effects and forest plots by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from browsing import Open, playwright

import luminaldb

if TYPE_CHECKING:
    from playwright.sync_api import Page


def focus_by_tab(page: Page, selector: str, most: int = 90) -> None:
    """Press Tab until the element in focus matches."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no way by keyboard to {selector}")


def test_two_trials_are_compared_by_typing_their_names(visit: Open) -> None:
    page = visit("compare.html")
    focus_by_tab(page, "#trial-1")
    page.keyboard.type("PALOMA-2")
    page.keyboard.press("Tab")
    page.keyboard.type("MONALEESA-2")
    page.keyboard.press("Tab")
    page.wait_for_selector("#compared[data-ready='paloma-2,monaleesa-2']")
    focus_by_tab(page, "#compared thead a")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("h1")).to_have_text("PALOMA-2")


def test_guidance_of_a_situation_is_two_keys_from_its_cell(visit: Open) -> None:
    page = visit("guidance.html")
    focus_by_tab(page, ".situations a[href='#er-positive-her2-positive-first']")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("[id='er-positive-her2-positive-first']")).to_be_in_viewport()
    page.keyboard.press("Tab")
    section = page.locator("section", has=page.locator("[id='er-positive-her2-positive-first']"))
    assert section.evaluate("(section) => section.contains(document.activeElement)")


def test_a_filter_of_results_keeps_the_focus(visit: Open) -> None:
    page = visit("browse/trial_results.html")
    page.wait_for_selector("#results[data-ready=true]")
    page.locator("#facets details > summary", has_text="Phase").focus()
    page.keyboard.press("Enter")
    page.locator("#facets details[open] input").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.matches('#facets input:checked')")
    playwright.expect(page.locator("#chosen button")).to_have_count(1)
    page.keyboard.press("Space")
    playwright.expect(page.locator("#chosen button")).to_have_count(0)


def test_side_effects_of_a_class_name_drug_and_trial_and_lead_to_it(visit: Open) -> None:
    page = visit("safety/classes-cdk4-6-inhibitor.html")
    line = page.locator(".dots li").first
    drugs = luminaldb.load("therapies").filter(class_id="cdk4-6-inhibitor")["name"]
    assert line.locator("strong").inner_text().split(", ")[0] in set(drugs)
    assert "any adverse event" not in page.locator(".dots").inner_text()
    trial = line.locator("a").inner_text()
    focus_by_tab(page, ".dots a")
    page.keyboard.press("Enter")
    playwright.expect(page.locator("h1")).to_have_text(trial)


def test_a_forest_plot_changes_with_the_arrow_keys(visit: Open) -> None:
    page = visit("forest/index.html")
    page.locator("#answer img").wait_for()
    before = page.get_attribute("#answer img", "src")
    page.select_option("#setting", page.locator("#setting option").first.get_attribute("value"))
    focus_by_tab(page, "#class")
    page.keyboard.press("ArrowDown")
    page.wait_for_function(
        "(before) => document.querySelector('#answer img')?.getAttribute('src') !== before", arg=before
    )
