"""Crossref and PubMed, as they answer, on loopback: what is new of a paper, and which numbers its abstract holds."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import read_rows, write_rows
from publication_services import Services, article, link, paper, update, work

from luminaldb.curation.sources.notices import Notice, find_ids, merge_notices
from luminaldb.curation.sources.numbers_in_text import NumbersInText
from luminaldb.curation.sources.publication_status import compare_notices

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_retraction_and_a_correction_since_are_found(services: Services) -> None:
    services.cite(
        paper("a-fine", pmid="11111111", doi="10.1000/fine"),
        paper("b-retracted", pmid="22222222", doi="10.1000/retracted"),
        paper("c-corrected", pmid="33333333", doi="10.1000/(sici)1097<1::aid>3.0.co;2-x"),
        paper("d-doubted", pmid="44444444"),
        paper("e-marked", pmid="55555555"),
    )
    services.articles = {
        "11111111": article(
            "11111111", corrections=link("CommentIn", "1") + link("UpdateIn", "2") + link("Cites", "3")
        ),
        "22222222": article("22222222", corrections=link("RetractionIn", "99999999", "J. 2020. doi: 10.1000/notice.")),
        "33333333": article("33333333", corrections=link("ErratumIn", "88888888")),
        "44444444": article("44444444", corrections=link("ExpressionOfConcernIn", "77777777")),
        "55555555": article("55555555", types="Retracted Publication"),
    }
    services.knows("10.1000/fine", work("10.1000/fine", update("new_version", "10.1000/v2", 2021)))
    services.knows(
        "10.1000/retracted",
        work(
            "10.1000/retracted",
            update("retraction", "10.1000/NOTICE", 2020, 12, 10),
            update("retraction", "10.1000/notice", 2020, 12, 11, source="retraction-watch"),
        ),
    )
    outcome = services.check(with_numbers=False)
    messages = {f.row_key: f.message for f in outcome.retraction_status}
    assert set(messages) == {"b-retracted", "c-corrected", "d-doubted", "e-marked"}
    assert messages["b-retracted"] == (
        "Crossref and PubMed know of: retraction 10.1000/notice, 99999999 of 2020-12-10; the table says published"
    )
    assert "correction 88888888" in messages["c-corrected"]
    assert "expression of concern 77777777" in messages["d-doubted"]
    assert "retraction" in messages["e-marked"]
    assert outcome.asked == {"PubMed": 5, "Crossref": 2}
    assert outcome.notes == []
    assert not outcome.ok


@pytest.mark.parametrize(
    ("status", "notice", "updates", "found"),
    [
        ("corrected", "10.1000/one", [update("correction", "10.1000/one", 2020, 1, 1)], 0),
        ("corrected", "10.1000/ONE; PMID 12345678", [update("erratum", "10.1000/one", 2020, 1, 1)], 0),
        ("corrected", "10.1000/two", [update("correction", "10.1000/one", 2020, 1, 1)], 1),
        ("corrected", "10.1000/one", [update("correction", "10.1000/one", 2020, 1, 1), update("correction", "10.1000/two", 2021)], 1),
        ("corrected", "10.1000/two", [update("correction", "10.1000/one", 2020, 1, 1), update("correction", "10.1000/two", 2021)], 0),
        ("corrected", "10.1000/one", [update("correction", "10.1000/one", 2020, 1, 1), update("retraction", "10.1000/two", 2021)], 1),
        ("retracted", "10.1000/two", [update("correction", "10.1000/one", 2020, 1, 1), update("retraction", "10.1000/two", 2021)], 0),
        ("retracted_republished", "10.1000/two", [update("retraction", "10.1000/two", 2021)], 0),
        ("published", "", [update("addendum", "10.1000/one", 2020), update("clarification", "10.1000/x", 2020)], 0),
        ("published", "", [update("partial_retraction", "10.1000/one", 2020)], 1),
        ("published", "", [update("withdrawal", "10.1000/p", 2020)], 1),
        ("published", "", [{"type": "correction", "DOI": None, "updated": {"date-parts": [[None]]}}], 1),
        ("retracted", "", [update("retraction", "10.1000/p", 2020)], 0),
    ],
)  # fmt: skip
def test_what_the_table_says_already_is_no_finding(
    services: Services, status: str, notice: str, updates: list[dict[str, Any]], found: int
) -> None:
    services.cite(paper("p", doi="10.1000/p", status=status, notice=notice))
    services.knows("10.1000/p", work("10.1000/p", *updates))
    outcome = services.check(with_numbers=False)
    assert len(outcome.retraction_status) == found, outcome.retraction_status
    assert outcome.notes == []


def test_a_doi_that_crossref_does_not_know_is_no_fault_and_an_unknown_pmid_is(services: Services) -> None:
    services.cite(paper("p", pmid="11111111", doi="10.5281/zenodo.1"))
    outcome = services.check(with_numbers=False)
    assert outcome.notes == ["PubMed doesn't know the PMID 11111111; look it up"]
    assert outcome.asked == {"PubMed": 1, "Crossref": 0}


@pytest.mark.parametrize(
    ("text", "cell", "months", "held"),
    [
        ("HR, 0.63; 95% CI, 0.47 to 0.84; P = .0016", "0.63", False, True),
        ("HR, 0.63; 95% CI, 0.47 to 0.84; P = .0016", "0.0016", False, True),
        ("HR, 0.63; 95% CI, 0.47 to 0.84; P = .0016", "95", False, True),
        ("HR, 0.63; 95% CI, 0.47 to 0.84; P = .0016", "0.6", False, False),
        ("HR 0.60", "0.6", False, False),
        ("HR 0.6", "0.60", False, False),
        ("hazard ratio 0·63 (0·47 to 0·84)", "0.47", False, True),
        ("1,024 patients", "1024", False, True),
        ("1\u2009024 patients", "1024", False, True),
        ("in 10,24 of", "1024", False, False),
        ("patients 1,2,3", "123", False, False),
        ("103 patients", "10", False, False),
        ("a 103-patient trial", "103", False, True),
        ("nine patients", "9", False, True),
        ("ninety patients", "9", False, False),
        ("a difference of -5.1%", "-5.1", False, True),
        ("a difference of \u22125.1%", "-5.1", False, True),
        ("at 5 years", "60", True, True),
        ("five-year survival", "60", True, True),
        ("at 5 weeks", "60", True, False),
        ("a median of 5.2 years", "62.4", True, True),
        ("a median of 5.2 years", "62", True, True),
        ("a median of 5.2 years", "63", True, False),
        ("a median of 5.2 years", "62.4", False, False),
        ("version 1.2.3", "2.3", False, False),
        ("", "1", False, False),
    ],
)
def test_a_number_in_a_text(text: str, cell: str, months: bool, held: bool) -> None:
    assert NumbersInText(text).contains(cell, months=months) is held


def effect(datasets: Path, **cells: str) -> str:
    """Leave one effect in the tables, read in an abstract; give its id."""
    for name in ("outcomes", "adverse_events"):
        file = datasets / f"trials/{name}.csv"
        write_rows(file, read_rows(file)[:1])
    for file in datasets.glob("*/*.csv"):
        rows = read_rows(file)
        if "source_level" in rows[0] and file.stem != "effects":
            place = rows[0].index("source_level")
            write_rows(file, [rows[0], *([*r[:place], "label", *r[place + 1 :]] for r in rows[1:])])
    file = datasets / "trials/effects.csv"
    head, *rows = read_rows(file)
    row = dict(zip(head, next(r for r in rows if r[0] == "tandem-pfs-itt-primary"), strict=True))
    row |= {"source_level": "abstract", "citation_id": "p", **cells}
    write_rows(file, [head, [row[c] for c in head]])
    return row["effect_id"]


ABSTRACT = """<AbstractText Label="METHODS" NlmCategory="METHODS">We randomly assigned <i>women</i>.</AbstractText>
<AbstractText Label="RESULTS">Of 103 and 104 patients, 87 and 99 progressed (hazard ratio 0·63; 95% CI, 0·47 to 0·84;
log-rank <i>P</i> = .0016).</AbstractText>"""
NUMBERS = {
    "estimate": "0.63", "ci_low": "0.47", "ci_high": "0.84", "ci_level": "95", "p_value": "0.0016", "p_sides": "2",
    "n_experimental": "103", "n_control": "104", "events_experimental": "87", "events_control": "99",
    "median_follow_up_months": "",
}  # fmt: skip


def test_every_number_of_a_row_is_looked_for_in_the_abstract_it_cites(services: Services, run: Run) -> None:
    key = effect(services.folder, **NUMBERS)
    services.cite(paper("p", pmid="11111111"))
    services.articles = {"11111111": article("11111111", ABSTRACT)}
    log = services.folder / "curation/second_reads.csv"
    before = log.read_bytes()
    outcome = services.check()
    assert [(r.table, r.key) for r in outcome.matched] == [("effects", key)]
    assert outcome.ok
    assert log.read_bytes() == before
    for wrong in ({"estimate": "0.68"}, {"n_control": "4711"}, {"ci_low": "0.470"}):
        effect_of(services.folder, {**NUMBERS, **wrong})
        (finding,) = services.check().numbers
        ((column, cell),) = wrong.items()
        assert finding.message == f"not in the abstract of PMID 11111111: {column} {cell}"
        assert (finding.table, finding.row_key) == ("effects", key)


def effect_of(datasets: Path, cells: dict[str, str]) -> None:
    file = datasets / "trials/effects.csv"
    head, row = read_rows(file)
    write_rows(file, [head, [cells.get(c, v) for c, v in zip(head, row, strict=True)]])


def test_matches_are_logged_only_when_asked_and_only_once(services: Services, run: Run) -> None:
    key = effect(services.folder, **NUMBERS)
    services.cite(paper("p", pmid="11111111"))
    services.articles = {"11111111": article("11111111", ABSTRACT)}
    log = services.folder / "curation/second_reads.csv"
    before = read_rows(log)
    done = run("sources", "check", services.folder, "--write", "--max-age", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    after = read_rows(log)
    (new,) = [r for r in after if r not in before]
    logged = dict(zip(before[0], new, strict=True))
    names = ["table_name", "row_key", "citation_id", "method", "result"]
    assert [logged[n] for n in names] == ["effects", key, "p", "text_match", "agreed"]
    order = [before[0].index(n) for n in ("table_name", "row_key", "method")]
    assert after[1:] == sorted(after[1:], key=lambda r: [r[n] for n in order])
    assert [r for r in after if r in before] == before
    whole = log.read_bytes()
    assert "logged 0 text matches" in run("sources", "check", services.folder, "--write").stderr
    assert log.read_bytes() == whole
    assert next(csv.reader(whole.decode().splitlines())) == before[0]


def test_a_row_whose_abstract_cannot_be_had_is_counted(services: Services) -> None:
    effect(services.folder, **NUMBERS)
    services.cite(paper("p", doi="10.1000/p"))
    assert services.check().unread == {"the source has no PMID": 1}
    services.cite(paper("p", pmid="11111111"))
    services.articles = {"11111111": article("11111111")}
    assert services.check().unread == {"PubMed has no abstract": 1}


def test_the_command_line_reports_in_three_forms(services: Services, run: Run) -> None:
    services.cite(paper("a|b", doi="10.1000/p"))
    services.knows("10.1000/p", work("10.1000/p", update("retraction", "10.1000/n", 2020, 12, 10)))
    done = run("sources", "check", services.folder, "--no-numbers", "--max-age", "0")
    assert done.returncode == 1
    assert "citations a|b: Crossref knows of: retraction 10.1000/n of 2020-12-10" in done.stdout
    output = json.loads(run("sources", "check", services.folder, "--no-numbers", "--json").stdout)
    assert (output["ok"], len(output["standing"])) == (False, 1)
    page = run("sources", "check", services.folder, "--no-numbers", "--format", "markdown").stdout
    assert "| citations | a\\|b | Crossref knows of: retraction" in page
    assert run("sources", "check", "--write").returncode == 2
    assert run("sources", "check", "--format", "pdf").returncode == 2


def test_ids_are_found_in_what_curators_write() -> None:
    assert find_ids("PMID 38687953 (10.1200/JCO.24.00711); 10.1016/S1470-2045(23)00482-5.") == {
        "38687953",
        "10.1200/jco.24.00711",
        "10.1016/s1470-2045(23)00482-5",
    }


def test_notices_of_both_services_become_one() -> None:
    a = Notice("retraction", frozenset({"10.1000/a"}), "2020-01-01", frozenset({"Crossref"}))
    b = Notice("retraction", frozenset({"12345678"}), "", frozenset({"PubMed"}))
    c = Notice("retraction", frozenset({"12345678", "10.1000/a"}), "2020-01-02", frozenset({"PubMed"}))
    (one,) = merge_notices([a, b, c])
    assert (one.ids, one.date) == ({"10.1000/a", "12345678"}, "2020-01-01")
    row = {"citation_id": "x", "publication_status": "retracted", "notice": "10.1000/A"}
    assert list(compare_notices(row, [a, b, c])) == []
