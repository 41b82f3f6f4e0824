"""What the runner needs of an engine: read a table's rows, evaluate its checks, locate the rows that fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from luminaldb.issues import Issue
from luminaldb.loaders.datapackage.text_reader import TextTable

from .check_results import Failures
from .checks import Check
from .table_to_check import TableToCheck


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """The checks of a table that need more than its schema.

    Attributes:
        rules: the checks of the consistency rules that apply to the table.
        targets: frames of the tables that the keys refer to, by number of the reference.
        tables: frames of all tables by name, for rules that look further than the references.
        expect_failures: whether some row probably fails, so that a first pass that only says whether one does is
            not worth its time.
        use_pandera: see `combine_checks`.
        stop_early: whether one failing row is enough.
    """

    rules: Sequence[Check]
    targets: Mapping[int, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    expect_failures: bool = False
    use_pandera: bool = True
    stop_early: bool = False


class TableRows(Protocol):
    """The rows of a table, as an engine holds them."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns, as written."""

    @property
    def readable(self) -> bool:
        """Whether there are columns to look at: the file could be read, and its header names each column once."""

    @property
    def count(self) -> int:
        """The number of rows; an engine may know it only once the checks are evaluated."""

    @property
    def issues(self) -> Sequence[Issue]:
        """What is wrong with the form of the file, as far as it is known; rows with such an issue are left out."""

    @property
    def omitted(self) -> Mapping[str, int]:
        """How many more issues there are than `issues` has, by code."""

    @property
    def notes(self) -> Sequence[str]:
        """What could not be checked, and why."""

    @property
    def has_lines(self) -> bool:
        """Whether the line of each row is known."""

    @property
    def can_be_collected(self) -> bool:
        """Whether this process may read all rows, for what needs them together."""

    def text_table(self) -> TextTable | None:
        """Return the rows as text; None where the file has to be read again for that."""

    def all_issues(self) -> Sequence[Issue]:
        """Return all that is wrong with the form of the file, reading it to its end where it has not been yet."""


class Backend(Protocol):
    """Runs the checks of tables."""

    def read(self, table: TableToCheck) -> TableRows:
        """Open the rows of a table, every cell as text."""

    def frame(self, rows: TableRows) -> Any:
        """Return a table's rows as the checks of other tables see them: see `check_frame`."""

    def empty_frame(self) -> Any:
        """Return a frame of the same kind without columns, for a table whose rows can't be checked."""

    def evaluate(self, table: TableToCheck, rows: TableRows, plan: CheckPlan) -> Sequence[Failures]:
        """Run all checks of a table and return the rows that fail."""

    def locate(self, rows: TableRows, numbers: pl.Series) -> pl.Series:
        """Return the line of each of some rows, which are counted from 0."""
