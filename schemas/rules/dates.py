"""Rules on dates: days of the calendar, in the order in which a trial begins, is followed up, cut off and published."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined_column, text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

# Dates of which a source may print only the year or the month: text, not of the type date.
PARTIAL_DATES = ("approved_on", "event_on")
_IMPOSSIBLE_DAY = r"\A[0-9]{4}-(?:02-3[01]|(?:0[469]|11)-31)\z"
_LEAP_DAY = r"\A[0-9]{4}-02-29\z"
_LEAP_YEAR = r"\A(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-"
_YEAR_FIRST = r"\A[0-9]{4}-"
_MONTHS_PER_YEAR = 12
_LENGTHS = ("median_follow_up_months", "at_months")


def _is_calendar_day(_: str, schema: TableSchema) -> Iterator[Check]:
    for column in (c for c in PARTIAL_DATES if c in schema.names):
        text = text_of(column)
        is_impossible = text.str.contains(_IMPOSSIBLE_DAY) | (
            text.str.contains(_LEAP_DAY) & ~text.str.contains(_LEAP_YEAR)
        )
        yield Check(
            "LDB121",
            (column,),
            ~is_impossible,
            f"{column} {{{column}}} is no day of the calendar",
            "Read the date again; where the source prints only month or year, write only those.",
        )


def _year(column: str) -> nw.Expr:
    text = text_of(column)
    return nw.when(text.str.contains(_YEAR_FIRST)).then(text).str.slice(0, 4).cast(nw.Int64)


def _dates_in_order(table: str, schema: TableSchema) -> Iterator[Check]:
    if table == "trials" and has_fields(schema, "start_year", "completed_year", "citation_id"):
        hint = "Read the trial's years in the registry again."
        yield Check(
            "LDB122",
            ("start_year", "completed_year"),
            nw.col("start_year") <= nw.col("completed_year"),
            "the trial starts in {start_year} and is complete in {completed_year}",
            hint,
        )
        published = joined_column("citation_id", "year")
        yield Check(
            "LDB122",
            ("start_year", "citation_id"),
            nw.col("start_year") <= nw.col(published),
            "the trial starts in {start_year}, after {citation_id} appeared",
            f"{hint[:-1]}; the citation may be another trial's.",
            joined_columns=(published,),
        )
    appeared = joined_column("citation_id", "year")
    if has_fields(schema, "citation_id", "table_name", "row_key"):
        for day in (c for c in ("read_on", "seen_on") if c in schema.names):
            yield Check(
                "LDB122",
                (day, "citation_id"),
                _year(day) >= nw.col(appeared),
                f"{{citation_id}} was read on {{{day}}}, before it appeared",
                "Read the date again, and the year of the citation.",
                joined_columns=(appeared,),
            )
    if not has_fields(schema, "trial_id", "citation_id", "data_cutoff", "median_follow_up_months"):
        return
    yield Check(
        "LDB122",
        ("data_cutoff", "citation_id"),
        _year("data_cutoff") <= nw.col(appeared),
        "data_cutoff {data_cutoff} is after {citation_id} appeared",
        "Read the cut-off again; the citation may be an earlier paper.",
        joined_columns=(appeared,),
    )
    start = joined_column("trial_id", "start_year")
    yield Check(
        "LDB122",
        ("data_cutoff", "trial_id"),
        _year("data_cutoff") >= nw.col(start),
        "data_cutoff {data_cutoff} is before {trial_id} began",
        "Read the cut-off again, and the trial's first year in the registry.",
        joined_columns=(start,),
    )
    for column in (c for c in _LENGTHS if c in schema.names):
        for last_year, joined_columns, what in (
            (_year("data_cutoff"), (start,), "the cut-off"),
            (nw.col(appeared), (start, appeared), "the year of {citation_id}"),
        ):
            longest = (last_year + 1 - nw.col(start)) * _MONTHS_PER_YEAR
            yield Check(
                "LDB122",
                (column, "data_cutoff", "trial_id", "citation_id"),
                nw.col(column) <= longest,
                f"{{{column}}} months are longer than from the start of {{trial_id}} to {what}",
                "Read the number and its unit again, and the trial's first year in the registry.",
                joined_columns=joined_columns,
            )


_CUT = {"effect_id": "e", "trial_id": "tandem", "trial_id::start_year": 2001, "citation_id::year": 2009}

RULES = (
    Rule(
        "LDB121",
        "A date is a day of the calendar",
        "A month has thirty days or thirty-one, February fewer: a digit is wrong, or day and month are swapped.",
        _is_calendar_day,
        passing=Example("approvals", ({"approval_id": "a", "approved_on": "2024-02-29"},)),
        failing=Example("approvals", ({"approval_id": "a", "approved_on": "2019-02-29"},)),
        source="ISO 8601",
    ),
    Rule(
        "LDB122",
        "The dates of a trial are in order",
        "A trial begins, then its data are cut off, then they are published; nobody is followed up for longer.",
        _dates_in_order,
        passing=Example("effects", ({**_CUT, "data_cutoff": "2006-03-01", "median_follow_up_months": "48"},)),
        failing=Example("effects", ({**_CUT, "data_cutoff": "2000-03-01", "median_follow_up_months": "480"},)),
        formula="start_year <= completed_year, year of the citation, year of data_cutoff; year of data_cutoff <= "
        "year of the citation <= year in which it was read; follow-up, at_months <= "
        "12 (1 + year of data_cutoff or of the citation - start_year)",
    ),
)
