"""Rules on text: what a spreadsheet would run or spoil, and what a diff can't show. Warnings on anybody's package."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import Field, TableSchema

from ..check_columns import text_of
from ..checks import Check
from .rule import Example, Rule

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
_LOOKS_LIKE_DATE = rf"\A(?:[0-9]{{1,2}}-(?:{_MONTHS})|(?:{_MONTHS})-[0-9]{{1,2}})\z"


def _free_text_fields(schema: TableSchema) -> Iterator[Field]:
    """Return the text columns whose cells nothing else constrains."""
    for field in schema.fields:
        if field.type == "string" and not field.choices:
            yield field


def _no_formula(_: str, schema: TableSchema) -> Iterator[Check]:
    for field in _free_text_fields(schema):
        text = text_of(field.name)
        yield Check(
            "LDB501",
            (field.name,),
            ~text.str.contains(r"\A[=+\-@\t\r].") | text.str.contains(r"\A[+-][0-9.]+\z"),
            f"{field.name} would run as a formula in a spreadsheet",
            "Reword it, so that it doesn't start with = + - or @.",
            severity="warning",
        )


def _no_control_characters(_: str, schema: TableSchema) -> Iterator[Check]:
    for field in _free_text_fields(schema):
        is_damaged = text_of(field.name).str.contains(r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]|#REF!|#NAME\?|#VALUE!|#DIV/0!")
        yield Check(
            "LDB502",
            (field.name,),
            ~is_damaged,
            f"{field.name} contains a control character or a spreadsheet's error",
            "Restore the cell from its source.",
            severity="warning",
        )


def _no_date_for_a_gene(_: str, schema: TableSchema) -> Iterator[Check]:
    for field in _free_text_fields(schema):
        if "symbol" in field.name or "gene" in field.name:
            yield Check(
                "LDB503",
                (field.name,),
                ~text_of(field.name).str.contains(_LOOKS_LIKE_DATE),
                f"{field.name} is a gene that a spreadsheet turned into a date",
                "Write the current HGNC symbol: MARCHF1 for MARCH1, SEPTIN2 for SEPT2.",
                severity="warning",
            )


def _is_normalised(_: str, schema: TableSchema) -> Iterator[Check]:
    def is_nfc(series: Any) -> Any:
        cells = nw.from_native(series, series_only=True)
        normal = [v is None or v.isascii() or unicodedata.is_normalized("NFC", v) for v in cells.to_list()]
        return nw.new_series(cells.name, normal, nw.Boolean, backend=cells.implementation).to_native()

    for field in _free_text_fields(schema):
        yield Check(
            "LDB504",
            (field.name,),
            text_of(field.name).map_batches(is_nfc, nw.Boolean()),
            f"{field.name} is not in Unicode normal form C",
            "Normalise the cell; letters that look alike must be alike.",
            severity="warning",
            in_python=True,
        )


def _title(text: str) -> Example:
    return Example("citations", ({"citation_id": "a", "title": text},))


RULES = (
    Rule(
        "LDB501",
        "No text runs in a spreadsheet",
        "A cell that starts with = + - or @ is a formula to a spreadsheet, and may do anything there.",
        _no_formula,
        passing=_title("Trastuzumab plus anastrozole"),
        failing=_title("=HYPERLINK(1)"),
        source="OWASP, CSV injection",
        severity="warning",
    ),
    Rule(
        "LDB502",
        "No control characters, no spreadsheet errors",
        "They are what is left of a cell that was lost.",
        _no_control_characters,
        passing=_title("Trastuzumab plus anastrozole"),
        failing=_title("#REF!"),
        severity="warning",
    ),
    Rule(
        "LDB503",
        "No gene became a date",
        "Spreadsheets turn SEPT2 and MARCH1 into days.",
        _no_date_for_a_gene,
        passing=Example("genes", ({"gene_id": "hgnc:7729", "symbol": "SEPTIN2"},)),
        failing=Example("genes", ({"gene_id": "hgnc:7729", "symbol": "2-Sep"},)),
        source="Ziemann et al, Genome Biol 2016;17:177",
        severity="warning",
    ),
    Rule(
        "LDB504",
        "Text is in Unicode normal form C",
        "The same letter written in two ways is two names to a computer.",
        _is_normalised,
        passing=_title("L\u00f8nning"),
        failing=_title("Lo\u0308nning"),
        source="Unicode Standard Annex 15",
        severity="warning",
    ),
)
