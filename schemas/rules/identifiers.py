"""Rules on identifiers: form, checksum, runs that a spreadsheet dragged down, one identifier on two rows.

Forms as Bioregistry and the issuing registries state them. Columns are recognised by name; in a table of
identifiers by its `registry` column.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined_column, text_of
from ..checks import Check
from ..lookups import RisingNumbers
from .rule import Example, Rule, has_fields

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
_CAS_DIGITS, _ISSN_DIGITS, _ORCID_DIGITS = 9, 7, 15
_NUMBERED = ("pmid", "pmcid", "doi", "nct_id", "registry_id")


def _registries(schema: TableSchema) -> tuple[str, ...]:
    """Return the registries that a table of identifiers may name, of those whose pattern is known."""
    if not has_fields(schema, "registry", "identifier"):
        return ()
    choices = next(f.choices for f in schema.fields if f.name == "registry")
    return tuple(name for name in FORMS if not choices or name in choices)


def has_form(text: nw.Expr, name: str) -> nw.Expr:
    """Return whether a text matches the pattern of a registry's identifiers."""
    return text.str.contains(rf"\A(?:{FORMS[name]})\z")


def _matches_registry_pattern(_: str, schema: TableSchema) -> Iterator[Check]:
    hint = "Write the identifier as its registry does; look it up there again."
    # A field with a pattern of its own states its form already.
    without_pattern = {f.name for f in schema.fields if "pattern" not in f.constraints}
    for name in (n for n in FORMS if n in without_pattern):
        message = f"{name} doesn't have the form of its registry"
        yield Check("LDB401", (name,), has_form(text_of(name), name), message, hint)
    for name in _registries(schema):
        message = "{identifier} doesn't have the form of {registry}"
        matches_pattern = (text_of("registry") != name) | has_form(text_of("identifier"), name)
        yield Check("LDB401", ("identifier", "registry"), matches_pattern, message, hint)


def _number(text: nw.Expr, name: str, last: int | None) -> nw.Expr:
    """Return the leading digits of a well-formed identifier as a number; null where it isn't well formed."""
    digits = nw.when(has_form(text, name)).then(text).str.replace_all("-", "", literal=True)
    return (digits if last is None else digits.str.slice(0, last)).cast(nw.Int64)


def _digit(number: nw.Expr, position: int) -> nw.Expr:
    """Return the digit of a number at a position from the right, counting from 0."""
    return number // int(10**position) % 10


def _check_digit_value(text: nw.Expr) -> nw.Expr:
    """Return the value of a check digit that may be X."""
    end = text.str.slice(-1)
    return nw.when(end == "X").then(nw.lit(10)).otherwise(nw.when(end != "X").then(end).cast(nw.Int64))


def is_valid_cas(text: nw.Expr) -> nw.Expr:
    """Return whether a CAS number's check digit is right: the digits, from the right, times 1, 2, 3…, modulo 10."""
    number = _number(text, "cas", None)
    weights = range(1, _CAS_DIGITS + 1)
    return sum((_digit(number, n) * n for n in weights), nw.lit(0)) % 10 == number % 10


def is_valid_issn(text: nw.Expr) -> nw.Expr:
    """Return whether an ISSN's check digit is right (ISO 3297): weights 2 to 8 from the right, modulo 11."""
    number = _number(text, "issn", _ISSN_DIGITS)
    body = sum((_digit(number, n) * (n + 2) for n in range(_ISSN_DIGITS)), nw.lit(0))
    return (body + _check_digit_value(nw.when(has_form(text, "issn")).then(text))) % 11 == 0


def is_valid_orcid(text: nw.Expr) -> nw.Expr:
    """Return whether an ORCID's check digit is right (ISO 7064, MOD 11-2): weights 2, 4, 8… from the right."""
    number = _number(text, "orcid", _ORCID_DIGITS)
    body = sum((_digit(number, n) * 2 ** (n + 1) for n in range(_ORCID_DIGITS)), nw.lit(0))
    return (body + _check_digit_value(nw.when(has_form(text, "orcid")).then(text))) % 11 == 1


_CHECKSUMS = {"cas": is_valid_cas, "issn": is_valid_issn, "orcid": is_valid_orcid}


def _checksum(_: str, schema: TableSchema) -> Iterator[Check]:
    hint = "A digit is wrong or two are swapped; look the identifier up again."
    registries = _registries(schema)
    for name, is_valid in _CHECKSUMS.items():
        if name in schema.names:
            yield Check("LDB402", (name,), is_valid(text_of(name)), f"the check digit of {name} is wrong", hint)
        if name in registries:
            is_valid_identifier = (text_of("registry") != name) | is_valid(text_of("identifier"))
            message = "the check digit of {identifier} is wrong"
            yield Check("LDB402", ("identifier", "registry"), is_valid_identifier, message, hint)


def _no_dragged_numbers(_: str, schema: TableSchema) -> Iterator[Check]:
    for name in (n for n in _NUMBERED if n in schema.names):
        run = RisingNumbers(joined_column(name, "dragged"), name)
        yield Check(
            "LDB403",
            (name,),
            ~nw.col(run.alias),
            f"{name} counts upward from row to row, as when a spreadsheet fills a column",
            "Look each of these identifiers up again.",
            joined_columns=(run.alias,),
            lookups=(run,),
        )


def _one_row_each(_: str, schema: TableSchema) -> Iterator[Check]:
    if has_fields(schema, "registry", "identifier"):
        count = nw.col("identifier").len().over("registry", "identifier")
        yield Check(
            "LDB404",
            ("identifier", "registry"),
            count == 1,
            "{registry} {identifier} occurs on two rows",
            "One of the two is another substance, a salt, or a conjugate; look both up.",
            compared_columns=("registry", "identifier"),
        )


def _pairs(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "gene_id", "symbol"):
        return
    yield Check(
        "LDB405",
        ("symbol", "gene_id"),
        nw.col("symbol").is_null() | (nw.col("gene_id").min().over("symbol") == nw.col("gene_id").max().over("symbol")),
        "symbol {symbol} has two gene ids",
        "Look symbol and id up at HGNC.",
        compared_columns=("symbol",),
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
        _matches_registry_pattern,
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
        _no_dragged_numbers,
        passing=Example("citations", _citations("19786670", "30106636", "36716289")),
        failing=Example("citations", _citations("19786670", "19786671", "19786672")),
        formula="three rows in a row whose last four digits rise by one",
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
        "A gene symbol that has two ids was copied to the wrong row.",
        _pairs,
        passing=Example(
            "genes", ({"gene_id": "hgnc:3430", "symbol": "ERBB2"}, {"gene_id": "hgnc:3467", "symbol": "ESR1"})
        ),
        failing=Example(
            "genes", ({"gene_id": "hgnc:3430", "symbol": "ESR1"}, {"gene_id": "hgnc:3467", "symbol": "ESR1"})
        ),
    ),
)
