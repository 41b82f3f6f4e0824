"""Issues and reports: the one form in which checks, readers and errors say what is wrong, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["error", "warning"]
NOT_CHECKED = "not checked"


def printable(text: str) -> str:
    """Escape what can't be printed, so that a cell neither breaks a line nor sends commands to a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def sentence(text: str) -> str:
    """Write the last clause of an error as a sentence: `add it` becomes `Add it.`; empty text stays empty."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}" if text else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong; what isn't known or doesn't apply is empty.

    Attributes:
        package: short name of the package.
        table: name of the table; empty for an issue of the package.
        row_key: primary key of the row, parts joined by a bar; empty for an issue of the file.
        file: the file, as the user named its package.
        line: line of the file on which the row starts, or number of the row of a frame, counting from 1; 0 for an
            issue of the whole file, and where rows have no order: `row_key` says which row it is.
        column: name of the column.
        value: the cell as written.
        in_frame: whether it is in a data frame, whose rows have numbers at most, instead of in a file.
    """

    package: str = ""
    table: str = ""
    row_key: str = ""
    file: str = ""
    line: int = 0
    column: str = ""
    value: str = ""
    in_frame: bool = False

    @property
    def row(self) -> str:
        """The row in words: the line of a file; else its key, or its number in a frame; empty where neither is known.

        >>> Place(row_key="tandem").row, Place(line=3).row, Place(line=3, in_frame=True).row
        ('row with key tandem', '3', 'row 3')
        """
        if self.line and not self.in_frame:
            return str(self.line)
        if self.row_key:
            return f"row with key {self.row_key}"
        return f"row {self.line}" if self.line else ""


_EMPTY_PLACE = Place()
# How many issues the summary of a report shows.
_MAX_ISSUES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with one row, file or descriptor.

    Attributes:
        code: what kind of issue it is, such as `LDB020`; `luminaldb rule` explains a rule's. Empty where an error has
            no code.
        message: one sentence on what is wrong, without a full stop.
        hint: one sentence on what to do; empty where there is nothing to say.
        severity: `error`, or `warning`, which doesn't fail a validation.
        place: where it is.
        rest_unread: whether a reader stopped here, so that what follows in the file was not checked.

    Example:
        >>> from luminaldb.issues import Issue, Place
        >>> print(Issue("LDB010", "the file is empty", "Write the header row.", place=Place(file="arms.csv", line=1)))
        arms.csv:1  LDB010  the file is empty. Write the header row.
    """

    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    place: Place = _EMPTY_PLACE
    rest_unread: bool = False

    @property
    def package(self) -> str:
        """Short name of the package."""
        return self.place.package

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.place.table

    @property
    def row_key(self) -> str:
        """Primary key of the row."""
        return self.place.row_key

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.place.file

    @property
    def line(self) -> int:
        """Line of the file, counting from 1."""
        return self.place.line

    @property
    def column(self) -> str:
        """Name of the column."""
        return self.place.column

    @property
    def value(self) -> str:
        """The cell as written."""
        return self.place.value

    @property
    def rule(self) -> str:
        """The code, by its name of version 2."""
        _warn_of_old_name("rule", "code")
        return self.code

    @property
    def cure(self) -> str:
        """The hint, by its name of version 2."""
        _warn_of_old_name("cure", "hint")
        return self.hint

    def at(self, **place: Any) -> Issue:
        """Copy the issue with other parts of its place."""
        return replace(self, place=replace(self.place, **place))

    def to_dict(self) -> dict[str, Any]:
        """Return the issue as `--json` prints it, by the keys of version 2."""
        return {
            "package": self.place.package,
            "table": self.place.table,
            "row_key": self.place.row_key,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "value": self.place.value,
            "rule": self.code,
            "severity": self.severity,
            "message": self.message,
            "cure": self.hint,
        }

    def __str__(self) -> str:
        """Return the issue in one line, as a linter does."""
        place = self.place
        prefix = ":".join(part for part in (place.file, place.row, place.column) if part)
        value = f" [{place.value}]" if place.value else ""
        return printable(f"{prefix}  {self.code}  {self.message}{value}. {self.hint}".rstrip())


def _warn_of_old_name(old: str, new: str) -> None:
    import warnings

    warnings.warn(f"Issue.{old} is called {new} since 3.0", DeprecationWarning, stacklevel=3)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a validation.

    Attributes:
        findings: the issues, in the order of packages, tables, lines.
        tables: how many tables were checked.
        rows: how many rows they have.
        notes: what was not checked, and why.
        omitted: how many more issues there are than `findings` has, by code, severity and table.
        strict: whether what was not checked fails the validation, too.
        rule_sets: names of the rules that ran beside the standards.
    """

    findings: Sequence[Issue]
    tables: int
    rows: int
    notes: list[str] = field(default_factory=list)
    omitted: Mapping[tuple[str, Severity, str], int] = field(default_factory=dict)
    strict: bool = False
    rule_sets: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Issue]:
        """Issues that fail the validation."""
        return [f for f in self.findings if f.severity == "error"]

    @property
    def total(self) -> int:
        """How many issues there are, with those that `findings` leaves out."""
        return len(self.findings) + sum(self.omitted.values())

    @property
    def unchecked(self) -> list[str]:
        """Notes on what was not checked."""
        return [note for note in self.notes if note.startswith(NOT_CHECKED)]

    @property
    def failing_notes(self) -> list[str]:
        """Notes that fail a strict validation."""
        return self.unchecked if self.strict else []

    @property
    def ok(self) -> bool:
        """True when something was checked and nothing fails the validation."""
        failing = any(f.severity == "error" for f in self.findings) or any(s == "error" for _, s, _ in self.omitted)
        return self.tables > 0 and not failing and not self.failing_notes

    def __repr__(self) -> str:
        """Summarize the report: what was checked, and the first issues."""
        hidden = self.total - min(len(self.findings), _MAX_ISSUES_SHOWN)
        counts = f"{self.tables:,} tables, {self.rows:,} rows, {self.total:,} findings"
        return "\n".join(
            [counts, *map(str, self.findings[:_MAX_ISSUES_SHOWN]), *([f"and {hidden:,} more"] if hidden > 0 else [])]
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report as `--json` prints it."""
        return {**self.summary(), "findings": [f.to_dict() for f in self.findings]}

    def summary(self) -> dict[str, Any]:
        """Return what `to_dict` has beside the findings; `omitted` only where some were left out."""
        omitted = [
            {"rule": code, "severity": severity, "table": table, "findings": count}
            for (code, severity, table), count in sorted(self.omitted.items())
        ]
        content = {"ok": self.ok, "tables": self.tables, "rows": self.rows, "notes": self.notes}
        return {**content, "omitted": omitted} if omitted else content
