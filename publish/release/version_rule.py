"""Which version number a change of the data requires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from luminaldb.curation.column_changes import ColumnChange
from luminaldb.curation.diff import Diff, TableDiff
from luminaldb.errors import LuminaldbError

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
# The kinds of change of a column that require a major release, and those that require a minor one.
_RETYPED = ("type", "format", "unit", "values_removed")
_WIDENED = ("values_added", "constraints", "reference")


class Bump(IntEnum):
    """The part of a version number that a change must raise."""

    none = 0
    patch = 1
    minor = 2
    major = 3


@dataclass(frozen=True, slots=True)
class RequiredBump:
    """A change, and the part of the version number that it raises."""

    bump: Bump
    message: str


def required_bumps(diff: Diff) -> list[RequiredBump]:
    """Return each kind of change with the part of the version number that it raises, the gravest first.

    A table or column removed, renamed or retyped, and an id removed, is major; a table, column or row added
    is minor, and so is a row removed that has no id of its own; a value or a wording corrected is a patch.
    A renamed id counts as removed: whoever stored it must follow it.
    """
    result = [RequiredBump(Bump.major, f"table {name} removed") for name in diff.tables_removed]
    result += [RequiredBump(Bump.minor, f"table {name} added") for name in diff.tables_added]
    result += [reason for table in diff.changed_tables for reason in _table_bumps(table)]
    return sorted(result, key=lambda r: -r.bump)


def _table_bumps(table: TableDiff) -> Iterator[RequiredBump]:
    name = table.table
    if table.key_changed:
        keys_text = " to ".join("|".join(key) or "none" for key in table.key_changed)
        yield RequiredBump(Bump.major, f"{name}: primary key changed from {keys_text}")
    for column in table.columns_removed:
        yield RequiredBump(Bump.major, f"{name}: column {column} removed")
    for old, new in table.columns_renamed:
        yield RequiredBump(Bump.major, f"{name}: column {old} renamed to {new}")
    for column in table.columns_added:
        yield RequiredBump(Bump.minor, f"{name}: column {column} added")
    for change in table.columns_changed:
        yield _column_bump(name, change)
    counts = (
        (table.removed.height, Bump.major if table.has_id else Bump.minor, "removed"),
        (table.renamed.height, Bump.major, "renamed"),
        (table.added.height, Bump.minor, "added"),
        (table.revised_rows, Bump.patch, "revised"),
    )
    for count, bump, what in counts:
        noun = "id" if bump == Bump.major else "row"
        if count:
            yield RequiredBump(bump, f"{name}: {count:,} {noun}{'' if count == 1 else 's'} {what}")


def _column_bump(table: str, change: ColumnChange) -> RequiredBump:
    # A reference that comes is one more constraint; one that goes, or goes elsewhere, changes what an id means.
    has_other_target = change.what == "reference" and change.old
    bump = (
        Bump.major
        if change.what in _RETYPED or has_other_target
        else Bump.minor
        if change.what in _WIDENED
        else Bump.patch
    )
    return RequiredBump(bump, f"{table}: {change.what.replace('_', ' ')} of column {change.column}")


def required_bump(diff: Diff) -> Bump:
    """Return the part of the version number that a change must raise."""
    return max((r.bump for r in required_bumps(diff)), default=Bump.none)


def parse_version(version: str) -> tuple[int, int, int]:
    """Take a version number apart.

    Raises:
        LuminaldbError: it isn't three numbers with points between.
    """
    if not (result := _VERSION.fullmatch(version)):
        raise LuminaldbError(
            f"{version!r} is not a version number; write three numbers with points between them, such as 1.2.0"
        )
    major, minor, patch = map(int, result.groups())
    return major, minor, patch


def raise_version(version: str, bump: Bump) -> str:
    """Return the least version number that a change after this version may have."""
    major, minor, patch = parse_version(version)
    match bump:
        case Bump.major:
            return f"{major + 1}.0.0"
        case Bump.minor:
            return f"{major}.{minor + 1}.0"
        case Bump.patch:
            return f"{major}.{minor}.{patch + 1}"
    return version
