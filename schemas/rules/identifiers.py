"""Rules on identifiers: form, checksum, runs that a spreadsheet dragged down, one identifier on two rows.

Forms as Bioregistry and the issuing registries state them. Columns are recognised by name; in a table of
identifiers by its `registry` column.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from ...loaders.descriptor import TableSchema
from ..checks import ROW, Check, text_of
from .rule import Example, Rule, has

FORMS = {
    "doi": r"10\.[0-9]{4,9}/\S+",
    "pmid": r"[1-9][0-9]{0,8}",
    "pmcid": r"PMC[1-9][0-9]{0,8}",
    "nct_id": r"NCT[0-9]{8}",
    "isrctn": r"ISRCTN[0-9]{8}",
    "eudract": r"[0-9]{4}-[0-9]{6}-[0-9]{2}",
    "orcid": r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]",
    "issn": r"[0-9]{4}-[0-9]{3}[0-9X]",
    "cas": r"[1-9][0-9]{1,6}-[0-9]{2}-[0-9]",
    "inchikey": r"[A-Z]{14}-[A-Z]{10}-[A-Z]",
    "unii": r"[A-Z0-9]{10}",
    "atc": r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}",
    "chembl": r"CHEMBL[1-9][0-9]*",
    "drugbank": r"DB[0-9]{5}",
    "rxnorm": r"[1-9][0-9]{0,7}",
    "ncit": r"C[1-9][0-9]{1,6}",
    "pubchem_cid": r"[1-9][0-9]{0,9}",
    "hgnc_id": r"(HGNC|hgnc):[1-9][0-9]{0,5}",
}
# Position of each digit from the left and its weight; the sum modulo 11 is 0, the last digit X means 10.
_ISSN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2)
_CAS_DIGITS = 9
_NUMBERED = ("pmid", "pmcid", "doi", "nct_id", "registry_id")


def _tables_of_identifiers(schema: TableSchema) -> bool:
    return has(schema, "registry", "identifier")


def _form(_: str, schema: TableSchema) -> Iterator[Check]:
    cure = "Write the identifier as its registry does; look it up there again."
    for name, form in FORMS.items():
        pattern = rf"\A(?:{form})\z"
        if name in schema.names:
            told = f"{name} has not the form of its registry"
            yield Check("LDB401", (name,), text_of(name).str.contains(pattern), told, cure)
        elif _tables_of_identifiers(schema):
            other = text_of("registry") != name
            yield Check(
                "LDB401",
                ("identifier", "registry"),
                other | text_of("identifier").str.contains(pattern),
                "{identifier} has not the form of {registry}",
                cure,
            )


def _number_at(text: nw.Expr, position: int) -> nw.Expr:
    one = text.str.slice(position, 1)
    value = nw.lit(0)
    for n in range(1, 10):
        value = nw.when(one == str(n)).then(nw.lit(n)).otherwise(value)
    return value


def cas_holds(text: nw.Expr) -> nw.Expr:
    """Whether a CAS number's check digit is right: the digits, from the right, times 1, 2, 3…, modulo 10."""
    digits = (nw.lit("0" * _CAS_DIGITS) + text.str.replace_all("-", "", literal=True)).str.slice(-_CAS_DIGITS - 1)
    body = nw.lit(0)
    for n in range(_CAS_DIGITS):
        body = body + _number_at(digits, n) * (_CAS_DIGITS - n)
    return body % 10 == _number_at(digits, _CAS_DIGITS)


def issn_holds(text: nw.Expr) -> nw.Expr:
    """Whether an ISSN's check digit is right (ISO 3297)."""
    digits = text.str.replace_all("-", "", literal=True)
    body = nw.lit(0)
    for n, weight in enumerate(_ISSN_WEIGHTS):
        body = body + _number_at(digits, n) * weight
    return (body + _check_digit(digits, len(_ISSN_WEIGHTS))) % 11 == 0


def orcid_holds(text: nw.Expr) -> nw.Expr:
    """Whether an ORCID's check digit is right (ISO 7064, MOD 11-2)."""
    digits = text.str.replace_all("-", "", literal=True)
    total = nw.lit(0)
    for n in range(15):
        total = (total + _number_at(digits, n)) * 2
    return (total + _check_digit(digits, 15)) % 11 == 1


def _check_digit(digits: nw.Expr, position: int) -> nw.Expr:
    is_ten = digits.str.slice(position, 1) == "X"
    return nw.when(is_ten).then(nw.lit(10)).otherwise(_number_at(digits, position))


_CHECKSUMS = {"cas": cas_holds, "issn": issn_holds, "orcid": orcid_holds}


def _checksum(_: str, schema: TableSchema) -> Iterator[Check]:
    cure = "A digit is wrong or two are swapped; look the identifier up again."
    for name, holds in _CHECKSUMS.items():
        if name in schema.names:
            told = f"the check digit of {name} is wrong"
            yield Check("LDB402", (name,), text_of(name).is_null() | holds(text_of(name)), told, cure)
        elif _tables_of_identifiers(schema):
            other = text_of("registry") != name
            told = "the check digit of {identifier} is wrong"
            yield Check("LDB402", ("identifier", "registry"), other | holds(text_of("identifier")), told, cure)


def _runs(_: str, schema: TableSchema) -> Iterator[Check]:
    for name in _NUMBERED:
        if name not in schema.names:
            continue
        numbered = nw.when(text_of(name).str.contains(r"[0-9]{4,}$")).then(text_of(name))
        tailed = numbered.str.replace_all(r"^.*?([0-9]{4,9})$", "$1").cast(nw.Int64)
        one_up = tailed - tailed.shift(1).over(order_by=ROW) == 1
        two_up = tailed - tailed.shift(2).over(order_by=ROW) == 2  # noqa: PLR2004 - the row before the last
        dragged = one_up & two_up
        yield Check(
            "LDB403",
            (name,),
            ~dragged.fill_null(value=False),
            f"{name} counts upward from row to row, as when a spreadsheet fills a column",
            "Look each of these identifiers up again.",
        )


def _one_row_each(_: str, schema: TableSchema) -> Iterator[Check]:
    if _tables_of_identifiers(schema):
        count = nw.col("identifier").len().over("registry", "identifier")
        yield Check(
            "LDB404",
            ("identifier", "registry"),
            count == 1,
            "{registry} {identifier} stands on two rows",
            "One of the two is another substance, a salt, or a conjugate; look both up.",
        )


def _pairs(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has(schema, "gene_id", "symbol"):
        return
    yield Check(
        "LDB405",
        ("symbol", "gene_id"),
        nw.col("symbol").is_null() | (nw.col("gene_id").n_unique().over("symbol") == 1),
        "symbol {symbol} goes with two gene ids",
        "Look symbol and id up at HGNC.",
    )


def _identifier(registry: str, identifier: str) -> dict[str, object]:
    return {"therapy_id": "x", "registry": registry, "identifier": identifier}


def _gene(gene_id: str, symbol: str) -> dict[str, object]:
    return {"gene_id": gene_id, "symbol": symbol}


def _citations(*pmids: str) -> tuple[dict[str, object], ...]:
    return tuple({"citation_id": f"c{n}", "pmid": pmid} for n, pmid in enumerate(pmids))


RULES = (
    Rule(
        "LDB401",
        "An identifier has its registry's form",
        "What doesn't look like one can't be looked up.",
        _form,
        passing=Example("therapy_identifiers", (_identifier("unii", "094ZI81Y45"),)),
        failing=Example("therapy_identifiers", (_identifier("unii", "094ZI81Y4"),)),
        source="Bioregistry, and the registries' own pages",
    ),
    Rule(
        "LDB402",
        "A check digit is right",
        "CAS numbers, ISSN and ORCID carry a digit that a typing error breaks.",
        _checksum,
        passing=Example("therapy_identifiers", (_identifier("cas", "10540-29-1"),)),
        failing=Example("therapy_identifiers", (_identifier("cas", "10540-92-1"),)),
        formula="CAS: sum of digits times their place from the right, modulo 10; ISSN: weights 8 to 2, modulo 11; "
        "ORCID: ISO 7064 MOD 11-2",
        source="CAS registry; ISO 3297; ISO 7064",
    ),
    Rule(
        "LDB403",
        "Identifiers don't count upward",
        "A spreadsheet that drags a cell down makes three identifiers in a row, each one more than the last.",
        _runs,
        passing=Example("citations", _citations("19786670", "30106636", "36716289")),
        failing=Example("citations", _citations("19786670", "19786671", "19786672")),
    ),
    Rule(
        "LDB404",
        "An identifier belongs to one row",
        "Two therapies with one identifier are one therapy, or one of the two is of a salt, parent or conjugate.",
        _one_row_each,
        passing=Example("therapy_identifiers", (_identifier("cas", "10540-29-1"), _identifier("unii", "094ZI81Y45"))),
        failing=Example("therapy_identifiers", (_identifier("cas", "10540-29-1"), _identifier("cas", "10540-29-1"))),
    ),
    Rule(
        "LDB405",
        "A symbol and its id pair once",
        "A gene symbol that goes with two ids was copied to the wrong row.",
        _pairs,
        passing=Example(
            "genes", ({"gene_id": "hgnc:3430", "symbol": "ERBB2"}, {"gene_id": "hgnc:3467", "symbol": "ESR1"})
        ),
        failing=Example(
            "genes", ({"gene_id": "hgnc:3430", "symbol": "ESR1"}, {"gene_id": "hgnc:3467", "symbol": "ESR1"})
        ),
    ),
)
