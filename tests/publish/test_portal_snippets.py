"""Every way the portal tells people to open a download, run with the program it names."""

from __future__ import annotations

import contextlib
import html
import io
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import luminaldb
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.portal.snippets import Snippet, snippets

# The portal is built once, with both processors.
pytestmark = pytest.mark.slow

WANTED = luminaldb.load("effects").filter(pl.col("endpoint_id") == "os", pl.col("ci_high") < 1)
BY_TOOL = {s.tool: s for s in snippets(choose_content().version)}


@pytest.fixture
def folder(portal: Path, tmp_path: Path) -> Path:
    """A working folder with the downloads that the snippets name."""
    for snippet in BY_TOOL.values():
        shutil.copy(portal / "downloads" / snippet.file, tmp_path)
    return tmp_path


def shown_on_the_page(portal: Path, snippet: Snippet) -> bool:
    page = html.unescape((portal / "downloads.html").read_text(encoding="utf-8"))
    return all(line in page for line in snippet.lines)


def test_the_page_shows_each_in_three_lines(portal: Path) -> None:
    assert set(BY_TOOL) == {"Excel", "R", "Python, pandas", "Python, polars", "SQL"}
    for snippet in BY_TOOL.values():
        assert len(snippet.lines) == 3
        assert shown_on_the_page(portal, snippet)


@pytest.mark.parametrize("tool", ["Python, pandas", "Python, polars"])
def test_python(folder: Path, tool: str) -> None:
    *first, last = BY_TOOL[tool].lines
    names: dict[str, Any] = {}
    with contextlib.chdir(folder):
        exec("\n".join(first), names)  # noqa: S102 - our own lines, as readers type them
        rows = eval(last, names)  # noqa: S307
    assert len(rows) == WANTED.height
    assert sorted(rows["estimate"]) == sorted(WANTED["estimate"])


def test_sql(folder: Path) -> None:
    attach, *query = BY_TOOL["SQL"].lines
    with contextlib.chdir(folder), contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute(attach)
        rows = database.execute("\n".join(query)).fetchall()
    assert sorted(r[1] for r in rows) == sorted(WANTED["estimate"])


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R: apt-get install r-base-core")
def test_r(folder: Path) -> None:
    *first, last = BY_TOOL["R"].lines
    code = "\n".join([*first, f"write.csv({last}, row.names = FALSE)"])
    done = subprocess.run(["Rscript", "-e", code], cwd=folder, capture_output=True, text=True, check=True)
    rows = pl.read_csv(io.StringIO(done.stdout))
    assert sorted(rows["estimate"]) == sorted(WANTED["estimate"])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice: apt-get install libreoffice-calc-nogui")
def test_excel(folder: Path) -> None:
    """Follow the lines: the sheet, its filter, and the formula, which LibreOffice computes."""
    _, choose_tables, formula = BY_TOOL["Excel"].lines
    book = openpyxl.load_workbook(folder / "luminaldb.xlsx")
    assert "Effects" in choose_tables
    assert "Effects" in book.sheetnames
    assert "Codebook" in book.sheetnames
    assert book["Effects"].auto_filter.ref
    for sheet in book.sheetnames[1:]:
        if sheet != "Effects":
            book[sheet].sheet_state = "hidden"
    made = book.create_sheet("count", 0)
    made["A1"] = formula[formula.index("=COUNTIFS") :]
    book.save(folder / "counted.xlsx")
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "csv"]
    subprocess.run([*command, "counted.xlsx"], cwd=folder, capture_output=True, check=True, timeout=120)
    assert (folder / "counted.csv").read_text(encoding="utf-8").strip() == str(WANTED.height)
