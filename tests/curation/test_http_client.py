"""How Crossref and PubMed are asked, on loopback: after failures, no faster than they like, each answer once."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

import pytest
from loopback import Answer, drops, gives, hangs, in_turn
from publication_services import Services, article, paper, update, work

import luminaldb
from luminaldb.curation.sources import crossref, http_client
from luminaldb.curation.sources.http_client import Client


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a second only, where the service hangs: a busy machine is slow, too."""
    answers = [request.node.callspec.params.get(name) for name in ("first", "answer")]
    if any(a is not None and "hangs" in a.__qualname__ for a in answers):
        monkeypatch.setattr(http_client, "TIMEOUT", (1.0, 1.0))


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
    monkeypatch.setattr(http_client, "MAX_WAIT", 0.2)
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


def test_no_more_is_asked_in_a_second_than_the_service_likes(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock of the library that limits the requests stands still, but while the library waits.
    now = [0.0]
    monkeypatch.setattr("pyrate_limiter.clocks.monotonic_ns", lambda: int(now[0] * 1e9))
    monkeypatch.setattr("pyrate_limiter.limiter.sleep", lambda seconds: now.append(now.pop() + seconds))
    services.knows("10.1000/p", work("10.1000/p"))
    asking = Client("Crossref", services.server.url, per_second=5)
    times = []
    for _ in range(11):
        crossref.notices(asking, "10.1000/p")
        times.append(now[0])
    assert len(services.server.asked) == len(times)
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[5:], strict=False)), times


def test_a_doi_is_quoted_as_a_whole(services: Services) -> None:
    doi = "10.1000/a(b)<c>:d;e?f#g%h"
    crossref.notices(Client("Crossref", services.server.url, per_second=50), doi)
    assert unquote(services.server.asked[0].removeprefix("/works/")) == doi
