"""The portal's forest plots: what they pool, how to ask the same elsewhere, and the plot without unlike comparisons."""

from __future__ import annotations

import html
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import luminaldb
from luminaldb.cli.main import app
from luminaldb.publish.portal.forest_questions import PlotQuestion

ALONE = PlotQuestion("cdk4-6-inhibitor", "pfs", "hazard_ratio", "itt", "metastatic")


def page(site: Path, slug: str) -> str:
    return (site / f"forest/{slug}.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_default_is_arms_that_differ_only_in_the_class_in_one_setting(portal: Path) -> None:
    alone = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", add_on=True).included
    narrow = page(portal, ALONE.slug)
    assert f"{alone.height} studies, hazard ratio {luminaldb.meta_analysis(alone).estimate:.2f}" in narrow
    every = replace(ALONE, add_on=False)
    assert f'href="../forest/{every.slug}.html">The same with them' in narrow
    text = page(portal, every.slug)
    assert "the arms differ in more than the class" in text
    assert "RIGHT Choice" in text
    assert f'href="../forest/{ALONE.slug}.html">The same without them' in text


@pytest.mark.parametrize("chosen", [{}, {"line": "first"}, {"analysis": "primary"}, {"add_on": False}])
@pytest.mark.slow
def test_the_command_on_a_page_gives_what_the_page_shows(portal: Path, chosen: dict[str, Any]) -> None:
    text = page(portal, replace(ALONE, **chosen).slug)
    found = re.search(r"<code>luminaldb (meta-analysis [^<]+)</code>", text)
    assert found
    run = CliRunner().invoke(app, [*shlex.split(html.unescape(found[1])), "--json"])
    assert run.exit_code == 0, run.output
    record = json.loads(run.output)
    shown = f"{record['k']} studies, hazard ratio {record['estimate']:.2f} ({record['ci_level']:g}% CI"
    assert shown in text


@pytest.mark.slow
def test_line_her2_status_and_comparator_can_be_chosen(portal: Path) -> None:
    data = (portal / "data/forest.js").read_text(encoding="utf-8")
    choices = json.loads(data.split("window.luminaldb.questions = ", 1)[1].rstrip().rstrip(";"))["choices"]
    for field in ("line", "her2", "comparator"):
        assert {c[field] for c in choices} > {"any"}, field
    assert {c["setting"] for c in choices} <= {
        "prevention",
        "neoadjuvant",
        "adjuvant",
        "extended_adjuvant",
        "metastatic",
    }


@pytest.mark.parametrize(("option", "value"), [("analysis", "last"), ("setting", "wrongsetting")])
def test_the_command_line_refuses_an_unknown_analysis_or_setting(option: str, value: str) -> None:
    run = CliRunner().invoke(app, ["pool", "--endpoint", "pfs", f"--{option}", value])
    assert run.exit_code == (2 if option == "analysis" else 1)
    assert f"'{value}'" in str(run.exception) + run.output
