"""Ask Crossref and PubMed about every cited paper, and compare their answers with the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from luminaldb.loaders.database import Database

from . import abstract_match, crossref, pubmed
from .http_client import Client, ServiceError
from .notices import Notice
from .numbers_in_text import NumbersInText
from .publication_status import SourceIssue, compare_notices

Progress = Callable[[str], None]


@dataclass
class SourcesCheck:
    """What a check found.

    Attributes:
        asked: how many papers each service was asked about and answered for.
        retraction_status: papers whose retraction status in the table differs from the services'.
        numbers: rows with a number that doesn't occur in the abstract they cite.
        matched: rows whose every number occurs in it.
        unread: rows whose abstract can't be had, by reason.
        notes: what could not be asked, and why.
    """

    asked: dict[str, int] = field(default_factory=dict)
    retraction_status: list[SourceIssue] = field(default_factory=list)
    numbers: list[SourceIssue] = field(default_factory=list)
    matched: list[abstract_match.AbstractRow] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every service answered, and nothing was found."""
        return not (self.retraction_status or self.numbers or self.notes)


def check(
    state: Database,
    *,
    contact: str = "",
    cache: Path | None = None,
    hours: float = 20,
    with_numbers: bool = True,
    progress: Progress | None = None,
) -> SourcesCheck:
    """Ask Crossref and PubMed about every cited paper.

    Args:
        state: the tables.
        contact: an e-mail address to send to both services.
        cache: folder of answers; None caches none.
        hours: the greatest age of a cached answer.
        with_numbers: whether to look for the numbers of rows in abstracts, too.
        progress: called with how far it is.

    Raises:
        MissingExtraError: the libraries of the extra `sources` aren't installed.
    """
    report_progress, outcome = progress or (lambda _: None), SourcesCheck()
    citations = state.text("citations")
    rows = citations.select("citation_id", "pmid", "doi", "publication_status", "notice").to_dicts()
    papers = _ask_pubmed(rows, outcome, report_progress, contact=contact, cache=cache, hours=hours)
    crossref_notices = _ask_crossref(rows, outcome, report_progress, contact=contact, cache=cache, hours=hours)
    for row in rows:
        paper = papers.get(row["pmid"])
        notices = [*crossref_notices.get(row["doi"], ()), *(paper.notices if paper else ())]
        outcome.retraction_status += compare_notices(row, notices)
    if with_numbers:
        _compare_numbers(state, {r["citation_id"]: r["pmid"] for r in rows}, papers, outcome)
    return outcome


def _ask_pubmed(
    rows: Sequence[Mapping[str, Any]], outcome: SourcesCheck, report_progress: Progress, **client_options: Any
) -> dict[str, pubmed.Paper]:
    pmids = sorted({r["pmid"] for r in rows if r["pmid"]}, key=int)
    client = Client(pubmed.NAME, pubmed.address(), per_second=pubmed.PER_SECOND, **client_options)
    result: dict[str, pubmed.Paper] = {}
    unanswered = 0
    for start in range(0, len(pmids), pubmed.BATCH):
        batch = pmids[start : start + pubmed.BATCH]
        report_progress(f"{pubmed.NAME}, {start:,} of {len(pmids):,} papers")
        try:
            result |= pubmed.papers(client, batch)
        except ServiceError as error:
            unanswered += len(batch)
            _add_note(outcome, str(error))
            continue
        if unknown := [p for p in batch if p not in result]:
            outcome.notes.append(f"{pubmed.NAME} doesn't know the PMID {', '.join(unknown)}; look it up")
    client.close()
    outcome.asked[pubmed.NAME] = len(pmids) - unanswered
    if unanswered:
        outcome.notes.append(f"{pubmed.NAME} gave no answer on {unanswered:,} of {len(pmids):,} papers")
    return result


def _ask_crossref(
    rows: Sequence[Mapping[str, Any]], outcome: SourcesCheck, report_progress: Progress, **client_options: Any
) -> dict[str, list[Notice]]:
    dois = sorted({r["doi"] for r in rows if r["doi"]})
    client = Client(crossref.NAME, crossref.address(), per_second=crossref.PER_SECOND, **client_options)
    result: dict[str, list[Notice]] = {}
    unanswered = unknown = 0
    for n, doi in enumerate(dois):
        report_progress(f"{crossref.NAME}, {n:,} of {len(dois):,} papers")
        try:
            notices = crossref.notices(client, doi)
        except ServiceError as error:
            unanswered += 1
            _add_note(outcome, str(error))
            continue
        if notices is None:
            # DataCite and others register DOIs, too: that Crossref doesn't know one is no fault.
            unknown += 1
        else:
            result[doi] = notices
    client.close()
    outcome.asked[crossref.NAME] = len(dois) - unanswered - unknown
    if unanswered:
        outcome.notes.append(f"{crossref.NAME} gave no answer on {unanswered:,} of {len(dois):,} papers")
    return result


def _add_note(outcome: SourcesCheck, message: str) -> None:
    if message not in outcome.notes:
        outcome.notes.append(message)


def _compare_numbers(
    state: Database, pmids: Mapping[str, str], papers: Mapping[str, pubmed.Paper], outcome: SourcesCheck
) -> None:
    texts: dict[str, NumbersInText] = {}
    logged_matches = _logged_matches(state)
    for row in abstract_match.rows(state):
        pmid = pmids.get(row.citation_id, "")
        if reason := _unreadable(pmid, papers):
            outcome.unread[reason] = outcome.unread.get(reason, 0) + 1
            continue
        text = texts.setdefault(pmid, NumbersInText(papers[pmid].abstract))
        if missing := row.missing(text):
            outcome.numbers.append(
                _missing_numbers_issue(row, missing, pmid, again=(row.table, row.key) in logged_matches)
            )
        else:
            outcome.matched.append(row)


def _unreadable(pmid: str, papers: Mapping[str, pubmed.Paper]) -> str:
    if not pmid:
        return "the source has no PMID"
    if pmid not in papers:
        return "PubMed gave no answer"
    return "" if papers[pmid].abstract else "PubMed has no abstract"


def _missing_numbers_issue(
    row: abstract_match.AbstractRow, missing: Mapping[str, str], pmid: str, *, again: bool
) -> SourceIssue:
    message = ", ".join(f"{column} {cell}" for column, cell in missing.items())
    note_on_match = ", though a text match is logged" if again else ""
    hint = "Look at the abstract: correct the number, or say in source_level where it was read."
    return SourceIssue(row.table, row.key, f"not in the abstract of PMID {pmid}: {message}{note_on_match}", hint)


def _logged_matches(state: Database) -> set[tuple[str, ...]]:
    if abstract_match.LOG not in state.packages_by_table:
        return set()
    matches = state.text(abstract_match.LOG).filter(pl.col("method") == "text_match")
    return set(matches.select("table_name", "row_key").iter_rows())


def summarize_check(outcome: SourcesCheck) -> Iterator[str]:
    """Summarize in a few lines how much was checked."""
    yield "; ".join(f"{name} answered on {n:,} papers" for name, n in outcome.asked.items())
    yield (
        f"{len(outcome.retraction_status):,} papers whose retraction status differs from the table's; "
        f"of the rows read in abstracts {len(outcome.matched):,} match, {len(outcome.numbers):,} don't"
        + "".join(f", {n:,} can't be looked up ({why})" for why, n in sorted(outcome.unread.items()))
    )
