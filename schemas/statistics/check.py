"""Run the rules on reported statistics over a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from luminaldb.issues import Issue

from ..check_frame import check_frame
from ..check_results import find_failures
from .rules import NEEDS, applies_to, statistics_checks
from .sheet import ExtractionSheet, read_extraction_sheet
from .sheet_columns import COLUMNS, COMBINED, PROPERTY, RESOURCE_PROPERTY, column_map

if TYPE_CHECKING:
    from luminaldb.loaders.datapackage.descriptor import Resource

    from ..checked_table import CheckedTable
from ..checks import Check


def columns_of(resource: Resource, header: Sequence[str], pairs: Mapping[str, str] | None) -> dict[str, str]:
    """Find which column of a table is what: by the user's map, the descriptor, or the rules' own names."""
    if pairs is not None:
        return dict(pairs)
    whole = resource.raw.get(RESOURCE_PROPERTY)
    mapping = {str(k): str(v) for k, v in whole.items()} if isinstance(whole, dict) else {}
    for field in resource.schema.fields:
        if isinstance(field.options.get(PROPERTY), str):
            mapping[field.options[PROPERTY]] = field.name
    return mapping or {name: name for name in (*COLUMNS, *COMBINED) if name in header}


HOW_TO_MAP = "--map estimate=COLUMN,ci_low=COLUMN,… says what each is"


def why_without_statistics(name: str, header: Sequence[str], pairs: Mapping[str, str]) -> str:
    """Say why no rule on statistics applies to a table; empty where some column is mapped.

    Args:
        name: of the table, as notes print it.
        header: its columns.
        pairs: which of its columns is what, see `columns_of`.
    """
    if column_map(pairs, tuple(header))[0].columns:
        return ""
    why = f"which has none of the columns {', '.join(pairs.values())}" if pairs else "as no column is mapped"
    return f"statistics of {name}, {why}"


def statistics_issues(
    checked: CheckedTable, text: pl.DataFrame, lines: Sequence[int], pairs: Mapping[str, str], notes: list[str]
) -> Iterator[Issue]:
    """Run the rules that a table's columns allow, and note which ones they don't.

    Args:
        checked: the table.
        text: its cells as written.
        lines: of its rows; 0 where rows have none.
        pairs: which of its columns is what, see `columns_of`.
        notes: gets what was assumed, and what could not be checked.
    """
    name = checked.table.file or checked.name
    chosen, absent = column_map(pairs, tuple(text.columns))
    if absent and len(absent) < len(pairs):
        notes.append(f"not checked: {', '.join(absent)} in {name}, which has no such column")
    if why := why_without_statistics(name, text.columns, pairs):
        notes.append(f"not checked: {why}; {HOW_TO_MAP}")
        return
    sheet = read_extraction_sheet(text, chosen, lines, name)
    notes += sheet.notes
    checks = [c for c in statistics_checks(sheet.schema) if applies_to(c.code, sheet.measures)]
    codes = sorted({check.code for check in checks})
    skipped = [f"{code} (needs {NEEDS[code]})" for code in NEEDS if code not in codes]
    notes.append(f"{name}: rules on statistics that ran: {', '.join(codes) or 'none'}")
    if skipped:
        notes.append(f"{name}: rules that its columns don't allow: {'; '.join(skipped)}")
    yield from _failing(checked, sheet, checks, text, lines)


def _failing(
    checked: CheckedTable, sheet: ExtractionSheet, checks: Sequence[Check], text: pl.DataFrame, lines: Sequence[int]
) -> Iterator[Issue]:
    frame = check_frame(sheet.frame, sheet.schema)
    key = [c for c in checked.table.resource.schema.primary_key if c in text.columns]
    found: list[tuple[int, Issue]] = []
    numbers = pl.int_range(frame.height, eager=True)
    for part in find_failures(frame, checks, numbers):
        failing = (part.numbers if part.numbers is not None else numbers).to_list()
        for n, check in enumerate(part.checks):
            for place in (~part.holds[str(n)]).arg_true():
                row = failing[place]
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
                found.append((row, issue))
    # A row whose interval is wrong breaks several rules by the same cell: the same sentence is printed once.
    seen: Counter[tuple[int, str]] = Counter()
    for row, issue in sorted(found, key=lambda item: (item[0], item[1].code)):
        seen[row, issue.message] += 1
        if seen[row, issue.message] == 1:
            yield issue
