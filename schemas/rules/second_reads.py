"""Rules on second reads: whose source they are of, what they changed, and which results must have one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, joined_column, text_of
from ..checks import Check
from ..lookups import Frame, Frames, ValueLookup, has_columns, primary_key
from .rule import Example, Rule, has_fields

KEYS = {"effects": "effect_id", "outcomes": "outcome_id"}
LATE_PHASES = ("3", "2/3")
_TABLE, _ROW_KEY = "table_name" + TEXT, "row_key" + TEXT
_READ = (("method", "independent_read"),)
_FIELDS = {"corrected": "fields_corrected", "incomplete": "fields_added"}


@dataclass(frozen=True, slots=True)
class SourceOfRow:
    """The source of the row that a row of second_reads names; null where it has none, or doesn't exist.

    Attributes:
        alias: name of the column it adds.
    """

    alias: str = "::source_of_row"

    @property
    def needed_tables(self) -> None:
        """The tables it looks at; see Lookup."""
        return None

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        if not has_columns(frame, _TABLE, _ROW_KEY):
            return frame
        named_tables = frame.select(_TABLE).unique().collect(backend="polars")[_TABLE].to_list()
        sources = [self._sources(name, tables) for name in named_tables if name is not None and name in tables]
        source_frames = [source for source in sources if source is not None]
        if not source_frames:
            return frame
        return frame.join(nw.concat(source_frames), on=[_TABLE, _ROW_KEY], how="left")

    def _sources(self, name: str, tables: Frames) -> Frame | None:
        """Return the source of each row of a table, by the table's name and the row's key."""
        source = "citation_id" + TEXT
        parts = [column + TEXT for column in primary_key(tables, name)]
        if not parts or not has_columns(tables[name], *parts, source):
            return None
        key = nw.concat_str(*(nw.col(part) for part in parts), separator="|").alias(_ROW_KEY)
        rows: Frame = tables[name]
        return rows.select(nw.lit(name).alias(_TABLE), key, nw.col(source).alias(self.alias)).unique(
            [_TABLE, _ROW_KEY], keep="any"
        )


def _read_in_row_source(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "second_reads" or not has_fields(schema, "table_name", "row_key", "citation_id"):
        return
    source = SourceOfRow()
    yield Check(
        "LDB613",
        ("citation_id", "row_key"),
        text_of("citation_id").fill_null("") == nw.col(source.alias),
        "{row_key} was read in {citation_id}, which is no longer its source",
        "Delete this line and read the row again in the source that it names now.",
        joined_columns=(source.alias,),
        lookups=(source,),
    )


def _names_its_fields(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "second_reads" or not has_fields(schema, "result"):
        return
    for result, column in ((r, c) for r, c in _FIELDS.items() if c in schema.names):
        yield Check(
            "LDB614",
            (column, "result"),
            (text_of("result") != result) | ~text_of(column).is_null(),
            f"the result is {result}, and {column} is empty",
            f"Name the columns in {column}, separated by a semicolon and a blank.",
        )


def _phase_3_result_is_read(table: str, schema: TableSchema) -> Iterator[Check]:
    key = KEYS.get(table)
    if key is None or not has_fields(schema, key, "trial_id", "citation_id"):
        return
    phase = f"{joined_column('trial_id', 'phase')}::text"
    on = ((key, "row_key"), ("citation_id", "citation_id"))
    read = ValueLookup("::read_on", "second_reads", on, "read_on", (("table_name", table), *_READ))
    # A value computed from a digitized curve can't be read again in the source.
    is_computed = ~text_of("derived_from").is_null() if has_fields(schema, "derived_from") else nw.lit(value=False)
    yield Check(
        "LDB615",
        (key, "citation_id"),
        ~nw.col(phase).is_in(LATE_PHASES) | ~nw.col(read.alias).is_null() | is_computed,
        "a phase 3 result without a second read of {citation_id}",
        "Let somebody else read it in that source without sight of the row, and enter the reading in second_reads.",
        joined_columns=(phase, read.alias),
        lookups=(read,),
    )


_SECOND = {
    "table_name": "effects", "row_key": "tandem-pfs-itt-primary", "citation_id": "kaufman-2009-tandem",
    "method": "independent_read", "read_on": "2026-11-22",
}  # fmt: skip
_RESULT = {"effect_id": "tandem-pfs-itt-primary", "trial_id": "tandem", "trial_id::phase::text": "3"}

RULES = (
    Rule(
        "LDB613",
        "A second read is of the row's source",
        "A row that moved to another source is unread again: what the old source prints says nothing of the new one.",
        _read_in_row_source,
        passing=Example("second_reads", ({**_SECOND, "::source_of_row": "kaufman-2009-tandem"},)),
        failing=Example("second_reads", ({**_SECOND, "::source_of_row": "huober-2012-electra"},)),
    ),
    Rule(
        "LDB614",
        "A second read that changed a row names the columns",
        "How often which column is wrong or left empty can be counted only if it is named.",
        _names_its_fields,
        passing=Example("second_reads", ({**_SECOND, "result": "corrected", "fields_corrected": "ci_low"},)),
        failing=Example("second_reads", ({**_SECOND, "result": "incomplete", "fields_added": ""},)),
    ),
    Rule(
        "LDB615",
        "A phase 3 result is read twice",
        "Results of phase 3 trials decide on treatment. Only an independent reading of the row's source "
        "counts; values computed from digitized curves are exempt.",
        _phase_3_result_is_read,
        passing=Example("effects", ({**_RESULT, "::read_on": "2026-11-22"},)),
        failing=Example("effects", ({**_RESULT, "::read_on": None},)),
    ),
)
