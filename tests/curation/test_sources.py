"""Crossref and PubMed, as they answer, on loopback: what is new of a paper, and which numbers its abstract holds."""

from __future__ import annotations

import csv
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse
from xml.sax.saxutils import escape

import pytest
from helpers import read_rows, write_rows
from loopback import Answer, Handler, Loopback, drops, gives, hangs, in_turn, serving

import luminaldb
from luminaldb.curation.sources import crossref, http_client
from luminaldb.curation.sources.check import SourcesCheck, check
from luminaldb.curation.sources.http_client import Client
from luminaldb.curation.sources.notices import Notice, ids_in, merge_notices
from luminaldb.curation.sources.numbers_in_text import Text
from luminaldb.curation.sources.publication_status import compare_notices
from luminaldb.loaders.database import Database

Run = Callable[..., subprocess.CompletedProcess[str]]


def work(doi: str, *updates: dict[str, Any]) -> bytes:
    """An answer of Crossref's route /works/{doi}, in the shape that it has."""
    message = {"DOI": doi, "type": "journal-article", "title": ["A trial"], "container-title": ["J"], "score": 1}
    message |= {"updated-by": list(updates)} if updates else {}
    whole = {"status": "ok", "message-type": "work", "message-version": "1.0.0", "message": message}
    return json.dumps(whole).encode()


def update(kind: str, doi: str, *date: int, source: str = "publisher") -> dict[str, Any]:
    """An element of `updated-by`."""
    return {
        "updated": {"date-parts": [list(date)], "date-time": "2020-12-10T00:00:00Z", "timestamp": 1607558400000},
        "DOI": doi, "type": kind, "source": source, "label": kind.capitalize(), "record-id": "1",
    }  # fmt: skip


def article(pmid: str, abstract: str = "", corrections: str = "", types: str = "Journal Article") -> str:
    """A PubmedArticle of efetch, in the shape that it has."""
    text = (
        f"<Abstract>{abstract}<CopyrightInformation>Copyright 2026.</CopyrightInformation></Abstract>"
        if abstract
        else ""
    )
    listed = f"<CommentsCorrectionsList>{corrections}</CommentsCorrectionsList>" if corrections else ""
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>
      <Article PubModel="Print"><ArticleTitle>A <i>trial</i> of 4,711.</ArticleTitle>{text}
      <PublicationTypeList><PublicationType UI="D016428">{types}</PublicationType></PublicationTypeList></Article>
      {listed}</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList>
      </PubmedData></PubmedArticle>"""


def articles(*parts: str) -> bytes:
    """An answer of efetch."""
    head = (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    )
    head += '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
    return f"{head}<PubmedArticleSet>{''.join(parts)}</PubmedArticleSet>".encode()


def link(kind: str, pmid: str = "", source: str = "J Clin Oncol. 2020 Dec 10;38(35):4217") -> str:
    """An element of CommentsCorrectionsList."""
    number = f'<PMID Version="1">{pmid}</PMID>' if pmid else ""
    return (
        f'<CommentsCorrections RefType="{kind}"><RefSource>{escape(source)}</RefSource>{number}</CommentsCorrections>'
    )


CITED = (
    "citation_id",
    "citation_type",
    "title",
    "authors",
    "journal",
    "year",
    "pmid",
    "doi",
    "publication_status",
    "notice",
)


class Services:
    """Both services on loopback, and the tables that are asked about."""

    def __init__(self, server: Loopback, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.articles: dict[str, str] = {}
        self.works: dict[str, bytes] = {}
        server.answers["/efetch.fcgi"] = self.efetch

    def efetch(self, handler: Handler) -> None:
        """Return the articles asked for that are known."""
        asked = parse_qs(urlparse(handler.path).query)["id"][0].split(",")
        gives(articles(*(self.articles[p] for p in asked if p in self.articles)), Content_Type="text/xml")(handler)

    def knows(self, doi: str, answer: bytes | Answer) -> None:
        """Let Crossref know a DOI."""
        self.server.answers[f"/works/{doi.replace('/', '%2F')}"] = (
            gives(answer) if isinstance(answer, bytes) else answer
        )

    def cite(self, *papers: dict[str, str]) -> None:
        """Write the table of citations."""
        file = self.folder / "citations/citations.csv"
        head = read_rows(file)[0]
        write_rows(
            file, [head, *([p.get(c, "") for c in head] for p in sorted(papers, key=lambda p: p["citation_id"]))]
        )

    def check(self, **how: Any) -> SourcesCheck:
        """Check."""
        return check(Database.find(self.folder), **how)


@pytest.fixture
def services(datasets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Services]:
    monkeypatch.setattr(http_client, "BACKOFF", 0.05)
    monkeypatch.setattr(http_client, "RETRIES", 2)
    monkeypatch.setattr(crossref, "PER_SECOND", 200.0)
    monkeypatch.setenv("LUMINALDB_CACHE", str(tmp_path / "cache/releases"))
    with serving() as server:
        for name in ("LUMINALDB_CROSSREF", "LUMINALDB_PUBMED"):
            monkeypatch.setenv(name, server.url)
        yield Services(server, datasets)


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a second only, where the service hangs: a busy machine is slow, too."""
    answers = [request.node.callspec.params.get(name) for name in ("first", "answer")]
    if any(a is not None and "hangs" in a.__qualname__ for a in answers):
        monkeypatch.setattr(http_client, "TIMEOUT", (1.0, 1.0))


def paper(name: str, *, pmid: str = "", doi: str = "", status: str = "published", notice: str = "") -> dict[str, str]:
    return {"citation_id": name, "pmid": pmid, "doi": doi, "publication_status": status, "notice": notice}


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


def slow(seconds: float, then: bytes) -> Answer:
    return in_turn(hangs(seconds), gives(then))


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        (gives(b"busy", status=503), 2),
        (gives(b"slow down", status=429, Retry_After="0"), 2),
        (gives(b"oops", status=500), 2),
        (drops, 2),
        (hangs(4), 2),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_a_passing_failure_is_tried_again(services: Services, first: Answer, asked: int) -> None:
    services.cite(paper("p", doi="10.1000/p"))
    services.knows("10.1000/p", in_turn(first, gives(work("10.1000/p", update("retraction", "10.1000/n", 2020)))))
    outcome = services.check(with_numbers=False)
    assert (len(outcome.retraction_status), outcome.notes) == (1, [])
    assert len(services.server.asked) == asked


def test_a_long_wait_that_a_service_asks_for_is_cut(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "LONGEST_WAIT", 0.2)
    services.cite(paper("p", doi="10.1000/p"))
    busy = gives(b"slow down", status=429, Retry_After="86400")
    services.knows("10.1000/p", in_turn(busy, gives(work("10.1000/p"))))
    waits: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
    assert services.check(with_numbers=False).notes == []
    assert [w for w in waits if w] == [0.2]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (gives(b"busy", status=503), "still fails|answers 503"),
        (gives(b"no", status=403), "answers 403"),
        (drops, "can't be reached"),
        (hangs(4), "no answer within"),
        (gives(b"<html>maintenance</html>"), "can't be read"),
        (gives(b'{"status": "ok"}'), "can't be read"),
        (gives(b'{"message": {"updated-by": 7}}'), "can't be read"),
        (gives(b'{"message": {"updated-by": [{"type": "retraction", "updated": [1]}]}}'), "can't be read"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_a_service_that_stays_away_is_reported_and_is_not_called_well(
    services: Services, answer: Answer, note: str
) -> None:
    import re

    services.cite(paper("p", doi="10.1000/p"))
    services.knows("10.1000/p", answer)
    outcome = services.check(with_numbers=False)
    assert not outcome.ok
    assert re.search(note, outcome.notes[0]), outcome.notes
    assert outcome.notes[-1] == "Crossref gave no answer on 1 of 1 papers"


def test_a_service_that_fails_three_times_is_left_alone(services: Services) -> None:
    services.cite(*(paper(f"p{n}", doi=f"10.1000/p{n}") for n in range(9)))
    for n in range(9):
        services.knows(f"10.1000/p{n}", gives(b"no", status=403))
    outcome = services.check(with_numbers=False)
    assert len(services.server.asked) == 3
    assert outcome.notes[-1] == "Crossref gave no answer on 9 of 9 papers"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>maintenance</html>",
        b"<PubmedArticleSet>",
        b"",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><PubmedArticleSet>&f;</PubmedArticleSet>',
    ],
)
def test_an_answer_of_pubmed_that_is_none(services: Services, answer: bytes) -> None:
    services.cite(paper("p", pmid="11111111"))
    services.server.answers["/efetch.fcgi"] = gives(answer)
    outcome = services.check(with_numbers=False)
    assert "can't be read" in outcome.notes[0] or "no set of articles" in outcome.notes[0]


def test_papers_are_asked_for_in_batches_politely_and_once(services: Services, tmp_path: Path) -> None:
    pmids = [str(10_000_000 + n) for n in range(250)]
    services.cite(*(paper(f"p{n}", pmid=n) for n in pmids))
    services.articles = {p: article(p) for p in pmids}
    how = {"contact": "curator@example.org", "cache": tmp_path / "answers", "with_numbers": False}
    assert services.check(**how).asked["PubMed"] == 250
    assert len(services.server.asked) == 3
    query = parse_qs(urlparse(services.server.asked[0]).query)
    assert (query["tool"], query["email"], query["db"]) == (["luminaldb"], ["curator@example.org"], ["pubmed"])
    agent = services.server.headers_seen[0]["User-Agent"]
    assert agent.startswith(f"luminaldb/{luminaldb.__version__} ")
    assert "mailto:curator@example.org" in agent
    services.check(**how)
    assert len(services.server.asked) == 3
    services.check(**how, hours=0.0)
    assert len(services.server.asked) == 6


def test_a_kept_answer_of_a_broken_cache_is_reported_in_one_line(services: Services, tmp_path: Path) -> None:
    services.cite(paper("p", pmid="11111111"))
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers/pubmed.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(luminaldb.LuminaldbError, match="delete it"):
        services.check(cache=tmp_path / "answers", with_numbers=False)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(luminaldb.LuminaldbError, match="--cache"):
        services.check(cache=tmp_path / "file/answers", with_numbers=False)


def test_no_more_is_asked_in_a_second_than_the_service_likes(services: Services) -> None:
    services.knows("10.1000/p", work("10.1000/p"))
    asking = Client("Crossref", services.server.url, per_second=5)
    start = time.monotonic()
    for _ in range(11):
        crossref.notices(asking, "10.1000/p")
    # A lower bound: on a busy machine it takes longer, never less.
    assert time.monotonic() - start >= 1.8


def test_a_doi_is_quoted_as_a_whole(services: Services) -> None:
    doi = "10.1000/a(b)<c>:d;e?f#g%h"
    crossref.notices(Client("Crossref", services.server.url, per_second=50), doi)
    assert unquote(services.server.asked[0].removeprefix("/works/")) == doi


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
    assert Text(text).holds(cell, months=months) is held


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
    assert ids_in("PMID 38687953 (10.1200/JCO.24.00711); 10.1016/S1470-2045(23)00482-5.") == {
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
