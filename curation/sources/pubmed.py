"""PubMed: the notices on a paper, and its abstract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminaldb.errors import MissingExtraError

from .http_client import Client, ServiceError, base
from .notices import Notice, find_ids

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME = "PubMed"
ADDRESS = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
# What NCBI allows those without a key.
PER_SECOND = 3.0
BATCH = 100
_KINDS = {
    "RetractionIn": "retraction",
    "PartialRetractionIn": "retraction",
    "RetractedandRepublishedIn": "retraction",
    "ExpressionOfConcernIn": "expression_of_concern",
    "ErratumIn": "correction",
    "CorrectedandRepublishedIn": "correction",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """The record of a paper in PubMed.

    Attributes:
        pmid: its PMID.
        notices: on it.
        abstract: its text, a section a line; empty where there is none.
    """

    pmid: str
    notices: tuple[Notice, ...]
    abstract: str


def address() -> str:
    """Return its address: LUMINALDB_PUBMED, or its own."""
    return base(NAME, ADDRESS)


def papers(client: Client, pmids: Sequence[str]) -> dict[str, Paper]:
    """Return the PubMed records of some papers, by PMID; papers without a record are left out.

    Raises:
        ServiceError: PubMed can't be reached, or its response can't be read.
    """
    try:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{error.name} is not installed", hint="run: pip install 'luminaldb[sources]'"
        ) from None

    parameters = {"db": "pubmed", "retmode": "xml", "id": ",".join(pmids), "tool": "luminaldb"}
    response = client.get("/efetch.fcgi", {**parameters, "email": client.contact} if client.contact else parameters)
    if response is None:
        return {}
    try:
        root = fromstring(response.content)
    except (ParseError, DefusedXmlException, ValueError):
        raise ServiceError(f"{NAME}: the answer on {len(pmids)} papers from {pmids[0]} on can't be read") from None
    if root.tag != "PubmedArticleSet":
        raise ServiceError(f"{NAME}: the answer on {len(pmids)} papers from {pmids[0]} on is no set of articles")
    result = (_paper(article) for article in root.iterfind("PubmedArticle/MedlineCitation"))
    return {paper.pmid: paper for paper in result if paper.pmid in pmids}


def _paper(article: Element) -> Paper:
    sections = (_section(part) for part in article.iterfind("Article/Abstract/AbstractText"))
    return Paper((article.findtext("PMID") or "").strip(), tuple(_notices(article)), "\n".join(sections))


def _section(element: Element) -> str:
    label = element.get("Label")
    text = " ".join("".join(element.itertext()).split())
    return f"{label}: {text}" if label else text


def _notices(article: Element) -> Iterator[Notice]:
    has_retraction_link = False
    for link in article.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        kind = _KINDS.get(link.get("RefType") or "")
        if kind is None:
            continue
        has_retraction_link = has_retraction_link or kind == "retraction"
        pmid = (link.findtext("PMID") or "").strip()
        ids = find_ids(link.findtext("RefSource") or "") | ({pmid} if pmid else set())
        yield Notice(kind, frozenset(i for i in ids if i.startswith("10.") or i == pmid), "", frozenset({NAME}))
    types = [t.text for t in article.iterfind("Article/PublicationTypeList/PublicationType")]
    if "Retracted Publication" in types and not has_retraction_link:
        yield Notice("retraction", frozenset(), "", frozenset({NAME}))
