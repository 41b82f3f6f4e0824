"""Run the rules on reported statistics over a table."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Issue

from ..check_frame import check_frame
from ..check_results import find_failures
from .rules import REQUIRED_COLUMNS, applies_to, statistics_checks
from .sheet import ExtractionSheet, read_extraction_sheet
from .sheet_columns import COLUMNS, COMBINED, FIELD_STATISTIC_PROPERTY, RESOURCE_STATISTICS_PROPERTY, column_map

if TYPE_CHECKING:
    from luminaldb.loaders.datapackage.descriptor import Resource

    from ..checked_table import CheckedTable
from ..checks import Check


def find_column_mapping(
    resource: Resource, header: Sequence[str], user_mapping: Mapping[str, str] | None
) -> dict[str, str]:
    """Map the names that the rules use to the table's columns: by the user, the descriptor or equal names."""
    if user_mapping is not None:
        return dict(user_mapping)
    resource_mapping = resource.properties.get(RESOURCE_STATISTICS_PROPERTY)
    mapping = {str(k): str(v) for k, v in resource_mapping.items()} if isinstance(resource_mapping, dict) else {}
    for field in resource.schema.fields:
        if isinstance(field.properties.get(FIELD_STATISTIC_PROPERTY), str):
            mapping[field.properties[FIELD_STATISTIC_PROPERTY]] = field.name
    return mapping or {name: name for name in (*COLUMNS, *COMBINED) if name in header}


_MAX_COLUMNS_SHOWN = 20
HOW_TO_MAP = "map them with --map estimate=COLUMN,ci_low=COLUMN,…"


def reason_without_statistics(name: str, header: Sequence[str], mapping: Mapping[str, str]) -> str:
    """Explain why no rule on statistics applies to a table; empty where some column is mapped.

    Args:
        name: of the table, as notes print it.
        header: its columns.
        mapping: the table's column for each name that the rules use, see `find_column_mapping`.
    """
    if column_map(mapping, tuple(header))[0].columns:
        return ""
    reason = f"which has none of the columns {', '.join(mapping.values())}" if mapping else "as no column is mapped"
    return f"statistics of {name}, {reason}"


def refuse_unknown_columns(mapping: Mapping[str, str], headers: Sequence[Sequence[str]], file: str = "") -> None:
    """Refuse a user's mapping with a column that no table has: a typing error would leave the rules unchecked.

    Args:
        mapping: the table's column for each name that the rules use.
        headers: the columns of each table.
        file: the one file that was read, if it was one.

    Raises:
        LuminaldbError: naming the first such column and the nearest.
    """
    if not headers:
        return
    missing_columns = [column_map(mapping, tuple(header))[1] for header in headers]
    if unknown_columns := [c for c in missing_columns[0] if all(c in missing for missing in missing_columns)]:
        columns = list(dict.fromkeys(column for header in headers for column in header))
        close_matches = difflib.get_close_matches(unknown_columns[0], columns, n=1, cutoff=0.4)
        subject = "no table has" if len(headers) > 1 else "the table has no"
        hint = (
            f"did you mean {close_matches[0]!r}?"
            if close_matches
            else f"there are {', '.join(columns[:_MAX_COLUMNS_SHOWN])}"
        )
        message = f"{subject} column {unknown_columns[0]!r}, which the map of columns names"
        raise LuminaldbError(message, subject=file, hint=hint)


def statistics_issues(
    checked: CheckedTable, text: pl.DataFrame, lines: Sequence[int], mapping: Mapping[str, str], notes: list[str]
) -> Iterator[Issue]:
    """Run the rules that a table's columns allow, and note which ones they don't.

    Args:
        checked: the table.
        text: its cells as written.
        lines: the line of each row in the file; 0 where rows have none.
        mapping: the table's column for each name that the rules use, see `find_column_mapping`.
        notes: a list to which this appends what was assumed and what could not be checked.
    """
    name = checked.table.file or checked.name
    mapped_columns, missing_columns = column_map(mapping, tuple(text.columns))
    if missing_columns and len(missing_columns) < len(mapping):
        notes.append(f"not checked: {', '.join(missing_columns)} in {name}, which has no such column")
    if reason := reason_without_statistics(name, text.columns, mapping):
        notes.append(f"not checked: {reason}; {HOW_TO_MAP}")
        return
    sheet = read_extraction_sheet(text, mapped_columns, lines, name)
    notes += sheet.notes
    checks = [c for c in statistics_checks(sheet.schema) if applies_to(c.code, sheet.measures)]
    codes = sorted({check.code for check in checks})
    skipped = [f"{code} (needs {REQUIRED_COLUMNS[code]})" for code in REQUIRED_COLUMNS if code not in codes]
    notes.append(f"{name}: rules on statistics that ran: {', '.join(codes) or 'none'}")
    if skipped:
        notes.append(f"{name}: rules that its columns don't allow: {'; '.join(skipped)}")
    yield from _issues_of_failures(checked, sheet, checks, text, lines)


def _issues_of_failures(
    checked: CheckedTable, sheet: ExtractionSheet, checks: Sequence[Check], text: pl.DataFrame, lines: Sequence[int]
) -> Iterator[Issue]:
    frame = check_frame(sheet.frame, sheet.schema)
    key = [c for c in checked.table.resource.schema.primary_key if c in text.columns]
    issues: list[tuple[int, Issue]] = []
    numbers = pl.int_range(frame.height, eager=True)
    for failures in find_failures(frame, checks, numbers):
        failing_numbers = (failures.row_numbers if failures.row_numbers is not None else numbers).to_list()
        for n, check in enumerate(failures.checks):
            for position in (~failures.passes[str(n)]).arg_true():
                row = failing_numbers[position]
                cells = {c: sheet.frame[c][row] for c in check.columns if c in sheet.frame.columns}
                column = sheet.sources.get(check.columns[0], "")
                issue = checked.issue(
                    check.code,
                    check.message_for(cells),
                    check.hint,
                    line=lines[row],
                    column=column,
                    value=text[column][row] or "" if column else "",
                    severity=check.severity,
                    key="|".join(text[c][row] or "" for c in key),
                )
                issues.append((row, issue))
    # One wrong interval can fail several rules with the same message: report it once.
    message_counts: Counter[tuple[int, str]] = Counter()
    for row, issue in sorted(issues, key=lambda item: (item[0], item[1].code)):
        message_counts[row, issue.message] += 1
        if message_counts[row, issue.message] == 1:
            yield issue
