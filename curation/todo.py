"""What is left to do in the tables, most important for readers first."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Issue
from luminaldb.loaders.database import Database
from luminaldb.schemas.runner import check_packages

from . import quality

_RUNNING_STATUSES = (
    "not_yet_recruiting",
    "recruiting",
    "active_not_recruiting",
    "enrolling_by_invitation",
    "active",
    "ongoing",
)
_STALE_DAYS = 365
_WEAK_SOURCE_LEVEL = "secondary"
# Stands for any therapy of a class: an authority approves its members.
_CLASS_MODALITY = "any_of_class"
_DATE_COLUMNS = {
    "trials": "status_as_of",
    "second_reads": "read_on",
    "printed_numbers": "seen_on",
    "citations": "accessed_on",
}
# Columns that are empty where there is nothing to say.
_OPTIONAL_COLUMNS = ("note", "notice", "superseded_by", "period", "numbers_citation_id", "reason")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    Attributes:
        kind: of the task.
        table: in which a row is missing, or is to be read or filled.
        row: primary key of the row; empty where the task is about a column.
        column: name of the column, where the task is about one.
        message: what is missing.
    """

    kind: str
    table: str
    row: str
    column: str
    message: str


def list_tasks(database: Database, warnings: Sequence[Issue] | None = None) -> list[Task]:
    """List what is left to do, most important for readers first.

    Args:
        database: the tables.
        warnings: issues of the rules that only warn; the rules are run where omitted.

    Raises:
        UnknownTableError: a table of results, trials or second reads is not there.
        LuminaldbError: a column is not there, as in the tables of an old release.
    """
    try:
        return _tasks(database, warnings)
    except pl.exceptions.ColumnNotFoundError as error:
        what = str(error).partition(";")[0]
        hint = "the list is made for tables of this version's columns; take those of a release from 3.0 on"
        raise LuminaldbError(f"the tables lack a column ({what})", hint=hint) from None


def _tasks(database: Database, warnings: Sequence[Issue] | None) -> list[Task]:
    if warnings is None:
        warnings = check_packages(dict(database.packages), warnings=True).findings
    steps: tuple[Callable[[Database], Iterator[Task]], ...] = (
        _trials_without_results, _unread_phase_3, _weak_sources, _approvals_missing, _stale_statuses,
    )  # fmt: skip
    tasks = [task for step in steps for task in step(database)]
    tasks += [
        Task("warning", f.table, f.row_key, f.column, f"{f.code}: {f.message}")
        for f in warnings
        if f.severity == "warning"
    ]
    tasks += _unread_results(database, phase_3=False)
    tasks += _empty_cells(database)
    return tasks


def count_tasks(tasks: Sequence[Task]) -> pl.DataFrame:
    """Count tasks by kind, in their order."""
    frame = pl.DataFrame([t.kind for t in tasks], schema={"kind": pl.String})
    return frame.group_by("kind", maintain_order=True).agg(pl.len().alias("tasks"))


def tasks_frame(tasks: Sequence[Task]) -> pl.DataFrame:
    """Return tasks as a table."""
    schema = dict.fromkeys(("kind", "table", "row", "column", "message"), pl.String)
    return pl.DataFrame([asdict(t) for t in tasks], schema=schema)


def _most_missed_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Put rows first that a reader would miss most: of ended trials, of primary endpoints, of phase 3."""
    present = set(rows.columns)
    keys = [
        *([pl.col("status").is_in(_RUNNING_STATUSES)] if "status" in present else []),
        *([pl.col("is_primary_endpoint").cast(pl.String) != "true"] if "is_primary_endpoint" in present else []),
        *([~pl.col("phase").is_in(("2/3", "3"))] if "phase" in present else []),
    ]
    return rows.sort(keys, maintain_order=True, nulls_last=True) if keys else rows


def _trials_without_results(database: Database) -> Iterator[Task]:
    """Name trials without results, those that have ended and those of phase 3 first."""
    trials = _most_missed_first(database.text("trials"))
    for table in ("effects", "outcomes", "adverse_events"):
        trials = trials.join(database.text(table), on="trial_id", how="anti", maintain_order="left")
    for trial, acronym, status in trials.select("trial_id", "acronym", "status").iter_rows():
        name = acronym or trial
        yield Task(
            "trial without results", "trials", trial, "", f"{name} ({status or 'status not stated'}) has no result"
        )


def _unread_phase_3(database: Database) -> Iterator[Task]:
    return _unread_results(database, phase_3=True)


def _unread_results(database: Database, *, phase_3: bool) -> Iterator[Task]:
    kind = "phase 3 result without a second read" if phase_3 else "result without a second read"
    for table, key in quality.RESULTS.items():
        rows = _most_missed_first(quality.results_without_second_read(database, table, phase_3=phase_3))
        for row, citation in rows.select(key, "citation_id").iter_rows():
            yield Task(kind, table, row, "", f"read {citation} without looking at the row")


def _weak_sources(database: Database) -> Iterator[Task]:
    """Name results read in somebody else's report although an article of the trial is cited."""
    articles = database.text("citations").filter(pl.col("citation_type") == "article").select("citation_id")
    papers = database.text("trials").select("trial_id", "phase", paper="citation_id")
    papers = papers.join(articles, left_on="paper", right_on="citation_id")
    for table, key in quality.RESULTS.items():
        weak_rows = database.text(table).filter(pl.col("source_level") == _WEAK_SOURCE_LEVEL)
        weak_rows = _most_missed_first(weak_rows.join(papers, on="trial_id", maintain_order="left"))
        for row, paper in weak_rows.select(key, "paper").iter_rows():
            yield Task("weak source", table, row, "source_level", f"comes from a report of others; {paper} is cited")


def _approvals_missing(database: Database) -> Iterator[Task]:
    is_approved = (pl.col("development_status") == "approved") & (pl.col("modality") != _CLASS_MODALITY)
    therapies = database.text("therapies").filter(is_approved)
    therapies_without_approval = therapies.join(
        database.text("approvals"), on="therapy_id", how="anti", maintain_order="left"
    )
    for therapy, name in therapies_without_approval.select("therapy_id", "name").iter_rows():
        yield Task("approval missing", "approvals", therapy, "", f"{name} is approved, and no approval is entered")


def _stale_statuses(database: Database) -> Iterator[Task]:
    """Name running trials whose status is older than a year at the newest date in the tables."""
    today = _newest_day(database)
    rows = database.text("trials").filter(pl.col("status").is_in(_RUNNING_STATUSES))
    for trial, status, day in rows.select("trial_id", "status", "status_as_of").iter_rows():
        if not day:
            yield Task("stale status", "trials", trial, "status_as_of", f"{status} without a date")
        elif (today - datetime.date.fromisoformat(day)).days > _STALE_DAYS:
            yield Task("stale status", "trials", trial, "status", f"{status} as of {day}; read the registry again")


def _newest_day(database: Database) -> datetime.date:
    days = [
        day
        for table, column in _DATE_COLUMNS.items()
        if table in database.tables and column in database.resource(table).schema.names
        for day in database.frame(table)[column].drop_nulls().cast(pl.String).to_list()
    ]
    return datetime.date.fromisoformat(max((d for d in days if len(d) == len("2026-01-01")), default="0001-01-01"))


def _empty_cells(database: Database) -> list[Task]:
    """Count the empty cells of each column, the emptiest of the results first."""
    tasks: list[tuple[bool, int, Task]] = []
    for table in database.tables:
        frame = database.text(table)
        for field in database.resource(table).schema.fields:
            empty = int((frame[field.name] == "").sum()) if field.name in frame.columns else 0
            if empty and field.name not in _OPTIONAL_COLUMNS:
                message = f"{empty:,} of {frame.height:,} cells are empty"
                task = Task("empty cells", table, "", field.name, message)
                tasks.append((table not in quality.RESULTS, -empty, task))
    return [task for *_, task in sorted(tasks, key=lambda t: t[:2])]
