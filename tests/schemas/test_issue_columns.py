"""Issues as columns say the same as issues one by one."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
import polars as pl
from helpers import small_package
from hypothesis import given
from hypothesis import strategies as st

import luminaldb
from luminaldb.issues import Issue, Place
from luminaldb.publish.reports.report import FORMATS, render
from luminaldb.schemas.checks import Check
from luminaldb.schemas.code_filter import select_codes
from luminaldb.schemas.failing_rows import value_for_report
from luminaldb.schemas.issue_columns import MAX_LISTED_ISSUES, IssueColumns, join_issues, sort_by_line
from luminaldb.schemas.text_columns import change_cells, fill_template

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLACE = st.builds(Place, TEXT, TEXT, TEXT, TEXT, st.integers(0, 99), TEXT, TEXT)
ISSUE = st.builds(Issue, TEXT, TEXT, TEXT, st.sampled_from(["error", "warning"]), PLACE)
ISSUES = st.lists(ISSUE, max_size=12)


@given(ISSUES)
def test_issues_come_back_from_columns(issues: list[Issue]) -> None:
    columns = IssueColumns.of(issues)
    assert list(columns) == issues
    assert columns == issues
    assert [columns[n] for n in range(len(issues))] == issues
    assert list(columns[2:5]) == issues[2:5]
    assert sum(columns.kind_counts().values()) == len(issues)


@given(st.lists(ISSUES, max_size=4))
def test_columns_join_and_sort_as_lists_do(parts: list[list[Issue]]) -> None:
    flat = [issue for part in parts for issue in part]
    assert join_issues(parts) == flat
    mixed = [IssueColumns.of(part) if n % 2 else part for n, part in enumerate(parts)]
    assert list(join_issues(mixed)) == flat
    assert list(sort_by_line(IssueColumns.of(flat))) == sorted(flat, key=lambda issue: issue.line)


@given(
    st.lists(st.sampled_from(["{a}", "{b}", "{c}", " is ", "{", "é"]), max_size=6),
    st.lists(st.tuples(st.sampled_from(["", "x", "{b}", "{a}"]), TEXT), max_size=4),
)
def test_a_template_is_filled_as_for_one_row(words: list[str], rows: list[tuple[str, str]]) -> None:
    template = "".join(words)
    check = Check("LDB020", ("a", "b"), nw.lit(value=True), template, "")
    cells = {name: pl.Series([row[n] for row in rows], dtype=pl.String) for n, name in enumerate("ab")}
    assert fill_template(template, cells, len(rows)).to_list() == [check.message_for({"a": a, "b": b}) for a, b in rows]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=90), max_size=5))
def test_cells_are_shown_as_one_by_one(cells: list[str]) -> None:
    shown = change_cells(pl.Series(cells, dtype=pl.String), r"[^ -~]|(?s)\A.{81}", value_for_report)
    assert shown.to_list() == [value_for_report(cell) for cell in cells]


def test_many_findings_are_columns_and_the_reports_those_of_a_list(tmp_path: Path) -> None:
    rows = ["a,b", *(f"{n % 7},{'x' if n % 3 else 'ü'}" for n in range(MAX_LISTED_ISSUES))]
    fields = [
        {"name": "a", "type": "integer", "constraints": {"maximum": 2}},
        {"name": "b", "type": "integer"},
    ]
    package = small_package(tmp_path, fields, "\n".join(rows) + "\n")
    report = luminaldb.validate(package)
    assert isinstance(report.findings, IssueColumns)
    issues = list(report.findings)
    assert len(issues) == report.total > MAX_LISTED_ISSUES
    assert issues == sorted(issues, key=lambda issue: (issue.line, issue.column))
    listed = type(report)(issues, report.tables, report.rows)
    for to in FORMATS:
        assert render(to, report) == render(to, listed)
    few = select_codes(report, ignore=["LDB020"])
    assert list(few.findings) == [issue for issue in issues if issue.code != "LDB020"]
