"""The pages of what is left to do: how many tasks of each kind, a page per kind, all of them as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from luminaldb.curation.todo import Task, tasks_frame

from ..export.formats.csv import spreadsheet_csv
from ..labels import as_heading, code_in_words
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, label, row_address, slug
from .site import Site

CSV = "downloads/todo.csv"
_MOST = 250


def write_todo_pages(site: Site, tasks: Sequence[Task]) -> None:
    """Write the list of kinds, the first tasks of each kind, and the CSV of all."""
    frame = tasks_frame(tasks)
    site.save(CSV, spreadsheet_csv(frame, [as_heading(c) for c in frame.columns]))
    kinds: dict[str, list[Task]] = {}
    for task in tasks:
        kinds.setdefault(task.kind, []).append(task)
    kind_lines = [
        (as_heading(kind), f"todo/{slug(kind)}.html", len(tasks_of_kind), _example(tasks_of_kind[0]))
        for kind, tasks_of_kind in kinds.items()
    ]
    site.write_page("todo.html", "todo", "What is left to do", tasks=len(tasks), kinds=kind_lines, csv=CSV)
    rows = _TaskRows(site.evidence)
    for kind, tasks_of_kind in kinds.items():
        lines = [(*rows.name_and_address(t), t.table, t.row, t.column, t.message) for t in tasks_of_kind[:_MOST]]
        site.write_page(
            f"todo/{slug(kind)}.html", "todo_kind", as_heading(kind), total=len(tasks_of_kind), lines=lines, csv=CSV,
            columns=any(t.column for t in tasks_of_kind[:_MOST]),
        )  # fmt: skip


def _example(task: Task) -> str:
    """Write a task as an example; one about a whole column names it first."""
    return task.message if task.row else f"{code_in_words(task.table)}, {code_in_words(task.column)}: {task.message}"


class _TaskRows:
    """Finds the rows that tasks are about."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._by_key = cache(self._keys)

    def _keys(self, table: str) -> dict[str, Row]:
        evidence_table = self._evidence[table]
        return {evidence_table.row_key(row): row for row in evidence_table.rows}

    def name_and_address(self, task: Task) -> tuple[str, str]:
        """Name the row of a task as a person would, and give its address; both empty where it has none."""
        evidence = self._evidence
        # A missing approval is named by its therapy.
        table = "therapies" if task.table == "approvals" and task.row in self._by_key("therapies") else task.table
        row = self._by_key(table).get(task.row) if task.row else None
        if row is None:
            return "", ""
        address = row_address(evidence, table, row)
        if table in KIND_BY_TABLE:
            return label(evidence, KIND_BY_TABLE[table], task.row), address
        if flat_result := evidence.flat_results.get(task.row):
            return f"{flat_result['trial']}, {flat_result['endpoint']}, {flat_result['population']}", address
        if "trial_id" in row:
            trial = label(evidence, KIND_BY_TABLE["trials"], row["trial_id"])
            return ", ".join(v for v in (trial, row.get("term", "")) if v), address
        return "", address
