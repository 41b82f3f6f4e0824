"""Crossref and PubMed as they answer, on loopback, for the tests of what is asked of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse
from xml.sax.saxutils import escape

from helpers import read_rows, write_rows
from loopback import Answer, Handler, Loopback, gives

from luminaldb.curation.sources.check import SourcesCheck, check
from luminaldb.loaders.database import Database


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


def paper(name: str, *, pmid: str = "", doi: str = "", status: str = "published", notice: str = "") -> dict[str, str]:
    return {"citation_id": name, "pmid": pmid, "doi": doi, "publication_status": status, "notice": notice}
