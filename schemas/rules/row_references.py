"""Rules on rows about other rows: the tables, rows and columns that they name exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

import narwhals as nw

from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import TableSchema

from ..check_columns import TEXT, text_of
from ..checks import Check
from ..lookups import Frame, Frames, has_columns
from .retired_ids import IdIsInUse
from .rule import Example, Rule, has_fields

_TABLES_NAMING_TABLES = ("second_reads", "waivers", "retired_ids", "printed_numbers")
_TABLES_NAMING_ROWS = ("second_reads", "printed_numbers")
_LISTS = ("fields_corrected", "fields_added")
_TABLE = "table_name" + TEXT


@dataclass(frozen=True, slots=True)
class TableIsKnown:
    """Whether the table that a row names is one of those validated, or an installed one that isn't validated."""

    alias: str = "::known_table"

    @property
    def needed_tables(self) -> None:
        """The tables it looks at; see Lookup."""
        return None

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; unchanged where no table is at hand."""
        if not tables or not has_columns(frame, _TABLE):
            return frame
        known_tables = sorted({*tables, *installed.packages_by_table()})
        return frame.with_columns(text_of("table_name").is_in(known_tables).alias(self.alias))


@dataclass(frozen=True, slots=True)
class UnknownColumns:
    """Whether a list of columns has one that the table named beside it hasn't.

    Attributes:
        alias: name of the column it adds.
        column: the column that holds the list, its parts separated by a semicolon and a blank.
    """

    alias: str
    column: str

    @property
    def needed_tables(self) -> None:
        """The tables it looks at; see Lookup."""
        return None

    def add(self, frame: Frame, tables: Frames) -> Frame:
        """Add the column; see Lookup. False for a table that isn't validated."""
        list_column = self.column + TEXT
        if not tables or not has_columns(frame, _TABLE, list_column):
            return frame
        pairs = frame.select(_TABLE, list_column).unique().collect(backend="polars").drop_nulls().iter_rows()
        wrong_lists: dict[str, list[str]] = {}
        for name, listed in sorted(pairs):
            table_columns = tables[name].collect_schema().names() if name in tables else []
            if table_columns and not {c + TEXT for c in listed.split("; ")} <= set(table_columns):
                wrong_lists.setdefault(name, []).append(listed)
        conditions = [
            (text_of("table_name") == name) & text_of(self.column).is_in(lists) for name, lists in wrong_lists.items()
        ]
        return frame.with_columns(reduce(or_, conditions, nw.lit(value=False)).alias(self.alias))


def _table_exists(table: str, schema: TableSchema) -> Iterator[Check]:
    if table not in _TABLES_NAMING_TABLES or not has_fields(schema, "table_name"):
        return
    known_table = TableIsKnown()
    yield Check(
        "LDB610",
        ("table_name",),
        nw.col(known_table.alias),
        "{table_name} is no table",
        "Name the table as its descriptor does, for example effects.",
        joined_columns=(known_table.alias,),
        lookups=(known_table,),
    )


def _row_exists(table: str, schema: TableSchema) -> Iterator[Check]:
    if table not in _TABLES_NAMING_ROWS or not has_fields(schema, "table_name", "row_key"):
        return
    row_in_use = IdIsInUse("::read_row", "row_key")
    yield Check(
        "LDB611",
        ("row_key", "table_name"),
        nw.col(row_in_use.alias).fill_null(True),
        "no row of {table_name} has the primary key {row_key}",
        "Delete this line if the row is gone. Else write the key of the row, parts of a composite key joined by a bar.",
        joined_columns=(row_in_use.alias,),
        lookups=(row_in_use,),
    )
    for column in (c for c in _LISTS if c in schema.names):
        unknown_columns = UnknownColumns(f"::foreign_in_{column}", column)
        yield Check(
            "LDB611",
            (column, "table_name"),
            ~nw.col(unknown_columns.alias).fill_null(False),
            f"{{{column}}} names what is no column of {{table_name}}",
            "Write the columns as the table's header does, separated by a semicolon and a blank.",
            joined_columns=(unknown_columns.alias,),
            lookups=(unknown_columns,),
        )


_READ = {
    "table_name": "effects", "row_key": "tandem-pfs-itt-primary", "method": "independent_read",
    "read_on": "2026-11-22", "result": "corrected", "fields_corrected": "ci_low; ci_high",
}  # fmt: skip
_RIGHT = {"::read_row": True, "::foreign_in_fields_corrected": False, "::foreign_in_fields_added": False}

RULES = (
    Rule(
        "LDB610",
        "A table that is named exists",
        "A row about a table that doesn't exist is about nothing; mostly the name is misspelt.",
        _table_exists,
        passing=Example("second_reads", ({**_READ, "::known_table": True},)),
        failing=Example("second_reads", ({**_READ, "table_name": "efects", "::known_table": False},)),
    ),
    Rule(
        "LDB611",
        "A second read, or a copy of printed numbers, names a row and columns that exist",
        "A reading of a row that isn't there vouches for nothing, and the row that was read counts as unread.",
        _row_exists,
        passing=Example("second_reads", ({**_READ, **_RIGHT},)),
        failing=Example("second_reads", ({**_READ, **_RIGHT, "row_key": "tandem-pfs", "::read_row": False},)),
    ),
)
