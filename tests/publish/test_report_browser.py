"""The HTML report in a browser: no error, nothing fetched, readable by axe-core's rules, and never wider than a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broken import odd_package

import luminaldb
from luminaldb.publish.reports.report import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path; Debian's package has it")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install '.[test-portal]'")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_is_readable(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install '.[test-portal]'")
    report = luminaldb.validate(odd_package(tmp_path / "odd"), warnings=True)
    assert len({f.code for f in report.findings}) >= 8
    (tmp_path / "report.html").write_text(render("html", report), encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, messages, asked = context.new_page(), [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    assert messages == []
    assert asked == [(tmp_path / "report.html").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = page.evaluate("[...document.querySelectorAll('.stacked')].filter(t => t.scrollWidth > innerWidth).length")
    assert wide == 0
    found = axe.Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    context.close()
