"""Rules on which cells go together: exactly one of, all or none, at least one of."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

EXACTLY_ONE = {
    "mechanism_evidence": ("therapy_id", "class_id"),
    "claim_subjects": ("therapy_id", "class_id", "mechanism_id", "trial_id", "gene_id"),
}
_LIMITS = ("ci_low", "ci_high")
_NUMBER_COLUMNS = ("estimate", "p_value", "events_experimental", "n_experimental", "events", "n", "percent")


def is_filled(column: str) -> nw.Expr:
    """Return whether a cell has a value."""
    return ~text_of(column).is_null()


def count_filled(columns: tuple[str, ...]) -> nw.Expr:
    """Count the filled cells among some columns."""
    return nw.sum_horizontal(*(is_filled(c).cast(nw.Int64) for c in columns))


def _exactly_one(table: str, schema: TableSchema) -> Iterator[Check]:
    columns = EXACTLY_ONE.get(table, ())
    if columns and has_fields(schema, *columns):
        names = ", ".join(columns)
        hint = "Fill the one the row is about and empty the rest; split the row if it is about two."
        yield Check("LDB201", columns, count_filled(columns) == 1, f"not exactly one of {names} is filled", hint)


def _identifiable(_: str, schema: TableSchema) -> Iterator[Check]:
    columns = ("pmid", "doi", "url")
    if has_fields(schema, "citation_id", *columns):
        hint = "Give the source's PMID or DOI, or the address of the page that was read."
        yield Check(
            "LDB202",
            columns,
            count_filled(columns) >= 1,
            "a source without pmid, doi and url can't be found",
            hint,
        )


def _filled_together(_: str, schema: TableSchema) -> Iterator[Check]:
    hint = "Fill in what is missing as the source prints it, or empty the others."
    if has_fields(schema, "p_operator", "p_value"):
        both_or_neither = is_filled("p_operator") == is_filled("p_value")
        yield Check("LDB203", ("p_value", "p_operator"), both_or_neither, "p_operator and p_value go together", hint)
    if has_fields(schema, *_LIMITS, "ci_level"):
        # Some sources print limits without saying their level.
        level = ~is_filled("ci_level") | (count_filled(_LIMITS) > 0)
        yield Check("LDB203", ("ci_level", *_LIMITS), level, "a level without an interval", hint)
    if has_fields(schema, *_LIMITS, "measure"):
        # The upper limit of a median is often not reached.
        pair = (text_of("measure") == "median_months") | (is_filled("ci_low") == is_filled("ci_high"))
        yield Check("LDB203", (*_LIMITS, "measure"), pair, "one limit is there without the other", hint)
    if has_fields(schema, "measure", "at_months"):
        agrees = (text_of("measure") == "percent_at") == is_filled("at_months")
        hint = "Say the time of a rate in at_months, in months; empty it for every other measure."
        yield Check(
            "LDB203",
            ("at_months", "measure"),
            agrees,
            "at_months belongs to percent_at, and to it alone",
            hint,
        )


def _notice(_: str, schema: TableSchema) -> Iterator[Check]:
    if has_fields(schema, "publication_status", "notice"):
        changed = text_of("publication_status").is_in(("corrected", "retracted", "retracted_republished"))
        yield Check(
            "LDB204",
            ("notice", "publication_status"),
            ~changed | is_filled("notice"),
            "a source that is {publication_status} names no notice",
            "Give the DOI or PMID of the correction or retraction.",
        )


def _has_number_or_note(_: str, schema: TableSchema) -> Iterator[Check]:
    if not has_fields(schema, "population_id", "source_level"):
        return
    columns = tuple(c for c in _NUMBER_COLUMNS if c in schema.names)
    if has_fields(schema, "note"):
        passes = (count_filled(columns) >= 1) | is_filled("note")
        hint = "Enter the number the source prints, say in note why there is none, or delete the row."
        yield Check("LDB205", columns, passes, "the row has neither a number nor a note", hint)


RULES = (
    Rule(
        "LDB201",
        "Exactly one of several columns is filled",
        "A row of evidence is about one thing; two would be two rows.",
        _exactly_one,
        passing=Example("mechanism_evidence", ({"therapy_id": "fulvestrant", "class_id": ""},)),
        failing=Example("mechanism_evidence", ({"therapy_id": "fulvestrant", "class_id": "serd"},)),
    ),
    Rule(
        "LDB202",
        "A source can be found",
        "A fact whose source nobody can open is not a fact here.",
        _identifiable,
        passing=Example("citations", ({"citation_id": "a", "pmid": "19786670", "doi": "", "url": ""},)),
        failing=Example("citations", ({"citation_id": "a", "pmid": "", "doi": "", "url": ""},)),
    ),
    Rule(
        "LDB203",
        "Cells that belong together are filled together",
        "A limit without its fellow, a level without limits, or a p value without its sign can't be used. The upper "
        "limit of a median is often not reached: there one limit may stand alone. Limits whose level the "
        "source doesn't print stand without one.",
        _filled_together,
        passing=Example("effects", ({"p_operator": "=", "p_value": "0.0016"},)),
        failing=Example("effects", ({"p_operator": "", "p_value": "0.0016"},)),
    ),
    Rule(
        "LDB204",
        "A changed source names its notice",
        "A reader of a corrected or retracted result must find out why.",
        _notice,
        passing=Example("citations", ({"publication_status": "corrected", "notice": "10.1200/jco.23.01239"},)),
        failing=Example("citations", ({"publication_status": "corrected", "notice": ""},)),
    ),
    Rule(
        "LDB205",
        "A result says something",
        "A row without a number or a note is noise.",
        _has_number_or_note,
        passing=Example("outcomes", ({"estimate": "", "n": "", "events": "", "note": "Not reached."},)),
        failing=Example("outcomes", ({"estimate": "", "n": "", "events": "", "note": ""},)),
    ),
)
