"""Rules on ids that curators build from a row's values: id and row must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, joined_column, text_of
from ..checks import Check
from ..lookups import Frame, Frames, has_columns
from .clean_text import is_own_table
from .rule import Example, Rule, has_fields

# The column of the table with which its ids begin.
_BEGINS_WITH = {
    "arms": "trial_id", "populations": "trial_id", "effects": "trial_id", "outcomes": "arm_id",
    "adverse_events": "arm_id", "approvals": "therapy_id", "mechanism_evidence": "mechanism_id",
}  # fmt: skip
# Columns whose value is a part of the id.
_VALUES_IN_ID = {
    "approvals": ("agency",), "regulatory_events": ("agency",),
    "mechanism_evidence": ("therapy_id", "class_id"),
}  # fmt: skip
_DATES = {"approvals": "approved_on", "regulatory_events": "event_on"}
# Endpoints that an id names by themselves. Others are kinds of a wider one, such as a response by ultrasound.
_ENDPOINTS = (
    "bcfi", "bcfs", "bcss", "cbr", "cns-orr", "cns-pfs", "cr", "ddfs", "dfs", "dor", "drfi", "drfs", "efs", "idfs",
    "orr", "os", "pcr-breast", "pcr-breast-nodes", "pcr-strict", "pfs", "pfs2", "rfi", "rfs", "ttf", "ttp",
)  # fmt: skip
_NAMES_ENDPOINT = f"-(?:{'|'.join(_ENDPOINTS)})-"
_MEASURES = {"median_months": "-median(?:-|$)", "percent": "-rate(?:-|$)"}
_HINT = "Correct whichever is wrong. An id stays when its row is moved: waive it, or rename it and list the old one."


def _id(column: str) -> nw.Expr:
    return nw.concat_str(nw.lit("-"), text_of(column), nw.lit("-"))


def _contains(column: str, part: nw.Expr) -> nw.Expr:
    return _id(column).str.contains(nw.concat_str(nw.lit("-"), _slug(part), nw.lit("-")), literal=True)


def _slug(part: nw.Expr) -> nw.Expr:
    return part.str.to_lowercase().str.replace_all("_", "-", literal=True)


def _ids(table: str, schema: TableSchema) -> Iterator[Check]:
    if not schema.primary_key or not is_own_table(table, schema):
        return
    key = schema.primary_key[0]
    if has_fields(schema, first_column := _BEGINS_WITH.get(table, "")):
        begins_with_value = nw.concat_str(nw.lit(" "), text_of(key), nw.lit("-")).str.contains(
            nw.concat_str(nw.lit(" "), text_of(first_column), nw.lit("-")), literal=True
        )
        yield _check(
            key,
            first_column,
            begins_with_value,
            f"the id {{{key}}} doesn't begin with {first_column} {{{first_column}}}",
        )
    for column in (c for c in _VALUES_IN_ID.get(table, ()) if c in schema.names):
        yield _check(
            key, column, _contains(key, text_of(column)), f"the id {{{key}}} doesn't name {column} {{{column}}}"
        )
    if has_fields(schema, date := _DATES.get(table, "")):
        year = _contains(key, text_of(date).str.slice(0, 4))
        yield _check(key, date, year, f"the id {{{key}}} has another year than {date} {{{date}}}")
    if table in ("effects", "outcomes"):
        yield from _result_ids(key, schema)
    if table == "adverse_events":
        # Grades 1 and 2 are written in several ways, and a term begins with the word any.
        without_term = text_of(key).str.replace_all("-any-adverse-event", "", literal=True)
        names_grade = (text_of("grade") == "1_2") | nw.concat_str(without_term, nw.lit("-")).str.contains(
            nw.concat_str(nw.lit("-"), _slug(text_of("grade")), nw.lit("-")), literal=True
        )
        yield _check(key, "grade", names_grade, f"the id {{{key}}} names another grade than {{grade}}")
    if table == "interactions":
        source, target = (joined_column(f"{end}_gene_id", "symbol" + TEXT) for end in ("source", "target"))
        parts = (nw.lit(" "), nw.col(source), nw.lit("-"), text_of("interaction_type"), nw.lit("-"), nw.col(target))
        names_genes = nw.concat_str(nw.lit(" "), text_of(key)).str.contains(_slug(nw.concat_str(*parts)), literal=True)
        yield Check(
            "LDB411",
            ("source_gene_id", "target_gene_id", key),
            names_genes,
            f"the id {{{key}}} names other genes than {{source_gene_id}} and {{target_gene_id}}, or in another order",
            _HINT,
            joined_columns=(source, target),
        )


def _result_ids(key: str, schema: TableSchema) -> Iterator[Check]:
    names_endpoint = ~_id(key).str.contains(_NAMES_ENDPOINT) | _contains(key, text_of("endpoint_id"))
    yield _check(key, "endpoint_id", names_endpoint, f"the id {{{key}}} names another endpoint than {{endpoint_id}}")
    if has_fields(schema, "measure", "at_months"):
        for measure, pattern in _MEASURES.items():
            names_measure = ~text_of(key).str.contains(pattern) | (text_of("measure") == measure)
            yield _check(key, "measure", names_measure, f"the id {{{key}}} names another measure than {{measure}}")
        time_in_id = nw.concat_str(text_of("at_months"), nw.lit("m"))
        names_time = _id(key).str.contains("-at-[0-9]+m-")
        yield _check(
            key,
            "at_months",
            ~names_time | _contains(key, time_in_id),
            f"the id {{{key}}} names another time than {{at_months}}",
        )
        is_rate_at_time = ~names_time | (text_of("measure") == "percent_at")
        yield _check(key, "measure", is_rate_at_time, f"the id {{{key}}} names a time, and the row is a {{measure}}")
    lookup = OtherPopulation(key)
    yield Check(
        "LDB411",
        ("population_id", key),
        ~nw.col(lookup.alias),
        f"the id {{{key}}} names another population of the trial than {{population_id}}",
        _HINT,
        joined_columns=(lookup.alias,),
        lookups=(lookup,),
    )


def _check(key: str, column: str, is_right: nw.Expr, message: str) -> Check:
    return Check("LDB411", (column, key), is_right, message, _HINT)


@dataclass(frozen=True, slots=True)
class OtherPopulation:
    """Whether the id of a result names a population of its trial, and not the row's own.

    Attributes:
        key: the primary key of the results.
        alias: name of the column it adds.
    """

    key: str
    alias: str = "::other_population"

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The tables it looks at; see Lookup."""
        return ("populations",)

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        key, trial, population = self.key + TEXT, "trial_id" + TEXT, "population_id" + TEXT
        populations = tables.get("populations")
        if not has_columns(populations, trial, population) or not has_columns(frame, key, trial, population):
            return frame
        rows = frame.select(key, trial, population).collect(backend="polars").to_native().drop_nulls()
        populations_of_trial = (
            tables["populations"].select(trial, population).collect(backend="polars").to_native().drop_nulls()
        )
        pairs = rows.join(populations_of_trial, on=trial, how="inner", suffix="::there")
        name_start = pl.col(trial).str.len_chars() + 1
        row_id, other_name, own_name = (
            pl.format("-{}-", pl.col(column))
            if column == key
            else pl.format("-{}-", pl.col(column).str.slice(name_start))
            for column in (key, f"{population}::there", population)
        )
        names_other = row_id.str.contains(other_name, literal=True) & ~row_id.str.contains(own_name, literal=True)
        wrong_ids = pairs.filter(names_other)[key].unique().to_list()
        return frame.with_columns(nw.col(key).is_in(wrong_ids).alias(self.alias))


_RESULT = {
    "outcome_id": "tandem-anastrozole-pfs-itt-primary-median", "measure": "median_months",
    "arm_id": "tandem-anastrozole",
}  # fmt: skip

RULES = (
    Rule(
        "LDB411",
        "A row is about what its id says",
        "Ids are made of the trial or arm, the endpoint, the population and the measure of a result; of drug, agency "
        "and year of an approval; of what acts on what. A cell that says otherwise was copied from a neighbour, or "
        "filled from the wrong line of a list.",
        _ids,
        passing=Example("outcomes", ({**_RESULT, "endpoint_id": "pfs"},)),
        failing=Example("outcomes", ({**_RESULT, "endpoint_id": "os"},)),
    ),
)
