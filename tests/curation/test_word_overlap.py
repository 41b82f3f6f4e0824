"""Sentences copied from a source are found; figures, and sentences of one's own, are not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import luminaldb
from luminaldb.curation.sources.word_overlap import find_overlaps

Run = Callable[..., subprocess.CompletedProcess[str]]


def statement() -> tuple[str, str]:
    claims = luminaldb.load("claims")
    row = next(r for r in claims.iter_rows(named=True) if len(r["statement"].split()) > 14)
    return row["claim_id"], row["statement"]


def test_a_copied_sentence_is_found_whatever_its_spelling_and_mark_up() -> None:
    key, text = statement()
    source = f"<p>Before it. {text.upper()} After it.</p>"
    found = find_overlaps(luminaldb.Database.installed(), [("paper", source)])
    mine = [o for o in found if o.row_key == key]
    assert len(mine) == 1
    assert mine[0].words >= 9
    reordered = " ".join(sorted(text.split()))
    assert not [o for o in find_overlaps(luminaldb.Database.installed(), [("p", reordered)]) if o.row_key == key]


def test_a_row_of_figures_is_no_sentence() -> None:
    numbers = "0.63 0.47 0.84 0.0016 103 104 87 99 31 2 95 1 2 3"
    assert find_overlaps(luminaldb.Database.installed(), [("paper", numbers)]) == []


@pytest.mark.slow
def test_the_command(run: Run, tmp_path: Path) -> None:
    key, text = statement()
    (tmp_path / "paper.txt").write_text(text, encoding="utf-8")
    done = run("sources", "overlap", tmp_path)
    assert done.returncode == 1
    assert key in done.stdout
    (tmp_path / "paper.txt").write_text("Nothing of it.", encoding="utf-8")
    assert run("sources", "overlap", tmp_path).returncode == 0
    missing = run("sources", "overlap", tmp_path / "missing")
    assert missing.returncode == 1
    assert "no such file or folder" in missing.stderr
