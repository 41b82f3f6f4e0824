"""Rule on the numbers of a row: each occurs in what was copied from its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import narwhals as nw

from luminaldb.issues import Severity
from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined_column, text_of
from ..checks import Check
from ..lookups import Frame, Frames, ValueLookup, has_columns
from .claims import MIDDLE_DOTS
from .rule import Example, Rule, has_fields

_OTHER_SOURCE = "numbers_citation_id"
_FOLLOW_UP, _FOLLOW_UP_PRINTED = "median_follow_up_months", "follow_up_printed"
_MONTHS = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_A_DATE = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9] {_MONTHS}|{_MONTHS} [0-9]{{1,2}}(?:[^0-9]|$)"
_DATED = "dated"
# As abstracts write small counts, and at the beginning of a sentence larger ones.
_WORDS = {
    "no|none|zero": 0, "one|un|une|ein|eine|een": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
}  # fmt: skip
_GROUP_SIZES = {
    "n": (("arm_id", "n_assigned"), ("population_id", "n")),
    "n_experimental": (("experimental_arm_id", "n_assigned"),),
    "n_control": (("control_arm_id", "n_assigned"),),
}
_SEVERITY: Severity = "warning"
_HINT = "Read the source again: correct the cell, or copy the number as printed into printed_numbers."


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table whose cells a source prints.

    Attributes:
        key: the table's primary key.
        estimates: always from the row's own source.
        counts: from either, where the row names a second source in numbers_citation_id.
        date: a day, of which year and day are compared.
    """

    key: str
    estimates: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    date: str = ""


TABLES: Mapping[str, Columns] = {
    "effects": Columns(
        "effect_id",
        ("estimate", "ci_low", "ci_high", "standard_error", "o_minus_e", "variance"),
        ("p_value", "n_experimental", "n_control", "events_experimental", "events_control"),
        "data_cutoff",
    ),
    "outcomes": Columns("outcome_id", ("estimate", "ci_low", "ci_high"), ("n", "events"), "data_cutoff"),
    "adverse_events": Columns("adverse_event_id", ("percent",), ("n", "events")),
    "approvals": Columns("approval_id", date="approved_on"),
    "regulatory_events": Columns("event_id", date="event_on"),
}


def numbers_in(text: nw.Expr) -> nw.Expr:
    """Write the numbers of a text as the tables write them, a blank on both sides of each.

    A middle dot becomes a point, and `.63` becomes `0.63`. A comma may part thousands or two numbers, or be the
    decimal sign of another language; a thin blank may part thousands or two numbers: all readings are given.
    """
    dotted = text.str.replace_all(MIDDLE_DOTS, ".")
    without_commas = dotted.str.replace_all("[,\u00a0\u2009\u202f\u2007]", "")
    commas = dotted.str.replace_all(",", ".", literal=True)
    all_readings = nw.concat_str(nw.lit(" "), without_commas, nw.lit(" ; "), dotted, nw.lit(" ; "), commas, nw.lit(" "))
    numbers = all_readings.str.replace_all("[^0-9.]+", " ").str.replace_all("[.]+ ", " ")
    return numbers.str.replace_all(" .", " 0.", literal=True)


def digits_for_words(text: nw.Expr) -> nw.Expr:
    """Replace counts written as words by digits."""
    for words, number in _WORDS.items():
        text = text.str.replace_all(rf"\b(?i:{words})\b", str(number))
    return text


@dataclass(frozen=True, slots=True)
class PrintedNumbers:
    """The numbers of the text that was copied from a row's source, and the word `dated` where it names a day.

    Attributes:
        alias: name of the column it adds; null where nothing was copied.
        table: the row's table.
        source: the row's column that names the source.
    """

    alias: str
    table: str
    source: str

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("printed_numbers",)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        on = ((TABLES[self.table].key, "row_key"), (self.source, "citation_id"))
        copies = ValueLookup(self.alias, "printed_numbers", on, "printed", (("table_name", self.table),)).add(
            frame, tables
        )
        if not has_columns(copies, self.alias):
            return frame
        text = digits_for_words(nw.col(self.alias))
        dated = nw.when(text.str.contains(_A_DATE)).then(nw.lit(_DATED)).otherwise(nw.lit(""))
        return copies.with_columns(nw.concat_str(numbers_in(text), dated).alias(self.alias))


def _contains(numbers: nw.Expr, cell: nw.Expr) -> nw.Expr:
    """Return whether numbers, as `numbers_in` writes them, include a cell's."""
    unsigned = cell.str.replace_all("^[-+\u2212]", "").str.replace_all("^[.]", "0.")
    return numbers.str.contains(nw.concat_str(nw.lit(" "), unsigned, nw.lit(" ")), literal=True)


def contains_count(numbers: nw.Expr, cell: nw.Expr) -> nw.Expr:
    """Return whether numbers include a count, also as other languages print one: 1.933."""
    is_contained = _contains(numbers, cell)
    for digits in (1, 2, 3):
        grouped = nw.concat_str(cell.str.slice(0, digits), nw.lit("."), cell.str.slice(digits, 3))
        is_contained |= (cell.str.len_chars() == digits + len("933")) & _contains(numbers, grouped)
    return is_contained


def _first_number(text: nw.Expr) -> nw.Expr:
    return text.str.replace_all("^[^0-9]*", "").str.replace_all("[^0-9.].*$", "")


def _checks(table: str, schema: TableSchema) -> Iterator[Check]:
    columns = TABLES.get(table)
    if columns is None or not has_fields(schema, columns.key, "citation_id"):
        return
    row_source = PrintedNumbers("::printed", table, "citation_id")
    other_source = PrintedNumbers("::printed_elsewhere", table, _OTHER_SOURCE)
    for column in (c for c in columns.estimates if c in schema.names):
        printed, cell = nw.col(row_source.alias), text_of(column)
        # A share is entered in percent where the source prints 0.87.
        share = nw.concat_str(nw.lit("0."), cell) if table == "outcomes" else cell
        yield _check((column,), (row_source,), _contains(printed, cell) | _contains(printed, share))
    sources: tuple[PrintedNumbers, ...] = (row_source,)
    numbers = nw.col(row_source.alias)
    if has_fields(schema, _OTHER_SOURCE):
        sources = (row_source, other_source)
        # Null where one of them wasn't copied: the number may be in that one.
        both_sources = nw.concat_str(numbers, nw.col(other_source.alias))
        numbers = nw.when(text_of(_OTHER_SOURCE).is_null()).then(numbers).otherwise(both_sources)
    keys = {key.columns for key in schema.all_references()}
    for column in (c for c in columns.counts if c in schema.names):
        # A number of patients that is also in the row of the arm or population has its source there.
        group_sizes = [joined_column(k, c) for k, c in _GROUP_SIZES.get(column, ()) if (k,) in keys]
        is_group_size = [(nw.col(column) == nw.col(total)).fill_null(value=False) for total in group_sizes]
        is_contained = nw.any_horizontal(contains_count(numbers, text_of(column)), *is_group_size, ignore_nulls=False)
        yield _check((column,), sources, is_contained, joined_columns=tuple(group_sizes))
    if has_fields(schema, _FOLLOW_UP, _FOLLOW_UP_PRINTED):
        first = _first_number(text_of(_FOLLOW_UP_PRINTED))
        yield _check((_FOLLOW_UP_PRINTED,), sources, (first == "") | _contains(numbers, first))
        unconverted = ~text_of(_FOLLOW_UP_PRINTED).is_null() | _contains(numbers, text_of(_FOLLOW_UP))
        yield _check((_FOLLOW_UP, _FOLLOW_UP_PRINTED), sources, unconverted)
    if columns.date in schema.names:
        day = text_of(columns.date)
        year_and_day = _contains(numbers, day.str.slice(0, 4)) & (
            (day.str.len_chars() < len("2024-02-09"))
            | _contains(numbers, day.str.slice(8, 2))
            | _contains(numbers, day.str.slice(8, 2).str.replace_all("^0", ""))
        )
        dated = numbers.str.contains(_DATED, literal=True)
        yield _check((columns.date,), sources, ~dated | year_and_day)


def _check(
    columns: tuple[str, ...],
    sources: tuple[PrintedNumbers, ...],
    is_contained: nw.Expr,
    *,
    joined_columns: tuple[str, ...] = (),
) -> Check:
    column = columns[0]
    return Check(
        "LDB612",
        columns,
        text_of(column).is_null() | is_contained,
        f"{column} {{{column}}} is not among the numbers copied from the row's source",
        _HINT,
        severity=_SEVERITY,
        joined_columns=(*(s.alias for s in sources), *joined_columns),
        lookups=sources,
    )


_ROW = {"effect_id": "tandem-pfs-itt-primary", "estimate": "0.63", "ci_low": "0.47", "ci_high": "0.84"}
_PRINTED = {"::printed": " 0.63 95 0.47 0.84 ", "::printed_elsewhere": None}

RULES = (
    Rule(
        "LDB612",
        "The numbers of a row stand in what was copied from its source",
        "A number that its source doesn't print is a typing error, or was read in another place. Estimates and limits "
        "are looked for in the copy of the row's source; p values, patients, events and follow-up also in that of "
        "numbers_citation_id, where the row names one. A number of patients that is the arm's or the population's own "
        "needs no copy, and rows without a copy of the source that has the number are not checked.",
        _checks,
        passing=Example("effects", ({**_ROW, **_PRINTED},)),
        failing=Example("effects", ({**_ROW, **_PRINTED, "ci_low": "0.74"},)),
        formula="a middle dot is a point, .63 is 0.63, 1,024 and 1.024 are 1024, 0,63 is 0.63, thirteen is 13, no is 0"
        "; trailing zeros count. Of a day, year and day are compared where the copy has one",
        severity=_SEVERITY,
    ),
)
