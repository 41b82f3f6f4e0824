"""What tests share: a copy of the installed packages to spoil, and the command line as a user runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from hypothesis import settings
from in_process import run_in_process

from luminaldb.loaders import installed

# No process that a test starts compiles modules into the environment or the checkout: one whose files are limited in
# size, or that is killed, would leave a truncated module behind, and every later import would fail.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
# On a busy machine an example takes longer than Hypothesis allows by default.
settings.register_profile("busy_machine", deadline=None)
settings.load_profile("busy_machine")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser, so that `-m browser` selects them."""
    for item in items:
        if {"browser", "page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def drafts(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where unfinished interviews are kept, instead of the home directory."""
    folder = tmp_path_factory.mktemp("drafts")
    monkeypatch.setenv("LUMINALDB_DRAFTS", str(folder))
    return folder


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """A copy of the installed packages that a test may spoil."""
    copy = tmp_path / "datasets"
    shutil.copytree(installed.datasets_folder(), copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return copy


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """An empty folder in which the command line runs."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def run(here: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in this process: see `run_process` for tests of what a process of its own does."""

    def call(*arguments: object, cwd: Path = here, input: str = "") -> subprocess.CompletedProcess[str]:
        return run_in_process(*arguments, cwd=cwd, input=input)

    return call


@pytest.fixture
def run_process(here: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, in an empty folder."""

    def call(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
        return subprocess.run(
            [sys.executable, "-m", "luminaldb", *map(str, arguments)],
            cwd=options.pop("cwd", here),
            capture_output=True,
            text=True,
            timeout=120,
            env=environment,
            check=False,
            **options,
        )

    return call


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal as the command line builds it, once for all processes that run the tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    place, output = shared / "portal", shared / "portal.json"
    with FileLock(shared / "portal.lock"):
        if not place.exists():
            command = [sys.executable, "-m", "luminaldb", "portal", "build", "--out", str(place), "--json"]
            done = subprocess.run(command, cwd=shared, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
            output.write_text(done.stdout, encoding="utf-8")
    return place


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The repository's released zips as the address of releases: an installed wheel holds their index alone."""
    folder = Path(__file__).parent.parent / "archive"
    monkeypatch.setenv("LUMINALDB_RELEASES", str(folder))
    monkeypatch.setenv("LUMINALDB_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright: pip install 'luminaldb[test-portal]'")
    with api.sync_playwright() as run:
        started = run.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(portal: Path) -> Iterator[str]:
    """The portal's address on this machine."""
    from luminaldb.publish.portal.serve import server

    running = server(portal)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/"
    running.shutdown()
    running.server_close()


@pytest.fixture
def visit(browser: Browser, served: str) -> Iterator[Callable[..., Page]]:
    """Open a page; at the end no page may have complained, failed, or asked another machine for anything."""
    contexts, wrong = [], []

    def go(place: str, base: str = served, **options: Any) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, **options}
        )
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
    """Return whether a page was left before what it asked for had come, which is no failure of the page."""
    return request.failure == "net::ERR_ABORTED"
