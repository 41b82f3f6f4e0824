"""Rows of citations as CSL-JSON items, the model that the other formats are written from."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

Item = dict[str, Any]
Name = dict[str, str]

_TYPES = {
    "article": "article-journal",
    "review": "article-journal",
    "meta_analysis": "article-journal",
    "guideline": "article-journal",
    "conference_abstract": "paper-conference",
    "registry_record": "webpage",
    "drug_label": "document",
    "web_page": "webpage",
    "database": "dataset",
}
# The type of a citation without a journal.
_WITHOUT_JOURNAL = {"article-journal": "article"}
_COLUMNS = {
    "title": "title",
    "container-title": "journal",
    "volume": "volume",
    "issue": "issue",
    "page": "pages",
    "PMID": "pmid",
    "PMCID": "pmcid",
    "DOI": "doi",
    "URL": "url",
    "language": "language",
    "keyword": "citation_type",
}
_PERSON = re.compile(r"(?P<family>.+?) (?P<initials>[^\W\d_a-z]{1,5})(?: (?P<suffix>Jr|Sr|I{2,3}|IV|2nd|3rd|4th))?")
ET_AL = "et al."


def items(citations: pl.DataFrame) -> list[Item]:
    """Return one item per row of the table `citations`, or of a part of it."""
    return [_item(row) for row in citations.iter_rows(named=True)]


def _item(row: dict[str, Any]) -> Item:
    kind = _TYPES[row["citation_type"]]
    if not row["journal"]:
        kind = _WITHOUT_JOURNAL.get(kind, kind)
    item: Item = {"id": row["citation_id"], "type": kind}
    if row["authors"]:
        publisher = row.get("publisher")
        item["author"] = [
            {"literal": author} if author == publisher else parse_author(author)
            for author in row["authors"].split("; ")
        ]
    if row["year"] is not None:
        item["issued"] = {"date-parts": [[row["year"]]]}
    item |= {key: str(row[column]) for key, column in _COLUMNS.items() if row[column] is not None}
    if row["publication_status"] != "published":
        item["status"] = row["publication_status"].replace("_", " ")
    if note := _note(row):
        item["note"] = note
    return item


def parse_author(author: str) -> Name:
    """Split an author as the table writes it: `Geyer CE Jr` has family, given and suffix, a group is literal."""
    person = None if "," in author else _PERSON.fullmatch(author)
    if not person or person["initials"] != person["initials"].upper():
        return {"literal": author}
    parts = {"family": person["family"], "given": " ".join(f"{letter}." for letter in person["initials"])}
    return {**parts, "suffix": person["suffix"]} if person["suffix"] else parts


def _note(row: dict[str, Any]) -> str:
    notes = []
    if row["publication_status"] not in ("published", "preprint", "conference_only"):
        notes.append(row["publication_status"].replace("_", " "))
    if row["notice"]:
        notes.append(f"notice: {row['notice']}")
    if row["superseded_by"]:
        notes.append(f"superseded by {row['superseded_by']}")
    return "; ".join(notes)


def dataset(*, title: str, version: str, date: str, creators: list[str], url: str = "", doi: str = "") -> Item:
    """Return the item of a version of the dataset itself.

    Args:
        title: its title.
        version: its version.
        date: its date, YYYY-MM-DD.
        creators: names of those who made it, each a group's.
        url: its address; left out where empty.
        doi: its DOI; left out where empty.
    """
    item: Item = {
        "id": f"luminaldb-{version}",
        "type": "dataset",
        "author": [{"literal": creator} for creator in creators],
        "issued": {"date-parts": [[int(part) for part in date.split("-")]]},
        "title": title,
        "version": version,
    }
    return item | {key: value for key, value in (("URL", url), ("DOI", doi)) if value}


def year(item: Item) -> str:
    """Return an item's year, or "" where the table has none."""
    return str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""
