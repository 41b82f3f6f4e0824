"""One new row: normalise it, find its place, check it, write it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .change_check import ChangeCheck, check_change
from .csv_edit import edit_csv
from .fixes.cells import repairs
from .working_tree import write_files


@dataclass(frozen=True)
class Entry:
    """A row that may be written.

    Attributes:
        tree: the tree it is for.
        table: name of the table.
        row: its cells, in the order of the columns.
        data: bytes of the table's file with the row in it.
        before: bytes of the file without it.
        result: the findings that the row adds.
    """

    tree: Database
    table: str
    row: Mapping[str, str]
    data: bytes
    before: bytes
    result: ChangeCheck

    @property
    def key(self) -> str:
        """Its primary key, parts joined by a bar."""
        return "|".join(self.row[c] for c in self.tree.resource(self.table).schema.primary_key)

    def write(self) -> Path:
        """Write the file with the row in it in place of the old one.

        Raises:
            LuminaldbError: something forbids the row, or the file can't be written.
        """
        if self.result.errors:
            raise LuminaldbError(f"{self.table}: {self.result.errors[0].message}; nothing was written")
        (place,) = write_files(self.tree, {self.table: self.data}, {self.table: self.before})
        return place


def entry(tree: Database, table: str, cells: Mapping[str, str]) -> Entry:
    """Build a row and check it; nothing is written.

    Args:
        tree: to add it to.
        table: name of a table.
        cells: by column; one that isn't given is empty.

    Raises:
        LuminaldbError: the table has no such column, or its file can't be edited.
    """
    resource = tree.resource(table)
    for column in cells:
        if column not in resource.schema.names:
            near = difflib.get_close_matches(column, resource.schema.names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(resource.schema.names)}"
            raise LuminaldbError(f"{table} has no column {column!r}", hint=hint)
    row = {name: normalise_cell(resource.schema, name, cells.get(name, "")) for name in resource.schema.names}
    before = tree.raw(table)
    data = edit_csv(before, resource, tree.package_of(table).file(table), added=[row])
    return Entry(tree, table, row, data, before, check_change(tree, {table: data}))


def normalise_cell(schema: TableSchema, column: str, cell: str) -> str:
    """Give a cell its one right form: no blanks around it, composed Unicode, a bare DOI."""
    for _, repair in repairs(schema, column, lf=True):
        cell = repair(cell)
    return cell
