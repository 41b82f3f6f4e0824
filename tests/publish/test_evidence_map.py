"""The evidence map: classes agree with those below them, and totals say of how many trials they are."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import luminaldb
from luminaldb.publish.portal.evidence_map import patients_in_words

# The portal is built once, with both processors.
pytestmark = pytest.mark.slow

Line = tuple[int, str, list[tuple[int, int]]]


@pytest.fixture(scope="module")
def lines(portal: Path) -> list[Line]:
    """Return each line of the map: depth, class, and by setting the trials of the class and those within it."""
    page = (portal / "evidence-map.html").read_text(encoding="utf-8")
    found = []
    for line in page.split("<tr>")[2:]:
        depth, name = re.findall(r'class="depth-(\d)"><a [^>]+>([^<]+)</a>', line)[0]
        cells = []
        for cell in line.split("<td ")[1:]:
            own = re.search(r">(\d+) trials?, ", cell)
            within = re.search(r"(\d+) trials? between therapies of the class", cell)
            cells.append((int(own[1]) if own else 0, int(within[1]) if within else 0))
            assert ('class="none"' in cell) == (cells[-1] == (0, 0))
        found.append((int(depth), name, cells))
    return found


def test_a_class_counts_at_least_the_trials_of_each_class_below(lines: list[Line]) -> None:
    above: dict[int, Line] = {}
    compared = 0
    for line in lines:
        depth, name, cells = line
        above[depth] = line
        for higher in range(depth):
            for (own, within), (upper, upper_within) in zip(cells, above[higher][2], strict=True):
                assert upper + upper_within >= own + within, f"{above[higher][1]} counts fewer trials than {name}"
                compared += 1
    assert compared > 50


def test_what_compares_therapies_of_one_class_is_counted_apart(lines: list[Line]) -> None:
    neoadjuvant = {name: cells[1] for _, name, cells in lines}
    own, within = neoadjuvant["HER2-targeted therapy"]
    assert own < within
    assert within >= 4


def test_patients_are_those_of_the_trials_with_known_enrolment(portal: Path) -> None:
    assert patients_in_words([{"n_enrolled": "40"}, {"n_enrolled": "2000"}]) == "2,040 patients"
    assert patients_in_words([{"n_enrolled": "40"}, {"n_enrolled": ""}]) == "40 patients in the 1 with known enrolment"
    assert patients_in_words([{"n_enrolled": ""}]) == "enrolment not known"
    assert luminaldb.load("trials").filter(pl.col("n_enrolled").is_null()).height
    page = (portal / "evidence-map.html").read_text(encoding="utf-8")
    assert re.search(r"[^\d,]0 patients", page) is None
    assert "with known enrolment" in page


def test_a_trial_that_did_not_randomise_a_class_is_not_among_those_that_test_it(portal: Path) -> None:
    page = (portal / "classes/cdk4-6-inhibitor.html").read_text(encoding="utf-8")
    tested = page.split('id="trials"')[1].split("</section>")[0]
    assert "PALOMA-2" in tested
    assert "DETECT V" not in tested
