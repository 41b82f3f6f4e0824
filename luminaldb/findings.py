"""What a check found: where, what, by which rule, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .errors import plain


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one row, file or descriptor.

    Attributes:
        package: short name of the package.
        table: name of the table; empty for a finding about the package.
        row_key: primary key of the row, parts joined by a bar; empty for a finding about the file.
        file: the file, as the user named its package.
        line: line of the file on which the row starts, or number of the row of a frame, counting from 1; 0 for a
            finding about the whole, and where rows have no order: `row_key` says which row it is.
        column: name of the column.
        value: the cell as written.
        rule: code of the rule.
        severity: `error`, or `warning`, which doesn't fail a validation.
        message: one sentence on what is wrong.
        cure: one sentence on what to do.
    """

    package: str
    table: str
    row_key: str
    file: str
    line: int
    column: str
    value: str
    rule: str
    severity: str
    message: str
    cure: str

    def __str__(self) -> str:
        """Give the finding in one line, as a linter does."""
        place = ":".join(str(part) for part in (self.file, self.line or self.row_key, self.column) if part)
        value = f" [{self.value}]" if self.value else ""
        return plain(f"{place}  {self.rule}  {self.message}{value}. {self.cure}")


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation did and found.

    Attributes:
        findings: in the order of packages, tables, lines.
        tables: how many tables were checked.
        rows: how many rows they hold.
        notes: what was not checked, and why.
    """

    findings: list[Finding]
    tables: int
    rows: int
    notes: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """Findings that fail the validation."""
        return [f for f in self.findings if f.severity == "error"]

    @property
    def ok(self) -> bool:
        """True when nothing fails the validation."""
        return not self.errors

    def to_dict(self) -> dict[str, Any]:
        """Give the report as what `--json` prints."""
        return {
            "ok": self.ok,
            "tables": self.tables,
            "rows": self.rows,
            "notes": self.notes,
            "findings": [asdict(f) for f in self.findings],
        }
