"""What the tests of the portal in a browser share; without a browser's driver the modules that import it are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import luminaldb
from luminaldb.loaders.database import Database
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.portal.evidence import Evidence
from luminaldb.publish.portal.site import Site
from luminaldb.publish.portal.vendoring import vendored_file_names

playwright = pytest.importorskip("playwright.sync_api", reason="playwright: pip install 'luminaldb[test-portal]'")
if shutil.which("chromium") is None:
    pytest.skip("no chromium: apt-get install chromium", allow_module_level=True)
if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
Open = Callable[..., "Page"]


def ready(page: Page) -> Page:
    """Come to a table as a reader does, with the pointer, and wait until it can be used."""
    page.mouse.move(5, 5)
    page.mouse.move(9, 9)
    page.wait_for_selector("#table[data-ready=true]")
    return page


def shows(page: Page, rows: int, table: str) -> None:
    """Wait until the table says that it shows so many rows."""
    total = luminaldb.load(table).height
    playwright.expect(page.locator("#shown")).to_have_text(f"{rows:,} of {total:,} rows", timeout=15_000)


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const e = document.activeElement; return e.getAttribute('aria-label') || e.textContent.trim(); }"
        )
        if found == name:
            return
    raise AssertionError(f"no way by keyboard to {name}")


def temporary_site(folder: Path, datasets: Path) -> Site:
    """A site of tables in another folder."""
    site = Site(Evidence(choose_content(database=Database.open(datasets))), folder)
    site.copy_assets(vendored_file_names())
    return site
