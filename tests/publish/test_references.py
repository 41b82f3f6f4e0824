"""Citations as BibTeX, RIS and CSL-JSON, read by the parsers of others, equal the table field by field."""

from __future__ import annotations

import json
import re
from typing import Any

import bibtexparser
import jsonschema
import polars as pl
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from helpers import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st

import luminaldb
from luminaldb.publish.export.references import FORMATS, render
from luminaldb.publish.export.references.bibtex import escape
from luminaldb.publish.export.references.csl import dataset, items, parse_author

CSL_SCHEMA = REPOSITORY / "tests/data/csl-data.json"


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return luminaldb.load("citations")


def as_printed(csl: dict[str, str]) -> str:
    """Return a name as the table writes it."""
    if "literal" in csl:
        return csl["literal"]
    initials = csl["given"].replace(".", "").replace(" ", "")
    return " ".join(filter(None, (csl["family"], initials, csl.get("suffix"))))


def test_csl_json_fits_its_schema_and_equals_the_table(table: pl.DataFrame) -> None:
    written = json.loads(render(items(table), "csl"))
    jsonschema.Draft7Validator(json.loads(CSL_SCHEMA.read_text(encoding="utf-8"))).validate(written)
    pairs = {"title": "title", "container-title": "journal", "volume": "volume", "issue": "issue", "page": "pages",
             "PMID": "pmid", "PMCID": "pmcid", "DOI": "doi", "URL": "url", "language": "language", "keyword": "citation_type"}  # fmt: skip
    assert len(written) == table.height
    for item, row in zip(written, table.iter_rows(named=True), strict=True):
        assert item["id"] == row["citation_id"]
        assert {k: item.get(k) for k in pairs} == {k: row[c] for k, c in pairs.items()}
        assert "; ".join(map(as_printed, item.get("author", []))) == (row["authors"] or "")
        assert item.get("issued", {}).get("date-parts") == ([[row["year"]]] if row["year"] else None)
        if row["superseded_by"]:
            assert row["superseded_by"] in item["note"]


def decode_latex(library: bibtexparser.Library) -> dict[str, dict[str, str]]:
    return {e.key: {f.key: str(f.value) for f in e.fields} for e in library.entries}


def test_bibtex_read_by_bibtexparser_equals_the_table(table: pl.DataFrame) -> None:
    text = render(items(table), "bibtex")
    raw = bibtexparser.parse_string(text)
    assert not raw.failed_blocks
    read = decode_latex(bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()]))
    verbatim = decode_latex(raw)
    pairs = {"year": "year", "volume": "volume", "number": "issue", "pages": "pages", "language": "language", "keywords": "citation_type"}  # fmt: skip
    assert list(read) == table["citation_id"].to_list()
    for row in table.iter_rows(named=True):
        entry = read[row["citation_id"]]
        assert {k: entry.get(k) for k in pairs} == {
            k: None if row[c] is None else str(row[c]) for k, c in pairs.items()
        }
        assert entry["title"].strip("{}") == row["title"]
        place = next((entry[k] for k in ("journal", "booktitle", "howpublished") if k in entry), None)
        assert place == row["journal"]
        for column in ("doi", "url", "pmid", "pmcid"):
            assert verbatim[row["citation_id"]].get(column) == row[column]
        authors = [a.strip("{}") for a in entry.get("author", "").split(" and ") if a]
        wanted = [a for a in (row["authors"] or "").split("; ") if a]
        # The decoding takes braces off: what keeps "Food and Drug" and "eviQ, Cancer Institute" one name is looked up before it.
        assert [a if a in wanted else printed(a) for a in authors] == [
            part for a in wanted for part in a.split(" and ")
        ]
        assert all(
            f"{{{escape(a)}}}" in verbatim[row["citation_id"]]["author"] for a in wanted if re.search(" and |,", a)
        )


def printed(author: str) -> str:
    """Turn BibTeX's `Geyer, Jr, C. E.` back into the table's form."""
    if author == "others":
        return "et al."
    parts = author.split(", ")
    if len(parts) == 1:
        return author
    return " ".join([parts[0], re.sub(r"[. ]", "", parts[-1]), *parts[1:-1]])


def test_ris_read_by_rispy_equals_the_table(table: pl.DataFrame) -> None:
    text = render(items(table), "ris")
    assert text.count("\n") == text.count("\r\n")
    read = rispy.loads(text)
    pairs = {"title": "title", "secondary_title": "journal", "year": "year", "volume": "volume", "number": "issue",
             "doi": "doi", "accession_number": "pmid", "custom2": "pmcid", "language": "language"}  # fmt: skip
    assert [r["id"] for r in read] == table["citation_id"].to_list()
    for record, row in zip(read, table.iter_rows(named=True), strict=True):
        assert {k: record.get(k) for k in pairs} == {
            k: None if row[c] is None else str(row[c]) for k, c in pairs.items()
        }
        assert [u.replace("%3B", ";") for u in record.get("urls", [])] == ([row["url"]] if row["url"] else [])
        assert record.get("keywords") == [row["citation_type"]]
        pages = "-".join(filter(None, (record.get("start_page"), record.get("end_page"))))
        assert pages == (row["pages"] or "")
        authors = [a.split(", ") for a in record.get("authors", [])]
        shown = [" ".join([a[0], *(re.sub(r"[. ]", "", p) for p in a[1:])]) for a in authors]
        assert shown == [a.replace(",", "") for a in (row["authors"] or "").split("; ") if a]


def test_apa_names_every_row_once(table: pl.DataFrame) -> None:
    lines = render(items(table), "apa").splitlines()
    assert len(lines) == table.height
    for line, row in zip(lines, table.iter_rows(named=True), strict=True):
        assert row["title"].rstrip(".") in line
        assert f"({row['year'] or 'n.d.'})" in line
    kaufman = render(items(table.filter(pl.col("citation_id") == "kaufman-2009-tandem")), "apa")
    assert kaufman.startswith("Kaufman, B., Mackey, J. R.,")
    assert "Journal of Clinical Oncology, 27(33), 5529\N{EN DASH}5537. https://doi.org/10.1200/" in kaufman


def test_the_dataset_itself_in_every_format() -> None:
    item = dataset(title="luminaldb: evidence", version="0.1.0", date="2026-11-22", creators=["The luminaldb curators"])
    assert render([item], "apa") == "The luminaldb curators. (2026). luminaldb: evidence (Version 0.1.0) [Data set].\n"
    entry = decode_latex(bibtexparser.parse_string(render([item], "bibtex")))["luminaldb-0.1.0"]
    assert (entry["author"], entry["year"], entry["version"]) == ("{The luminaldb curators}", "2026", "0.1.0")
    assert rispy.loads(render([item], "ris"))[0]["type_of_reference"] == "DATA"
    jsonschema.Draft7Validator(json.loads(CSL_SCHEMA.read_text(encoding="utf-8"))).validate(
        json.loads(render([item], "csl"))
    )


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match=", ".join(FORMATS)):
        render([], "endnote")


@pytest.mark.parametrize(
    ("author", "parts"),
    [
        ("Kaufman B", {"family": "Kaufman", "given": "B."}),
        ("de la Cruz-Merino L", {"family": "de la Cruz-Merino", "given": "L."}),
        ("Geyer CE Jr", {"family": "Geyer", "given": "C. E.", "suffix": "Jr"}),
        ("Wade JL 3rd", {"family": "Wade", "given": "J. L.", "suffix": "3rd"}),
        ("Garcia-Saenz JÁ", {"family": "Garcia-Saenz", "given": "J. Á."}),
        ("ASCO Post", {"literal": "ASCO Post"}),
        ("SOLAR-1 Study Group", {"literal": "SOLAR-1 Study Group"}),
        ("Pfizer", {"literal": "Pfizer"}),
    ],
)
def test_names_split_as_people_would(author: str, parts: dict[str, Any]) -> None:
    assert parse_author(author) == parts


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1))
def test_any_title_survives_bibtex(title: str) -> None:
    item = {"id": "x", "type": "webpage", "title": title, "keyword": "web_page"}
    library = bibtexparser.parse_string(render([item], "bibtex"))
    assert not library.failed_blocks
    entry = decode_latex(library)["x"]
    assert entry["keywords"] == r"web\_page"
    assert entry["title"].strip() == ("{" + escape(title) + "}").strip()
