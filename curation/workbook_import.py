"""Bring a workbook back: what it would change in the tables, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.excel_escapes import unescape
from luminaldb.issue_codes import EMPTY_CELL, REPEATED_PRIMARY_KEY, WRONG_SHEET
from luminaldb.issues import Issue
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import TableSchema

from .change_check import ChangeCheck, check_change
from .csv_edit import Cells, edit_csv
from .deleted_rows import find_deleted_rows, find_renames
from .diff import Diff, diff
from .excel_cells import CellError, SheetCell, cell_text, is_blank
from .renames import Rename, follow_renames
from .workbook_reader import WorkbookSheet, cell_place, read_workbook
from .working_tree import Files, write_files

_MAX_SHOWN = 10
# Codes below are about files, single cells and keys.
_FIRST_RULE_CODE = "LDB1"

SheetPositions = dict[tuple[str, str], tuple[int, Mapping[str, str]]]
"""Row of the sheet, and letters of its columns, by table and key."""


@dataclass(frozen=True)
class WorkbookImport:
    """What a workbook would change.

    Attributes:
        tree: the tables it is for.
        diff: rows added, and rows revised field by field.
        result: what is wrong or odd, with sheet and cell in the place of the file.
        notes: what was left aside.
        files: new bytes of the tables that change.
        before: what they were made from.
    """

    tree: Database
    diff: Diff
    result: ChangeCheck
    notes: Sequence[str] = ()
    files: Files = field(default_factory=dict)
    before: Files = field(default_factory=dict)

    def write(self) -> list[Path]:
        """Write the tables that change, all or none.

        Raises:
            LuminaldbError: something is wrong with the workbook, or a file can't be written.
        """
        if self.result.errors:
            raise LuminaldbError(f"{self.result.errors[0].message}; nothing was written")
        return write_files(self.tree, self.files, self.before)


def read_import(file: Path, tree: Database, *, deleted: bool = False) -> WorkbookImport:
    """Compare a workbook with the tables; nothing is written.

    Args:
        file: a template filled in, or an exported workbook that was edited.
        tree: the tables.
        deleted: whether rows that are missing in a sheet go, and ids that were changed in one are renamed everywhere.

    Raises:
        LuminaldbError: the file is no workbook with tables in it, or a table's file can't be edited.
    """
    sheets, notes = read_workbook(file, tree)
    before: dict[str, bytes] = {}
    files: dict[str, bytes] = {}
    positions = SheetPositions()
    refused_cells: dict[tuple[str, str], set[str]] = {}
    issues: list[Issue] = []
    renames_of_book: list[Rename] = []
    for sheet in sheets:
        sheet_rows = _SheetRows(sheet, tree)
        positions |= sheet_rows.places
        refused_cells |= sheet_rows.refused
        deleted_keys = find_deleted_rows(tree, sheet.table, {key for _, key in sheet_rows.places}, even_if_few=deleted)
        sheet_renames = find_renames(tree, sheet.table, deleted_keys, sheet_rows.added)
        renames_of_book += sheet_renames
        renames_to_report = [] if deleted else sheet_renames
        issues += [*sheet.issues, *sheet_rows.issues, *(_rename_issue(r, sheet_rows.places) for r in renames_to_report)]
        if not deleted:
            notes = [
                *notes,
                *_deletion_notes(
                    sheet.table, [key for key in deleted_keys if key not in {r.old for r in sheet_renames}]
                ),
            ]
        data = tree.file_bytes(sheet.table)
        csv_file = tree.package_of(sheet.table).file(sheet.table)
        removed_rows = set(deleted_keys.values()) if deleted else set()
        added = [row for row in sheet_rows.added if row not in [r.row for r in renames_to_report]]
        after = edit_csv(
            data, tree.resource(sheet.table), csv_file, revised=sheet_rows.revised, added=added, removed=removed_rows
        )
        if after != data:
            before[sheet.table], files[sheet.table] = data, after
    if deleted and renames_of_book:
        notes = [*notes, *follow_renames(tree, renames_of_book, files, before)]
    result = check_change(tree, files) if files else ChangeCheck()
    result = replace(
        result,
        errors=[
            *(_name_package_and_workbook(p, file, tree) for p in issues),
            *(_locate_in_workbook(f, file, positions) for f in result.errors if _is_reported(f, refused_cells)),
        ],
        warnings=[_locate_in_workbook(f, file, positions) for f in result.warnings if _is_reported(f, refused_cells)],
        pending=[_locate_in_workbook(f, file, positions) for f in result.pending if _is_reported(f, refused_cells)],
    )
    old, new = (Database(label, t.packages) for label, t in ((tree.label, tree), (str(file), tree.with_files(files))))
    matches = diff(old, new, list(files)) if files else Diff((tree.label, ""), (str(file), ""))
    return WorkbookImport(tree, matches, result, notes, files, before)


def _is_reported(issue: Issue, refused_cells: Mapping[tuple[str, str], set[str]]) -> bool:
    """Leave out issues that only a refused cell causes, which is checked as if it were empty."""
    columns = refused_cells.get((issue.table, issue.row_key))
    return columns is None or (issue.column not in columns and issue.code < _FIRST_RULE_CODE)


def _rename_issue(rename: Rename, positions: SheetPositions) -> Issue:
    number, columns = positions[rename.table, rename.new]
    column = next(iter(columns))
    message = f"{rename.old} is not on the sheet, and {rename.new} has its cells: a changed id is a rename"
    hint = f"Import with --deleted to rename it everywhere, or write {rename.old} again."
    place = cell_place(rename.table, f"{columns[column]}{number}", column=column, row_key=rename.new)
    return Issue(WRONG_SHEET, message, hint, place=place)


def _deletion_notes(table: str, keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    more = f" and {len(keys) - _MAX_SHOWN} more" if len(keys) > _MAX_SHOWN else ""
    return [f"{table}: not on the sheet: {', '.join(keys[:_MAX_SHOWN])}{more}; --deleted removes these rows"]


class _SheetRows:
    """The rows of a sheet beside those of its table."""

    def __init__(self, sheet: WorkbookSheet, tree: Database) -> None:
        self._sheet = sheet
        self._schema: TableSchema = tree.resource(sheet.table).schema
        self.revised: dict[int, Cells] = {}
        self.added: list[Cells] = []
        self.places: SheetPositions = {}
        self.issues: list[Issue] = []
        self.refused: dict[tuple[str, str], set[str]] = {}
        text = tree.text(sheet.table)
        self._old = text.rows(named=True)
        self._numbers = {key: n for n, key in enumerate(self._keys(text))}
        for number, cells in sheet.rows if sheet.columns else ():
            self._row(number, cells)

    def _keys(self, text: pl.DataFrame) -> list[str]:
        return text.select(pl.concat_str(self._schema.primary_key, separator="|")).to_series().to_list()

    def _row(self, number: int, cells: Mapping[str, SheetCell]) -> None:
        key = self._key(number, cells)
        if key is None:
            return
        row_index = self._numbers.get(key)
        old = self._old[row_index] if row_index is not None else {}
        row: dict[str, str] = {}
        issues_before = len(self.issues)
        for f in self._schema.fields:
            if f.name in self._sheet.columns:
                cell = cells.get(f.name, SheetCell(f"{self._sheet.columns[f.name]}{number}", None))
                row[f.name] = self._cell(cell, f.name, old.get(f.name, ""), key)
        self.places[self._sheet.table, key] = (number, self._sheet.columns)
        if len(self.issues) > issues_before:
            # The row is checked with the others, so that one cell doesn't hide what is wrong with the rest.
            self.refused[self._sheet.table, key] = {issue.column for issue in self.issues[issues_before:]}
        if row_index is None:
            self.added.append(row)
        elif revised_cells := {c: text for c, text in row.items() if text != old.get(c)}:
            self.revised[row_index] = revised_cells

    def _key(self, number: int, cells: Mapping[str, SheetCell]) -> str | None:
        """Return a row's key; None, and report an issue, if it has none or an earlier row of the sheet has the same."""
        key_as_written = "|".join(_key_cell_text(cells.get(c)) for c in self._schema.primary_key)
        key = key_as_written if key_as_written in self._numbers else self._normalise_key(number, cells)
        if key is not None and (self._sheet.table, key) in self.places:
            message = f"primary key {key} occurs on more than one row of the sheet"
            hint = "Keep one of the rows, or give the other an identifier of its own."
            column = self._schema.primary_key[0]
            self._report(f"{self._sheet.columns[column]}{number}", REPEATED_PRIMARY_KEY, message, hint, column, key=key)
            return None
        return key

    def _normalise_key(self, number: int, cells: Mapping[str, SheetCell]) -> str | None:
        parts: list[str] = []
        for column in self._schema.primary_key:
            coordinate = f"{self._sheet.columns[column]}{number}"
            part = self._cell(cells.get(column, SheetCell(coordinate, None)), column, "", "")
            if not part:
                if is_blank(cells.get(column, SheetCell(coordinate, None))):
                    message = f"{column} is empty and must not be"
                    self._report(coordinate, EMPTY_CELL, message, "Fill it in, or empty the whole row.", column)
                return None
            parts.append(part)
        return "|".join(parts)

    def _cell(self, cell: SheetCell, column: str, old: str, key: str) -> str:
        f = next(f for f in self._schema.fields if f.name == column)
        try:
            return cell_text(cell, f, self._schema, old)
        except CellError as error:
            place = cell_place(
                self._sheet.table, cell.coordinate, column=column, value=str(cell.value)[:60], row_key=key
            )
            self.issues.append(replace(error.issue, place=place))
            return ""

    def _report(self, cell: str, code: str, message: str, hint: str, column: str, *, key: str = "") -> None:
        place = cell_place(self._sheet.table, cell, column=column, row_key=key)
        self.issues.append(Issue(code, message, hint, place=place))


def _key_cell_text(cell: SheetCell | None) -> str:
    """Return a cell of a key as the table may have it, with its blanks."""
    if cell is None or cell.value is None:
        return ""
    return unescape(cell.value) if isinstance(cell.value, str) else str(cell.value)


def _name_package_and_workbook(issue: Issue, file: Path, tree: Database) -> Issue:
    """Name the package and the workbook of an issue of a cell."""
    package = next(name for name, p in tree.packages.items() if issue.table in p.table_names)
    value = issue.value if issue.value.isprintable() else ascii(issue.value)
    return issue.at(package=package, file=f"{file.name} {issue.file}", value=value)


def _locate_in_workbook(issue: Issue, file: Path, positions: SheetPositions) -> Issue:
    """Name the cell of the workbook that an issue is about; one about a row that isn't in it keeps its place."""
    number, columns = positions.get((issue.table, issue.row_key), (0, {}))
    if not number:
        return issue
    letters = columns.get(issue.column) or next(iter(columns.values()))
    return issue.at(file=f"{file.name} {issue.table}!{letters}{number}", line=0)
