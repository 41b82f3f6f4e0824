"""One table of a validation: the issues of its descriptor, its file, its columns and its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import polars as pl

from luminaldb.issue_codes import (
    EMPTY_FILE,
    LONG_CELL,
    MALFORMED_FILE,
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
from luminaldb.loaders.datapackage.decoding import DAMAGED
from luminaldb.loaders.datapackage.other_format_names import LINES
from luminaldb.loaders.datapackage.single_file import TableFile
from luminaldb.loaders.datapackage.text_reader import TextTable

from .backend import Backend, CheckPlan, TableRows
from .check_frame import check_frame
from .descriptor_issues import fix_hint
from .failing_rows import issues_of_failures, value_for_report
from .file_integrity import file_issues
from .issue_columns import join_issues
from .rule_sets import TRIAL_EVIDENCE
from .schema_problems import field_problems, field_remarks, unusable_constraints
from .table_to_check import TableToCheck
from .validation_options import MAX_FINDINGS

# What leaves rows or columns of a file out of sight; marks and line ends, order and columns too many don't.
STRUCTURAL_CODES = frozenset(
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
        MALFORMED_FILE,
        MERGE_CONFLICT,
    )
)
# What leaves single rows out, and no other.
_OF_ROWS = frozenset((RAGGED_ROW, WRONG_ENCODING, NUL_BYTE))


class CheckedTable:
    """A table of a validation, whatever engine runs its checks.

    Attributes:
        table: what its descriptor says of it.
        name: its name.
        max_findings: how many issues of a code are listed; 0 for all.
        omitted: how many more there are, by code, severity and table.
    """

    def __init__(
        self, table: TableToCheck, backend: Backend, rows: TableRows | None = None, *, max_findings: int = MAX_FINDINGS
    ) -> None:
        """Prepare to check a table.

        Args:
            table: what its descriptor says of it.
            backend: runs the checks.
            rows: of the table, where they are not those of its file.
            max_findings: see `Options`.
        """
        self.table = table
        self.name = table.name
        self.max_findings = max_findings
        self.omitted: Counter[tuple[str, Severity, str]] = Counter()
        self._listed: Counter[str] = Counter()
        self._backend = backend
        self._other_rows = rows
        self._unusable: list[tuple[str, str]] = []

    @cached_property
    def rows(self) -> TableRows:
        """The rows of the table."""
        return self._backend.read(self.table) if self._other_rows is None else self._other_rows

    @cached_property
    def text(self) -> TextTable:
        """The rows as written, in the order of the file, whatever engine holds them."""
        return self.rows.text_table() or self.table.source.text(self.name)

    @property
    def frame(self) -> Any:
        """The rows as the checks of other tables see them."""
        return self._backend.frame(self.rows)

    @cached_property
    def complete(self) -> bool:
        """Whether every row and column of the file is there to be looked at."""
        codes = {issue.code for issue in self.rows.all_issues()}
        columns = {issue.code for issue in self._column_issues()} if self.rows.header else set()
        return STRUCTURAL_CODES.isdisjoint(codes | columns)

    def key_frame(self, columns: Sequence[str]) -> Any:
        """Return a frame by which keys to some columns can be checked; None where a file is too broken for that.

        The cells of a row of another width are taken for keys that are known: nobody can tell which one is its key.
        """
        if self.complete:
            return self.frame
        structural_codes = {issue.code for issue in self.rows.all_issues()} & STRUCTURAL_CODES
        text = None
        if structural_codes <= _OF_ROWS | {REPEATED_COLUMN} and self.rows.can_be_collected:
            text = self.text
        if (
            text is None
            or not set(columns) <= set(text.frame.columns)
            or (RAGGED_ROW in structural_codes and len(columns) > 1)
        ):
            return None
        rows = text.frame.select(columns)
        if text.damaged is not None:
            damaged = text.damaged.select(columns)
            if damaged.select(pl.any_horizontal(pl.all().str.contains(DAMAGED, literal=True))).to_series().any():
                return None
            rows = pl.concat([rows, damaged])
        schema = self.table.resource.schema
        keys = check_frame(rows, schema)
        if text.ragged:
            possible_keys = check_frame(pl.DataFrame({columns[0]: sorted(text.ragged)}), schema)
            keys = pl.concat([keys, possible_keys], how="vertical_relaxed")
        return keys

    def notes_on_faults(self) -> Iterator[str]:
        """Yield which constraints, rows and columns faults of the schema or file keep from being checked."""
        for column, constraint in self._unusable:
            yield f"not checked: {self.name}.{column} by its {constraint}, which can't be used"
        issues = [i for i in self.rows.issues if i.code in STRUCTURAL_CODES]
        codes = {issue.code for issue in issues}
        if not self.rows.readable:
            # A header without names has rows below it; an empty file has none.
            if codes - {EMPTY_FILE} or any(i.rest_unread for i in issues):
                yield f"not checked: the rows of {self.name}, which can't be read"
            return
        if ends := [i.line for i in issues if i.rest_unread]:
            yield f"not checked: {self.name} from line {min(ends)} on"
        if {UNREADABLE_FILE, UNSAFE_PATH} & codes:
            yield f"not checked: the rows of {self.name} in files that can't be read"
        # A blank line has nothing to check.
        of_rows = [i for i in issues if i.code in (*_OF_ROWS, MALFORMED_FILE) and (i.code != RAGGED_ROW or i.value)]
        header_line = 0 if self.table.resource.format in (*LINES, "json") else 1
        lines = {i.line for i in of_rows if i.line > header_line}
        if left_out := len(lines) + sum(self.rows.omitted.get(code, 0) for code in _OF_ROWS):
            yield f"not checked: rows of {self.name} whose form is broken ({left_out:,})"
        if names := [i.column for i in issues if i.code == REPEATED_COLUMN]:
            yield f"not checked: {', '.join(names)} of {self.name}, which the header names twice"

    def form_issues(self) -> Iterator[Issue]:
        """Yield what is wrong with the description of the fields, the form of the file, and its columns."""
        yield from self.within_limit(self._form_issues())
        for code, count in self.rows.omitted.items():
            self.omitted[code, "error", self.name] += count

    def _form_issues(self) -> Iterator[Issue]:
        for field in self.table.resource.schema.fields:
            if field.constraints:
                self._unusable += [(field.name, name) for name in unusable_constraints(field)]
            for problem in field_problems(field):
                yield self.issue(UNUSABLE_FIELD, problem, fix_hint(self.table.source), column=field.name)
            for remark in field_remarks(field):
                hint = "Write it without them, so that every validator can run it."
                yield self.issue(UNUSABLE_FIELD, remark, hint, column=field.name, severity="warning")
        resource = self.table.resource
        integrity_properties = {"bytes", "hash"} & resource.properties.keys()
        for issue in (
            *(file_issues(self.table.source.store, resource) if integrity_properties else ()),
            *self.rows.issues,
        ):
            yield self._of_file(issue)
        if self.rows.readable:
            yield from self._column_issues()

    def _of_file(self, issue: Issue) -> Issue:
        place = issue.place
        severity = issue.severity
        return self.issue(
            issue.code,
            issue.message,
            issue.hint,
            line=place.line,
            column=place.column,
            value=place.value,
            severity=severity,
        )

    def _column_issues(self) -> Iterator[Issue]:
        where = "frame" if self.table.in_frame else "file"
        described = "schema" if isinstance(self.table.source, TableFile) else "descriptor"
        schema = self.table.resource.schema
        names, header, fields_match = schema.names, self.rows.header, schema.fields_match
        # The header of a frame is no row of it.
        header_line = 0 if self.table.in_frame else 1
        if not names:
            return
        missing_names = [n for n in names if n not in header]
        if fields_match in ("exact", "equal", "subset"):
            for name in missing_names:
                hint = f"Add the column to the {where}, or take the field out of the {described}."
                yield self.issue(MISSING_COLUMN, f"column {name} is missing", hint, line=header_line, column=name)
        if fields_match in ("exact", "equal", "superset"):
            hint = f"Delete the column, or describe it as a field in the {described}."
            if missing_names:
                hint = f"If it is {' or '.join(missing_names)}, name it so; if not, describe it in the {described}."
            for name in dict.fromkeys(n for n in header if n not in names):
                yield self.issue(
                    UNKNOWN_COLUMN, f"column {name} is not in the {described}", hint, line=header_line, column=name
                )
        if fields_match == "partial" and not set(names) & set(header):
            message = f"no column of the {described} is in the {where}"
            yield self.issue(MISSING_COLUMN, message, f"Fix the header or the {described}.", line=header_line)
        if fields_match == "exact" and set(names) == set(header) and names != tuple(dict.fromkeys(header)):
            hint = f"Order the columns as the {described} does: {', '.join(names)}."
            yield self.issue(WRONG_ORDER, "the columns are in another order than the fields", hint, line=header_line)

    def value_issues(
        self,
        targets: Mapping[int, Any],
        tables: Mapping[str, Any],
        *,
        expect_failures: bool = False,
        warnings: bool = False,
        stop_early: bool = False,
    ) -> Sequence[Issue]:
        """Run the checks of the values.

        Args:
            targets: frames of the tables that the keys refer to, by number of the reference.
            tables: frames of all tables by name, for rules that look further than the references.
            expect_failures: see `Plan`.
            warnings: whether to run the rules that only warn, too.
            stop_early: whether one failing row is enough.
        """
        issues_before = len(self.rows.issues)
        rules = self.table.rule_checks(warnings=warnings)
        is_trial_evidence = TRIAL_EVIDENCE in self.table.rule_sets
        plan = CheckPlan(rules, targets, tables, expect_failures, use_pandera=is_trial_evidence, stop_early=stop_early)
        failures = self._backend.evaluate(self.table, self.rows, plan)
        # Some engines see the form of a file to its end only while they evaluate the checks.
        new_form_issues = self.within_limit(self._of_file(issue) for issue in self.rows.issues[issues_before:])
        locate = partial(self._backend.locate, self.rows)
        value_issues = issues_of_failures(self.table, failures, locate, self._number_to_list)
        return join_issues([list(new_form_issues), value_issues.as_list_if_small()])

    def _number_to_list(self, code: str, severity: Severity, count: int) -> int:
        """Return how many of some issues are to be listed, and count the others."""
        max_listed = self.max_findings
        listed = count if not max_listed else max(0, min(count, max_listed - self._listed[code]))
        self._listed[code] += listed
        if count > listed:
            self.omitted[code, severity, self.name] += count - listed
        return listed

    def within_limit(self, issues: Iterable[Issue]) -> Iterator[Issue]:
        """Yield issues up to the limit of each code, and count the others."""
        for issue in issues:
            if self._number_to_list(issue.code, issue.severity, 1):
                yield issue

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
        """Return an issue of this table; a long value is cut, an unprintable one escaped."""
        place = Place(
            self.table.package,
            self.name,
            key,
            self.table.file,
            line,
            column,
            value_for_report(value),
            self.table.in_frame,
        )
        return Issue(code, message, hint, severity, place)
