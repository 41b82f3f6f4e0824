"""A table without a data package, opened as a package of its own: a file, standard input, a table of a database."""

from __future__ import annotations

import codecs
import csv
import json
import re
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from luminaldb.errors import DescriptorError, LuminaldbError, hide_secrets
from luminaldb.input_files import is_file, is_folder, read_input
from luminaldb.urls import is_url

from .bounded_json import read_json
from .compression import compression_of, decompress, stem
from .descriptor import Descriptor
from .descriptor_parser import parse
from .other_format_names import FORMATS, SHEETS
from .package import Package
from .store import DESCRIPTOR, MAX_FILE_BYTES, Store

STDIN = "-"
DELIMITED = ("csv", "tsv", "tab", "dsv", "psv", "txt")
_SUFFIXES = frozenset((*DELIMITED, *FORMATS)) - {"db"}
_DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_DATABASE = re.compile(r"(sqlite|duckdb):/+(.*)", re.DOTALL)
# How compressed data begin; a zip may be a workbook.
_COMPRESSED = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zst"}
_HEAD_BYTES = 64 * 1024
_MAX_SHEETS_SHOWN = 10
_PROFILE_V2 = "https://datapackage.org/profiles/2.0/datapackage.json"


class _FileStore:
    """Reads one file, wherever it is, by the name that the package of it has."""

    label = ""

    def __init__(self, name: str, file_path: Path | None, data: bytes | None = None) -> None:
        self._name = name
        self._path = file_path
        self._data = data

    def read(self, path: str) -> bytes:
        """Return the bytes; see Store.read."""
        del path
        if self._data is not None:
            return self._data
        return read_input(self._path or Path(self._name))

    def local_path(self, path: str) -> Path | None:
        """Return the place of the file on disk; None for standard input."""
        del path
        return self._path


class TableFile(Package):
    """A package of one table, made of a file that has none.

    Attributes:
        notes: what was assumed of the file, or can't be checked.
    """

    def __init__(self, name: str, store: Store, resource: Mapping[str, Any], notes: list[str]) -> None:
        super().__init__(store, DESCRIPTOR)
        self._file_name = name
        self._resource = resource
        self.notes = notes

    @classmethod
    def of_schema(cls, name: str, schema: Mapping[str, Any] | None) -> TableFile:
        """Make a package whose one table has a schema and no file, for the rows of a frame."""
        store = _FileStore(name, None, b"")
        return cls(name, store, describe_file({}, name, f"{name}.csv", schema or {"fields": []}), [])

    @property
    def descriptor_file(self) -> str:
        """The file's name, as messages print it."""
        return self._file_name

    @cached_property
    def descriptor(self) -> Descriptor:
        """The descriptor that the file would have."""
        properties = {"name": "", "resources": [self._resource]}
        return parse(json.dumps(properties).encode(), self._file_name)

    @property
    def profile_descriptor(self) -> dict[str, Any]:
        """A descriptor with the file's schema, and nothing else that a profile could refuse."""
        schema = self._resource.get("schema", {"fields": [{"name": "any", "type": "any"}]})
        resource = {"name": "table", "type": "table", "path": "table.csv", "schema": schema}
        return {"$schema": _PROFILE_V2, "name": "table", "resources": [resource]}

    def file(self, table: str) -> str:
        """Return the file's name."""
        del table
        return self._file_name


def is_table(source: str | Path) -> bool:
    """Return whether something is opened as a table: by its name, or because it is standard input or a database."""
    text = str(source)
    if text == STDIN or _DATABASE.fullmatch(text):
        return True
    suffix = PurePosixPath(stem(text)).suffix.lower().removeprefix(".")
    return (suffix in _SUFFIXES and not is_folder(source)) or (suffix == "json" and _is_list(source))


def _is_list(source: str | Path) -> bool:
    """Whether a JSON file has a list of rows; a descriptor is an object."""
    if is_url(str(source)) or Path(source).name == DESCRIPTOR or not is_file(source):
        return False
    try:
        with Path(source).open("rb") as stream:
            return stream.read(_HEAD_BYTES).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
    except OSError:
        return False


def open_table(source: str | Path, *, schema: Mapping[str, Any] | None = None, sheet: str | None = None) -> TableFile:
    """Open a file, standard input (`-`) or a table of a database as a package of one table.

    Args:
        source: a path, `-`, or an address like `sqlite:///results.db?table=effects` (or `duckdb://…`).
        schema: a Table Schema; where omitted, only the form of the file can be checked.
        sheet: name or number of a workbook's sheet.

    Raises:
        LuminaldbError: there is no such file, or it can't be read.
    """
    text = str(source)
    if match := _DATABASE.fullmatch(text):
        if sheet is not None:
            raise _no_sheets(text)
        return _open_database(text, match[1], schema)
    if text == STDIN:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        if kind := next((kind for start, kind in _COMPRESSED.items() if data.startswith(start)), None):
            data = decompress(data, kind, "stdin")
        return _open_as_package("stdin", _FileStore("stdin", None, data), data, schema, sheet)
    if is_url(text):
        raise LuminaldbError(
            "a table by itself is not read from an address",
            subject=text,
            hint="download it, or name the data package that it is in",
        )
    path = Path(source)
    if is_folder(path):
        raise LuminaldbError("a folder, not a table", subject=text, hint="name one of its files")
    if not is_file(path):
        raise LuminaldbError("no such file or folder", subject=text)
    return _open_as_package(text, _FileStore(text, path), None, schema, sheet)


def _open_database(address: str, kind: str, schema: Mapping[str, Any] | None) -> TableFile:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise LuminaldbError(
            "not an address", subject=address, hint=f"write {kind}:///FILE, and behind it ?table=NAME"
        ) from None
    # Three slashes precede a relative path, four an absolute one, as in SQLAlchemy.
    path = Path(unquote(parts.path.removeprefix("/") if not parts.netloc else f"{parts.netloc}{parts.path}"))
    if not is_file(path):
        raise LuminaldbError("no such file", subject=address, hint=f"write {kind}:///FILE, and behind it ?table=NAME")
    table = next(iter(parse_qs(parts.query).get("table", ())), None) or parts.fragment or None
    if parts.query and not table:
        raise LuminaldbError("names no table", subject=address, hint=f"write {kind}:///FILE, and behind it ?table=NAME")
    resource: dict[str, Any] = {"format": kind, "dialect": {"table": table} if table else {}}
    address = hide_secrets(address)
    notes = [] if schema else [missing_schema_note(address)]
    return TableFile(
        address, _FileStore(address, path), describe_file(resource, table or path.stem, path.name, schema), notes
    )


def _open_as_package(
    name: str, store: _FileStore, data: bytes | None, schema: Mapping[str, Any] | None, sheet: str | None
) -> TableFile:
    file = Path(name).name
    format_name = PurePosixPath(stem(file)).suffix.lower().removeprefix(".") if data is None else _format_of(data)
    notes = [] if schema else [missing_schema_note(name)]
    if sheet is not None and format_name not in SHEETS:
        raise _no_sheets(name)
    dialect: dict[str, Any] = {}
    if sheet is not None:
        dialect = {"sheetNumber": int(sheet)} if sheet.isdigit() else {"sheetName": sheet}
    elif format_name in SHEETS:
        notes += _notes_on_other_sheets(name, _content(store, file) if data is None else data, format_name)
    resource: dict[str, Any] = {"format": "csv" if format_name in ("", "txt") else format_name, "dialect": dialect}
    if format_name in ("", *DELIMITED):
        head = _head(store, file) if data is None else data[:_HEAD_BYTES]
        delimiter = guess_delimiter(head, "\t" if format_name in ("tsv", "tab") else ",")
        if delimiter is not None:
            dialect["delimiter"] = delimiter
            notes.append(f"{name}: cells are taken to be separated by {DELIMITER_NAMES[delimiter]}")
    return TableFile(name, store, describe_file(resource, Path(stem(file)).stem or "table", file, schema), notes)


def describe_file(resource: dict[str, Any], name: str, path: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Describe a file as a resource of a package."""
    schema_property = {} if schema is None else {"schema": dict(schema)}
    return {"name": name, "type": "table", "path": path, **resource, **schema_property}


def _no_sheets(name: str) -> LuminaldbError:
    return LuminaldbError("has no sheets", subject=name, hint="leave out --sheet, which is for workbooks")


def missing_schema_note(name: str) -> str:
    """Note that a table has no schema to be checked by."""
    return f"not checked: types and constraints of {name}, which has no schema; luminaldb infer writes one"


def _format_of(data: bytes) -> str:
    """Return the format of standard input."""
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"PK\x03\x04"):
        return "ods" if b"opendocument.spreadsheet" in data[:200] else "xlsx"
    if data[:1] == b"[":
        first, _, others = data.partition(b"\n")
        try:
            row = read_json(first, "line 1")
        except LuminaldbError:
            return "json"
        # A list alone on the only line holds rows, unless it is the header of none.
        return "json" if not others.strip() and any(isinstance(item, list | dict) for item in row) else "jsonl"
    return "jsonl" if data[:1] == b"{" else "csv"


def _head(store: _FileStore, file: str) -> bytes:
    path = store.local_path(file)
    kind = compression_of(file, {})
    if path is not None and kind is None:
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    return _content(store, file)[:_HEAD_BYTES]


def _content(store: _FileStore, file: str) -> bytes:
    """Return the decompressed content; nothing where it can't be read, which whoever reads the table reports."""
    kind = compression_of(file, {})
    try:
        data = store.read(file)
        return data if kind is None else decompress(data, kind, file)
    except LuminaldbError:
        return b""


def _notes_on_other_sheets(name: str, data: bytes, format_name: str) -> list[str]:
    from .sheet_names import sheet_names

    others = sheet_names(data, format_name)[1:]
    shown = ", ".join(others[:_MAX_SHEETS_SHOWN]) + (", …" if len(others) > _MAX_SHEETS_SHOWN else "")
    return [f"not checked: sheets of {name} behind the first: {shown}; --sheet names one"] if others else []


def guess_delimiter(head: bytes, usual_delimiter: str) -> str | None:
    """Return the delimiter of a header if the usual one doesn't split it and another one does; else None."""
    line = head.decode("utf-8-sig", "replace").partition("\n")[0].rstrip("\r")
    widths = {}
    for delimiter in _DELIMITERS:
        try:
            widths[delimiter] = len(next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error:
            widths[delimiter] = 0
    likely_delimiter = max(_DELIMITERS, key=lambda delimiter: widths[delimiter])
    return likely_delimiter if widths[usual_delimiter] <= 1 < widths[likely_delimiter] else None


def read_schema(file: Path) -> dict[str, Any]:
    """Read a Table Schema.

    Raises:
        DescriptorError: the file can't be read, or is no Table Schema.
    """
    value = read_json(read_input(file), str(file))
    if not isinstance(value, dict) or not isinstance(value.get("fields"), list):
        hint = "a Table Schema is an object with fields; a data package is validated by its own path"
        raise DescriptorError("no Table Schema", subject=str(file), hint=hint)
    return value
