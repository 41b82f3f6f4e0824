"""Pages of claims and of citations."""

from __future__ import annotations

from ...labels import code_in_words
from ..cells import Cell, LabelledValue, Page, TextPart, external_link, text
from ..column_lists import PAGE_COLUMNS
from ..columns import PUBLICATION_STATUS_BADGES, make_publication_status_badges
from ..evidence import Evidence, Row
from ..page_kinds import KIND_BY_TABLE, page_address
from ..sections import SectionBuilder, section_builder
from .shared_sections import MAX_ROWS, list_subjects, without_empty_sections

_MAX_SIMILAR_CLAIMS = 10


def claim_page(evidence: Evidence, row: Row) -> Page:
    """Make the page of one claim: its source, its subjects, and other claims on them."""
    key = row["claim_id"]
    builder = section_builder(evidence, ())
    kind = KIND_BY_TABLE["claims"]
    similar_claims = _similar_claims(evidence, row)
    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["statement"],
        "",
        [
            LabelledValue("Kind", text(code_in_words(row["claim_type"]))),
            LabelledValue("Certainty", text(code_in_words(row["certainty"]))),
            LabelledValue("About", text(code_in_words(row["disease_context"]))),
            LabelledValue("As of", text(row["as_of_year"])),
            LabelledValue("Source", builder.source(row)),
        ],
        without_empty_sections(
            builder.section("subjects", "Subjects", "claim_subjects",
                            evidence["claim_subjects"].where("claim_id", key)),
            builder.section("others", "What else is said of them", "claims", similar_claims,
                            intro="Claims that share most subjects with this one come first."),
        ),
    )  # fmt: skip


def _similar_claims(evidence: Evidence, claim: Row) -> list[Row]:
    shared: dict[str, int] = {}
    for column, subject in list_subjects(evidence, claim):
        for row in evidence["claim_subjects"].where(column, subject):
            shared[row["claim_id"]] = shared.get(row["claim_id"], 0) + 1
    shared.pop(claim["claim_id"], None)
    claim_ids = sorted(shared, key=lambda c: (-shared[c], c))[:_MAX_SIMILAR_CLAIMS]
    return [evidence["claims"].row(c) for c in claim_ids]


def citation_page(evidence: Evidence, row: Row) -> Page:
    """Make the page of one source: what it is, its publication status, every fact read in it."""
    key = row["citation_id"]
    effects = evidence["effects"].where("citation_id", key)
    builder = section_builder(evidence, effects)
    kind = KIND_BY_TABLE["citations"]
    sections = [
        builder.section(
            table.name,
            table.export_table.resource.title,
            table.name,
            table.where("citation_id", key),
            max_rows=MAX_ROWS,
            all_rows_address=f"browse/{table.name}.html#citation_id=%3D{key}",
        )
        for table in evidence.tables.values()
        if "citation_id" in table.references and table.name in PAGE_COLUMNS
    ]
    replaced = evidence["citations"].where("superseded_by", key)
    return Page(
        kind.name,
        key,
        page_address(kind, key),
        row["title"],
        row["authors"].replace(";", ","),
        _bibliography(builder, row, replaced),
        without_empty_sections(*sections),
        notices=_notices(builder, row),
    )


def _notices(builder: SectionBuilder, row: Row) -> list[Cell]:
    result: list[Cell] = []
    status = row["publication_status"]
    if status in PUBLICATION_STATUS_BADGES and PUBLICATION_STATUS_BADGES[status][0] != "weak":
        notice = row["notice"]
        result.append(
            (
                TextPart(f"{PUBLICATION_STATUS_BADGES[status][1]}."),
                *(external_link(_resolver_address(notice), notice) if notice else ()),
            )
        )
    if row["superseded_by"]:
        result.append((TextPart("A later source reports this again:"), builder.link("citations", row["superseded_by"])))
    return result


def _resolver_address(identifier: str) -> str:
    if identifier.startswith("10."):
        return f"https://doi.org/{identifier}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{identifier}/" if identifier.isdigit() else identifier


def _bibliography(builder: SectionBuilder, row: Row, replaced: list[Row]) -> list[LabelledValue]:
    volume = (
        row["volume"] + (f"({row['issue']})" if row["issue"] else "") + (f":{row['pages']}" if row["pages"] else "")
    )
    pmc = f"https://pmc.ncbi.nlm.nih.gov/articles/{row['pmcid']}/"
    return [
        LabelledValue("Journal or publisher", text(" ".join(v for v in (row["journal"], row["year"], volume) if v))),
        LabelledValue("Kind", text(code_in_words(row["citation_type"]))),
        LabelledValue(
            "Publication status",
            (TextPart(code_in_words(row["publication_status"])),)
            if not make_publication_status_badges(row)
            else make_publication_status_badges(row),
        ),
        LabelledValue(
            "PMID", external_link(f"https://pubmed.ncbi.nlm.nih.gov/{row['pmid']}/", row["pmid"]) if row["pmid"] else ()
        ),
        LabelledValue("PMCID", external_link(pmc, row["pmcid"]) if row["pmcid"] else ()),
        LabelledValue("DOI", external_link(f"https://doi.org/{row['doi']}", row["doi"]) if row["doi"] else ()),
        LabelledValue("Address", external_link(row["url"]) if row["url"] else ()),
        LabelledValue("Language", text(row["language"] if row["language"] != "en" else "")),
        LabelledValue("Replaces", tuple(builder.link("citations", r["citation_id"]) for r in replaced)),
    ]
