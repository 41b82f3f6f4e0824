"""New rows: normalise them, find their places, check them, write them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .change_check import ChangeCheck, check_change
from .csv_edit import edit_csv
from .fixes.cell_fixes import cell_fixes
from .working_tree import Files, write_files

NewRow = tuple[str, Mapping[str, str]]
"""A table's name, and cells by column."""


@dataclass(frozen=True)
class NewRows:
    """Rows that may be written, together or not at all.

    Attributes:
        tree: the tree they are for.
        rows: table and cells of each, the cells in the order of the columns.
        files: bytes of the tables' files with the rows in them.
        before: bytes of the files without them.
        result: the issues that the rows add.
    """

    tree: Database
    rows: Sequence[NewRow]
    files: Files
    before: Files
    result: ChangeCheck

    @property
    def table(self) -> str:
        """The table of the first row."""
        return self.rows[0][0]

    @property
    def row(self) -> Mapping[str, str]:
        """The cells of the first row."""
        return self.rows[0][1]

    @property
    def key(self) -> str:
        """The primary key of the first row."""
        return self.keys[0]

    @property
    def keys(self) -> list[str]:
        """The primary key of each row, parts joined by a bar."""
        return [row_key(self.tree, table, cells) for table, cells in self.rows]

    def write(self) -> list[Path]:
        """Write the files with the rows in them in place of the old ones, all or none.

        Raises:
            LuminaldbError: something forbids the rows, or a file can't be written.
        """
        if self.result.errors:
            raise LuminaldbError(f"{self.table}: {self.result.errors[0].message}; nothing was written")
        return write_files(self.tree, self.files, self.before)


def row_key(tree: Database, table: str, cells: Mapping[str, str]) -> str:
    """Return a row's primary key, parts joined by a bar."""
    return "|".join(cells.get(c, "") for c in tree.resource(table).schema.primary_key)


def check_row(tree: Database, table: str, cells: Mapping[str, str]) -> NewRows:
    """Build a row and check it; nothing is written.

    Args:
        tree: to add it to.
        table: name of a table.
        cells: by column; one that isn't given is empty.

    Raises:
        LuminaldbError: the table has no such column, or its file can't be edited.
    """
    return check_rows(tree, [(table, cells)])


def check_rows(tree: Database, rows: Sequence[NewRow]) -> NewRows:
    """Build rows of one or several tables and check them together; nothing is written.

    Args:
        tree: to add them to.
        rows: table and cells of each; a cell that isn't given is empty.

    Raises:
        LuminaldbError: a table has no such column, or its file can't be edited.
    """
    complete_rows = [(table, _complete_row(tree, table, cells)) for table, cells in rows]
    files, before = add_rows(tree, complete_rows)
    return NewRows(tree, complete_rows, files, before, check_change(tree, files))


def add_rows(tree: Database, rows: Sequence[NewRow]) -> tuple[Files, Files]:
    """Return the bytes of the tables' files with rows added, and without them.

    Raises:
        LuminaldbError: a file can't be edited.
    """
    tables = list(dict.fromkeys(table for table, _ in rows))
    before = {table: tree.file_bytes(table) for table in tables}
    files = {
        table: edit_csv(
            before[table],
            tree.resource(table),
            tree.package_of(table).file(table),
            added=[cells for name, cells in rows if name == table],
        )
        for table in tables
    }
    return files, before


def _complete_row(tree: Database, table: str, cells: Mapping[str, str]) -> dict[str, str]:
    schema = tree.resource(table).schema
    for column in cells:
        if column not in schema.names:
            nearest = difflib.get_close_matches(column, schema.names, n=1)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(schema.names)}"
            raise LuminaldbError(f"{table} has no column {column!r}; {hint}")
    return {name: normalise_cell(schema, name, cells.get(name, "")) for name in schema.names}


def normalise_cell(schema: TableSchema, column: str, cell: str) -> str:
    """Bring a cell into its one right form: no blanks around it, composed Unicode, a bare DOI."""
    for _, fix in cell_fixes(schema, column, is_lf=True):
        cell = fix(cell)
    return cell
