"""Rules on second reads: whose source they are of, what they changed, and which results must have one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw

from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import joined, text_of
from ..checks import Check
from ..lookups import Frame, Frames, Value, has_columns
from .rule import Example, Rule, has

KEYS = {"effects": "effect_id", "outcomes": "outcome_id"}
LATE_PHASES = ("3", "2/3")
_READ = (("method", "independent_read"),)
_FIELDS = {"corrected": "fields_corrected", "incomplete": "fields_added"}


@dataclass(frozen=True, slots=True)
class SourceOfRow:
    """The source of the result that a row of second_reads names; null where it is no result.

    Attributes:
        alias: name of the column it adds.
    """

    alias: str = "::source_of_row"

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup."""
        parts = [f"{self.alias}::{name}" for name in KEYS]
        for part, (name, key) in zip(parts, KEYS.items(), strict=True):
            frame = Value(part, name, (("row_key", key),), "citation_id").add(frame, tables)
        if not has_columns(frame, *parts):
            return frame.drop([p for p in parts if has_columns(frame, p)])
        named = (nw.when(text_of("table_name") == n).then(nw.col(p)) for n, p in zip(KEYS, parts, strict=True))
        return frame.with_columns(nw.coalesce(*named).alias(self.alias)).drop(parts)


def _of_its_source(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "second_reads" or not has(schema, "table_name", "row_key", "citation_id"):
        return
    source = SourceOfRow()
    yield Check(
        "LDB613",
        ("citation_id", "row_key"),
        text_of("citation_id").fill_null("") == nw.col(source.alias),
        "{row_key} was read in {citation_id}, which is no longer its source",
        "Delete this line and read the row again in the source that it names now.",
        brings=(source.alias,),
        lookups=(source,),
    )


def _names_its_fields(table: str, schema: TableSchema) -> Iterator[Check]:
    if table != "second_reads" or not has(schema, "result"):
        return
    for result, column in ((r, c) for r, c in _FIELDS.items() if c in schema.names):
        yield Check(
            "LDB614",
            (column, "result"),
            (text_of("result") != result) | ~text_of(column).is_null(),
            f"the result is {result}, and {column} is empty",
            f"Name the columns in {column}, separated by a semicolon and a blank.",
        )


def _late_result_is_read(table: str, schema: TableSchema) -> Iterator[Check]:
    key = KEYS.get(table)
    if key is None or not has(schema, key, "trial_id", "citation_id"):
        return
    phase = f"{joined('trial_id', 'phase')}::text"
    on = ((key, "row_key"), ("citation_id", "citation_id"))
    read = Value("::read_on", "second_reads", on, "read_on", (("table_name", table), *_READ))
    yield Check(
        "LDB615",
        (key, "citation_id"),
        ~nw.col(phase).is_in(LATE_PHASES) | ~nw.col(read.alias).is_null(),
        "a phase 3 result without a second read of {citation_id}",
        "Let somebody else read it in that source without sight of the row, and enter the reading in second_reads.",
        severity="warning",
        brings=(phase, read.alias),
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
        _of_its_source,
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
        "Results of phase 3 trials decide on treatment. Only an independent reading of the row's source counts.",
        _late_result_is_read,
        passing=Example("effects", ({**_RESULT, "::read_on": "2026-11-22"},)),
        failing=Example("effects", ({**_RESULT, "::read_on": None},)),
        severity="warning",
    ),
)
