"""Rules on citations: identifiers in their columns, addresses that last, and what a reader needs to find the source."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, joined_column, text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

# Sites where anybody shares documents, or which show a page under another name than its publisher's.
SHARING_HOSTS = (
    "academia.edu", "coek.info", "docplayer.net", "docslib.org", "dokumen.pub", "dokumen.tips", "herokuapp.com",
    "issuu.com", "jioinstitute.edu.in", "libgen.is", "mimsdev.com", "netlify.app", "ngrok.io", "paperity.org",
    "pdfcoffee.com", "r.jina.ai", "sci-hub.se", "scribd.com", "slideshare.net", "studylib.net", "translate.goog",
    "vdoc.pub", "vercel.app", "webcache.googleusercontent.com", "yumpu.com", "z-lib.org",
)  # fmt: skip
# Parts of a host name: proxies of libraries, and servers on which sites are tried out.
_PROXIES = r"[^/]*proxy[^/]*|[^/]*\.idm\.oclc\.org"
_TEST_SERVERS = r"(?:[^/]*[.-])?(?:staging|stage|stg|dev|test|preview|preprod|uat)[0-9]*[.-][^/.]+[.][^/]*|localhost"
_SHARING_SITES = "|".join(host.replace(".", r"\.") for host in SHARING_HOSTS)
_UNSTABLE_ADDRESS = (
    rf"(?i)\Ahttps?://(?:{_PROXIES}|{_TEST_SERVERS}|(?:[^/]*\.)?(?:{_SHARING_SITES}))(?::[0-9]+)?(?:/|\z)"
)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_DAY = rf"[0-9]{{1,2}}-(?:{_MONTHS})(?:-[0-9]{{2,4}})?|(?:{_MONTHS})-[0-9]{{1,2}}"
_SPREADSHEET_DATE = (
    rf"\A(?:{_DAY}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?: 00:00:00)?|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{2,4}})\z"
)
# An id is an author, a year and a word; the year may be that of the print, the citation's that of the web.
_ID_WITH_YEAR = r"\A[a-z]+-(?:19|20)[0-9]{2}-"
# A DOI in the path of an address, not in its query.
_DOI_ADDRESS = r"(?i)\Ahttps?://[^?#]*/10\.[0-9]{4,9}(?:/|%2f)"
_PUBMED_ADDRESS = r"(?i)pubmed[^ ?#]*/[0-9]{6,9}(?:[/?#]|\z)"
_PMC_ADDRESS = r"(?i)/PMC[0-9]{5,9}"
_REGISTRY_ADDRESS = r"(?i)\bNCT[0-9]{8}"
_ESCAPES = (("%2f", "/"), ("%28", "("), ("%29", ")"), ("%3a", ":"), ("%3b", ";"), ("%3c", "<"), ("%3e", ">"))


def _doi_has_column(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "citations" and has_fields(schema, "url", "doi"):
        yield Check(
            "LDB406",
            ("doi", "url"),
            ~text_of("url").str.contains(_DOI_ADDRESS) | ~text_of("doi").is_null(),
            "{url} contains a DOI, and doi is empty",
            "Write the DOI, from 10. on and in lower case, into doi.",
        )


def _decoded_address() -> nw.Expr:
    text = text_of("url").str.to_lowercase()
    for escape, character in _ESCAPES:
        text = text.str.replace_all(escape, character, literal=True)
    return text


def _contains(address: nw.Expr, *parts: nw.Expr) -> nw.Expr:
    return address.str.contains(nw.concat_str(*parts).str.to_lowercase(), literal=True)


def _address_of_source(table: str, schema: TableSchema) -> Iterator[Check]:
    address, url = _decoded_address(), text_of("url")
    if table == "citations" and has_fields(schema, "url", "doi", "pmid", "pmcid", "citation_id"):
        hint = "Open the address: correct it, or the identifier."
        slash = nw.lit("/")
        for column, pattern, parts in (
            ("doi", _DOI_ADDRESS, (slash, text_of("doi"))),
            ("pmid", _PUBMED_ADDRESS, (slash, text_of("pmid"))),
            ("pmcid", _PMC_ADDRESS, (slash, text_of("pmcid"))),
        ):
            yield Check(
                "LDB412",
                ("url", column),
                ~url.str.contains(pattern) | _contains(address, *parts),
                f"{{url}} is the address of another source than {column} {{{column}}}",
                hint,
            )
        record = text_of("citation_id")
        is_record = record.str.contains(r"\Anct[0-9]{8}\z") & url.str.contains(_REGISTRY_ADDRESS)
        yield Check(
            "LDB412",
            ("url", "citation_id"),
            ~is_record | _contains(address, record),
            "{url} is the address of another record than {citation_id}",
            hint,
        )
    if table == "printed_numbers" and has_fields(schema, "url", "citation_id"):
        doi = joined_column("citation_id", "doi" + TEXT)
        yield Check(
            "LDB412",
            ("url", "citation_id"),
            ~url.str.contains(_DOI_ADDRESS) | _contains(address, nw.lit("/"), nw.col(doi)),
            "{url} is the address of another source than {citation_id}",
            "Open the address: correct it, or name the source that the numbers were copied from.",
            joined_columns=(doi,),
        )


def _pmcid_has_pmid(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "citations" and has_fields(schema, "pmcid", "pmid"):
        yield Check(
            "LDB407",
            ("pmid", "pmcid"),
            text_of("pmcid").is_null() | ~text_of("pmid").is_null(),
            "{pmcid} has no pmid beside it",
            "Look the article up in PubMed by its PMCID and enter its PMID.",
            severity="warning",
        )


def _address_lasts(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "citations" and has_fields(schema, "url"):
        yield Check(
            "LDB408",
            ("url",),
            ~text_of("url").str.contains(_UNSTABLE_ADDRESS),
            "{url} is on a proxy, a mirror, a test server or a site where anybody shares documents",
            "Give the address at the publisher, PubMed, the registry or the agency.",
            severity="warning",
        )


def _no_dates(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "citations":
        return
    for column in ("volume", "issue", "pages"):
        if column in schema.names:
            yield Check(
                "LDB409",
                (column,),
                ~text_of(column).str.contains(_SPREADSHEET_DATE),
                f"{column} {{{column}}} is a range that a spreadsheet turned into a date",
                "Write it as the journal does: 5-6 for 5-Jun.",
            )


def _year_of_id(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "citations" or not has_fields(schema, "citation_id", "year"):
        return
    text = text_of("citation_id")
    id_year = nw.when(text.str.contains(_ID_WITH_YEAR)).then(text).str.replace_all(r"\A[a-z]+-", "")
    year_difference = id_year.str.slice(0, 4).cast(nw.Int64) - nw.col("year")
    yield Check(
        "LDB410",
        ("year", "citation_id"),
        (year_difference <= 1) & (year_difference >= -1),
        "year {year} is not that of the id {citation_id}",
        "Look in the source which of the two is right; a new id is renamed everywhere, and listed in retired_ids.",
    )


def _article_is_complete(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "citations" or not has_fields(schema, "citation_type", "authors", "year"):
        return
    for column in ("authors", "year"):
        yield Check(
            "LDB206",
            (column, "citation_type"),
            (text_of("citation_type") != "article") | ~text_of(column).is_null(),
            f"an article without {column}",
            f"Enter {column} as PubMed or the publisher gives it.",
            severity="warning",
        )


def _page_is_dated(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "citations" or not has_fields(schema, "citation_type", "publisher", "accessed_on"):
        return
    for column in ("publisher", "accessed_on"):
        yield Check(
            "LDB207",
            (column, "citation_type"),
            (text_of("citation_type") != "web_page") | ~text_of(column).is_null(),
            f"a web page without {column}",
            "Say who publishes the page, and on which day it was read.",
            severity="warning",
        )


_PAPER = {"citation_id": "kaufman-2009-tandem", "citation_type": "article"}
_URL = "https://doi.org/10.1200/jco.2008.20.6847"

RULES = (
    Rule(
        "LDB206",
        "An article has authors and a year",
        "A reader who can't tell whose work it is, and when it appeared, can't weigh it or cite it.",
        _article_is_complete,
        passing=Example("citations", ({**_PAPER, "authors": "Kaufman B; Mackey JR", "year": "2009"},)),
        failing=Example("citations", ({**_PAPER, "authors": "Kaufman B; Mackey JR", "year": ""},)),
        severity="warning",
    ),
    Rule(
        "LDB207",
        "A web page has a publisher and the day on which it was read",
        "Pages change; who published what was read on which day stays true.",
        _page_is_dated,
        passing=Example("citations", ({"citation_type": "web_page", "publisher": "FDA", "accessed_on": "2026-11-29"},)),
        failing=Example("citations", ({"citation_type": "web_page", "publisher": "FDA", "accessed_on": ""},)),
        severity="warning",
    ),
    Rule(
        "LDB406",
        "A DOI stands in its own column",
        "A DOI that is only part of an address is not found by who looks for it, nor checked for retractions.",
        _doi_has_column,
        passing=Example("citations", ({**_PAPER, "url": _URL, "doi": "10.1200/jco.2008.20.6847"},)),
        failing=Example("citations", ({**_PAPER, "url": _URL, "doi": ""},)),
    ),
    Rule(
        "LDB407",
        "A PMCID has its PMID",
        "Every article of PubMed Central is in PubMed, and most indexes know it by its PMID.",
        _pmcid_has_pmid,
        passing=Example("citations", ({**_PAPER, "pmcid": "PMC2778022", "pmid": "19786670"},)),
        failing=Example("citations", ({**_PAPER, "pmcid": "PMC2778022", "pmid": ""},)),
        severity="warning",
    ),
    Rule(
        "LDB408",
        "An address is the publisher's own",
        "Proxies ask for a password, mirrors and test servers vanish, and nobody vouches for what anybody may share.",
        _address_lasts,
        passing=Example("citations", ({**_PAPER, "url": "https://pubmed.ncbi.nlm.nih.gov/19786670/"},)),
        failing=Example("citations", ({**_PAPER, "url": "https://www.scribd.com/document/1"},)),
        severity="warning",
    ),
    Rule(
        "LDB409",
        "No issue and no pages became a date",
        "Spreadsheets turn issue 5-6 into 5-Jun.",
        _no_dates,
        passing=Example("citations", ({**_PAPER, "issue": "5-6"},)),
        failing=Example("citations", ({**_PAPER, "issue": "5-Jun"},)),
        source="Ziemann et al, Genome Biol 2016;17:177",
    ),
    Rule(
        "LDB410",
        "A citation has the year of its id",
        "An id is made of an author, a year and a word; another year in the row was typed or copied from elsewhere.",
        _year_of_id,
        passing=Example("citations", ({**_PAPER, "year": "2009"},)),
        failing=Example("citations", ({**_PAPER, "year": "2019"},)),
        formula="|year of the id - year| <= 1, where the second part of the id is a year",
    ),
    Rule(
        "LDB412",
        "An address is that of its own source",
        "A DOI, PMID, PMCID or registry number in an address names a paper or record. If it is not the row's, a reader "
        "is led to another one, and the row may have been copied from it.",
        _address_of_source,
        passing=Example("citations", ({**_PAPER, "url": _URL, "doi": "10.1200/jco.2008.20.6847"},)),
        failing=Example("citations", ({**_PAPER, "url": _URL, "doi": "10.1056/nejm200103153441101"},)),
    ),
)
