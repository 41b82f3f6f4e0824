"""One table of a validation: the issues of its descriptor, its file, its columns and its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from luminaldb.issue_codes import (
    BROKEN_FORM,
    EMPTY_FILE,
    LONG_CELL,
    MERGE_CONFLICT,
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

from .backend import Backend, Plan, Rows
from .check_columns import TEXT
from .check_results import Failures
from .file_integrity import file_issues
from .rules import rule_checks
from .schema_problems import complaints
from .table import Table

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
        MERGE_CONFLICT,
    )
)


class CheckedTable:
    """A table of a validation, whatever engine runs its checks.

    Attributes:
        table: what its descriptor says of it.
    """

    def __init__(self, table: Table, backend: Backend, rows: Rows | None = None) -> None:
        """Prepare to check a table.

        Args:
            table: what its descriptor says of it.
            backend: runs the checks.
            rows: of the table, where they are not those of its file.
        """
        self.table = table
        self._backend = backend
        self._given_rows = rows

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.name

    @cached_property
    def rows(self) -> Rows:
        """The rows of the table."""
        return self._backend.read(self.table) if self._given_rows is None else self._given_rows

    @property
    def frame(self) -> Any:
        """The rows as the checks of other tables see them."""
        return self._backend.frame(self.rows)

    @cached_property
    def complete(self) -> bool:
        """Whether every row and column of the file is there to be looked at."""
        codes = {issue.code for issue in self.rows.all_issues()}
        columns = {issue.code for issue in self._column_issues()} if self.rows.header else set()
        return STRUCTURAL.isdisjoint(codes | columns)

    def form_issues(self) -> Iterator[Issue]:
        """Give what is wrong with the description of the fields, the form of the file, and its columns."""
        for field in self.table.resource.schema.fields:
            for complaint in complaints(field):
                yield self.issue(UNUSABLE_FIELD, complaint, "Fix the descriptor.", column=field.name)
        for issue in (*file_issues(self.table.source.store, self.table.resource), *self.rows.issues):
            yield self._of_file(issue)
        if self.rows.readable:
            yield from self._column_issues()

    def _of_file(self, issue: Issue) -> Issue:
        own = issue.place
        return self.issue(issue.code, issue.message, issue.hint, line=own.line, column=own.column, value=own.value)

    def _column_issues(self) -> Iterator[Issue]:
        schema = self.table.resource.schema
        names, header, match = schema.names, self.rows.header, schema.fields_match
        if not names:
            return
        absent = [n for n in names if n not in header]
        if match in ("exact", "equal", "subset"):
            for name in absent:
                hint = "Add the column to the file, or take the field out of the descriptor."
                yield self.issue(MISSING_COLUMN, f"column {name} is missing", hint, line=1, column=name)
        if match in ("exact", "equal", "superset"):
            hint = "Delete the column, or describe it as a field in the descriptor."
            if absent:
                hint = f"If it is {' or '.join(absent)}, name it so; if not, describe it in the descriptor."
            for name in (n for n in header if n not in names):
                yield self.issue(UNKNOWN_COLUMN, f"column {name} is not in the descriptor", hint, line=1, column=name)
        if match == "partial" and not set(names) & set(header):
            message = "no column of the descriptor is in the file"
            yield self.issue(MISSING_COLUMN, message, "Fix the header or the descriptor.", line=1)
        if match == "exact" and set(names) == set(header) and names != header:
            hint = f"Order the columns as the descriptor does: {', '.join(names)}."
            yield self.issue(WRONG_ORDER, "the columns stand in another order than the fields", hint, line=1)

    def value_issues(
        self,
        targets: Mapping[int, Any],
        tables: Mapping[str, Any],
        *,
        expect_failures: bool = False,
        warnings: bool = False,
    ) -> list[Issue]:
        """Run the checks of the values.

        Args:
            targets: frames of the tables that the keys refer to, by number of the reference.
            tables: frames of all tables by name, for rules that look further than the references.
            expect_failures: see `Plan`.
            warnings: whether to run the rules that only warn, too.
        """
        known = len(self.rows.issues)
        rules = list(rule_checks(self.name, self.table.resource.schema, warnings=warnings))
        plan = Plan(rules, targets, tables, expect_failures)
        failures = self._backend.evaluate(self.table, self.rows, plan)
        # Some engines see the form of a file to its end only while they evaluate the checks.
        late = [self._of_file(issue) for issue in self.rows.issues[known:]]
        return [*late, *self._locate(failures)]

    def _locate(self, failures: Sequence[Failures]) -> list[Issue]:
        """Give an issue per failing row and check: by row, then by column."""
        order = {name: n for n, name in enumerate(self.table.resource.schema.names)}
        found: list[tuple[int, int, Issue]] = []
        for part in failures:
            own = list(self._issues_of(part))
            ranked = [(number, order.get(issue.column, 0), issue) for number, issue in own]
            found += sorted(ranked, key=lambda item: item[:2]) if part.numbers is None else ranked
        if all(part.numbers is not None for part in failures):
            found.sort(key=lambda item: item[:2])
        return [issue for _, _, issue in found]

    def _issues_of(self, failures: Failures) -> Iterator[tuple[int, Issue]]:
        cells, numbers = failures.cells, failures.numbers
        lines = [0] * cells.height if numbers is None else self._backend.locate(self.rows, numbers)
        keys = [c + TEXT for c in self.table.resource.schema.primary_key if c + TEXT in cells.columns]
        for n, check in enumerate(failures.checks):
            column = check.columns[0]
            for row in (~failures.holds[str(n)]).arg_true():
                texts = {c: cells[c + TEXT][row] or "" for c in check.columns}
                issue = self.issue(
                    check.code,
                    check.message_for(texts),
                    check.hint_for(texts[column]),
                    line=lines[row],
                    column=column,
                    value=texts[column],
                    severity=check.severity,
                    key="|".join(cells[c][row] or "" for c in keys),
                )
                yield (row if numbers is None else numbers[row]), issue

    def issue(
        self,
        code: str,
        message: str,
        hint: str,
        *,
        line: int = 0,
        column: str = "",
        value: str = "",
        severity: Severity = "error",
        key: str = "",
    ) -> Issue:
        """Give an issue of this table; a long value is cut, an unprintable one escaped."""
        shown = value if len(value) <= _VALUE_SHOWN else value[: _VALUE_SHOWN - 1] + "…"
        shown = shown if shown.isprintable() else shown.encode("unicode_escape").decode("ascii")
        place = Place(self.table.package, self.name, key, self.table.file, line, column, shown)
        return Issue(code, message, hint, severity, place)
