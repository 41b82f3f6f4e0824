"""The report on the tables' own quality."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
from helpers import REPOSITORY

import luminaldb
from luminaldb.curation import quality


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 27.7533), (1, 10, 1.7876, 40.4150), (10, 10, 72.2467, 100.0), (15, 148, 6.24, 16.05)],
)
def test_the_wilson_interval_against_printed_values(count: int, total: int, low: float, high: float) -> None:
    # Newcombe RG, Stat Med 1998;17:857-872, table I prints 0.0624 to 0.1605 for 15 of 148.
    assert quality.wilson_interval(count, total) == pytest.approx((low, high), abs=5e-3)


def test_the_document_is_what_the_tables_say() -> None:
    shown = (REPOSITORY / "docs/quality.md").read_text(encoding="utf-8")
    counted = shown.partition("\n<!-- measured -->")[0]
    assert counted == quality.markdown(), (
        "write the output of: luminaldb quality --markdown above the mark in docs/quality.md"
    )


def test_the_counts_add_up() -> None:
    parts = quality.sections()
    rows = dict(parts["Rows"].select("table", "rows").iter_rows())
    assert rows == {t: luminaldb.load(t).height for t in rows}
    for table in ("effects", "outcomes"):
        counted = parts["Second reads"].filter(table=table)
        own = luminaldb.load(table)
        # What a program read off a curve has no printed number to read again.
        printed = own.filter(pl.col("derived_from").is_null()) if "derived_from" in own.columns else own
        assert counted["rows"].sum() == printed.height
        assert (
            counted["read twice"].sum()
            == parts["Corrections found by second reads"].filter(table=table)["read twice"].sum()
        )
    assert parts["Publication status of citations"]["citations"].sum() == luminaldb.load("citations").height


def test_two_thirds_of_the_effects_have_an_interval() -> None:
    effects = luminaldb.load("effects")
    assert effects["ci_low"].is_not_null().mean() >= 2 / 3


def test_the_command_prints_it(run: Callable[..., CompletedProcess[str]]) -> None:
    assert run("quality", "--markdown").stdout == quality.markdown()
    assert set(json.loads(run("quality", "--json").stdout)) == set(quality.sections())
    assert "Second reads" in run("quality").stdout


@pytest.mark.slow
def test_the_quality_of_a_release(run: Callable[..., CompletedProcess[str]], archive: Path) -> None:
    result = run("quality", "--data-version", "2.1.0", "--json")
    assert result.returncode == 0, result.stderr
    sections = json.loads(result.stdout)
    effects = next(row for row in sections["Second reads"] if (row["table"], row["trials"]) == ("effects", "phase 3"))
    assert effects["read twice"] > 0
    assert "Coverage by question" not in sections  # no table of the reviews then
