"""Rules on single cells that can't be right: ratios of zero, doses without a unit, DOIs and authors in another form."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import CellTest, Check, cell_check
from .clean_text import is_own_table
from .intervals import RATIOS
from .rule import Example, Rule, has_fields

_LARGEST_HAZARD_RATIO = 20
_UNIT = "[A-Za-z%\u00b5\u03bc]"
# Two digits before grams: too much for a dose of any drug.
_GRAMS = r"(?:\A|[^0-9.])[0-9]{2,}(?:\.[0-9]+)? ?g(?:/|\b)"
_COMMAS_OR_FULL_NAMES = r"\b[A-Z]{1,3}, [A-Z][a-z]+ [A-Z]{1,3}\b|\A[A-Z][a-z]+ [A-Z]\. [A-Z][a-z]+"


def _possible_ratio(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "measure", "estimate", "p_operator", "p_value"):
        return
    measure, estimate = text_of("measure"), nw.col("estimate")
    is_possible = (estimate > 0) & ((measure != "hazard_ratio") | (estimate <= _LARGEST_HAZARD_RATIO))
    yield Check(
        "LDB130",
        ("estimate", "measure"),
        ~measure.is_in(RATIOS) | is_possible,
        "a ratio of {estimate}",
        "Read the number again: a percentage is no ratio, and the decimal point may be lost.",
    )
    yield Check(
        "LDB130",
        ("p_value", "p_operator"),
        (nw.col("p_value") > 0) | text_of("p_operator").is_in((">", ">=")),
        "a p value of {p_value}",
        "Enter it as the source prints it: below 0.0001 is the operator < and 0.0001.",
    )


def _possible_dose(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "arm_therapies" and "dose" in schema.names:
        hint = "Write the dose as the source prints it: 500 mg, 75 mg/m2."
        yield cell_check("LDB131", ("dose",), CellTest("contains", _UNIT), "dose has no unit", hint)
        yield cell_check("LDB131", ("dose",), CellTest("lacks", _GRAMS), "dose is ten grams or more", hint)


def _citation_format(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "citations" or not is_own_table(table, schema):
        return
    ending = CellTest("lacks", r"[.,;:]\z")
    yield cell_check(
        "LDB414", ("doi",), ending, "doi ends with a point or comma", "Delete what belongs to the sentence around it."
    )
    test = CellTest("lacks", _COMMAS_OR_FULL_NAMES)
    hint = "Write Kaufman B; Mackey JR: family name, initials, a semicolon."
    yield cell_check("LDB414", ("authors",), test, "authors are not written as Family AB", hint)


RULES = (
    Rule(
        "LDB130",
        "Ratios and p values are above zero",
        "A ratio of zero or of forty is a percentage, or has lost its point; no test gives a p value of zero.",
        _possible_ratio,
        passing=Example("effects", ({"measure": "hazard_ratio", "estimate": "0.63", "p_value": "0.0016"},)),
        failing=Example("effects", ({"measure": "hazard_ratio", "estimate": "63", "p_value": "0"},)),
        formula="0 < ratio; hazard ratio <= 20; 0 < p",
    ),
    Rule(
        "LDB131",
        "A dose has its unit",
        "Without its unit nobody can compare it, and grams for milligrams are a thousand times as much.",
        _possible_dose,
        passing=Example("arm_therapies", ({"arm_id": "tandem-anastrozole", "dose": "1 mg daily"},)),
        failing=Example("arm_therapies", ({"arm_id": "tandem-anastrozole", "dose": "500 g"},)),
    ),
    Rule(
        "LDB414",
        "DOIs and authors are written one way",
        "A DOI that was copied with the point of its sentence leads nowhere; authors are found by family name and "
        "initials.",
        _citation_format,
        passing=Example("citations", ({"doi": "10.1200/jco.2008.20.6847", "authors": "Kaufman B; Mackey JR"},)),
        failing=Example("citations", ({"doi": "10.1200/jco.2008.20.6847.", "authors": "Kaufman B, Mackey JR"},)),
    ),
)
