"""A workbook to fill in: a sheet per table with drop-downs, typed columns and an explanation in each header."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminaldb.atomic_write import replace_file
from luminaldb.errors import LuminaldbError
from luminaldb.excel_limits import MAX_CELL, MAX_ROWS
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import Field, Resource
from luminaldb.loaders.datapackage.field_types import as_text, boolean_words
from luminaldb.new_workbook import new_workbook

from .referenced_ids import find_referenced_ids

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

README, LISTS = "README", "lists"
_MAX_SHEET_NAME = 31
_MAX_HINT = 255
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DAY = re.compile(r"(?:19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MIN_WIDTH, _MAX_WIDTH = 10, 40
_README_LINES = {
    "What this is": "A sheet per table, one row per fact. Point at a column's name to read what belongs in it.",
    "Identifiers, numbers": "Both are text here, so that 0.60 stays 0.60 and nothing becomes a date. Type a number as "
    "the source prints it, with a point, without a percent sign.",
    "Drop-downs": "Lists hold the values that are allowed and the ids that exist. An id that isn't on its list is "
    "taken only if its row is in this workbook, too.",
    "Bring it back": "luminaldb import FILE.xlsx --in datasets shows what would change, and asks before it writes. "
    "Rows that aren't here stay, unless you import with --deleted; a changed id is shown as a rename.",
    "Keep": "The names of sheets and columns. Formulas and merged cells are refused, colours mean nothing.",
}


def write_template(
    tree: Database,
    out: Path,
    *,
    tables: Sequence[str] = (),
    filled: bool = False,
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a workbook to fill in.

    Args:
        tree: whose tables, and whose ids.
        out: the file.
        tables: names of tables; all where none is given.
        filled: put the rows in that are there, to be corrected.
        force: overwrite a file that exists.
        progress: called with the name of each table before it is written.

    Returns:
        The file written.

    Raises:
        MissingExtraError: xlsxwriter isn't installed.
        LuminaldbError: no such table; one that a workbook can't hold; a file that exists or can't be written.
    """
    resources = [tree.resource(t) for t in tables] or [tree.resource(t) for t in tree.tables]
    for resource in resources:
        _refuse_unusable(resource)
    with replace_file(out, force=force) as temporary_file, new_workbook(temporary_file) as book:
        # The same tables give the same bytes: the date in the file is the data's.
        book.set_properties({"title": "luminaldb: rows to fill in", "created": _date(tree)})
        _Template(book, tree, filled=filled).write(resources, progress or (lambda _: None))
    return out


def _refuse_unusable(resource: Resource) -> None:
    name = resource.name
    if not resource.schema.primary_key:
        raise LuminaldbError(
            f"{name}: has no primary key, so its rows couldn't be brought back; leave it out by --table"
        )
    if len(name) > _MAX_SHEET_NAME or name in (README, LISTS) or set(name) & set("[]:*?/\\'"):
        raise LuminaldbError("Excel allows no sheet of this name", subject=str(name), hint="leave it out by --table")


def _date(tree: Database) -> datetime.datetime:
    for package in tree.packages.values():
        try:
            return datetime.datetime.fromisoformat(str(package.descriptor.properties["created"])[:10])
        except (KeyError, ValueError):
            continue
    return datetime.datetime(2000, 1, 1)


class _Template:
    """The sheets of a template, with the formats and lists they share."""

    def __init__(self, book: Workbook, tree: Database, *, filled: bool) -> None:
        self._book = book
        self._tree = tree
        self._filled = filled
        self._lists: dict[tuple[str, ...], str] = {}
        header_format = {"bold": True, "border": 1, "text_wrap": True, "valign": "top"}
        self._head = book.add_format({**header_format, "bg_color": "#DDE7EE"})
        self._needed = book.add_format({**header_format, "bg_color": "#F4D9B8"})
        self._text = book.add_format({"num_format": "@"})
        self._whole = book.add_format({"num_format": "0"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self._bold = book.add_format({"bold": True, "valign": "top"})

    def write(self, tables: Sequence[Resource], progress: Callable[[str], None]) -> None:
        """Write every sheet; the one with the lists is hidden."""
        self._readme(tables)
        pages = [self._book.add_worksheet(resource.name) for resource in tables]
        lists = self._book.add_worksheet(LISTS)
        for resource, page in zip(tables, pages, strict=True):
            progress(resource.name)
            self._table(resource, page)
        for number, values in enumerate(self._lists):
            lists.set_column(number, number, None, self._text)
            lists.write_column(0, number, values, self._text)
        lists.hide()

    def _readme(self, tables: Sequence[Resource]) -> None:
        page = self._book.add_worksheet(README)
        page.set_column(0, 0, 22)
        page.set_column(1, 1, 100, self._wrap)
        versions = {p.descriptor.version for p in self._tree.packages.values() if p.descriptor.version}
        readme_lines = {**_README_LINES, "Version": ", ".join(sorted(versions)) or "none given"}
        readme_lines["Columns in orange"] = "Must be filled in each row."
        for row, (name, text) in enumerate(readme_lines.items()):
            page.write_string(row, 0, name, self._bold)
            page.write_string(row, 1, text, self._wrap)
        for row, resource in enumerate(tables, start=len(readme_lines) + 1):
            page.write_url(row, 0, f"internal:'{resource.name}'!A1", string=resource.name)
            page.write_string(row, 1, resource.description, self._wrap)

    def _table(self, resource: Resource, page: Worksheet) -> None:
        rows = self._tree.text(resource.name)
        if rows.height >= MAX_ROWS:
            raise LuminaldbError(f"{resource.name}: {rows.height:,} rows, and Excel holds {MAX_ROWS - 1:,}")
        for number, field in enumerate(resource.schema.fields):
            is_required = field.constraints.get("required") or field.name in resource.schema.primary_key
            page.write_string(0, number, field.name, self._needed if is_required else self._head)
            page.write_comment(0, number, _help_text(field), {"x_scale": 2.5, "y_scale": 1.5})
            width = len(field.name) + 2
            if self._filled and field.name in rows.columns:
                for row, cell in enumerate(rows[field.name], start=1):
                    width = max(width, min(len(cell), _MAX_WIDTH))
                    if cell:
                        self._cell(page, row, number, cell, field)
            page.set_column(number, number, max(_MIN_WIDTH, width), self._format(field))
            self._validate(page, number, field, resource)
        page.freeze_panes(1, len(resource.schema.primary_key))
        page.ignore_errors({"number_stored_as_text": f"A1:XFD{MAX_ROWS}"})

    def _format(self, field: Field) -> Any:
        match field.type:
            case "integer" | "year":
                return self._whole
            case "date":
                return self._date if field.format == "default" else self._text
            case _:
                return self._text

    def _cell(self, page: Worksheet, row: int, column: int, cell: str, field: Field) -> None:
        if len(cell) > MAX_CELL:
            raise LuminaldbError(f"{page.get_name()}: {field.name} in row {row} is longer than an Excel cell")
        cell_format = self._format(field)
        if cell_format is self._whole and _WHOLE_NUMBER.fullmatch(cell) and cell != "-0":
            page.write_number(row, column, int(cell), cell_format)
        elif cell_format is self._date and _DAY.fullmatch(cell) and (day := _day(cell)):
            page.write_datetime(row, column, day, cell_format)
        else:
            page.write_string(row, column, cell, self._text)

    def _validate(self, page: Worksheet, column: int, field: Field, resource: Resource) -> None:
        rule = self._rule(field, resource)
        if rule:
            error = {"error_title": field.name[:32], "ignore_blank": True}
            page.data_validation(1, column, MAX_ROWS - 1, column, {**error, **rule})

    def _rule(self, field: Field, resource: Resource) -> dict[str, Any]:
        """Describe what Excel allows in a column; nothing where it may be any text."""
        choices = list(boolean_words(field)) if field.type == "boolean" else [as_text(c) for c in field.choices]
        if choices:
            return {**self._one_of(choices), "error_message": "Choose from the list."}
        referenced = find_referenced_ids(self._tree, resource, field.name)
        if referenced is not None and referenced.all_ids:
            hint = (
                f"{referenced.table} has no such id. Keep it only if you add its row on the sheet {referenced.table}."
            )
            return {**self._one_of(referenced.all_ids), "error_type": "warning", "error_message": hint[:_MAX_HINT]}
        low, high = (field.constraints.get(constraint) for constraint in ("minimum", "maximum"))
        if field.type in ("integer", "year"):
            minimum, maximum = (low if isinstance(low, int) else -(10**9)), (high if isinstance(high, int) else 10**9)
            hint = f"A whole number from {minimum} to {maximum}."
            between = {"validate": "integer", "criteria": "between", "minimum": minimum, "maximum": maximum}
            return {**between, "error_message": hint}
        if self._format(field) is self._date:
            earliest_day = {"validate": "date", "criteria": ">=", "value": datetime.date(1900, 1, 1)}
            return {**earliest_day, "error_message": "A day like 2024-02-09."}
        if isinstance(size := field.constraints.get("maxLength"), int):
            length_limit = {"validate": "length", "criteria": "<=", "value": size}
            return {**length_limit, "error_message": f"At most {size} characters."}
        return {}

    def _one_of(self, values: Sequence[str]) -> dict[str, Any]:
        """Put values on the hidden sheet: a list inside a validation may have 255 characters, a range any number."""
        from xlsxwriter.utility import xl_col_to_name

        column = xl_col_to_name(len(self._lists))
        list_range = self._lists.setdefault(tuple(values), f"={LISTS}!${column}$1:${column}${len(values)}")
        return {"validate": "list", "source": list_range}


def _day(cell: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(cell)
    except ValueError:
        return None


def _help_text(field: Field) -> str:
    """Explain a column in the words of its descriptor."""
    parts = [field.description, f"Unit: {field.unit}." if field.unit else ""]
    if field.choices:
        parts.append(f"One of: {', '.join(map(str, field.choices))}.")
    if field.example is not None:
        parts.append(f"Example: {as_text(field.example)}")
    if field.bad_example:
        parts.append(f"Not: {field.bad_example}")
    return "\n".join(filter(None, parts)) or field.name
