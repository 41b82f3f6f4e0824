"""One data package: its descriptor, and its tables as text or as typed data frames."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import polars as pl

from luminaldb.errors import LuminaldbError, TableError, UnknownTableError, hide_secrets
from luminaldb.input_files import parse_path
from luminaldb.issue_codes import MISSING_COLUMN, WRONG_TYPE
from luminaldb.issues import Issue, Place
from luminaldb.urls import is_url

from . import field_types
from .descriptor import Descriptor, Resource
from .descriptor_parser import parse
from .store import Store, open_store
from .text_reader import TextTable, raise_form_errors, read_text
from .wide_integers import widen_integers

# What 128 bits hold whatever the digits are.
_LONGEST_INTEGER = 38


class Package:
    """One data package, whose tables are read as its descriptor defines them.

    Attributes:
        store: reads the files: from a folder, a zip or an address.
    """

    def __init__(self, store: Store, descriptor_name: str) -> None:
        self.store = store
        self._descriptor_name = descriptor_name

    @classmethod
    def open(cls, path: str | Path, *, allow_remote: bool = False) -> Package:
        """Open a data package, of luminaldb or any other: its folder, its datapackage.json, or a zip of the folder.

        Args:
            path: the folder, file or zip; an http(s) address with allow_remote.
            allow_remote: whether to fetch the package, and the files that its descriptor names by address.

        Raises:
            LuminaldbError: no readable file is there, or the descriptor is invalid.
        """
        if allow_remote or is_url(str(path)):
            from .remote_store import open_local_or_remote

            store, descriptor_name = open_local_or_remote(path, allow_remote=allow_remote)
        else:
            store, descriptor_name = open_store(parse_path(path))
        package = cls(store, descriptor_name)
        _ = package.descriptor
        return package

    @property
    def descriptor_file(self) -> str:
        """The descriptor's name, as messages print it."""
        return f"{self.store.label}/{self._descriptor_name}"

    @cached_property
    def descriptor(self) -> Descriptor:
        """The parsed descriptor."""
        return parse(self.store.read(self._descriptor_name), self.descriptor_file, self.store)

    @property
    def name(self) -> str:
        """The package's name."""
        return self.descriptor.name

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the tables, in the descriptor's order."""
        return tuple(r.name for r in self.descriptor.resources)

    def resource(self, table: str) -> Resource:
        """Return a table's part of the descriptor.

        Raises:
            UnknownTableError: the package has no such table.
            LuminaldbError: the descriptor's part on it is invalid.
        """
        if table in self.descriptor.resource_errors:
            raise self.descriptor.resource_errors[table]
        for resource in self.descriptor.resources:
            if resource.name == table:
                return resource
        if table in self.descriptor.skip_reasons:
            raise UnknownTableError(
                f"{table} is not read: {self.descriptor.skip_reasons[table]}", subject=self.descriptor_file
            )
        raise UnknownTableError(unknown_table_message(table, self.table_names, self.name or self.store.label))

    def file(self, table: str) -> str:
        """Return the name of a table's file as messages print it."""
        path = "+".join(self.resource(table).paths)
        if is_url(path):
            return hide_secrets(path)
        return f"{self.store.label}/{path}" if path else f"{self.descriptor_file}#{table}"

    def local_files(self) -> Iterator[Path]:
        """Yield the files of the resources on this machine: none in a zip, none outside the package."""
        for resource in self.descriptor.resources:
            for path in resource.paths:
                try:
                    file = self.store.local_path(path)
                except LuminaldbError:
                    continue
                if file is not None:
                    yield file

    def text(self, table: str) -> TextTable:
        """Read a table as text, with the line of each row and the issues of the file's form."""
        return read_text(self.store, self.resource(table))

    def load(self, table: str) -> pl.DataFrame:
        """Read a table with the dtypes its descriptor declares; an empty cell is null.

        Raises:
            UnknownTableError: the package has no such table.
            TableError: the file's form is broken, a column is missing, or a cell isn't of its column's type.
        """
        return cast_to_schema(self.text(table), self.resource(table), self.file(table))


def cast_to_schema(table: TextTable, resource: Resource, file: str) -> pl.DataFrame:
    """Cast a text table to the dtypes of its schema; columns without a field stay text.

    Raises:
        TableError: see Package.load.
    """
    raise_form_errors(table, file)
    schema = resource.schema
    described_fields = [f for f in schema.fields if f.name in table.frame.columns]
    missing_columns = [f.name for f in schema.fields if f.name not in table.frame.columns]
    if missing_columns and schema.fields_match not in ("superset", "partial"):
        message = f"column {missing_columns[0]!r} is missing"
        raise TableError(message, subject=file, hint="add it, or fix the descriptor", code=MISSING_COLUMN)
    frame = table.frame.with_columns(field_types.cast(f, schema.missing_values_of(f)) for f in described_fields)
    has_value = table.frame.select(
        field_types.text_or_null(f, schema.missing_values_of(f)).is_not_null() for f in described_fields
    )
    for f in described_fields:
        is_lost = has_value[f.name] & frame[f.name].is_null()
        if is_lost.any() and f.type == "integer":
            frame = widen_integers(frame, table.frame, schema)
            is_lost = has_value[f.name] & frame[f.name].is_null()
        if is_lost.any():
            row = int(is_lost.arg_max() or 0)
            value = table.frame[f.name][row]
            kind = "is not one of the allowed values" if f.choices and f.type == "string" else f"is not a {f.type}"
            if f.type == "integer" and len(value) > _LONGEST_INTEGER:
                kind = f"has more than {_LONGEST_INTEGER} digits, which no column of a frame holds"
            place = Place(table=resource.name, file=file, line=table.lines[row], column=f.name, value=value)
            raise TableError(
                f"{f.name} {value!r} {kind}. Run luminaldb validate to see all such cells.",
                subject=f"{file}:{place.line}",
                issues=[Issue(WRONG_TYPE, f"{f.name} {kind}", "Fix the cell.", place=place)],
            )
    return frame


def unknown_table_message(name: str, known: tuple[str, ...] | list[str], database: str) -> str:
    """Write the message that a table doesn't exist, with the nearest name."""
    close_matches = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"; did you mean {close_matches[0]!r}?" if close_matches else f"; there are {', '.join(known)}"
    return f"{database} has no table {name!r}{hint}"
