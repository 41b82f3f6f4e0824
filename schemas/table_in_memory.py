"""A table under validation: its text, its frame, and what is wrong with either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from luminaldb.issue_codes import (
    BROKEN_FORM,
    EMPTY_FILE,
    LONG_CELL,
    MISSING_COLUMN,
    NUL_BYTE,
    RAGGED_ROW,
    REPEATED_COLUMN,
    UNKNOWN_COLUMN,
    UNREADABLE_FILE,
    UNSAFE_PATH,
    UNUSABLE_FIELD,
    WRONG_DELIMITER,
    WRONG_ENCODING,
    WRONG_ORDER,
)
from luminaldb.issues import Issue, Place, Severity
from luminaldb.loaders.datapackage.descriptor import Resource, TableSchema
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.text_reader import TextTable

from .check_columns import TEXT
from .check_frame import bring, judged, runnable
from .check_results import verdicts
from .checks import Check
from .constraints import column_checks, key_checks, reference_checks
from .file_integrity import file_issues
from .lookups import look_up
from .rules import rule_checks
from .schema_problems import complaints

_VALUE_SHOWN = 80
# What leaves rows or columns of a file out of sight; marks and line ends, order and columns too many don't.
STRUCTURAL = frozenset(
    (
        UNREADABLE_FILE,
        WRONG_ENCODING,
        NUL_BYTE,
        RAGGED_ROW,
        REPEATED_COLUMN,
        MISSING_COLUMN,
        EMPTY_FILE,
        UNSAFE_PATH,
        WRONG_DELIMITER,
        LONG_CELL,
        BROKEN_FORM,
    )
)


class Table:
    """A table under validation."""

    def __init__(self, package: str, source: Package, resource: Resource) -> None:
        self.package = package
        self.name = resource.name
        self.resource = resource
        self._source = source

    @cached_property
    def text(self) -> TextTable:
        """The table as text."""
        return self._source.text(self.name)

    @cached_property
    def frame(self) -> Any:
        """The table as checks see it: of polars, or of the engine that holds the rows."""
        return judged(self.text.frame, self.resource.schema)

    @property
    def nothing(self) -> Any:
        """A frame of the same kind without columns."""
        return pl.DataFrame()

    @cached_property
    def whole(self) -> bool:
        """Whether every row and column of the file is there to be looked at."""
        problems = {p.code for p in self.text.issues}
        missing = self._column_findings() if self.text.header else ()
        return STRUCTURAL.isdisjoint(problems | {f.code for f in missing})

    @property
    def file(self) -> str:
        """The table's file as messages name it."""
        return self._source.file(self.name)

    def form_findings(self) -> Iterator[Issue]:
        """Give what is wrong with the file's form, and with its columns as a whole."""
        for field in self.resource.schema.fields:
            for complaint in complaints(field):
                yield self.finding(UNUSABLE_FIELD, 0, field.name, complaint, "Fix the descriptor.")
        for issue in file_issues(self._source.store, self.resource):
            yield self.finding(issue.code, 0, "", issue.message, issue.hint)
        yield from self.problem_findings()
        if self.text.header and self.text.frame.columns:
            yield from self._column_findings()

    def problem_findings(self) -> Iterator[Issue]:
        """Give what is wrong with the form of the file's text."""
        for p in self.text.issues:
            yield self.finding(p.code, p.line, p.column, p.message, p.hint, value=p.value)

    def _column_findings(self) -> Iterator[Issue]:
        wanted, have, match = self.resource.schema.names, self.text.header, self.resource.schema.fields_match
        if not wanted:
            return
        absent = [n for n in wanted if n not in have]
        if match in ("exact", "equal", "subset"):
            for name in absent:
                hint = "Add the column to the file, or take the field out of the descriptor."
                yield self.finding(MISSING_COLUMN, 1, name, f"column {name} is missing", hint)
        if match in ("exact", "equal", "superset"):
            for name in (n for n in have if n not in wanted):
                hint = "Delete the column, or describe it as a field in the descriptor."
                if absent:
                    hint = f"If it is {' or '.join(absent)}, name it so; if not, describe it in the descriptor."
                yield self.finding(UNKNOWN_COLUMN, 1, name, f"column {name} is not in the descriptor", hint)
        if match == "partial" and not set(wanted) & set(have):
            yield self.finding(MISSING_COLUMN, 1, "", "no column of the descriptor is in the file", "Fix either.")
        if match == "exact" and set(wanted) == set(have) and tuple(wanted) != tuple(have):
            hint = f"Order the columns as the descriptor does: {', '.join(wanted)}."
            yield self.finding(WRONG_ORDER, 1, "", "the columns stand in another order than the fields", hint)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.text.frame.height

    def findings(
        self,
        targets: Mapping[int, Any],
        tables: Mapping[str, Any],
        *,
        doubted: bool = False,
        warnings: bool = False,
    ) -> list[Issue]:
        """Give what is wrong with the values: one pass over all checks, a second only where it fails.

        Args:
            targets: frames of the tables referred to, by number of the reference.
            tables: frames of all tables by name, for rules that look further than the references.
            doubted: whether findings are expected, which makes the first pass pointless.
            warnings: whether to run the rules that only warn, too.
        """
        every = self._checks(targets, warnings=warnings)
        frame = bring(self.frame, self.resource.schema, targets, (column for check in every for column in check.brings))
        frame = look_up(frame, [lookup for check in every for lookup in check.lookups], tables)
        return self._judge(frame, every, self.text.lines, doubted=doubted)

    def _checks(self, targets: Mapping[int, Any], *, warnings: bool) -> list[Check]:
        schema = self.resource.schema
        return [
            *column_checks(schema),
            *key_checks(schema),
            *reference_checks(schema, targets),
            *rule_checks(self.name, schema, warnings=warnings),
        ]

    def _judge(
        self, frame: pl.DataFrame, every: Sequence[Check], lines: Sequence[int], *, doubted: bool
    ) -> list[Issue]:
        lacking = not set(self.resource.schema.names) <= set(frame.columns)
        checks = runnable(every, frame.columns, frame if lacking else None)
        if not checks or not frame.height or (not doubted and passing(checks)(frame)):
            return []
        return self._located(frame, verdicts(frame, checks), checks, lines)

    def _located(
        self, frame: pl.DataFrame, right: pl.DataFrame, checks: Sequence[Check], lines: Sequence[int] | None
    ) -> list[Issue]:
        order = {name: n for n, name in enumerate(self.resource.schema.names)}
        found: list[tuple[int, int, Issue]] = []
        kept = right.select(pl.all().all()).row(0)
        for number, check in ((n, c) for n, c in enumerate(checks) if not kept[n]):
            column = check.columns[0]
            for row in (~right[str(number)]).arg_true():
                cells = {c: frame[c + TEXT][row] or "" for c in check.columns}
                finding = self.finding(
                    check.code,
                    lines[row] if lines is not None else 0,
                    column,
                    check.message_for(cells),
                    check.hint,
                    value=cells[column],
                    severity=check.severity,
                    key=self._key(frame, row),
                )
                found.append((row, order.get(column, 0), finding))
        found.sort(key=lambda item: item[:2])
        return [finding for _, _, finding in found]

    def _key(self, frame: pl.DataFrame, row: int) -> str:
        there = [c + TEXT for c in self.resource.schema.primary_key if c + TEXT in frame.columns]
        return "|".join(frame[c][row] or "" for c in there)

    def finding(
        self,
        code: str,
        line: int,
        column: str,
        message: str,
        hint: str,
        *,
        value: str = "",
        severity: Severity = "error",
        key: str = "",
    ) -> Issue:
        """Make a finding about this table; a long value is cut, an unprintable one escaped."""
        shown = value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 1] + "…"
        shown = shown if shown.isprintable() else shown.encode("unicode_escape").decode("ascii")
        place = Place(self.package, self.name, key, self.file, line, column, shown)
        return Issue(code, message, hint, severity, place)


def passing(checks: Sequence[Check], *, of_text: TableSchema | None = None) -> Callable[[pl.DataFrame], bool]:
    """Give what tells of a frame whether every check holds; see `pandera_schema.fused`."""
    from pandera.errors import SchemaError, SchemaErrors

    from .pandera_schema import fused

    schema = fused(checks, of_text=of_text)

    def passes(frame: pl.DataFrame) -> bool:
        try:
            schema.validate(frame, lazy=True)
        except (SchemaError, SchemaErrors):
            return False
        return True

    return passes
