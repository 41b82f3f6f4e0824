"""Check a change: the issues that it adds, and those that rows still to be entered will resolve."""

from __future__ import annotations

from dataclasses import dataclass, field

from luminaldb.issues import Issue
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import Field, TableSchema
from luminaldb.schemas.baseline import count_issues, new_issues
from luminaldb.schemas.lookups import ReferenceCount, ValueLookup
from luminaldb.schemas.rules import rule_checks
from luminaldb.schemas.runner import check_packages

from .working_tree import Files


@dataclass(frozen=True, slots=True)
class ChangeCheck:
    """The issues that a change adds.

    Attributes:
        errors: that forbid the change.
        warnings: that a curator should check.
        pending: issues that rows of other tables will resolve, such as a citation that nothing cites yet.
        before: how many errors there were already, and still are; they don't forbid the change.
    """

    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)
    pending: list[Issue] = field(default_factory=list)
    before: int = 0


def check_change(tree: Database, files: Files) -> ChangeCheck:
    """Validate a tree as it would be with other bytes in some files, and leave out what it shows already."""
    new = check_packages(dict(tree.with_files(files).packages), warnings=set(files))
    if not new.findings:
        return ChangeCheck()
    old = check_packages(dict(tree.packages), warnings=set(files))
    added_issues = new_issues(new, count_issues(old), (), "").findings
    pending_rules = {
        (table, code) for table in files for code in _rules_on_referring_rows(table, tree.resource(table).schema)
    }
    unchanged = {f.table for f in added_issues if f.table in tree.tables} - files.keys()
    pending_rules |= _rules_that_count_added_rows(tree, files, unchanged)
    pending = [f for f in added_issues if (f.table, f.code) in pending_rules]
    other_issues = [f for f in added_issues if (f.table, f.code) not in pending_rules]
    return ChangeCheck(
        [f for f in other_issues if f.severity == "error"],
        [f for f in other_issues if f.severity != "error"],
        pending,
        len(new.errors) - sum(f.severity == "error" for f in added_issues),
    )


def _rules_on_referring_rows(table: str, schema: TableSchema) -> set[str]:
    """Return the rules that look for rows which name this one: a row just entered breaks them until those are there."""
    return {c.code for c in rule_checks(table, schema) if any(map(_looks_for_referring_rows, c.lookups))}


def _rules_that_count_added_rows(tree: Database, files: Files, tables: set[str]) -> set[tuple[str, str]]:
    """Return rules of these tables that count rows of a file which only grew: the rest of those rows may still come.

    A trial's first arm leaves it without a control arm until the second is there. Where the trial itself is in the
    change, or a row was revised or deleted, the finding is an error.
    """
    grown = {t for t, data in files.items() if set(tree.file_bytes(t).splitlines()) <= set(data.splitlines())}
    return {
        (table, check.code)
        for table in tables
        for check in rule_checks(table, tree.resource(table).schema)
        if any(isinstance(k, ReferenceCount) and grown & {t for t, _ in k.references} for k in check.lookups)
    }


def _looks_for_referring_rows(lookup: object) -> bool:
    """Return whether a lookup counts the rows that name a row, or asks for its second read."""
    return isinstance(lookup, ReferenceCount) or (isinstance(lookup, ValueLookup) and lookup.table == "second_reads")


def check_cell(cell: str, column: Field, schema: TableSchema, *, others: frozenset[str] = frozenset()) -> list[str]:
    """List what is wrong with a cell by its type and constraints, each with its fix.

    Args:
        cell: as it would be written.
        column: its field.
        schema: of the table.
        others: the column's cells on other rows, for columns whose values are unique.
    """
    import polars as pl

    from luminaldb.schemas.check_frame import check_frame
    from luminaldb.schemas.check_results import evaluate_checks
    from luminaldb.schemas.constraints import field_checks

    column_schema = TableSchema((column,), missing_values=schema.missing_values_of(column))
    frame = check_frame(pl.DataFrame({column.name: [cell]}), column_schema)
    checks = list(field_checks(column, required=column.name in schema.primary_key))
    # A key without constraints of its own has no check here; polars selects no empty list of columns.
    passes = evaluate_checks(frame, checks) if checks else frame
    messages = [
        f"{c.message_for({column.name: cell})}. {c.hint}" for n, c in enumerate(checks) if not passes[str(n)][0]
    ]
    is_unique = column.constraints.get("unique") or schema.primary_key == (column.name,)
    if is_unique and cell and cell in others:
        messages.append(f"{column.name} {cell} is on another row already. Choose another.")
    return messages
