"""The portal's forest plots: what they pool, how to ask the same elsewhere, and the plot without unlike comparisons."""

from __future__ import annotations

import html
import json
import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import luminaldb
from luminaldb.cli.main import app
from luminaldb.publish.portal.forest_plots import Question

EVERY = Question("cdk4-6-inhibitor", "pfs", "hazard_ratio", "itt", "metastatic", "latest")


def page(site: Path, slug: str) -> str:
    return (site / f"forest/{slug}.html").read_text(encoding="utf-8")


def test_a_plot_names_the_trials_whose_arms_differ_in_more_than_the_class(portal: Path) -> None:
    asked = {"endpoint": "pfs", "therapy_class": "cdk4-6-inhibitor", "setting": "metastatic", "derive": ()}
    every = luminaldb.comparisons(**asked, mixed=True).included
    alone = luminaldb.comparisons(**asked, add_on=True).included
    unlike = every.filter(~pl.col("trial_id").is_in(alone["trial_id"].implode()))["acronym"].to_list()
    assert {"RIGHT Choice", "Young-PEARL", "monarcHER", "PATRICIA"} <= set(unlike)
    text = page(portal, EVERY.slug)
    assert f"In {len(unlike)} of these {every.height} studies the arms differ in more than the class" in text
    assert html.escape(", ".join(unlike)) in text
    assert f'href="../forest/{EVERY.slug}--add-on.html"' in text
    narrow = page(portal, f"{EVERY.slug}--add-on")
    assert f"{alone.height} studies, hazard ratio {luminaldb.meta_analysis(alone).estimate:.2f}" in narrow
    assert f'href="../forest/{EVERY.slug}.html">The same with them' in narrow


@pytest.mark.parametrize("suffix", ["latest", "latest--add-on", "primary"])
def test_the_command_on_a_page_gives_what_the_page_shows(portal: Path, suffix: str) -> None:
    text = page(portal, f"cdk4-6-inhibitor--pfs--hazard-ratio--itt--metastatic--{suffix}")
    found = re.search(r"<code>luminaldb (pool [^<]+)</code>", text)
    assert found
    run = CliRunner().invoke(app, [*shlex.split(html.unescape(found[1])), "--json"])
    assert run.exit_code == 0, run.output
    record = json.loads(run.output)
    shown = f"{record['k']} studies, hazard ratio {record['estimate']:.2f} ({record['ci_level']:g}% CI"
    assert shown in text


@pytest.mark.parametrize(("option", "value"), [("analysis", "last"), ("setting", "wrongsetting")])
def test_the_command_line_refuses_an_unknown_analysis_or_setting(option: str, value: str) -> None:
    run = CliRunner().invoke(app, ["pool", "--endpoint", "pfs", f"--{option}", value])
    assert run.exit_code == 1
    assert f"no {option} '{value}'" in str(run.exception) + run.output
