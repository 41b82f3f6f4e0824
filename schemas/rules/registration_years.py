"""Rule on numbers that registers give out in the order of time: they fit the year beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

# The first PMID of each year from 2004 on, and the first NCT number from 2006 on, to about a month; from the years of
# the citations and trials of these tables.
_FIRST_PMIDS = (
    14_702_000, 15_620_000, 16_440_000, 17_195_000, 18_080_000, 19_110_000, 19_922_000, 20_950_000, 22_020_000,
    23_070_000, 24_280_000, 25_380_000, 26_500_000, 27_970_000, 29_070_000, 30_490_000, 31_660_000, 33_110_000,
    34_860_000, 36_540_000, 38_010_000, 39_430_000, 41_240_000,
)  # fmt: skip
_FIRST_NCT_NUMBERS = (
    271_000, 417_000, 585_000, 813_000, 1_041_000, 1_269_000, 1_502_000, 1_758_000, 2_025_000, 2_330_000, 2_645_000,
    3_007_000, 3_386_000, 3_790_000, 4_216_000, 4_689_000, 5_176_000, 5_671_000, 6_186_000, 6_756_000, 7_320_000,
)  # fmt: skip
_PMID_SINCE, _NCT_SINCE = 2004, 2006
# A paper is in PubMed up to a year before its issue, or after.
_PMID_YEARS = 1
# Old trials were registered years later; since 2006 journals ask for it before a trial begins.
_STARTS_AFTER, _STARTS_BEFORE = 2, 7


def _year_of_number(number: nw.Expr, first_numbers: Sequence[int], first_year: int) -> nw.Expr:
    """Return the year in which a number of eight digits was given out; the year before the first for older ones.

    Text of one length is in the order of its numbers.
    """
    return first_year - 1 + nw.sum_horizontal(*((number >= f"{first:08}").cast(nw.Int64) for first in first_numbers))


def _fits_year(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "citations" and has_fields(schema, "pmid", "year"):
        text = text_of("pmid")
        is_recent = text.str.contains(r"\A[0-9]{8}\z")
        year_entered = _year_of_number(text, _FIRST_PMIDS, _PMID_SINCE)
        year_difference = nw.col("year") - year_entered
        yield Check(
            "LDB413",
            ("pmid", "year"),
            ~is_recent | (year_entered < _PMID_SINCE) | year_difference.is_between(-_PMID_YEARS, _PMID_YEARS),
            "PMID {pmid} is of other years than {year}",
            "Look the paper up in PubMed: a digit of PMID or year is wrong.",
        )
        # PMIDs have eight digits since 1998; an old paper that is entered late gets a new one, not the reverse.
        yield Check(
            "LDB413",
            ("pmid", "year"),
            ~text.str.contains(r"\A[0-9]{1,7}\z") | (nw.col("year") < _PMID_SINCE),
            "PMID {pmid} has too few digits for a paper of {year}",
            "Look the paper up in PubMed: a digit is missing, or the year is wrong.",
        )
    if table == "trials" and has_fields(schema, "registry_id", "start_year"):
        text = text_of("registry_id")
        is_nct = text.str.contains(r"\ANCT[0-9]{8}\z")
        year_registered = _year_of_number(text.str.slice(3), _FIRST_NCT_NUMBERS, _NCT_SINCE)
        start = nw.col("start_year")
        fits = (start <= year_registered + _STARTS_AFTER) & (
            (start < _NCT_SINCE) | (start >= year_registered - _STARTS_BEFORE)
        )
        yield Check(
            "LDB413",
            ("registry_id", "start_year"),
            ~is_nct | (year_registered < _NCT_SINCE) | fits,
            "{registry_id} was registered in other years than the trial's start in {start_year}",
            "Look the trial up in the registry: a digit of number or year is wrong.",
        )


_PAPER = {"citation_id": "kaufman-2009-tandem", "citation_type": "article", "pmid": "19786670"}

RULES = (
    Rule(
        "LDB413",
        "A number of PubMed or the registry fits the year",
        "PMIDs and NCT numbers are given out in the order of time. One that is years away from the citation's year or "
        "the trial's start has a wrong digit, or is another's.",
        _fits_year,
        passing=Example("citations", ({**_PAPER, "year": "2009"},)),
        failing=Example("citations", ({**_PAPER, "pmid": "29786670", "year": "2009"},)),
        formula="|year - year of the PMID| <= 1 from 2004 on; of an NCT number from 2006 on, start <= year + 2, and "
        "start >= year - 7 where the trial started in 2006 or later",
    ),
)
