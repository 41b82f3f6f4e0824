"""Rules on repeated rows: each result has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, text_of
from ..checks import Check
from .rule import Example, Rule, has_fields

_TIMES = ("period", "data_cutoff", "median_follow_up_months")
# Adverse events have no data cut-off; each source reports one, under its own words.
_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "effects": (
        "trial_id", "population_id", "experimental_arm_id", "control_arm_id", "endpoint_id", "measure", "analysis",
        "assessor", "adjustment", *_TIMES,
    ),
    "outcomes": (
        "trial_id", "population_id", "arm_id", "endpoint_id", "measure", "at_months", "analysis", "assessor",
        "derived_from", *_TIMES,
    ),
    "adverse_events": (
        "trial_id", "population_id", "arm_id", "term_id", "term_printed", "grade", "attribution", "citation_id",
    ),
}  # fmt: skip


def _one_row_each(table: str, schema: TableSchema) -> Iterator[Check]:
    columns = _IDENTITY.get(table, ())
    if not columns or not has_fields(schema, *columns):
        return
    identity_columns = tuple(c + TEXT for c in columns)
    is_only_row = nw.col(identity_columns[0]).len().over(*identity_columns) == 1
    lacks_term = text_of("term_id").is_null() if table == "adverse_events" else nw.lit(value=False)
    yield Check(
        "LDB303",
        (schema.primary_key[0] if schema.primary_key else columns[0], "trial_id"),
        lacks_term | is_only_row,
        f"another row of {table} has the same {', '.join(columns)}",
        "Delete one of the rows, or fill the column in which they differ.",
        compared_columns=identity_columns,
    )


# What a row that isn't a result is about: two that agree in it are one row and its copy.
_CONTENT: Mapping[str, tuple[str, ...]] = {
    "claims": ("statement", "citation_id"),
    "populations": ("trial_id", "name", "analysis_set"),
    "arms": ("trial_id", "label"),
    "approvals": ("therapy_id", "agency", "approved_on", "setting", "indication"),
}


def _entered_once(table: str, schema: TableSchema) -> Iterator[Check]:
    columns = _CONTENT.get(table, ())
    if not columns or not schema.primary_key or not has_fields(schema, *columns):
        return
    content_columns = tuple(c + TEXT for c in columns)
    yield Check(
        "LDB304",
        (schema.primary_key[0], *columns[:1]),
        nw.col(content_columns[0]).len().over(*content_columns) == 1,
        f"another row of {table} has the same {', '.join(columns)}",
        "Delete one of the rows, or correct the column in which they should differ.",
        compared_columns=content_columns,
    )


# Results of one trial with the same numbers, and what they are of. Arms of a trial keep their median from one analysis
# to the next.
_NUMBERS = {"effects": ("measure",), "outcomes": ("measure", "at_months")}
_INTERVAL = ("estimate", "ci_low", "ci_high")
_SUBJECT_COLUMNS = {
    "effects": ("population_id", "experimental_arm_id", "control_arm_id", "endpoint_id"),
    "outcomes": ("population_id", "arm_id", "endpoint_id"),
}


def _no_copies(table: str, schema: TableSchema) -> Iterator[Check]:
    columns = (*_NUMBERS.get(table, ()), *_SUBJECT_COLUMNS.get(table, ()))
    if table not in _NUMBERS or not has_fields(schema, "trial_id", *_INTERVAL, *columns):
        return
    numbers = tuple(c + TEXT for c in ("trial_id", *_NUMBERS[table], *_INTERVAL))
    subject_columns = tuple(c + TEXT for c in _SUBJECT_COLUMNS[table])
    incomplete = nw.any_horizontal(*(text_of(c).is_null() for c in _INTERVAL), ignore_nulls=False)
    same_numbers_count, same_result_count = (
        nw.col(numbers[0]).len().over(*parts) for parts in (numbers, (*numbers, *subject_columns))
    )
    yield Check(
        "LDB124",
        ("estimate", "ci_low", "ci_high", "endpoint_id"),
        incomplete | (same_numbers_count == same_result_count),
        "another endpoint, population or arm of the trial has the same {estimate} ({ci_low} to {ci_high})",
        "Read both again: one of them may be a copy. If the source prints both so, waive them.",
        compared_columns=(*numbers, *subject_columns),
    )


_NUMBERS_OF_ROW = {"estimate": "0.47", "ci_low": "0.34", "ci_high": "0.66"}
_ROW = {
    "effect_id": "tandem-pfs-itt-primary", "trial_id": "tandem", "population_id": "tandem-itt", "endpoint_id": "pfs",
    "experimental_arm_id": "a", "control_arm_id": "b", "measure": "hazard_ratio", "analysis": "primary",
}  # fmt: skip
_ARM = {"arm_id": "tandem-anastrozole", "trial_id": "tandem", "label": "Anastrozole"}

RULES = (
    Rule(
        "LDB303",
        "A result has one row",
        "Two rows that agree in all that says what was measured count one result twice: one of them is a copy, or the "
        "column in which they differ is empty.",
        _one_row_each,
        passing=Example("effects", (_ROW, {**_ROW, "effect_id": "b", "median_follow_up_months": "60"})),
        failing=Example("effects", (_ROW, {**_ROW, "effect_id": "b"})),
    ),
    Rule(
        "LDB304",
        "Claims, populations, arms and approvals are entered once",
        "A row that was copied under a new id and not changed counts its patients, its statement or its day twice.",
        _entered_once,
        passing=Example("arms", (_ARM, {**_ARM, "arm_id": "b", "label": "Anastrozole plus trastuzumab"})),
        failing=Example("arms", (_ARM, {**_ARM, "arm_id": "b"})),
    ),
    Rule(
        "LDB124",
        "Two results of a trial are not the same number",
        "Estimate and both limits agree by chance in one of a hundred results. Mostly a neighbour's numbers were "
        "copied, or a result was entered a second time under another endpoint, population or arm.",
        _no_copies,
        passing=Example(
            "effects",
            ({**_ROW, **_NUMBERS_OF_ROW}, {**_ROW, **_NUMBERS_OF_ROW, "effect_id": "b", "analysis": "updated"}),
        ),
        failing=Example(
            "effects", ({**_ROW, **_NUMBERS_OF_ROW}, {**_ROW, **_NUMBERS_OF_ROW, "effect_id": "b", "endpoint_id": "os"})
        ),
    ),
)
