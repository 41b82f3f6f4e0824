"""Packages and single tables at addresses that a Spark session reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from luminaldb.errors import LuminaldbError, hide_secrets
from luminaldb.loaders.datapackage.compression import compression_of, stem
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.single_file import (
    DELIMITED,
    DELIMITER_NAMES,
    TableFile,
    describe_file,
    guess_delimiter,
    is_table,
    missing_schema_note,
)
from luminaldb.loaders.datapackage.store import DESCRIPTOR

from .hadoop_store import HadoopStore, HadoopTable, SparkFiles, spark_errors
from .spark_records import first_line

_PATTERN = re.compile(r"[*?\[{]")
_UNPACKED = (None, "gz", "bz2")


def open_at_address(
    session: Any, address: str, *, schema: Mapping[str, Any] | None = None, sheet: str | None = None
) -> Package:
    """Open what is at an address: a descriptor or its folder; a table, or a folder or a pattern of its parts.

    Args:
        session: a Spark session.
        address: such as `s3a://bucket/results.csv`.
        schema: a Table Schema for a table.
        sheet: of a workbook, name or number.

    Raises:
        LuminaldbError: nothing is there, or nothing that can be validated.
    """
    folder, _, name = address.rstrip("/").rpartition("/")
    files = SparkFiles(session, (address,), are_patterns=True, is_one_table=True)
    if not _PATTERN.search(address) and name.lower().endswith(".json"):
        if name != DESCRIPTOR and _is_list(files):
            return _open_table(files, name, schema, sheet)
        return _open_package(session, folder, name)
    if name.lower().endswith(".zip") and not is_table(address):
        raise LuminaldbError("a zip of a package is not read from there", subject=address, hint="unpack it there")
    if is_table(address):
        return _open_table(files, name, schema, sheet)
    with spark_errors(address):
        names = [PurePosixPath(unquote(file)).name for file in files.open("binaryFile").inputFiles()]
    if DESCRIPTOR in names and not _PATTERN.search(address):
        return _open_package(session, address.rstrip("/"), DESCRIPTOR)
    kinds = {PurePosixPath(stem(n)).suffix.lower() for n in names}
    if len(kinds) != 1 or not is_table(f"x{next(iter(kinds))}"):
        endings = ", ".join(sorted(kind or "none" for kind in kinds)) or "none"
        hint = "name a datapackage.json, a table, or a folder of parts with names that end alike"
        message = f"neither a package nor the parts of one table (endings: {endings})"
        raise LuminaldbError(message, subject=address, hint=hint)
    return _open_table(files, names[0], schema, sheet)


def _is_list(files: SparkFiles) -> bool:
    """Whether a JSON file has a list of rows; a descriptor is an object."""
    with spark_errors(files.addresses[0]):
        return (first_line(files) or b"").lstrip().startswith(b"[")


def _open_package(session: Any, folder: str, name: str) -> Package:
    package = Package(HadoopStore(session, folder), name)
    _ = package.descriptor
    return package


def _open_table(files: SparkFiles, file: str, schema: Mapping[str, Any] | None, sheet: str | None) -> TableFile:
    label = hide_secrets(files.addresses[0])
    format_name = PurePosixPath(stem(file)).suffix.lower().removeprefix(".")
    notes = [] if schema else [missing_schema_note(label)]
    dialect: dict[str, Any] = {}
    if sheet is not None:
        dialect = {"sheetNumber": int(sheet)} if sheet.isdigit() else {"sheetName": sheet}
    if format_name in DELIMITED and compression_of(file, {}) in _UNPACKED:
        with spark_errors(files.addresses[0]):
            head = first_line(files) or b""
        delimiter = guess_delimiter(head, "\t" if format_name in ("tsv", "tab") else ",")
        if delimiter is not None:
            dialect["delimiter"] = delimiter
            notes.append(f"{label}: cells are taken to be separated by {DELIMITER_NAMES[delimiter]}")
    resource = {"format": "csv" if format_name == "txt" else format_name, "dialect": dialect}
    return TableFile(
        label, HadoopTable(files), describe_file(resource, _table_name(files.addresses[0]), file, schema), notes
    )


def _table_name(address: str) -> str:
    """Name a table by its file, or by the text before the pattern of its parts: `results` of `results/*.csv`."""
    prefix = _PATTERN.split(address, maxsplit=1)[0].rstrip("/-_.")
    return PurePosixPath(stem(prefix)).stem or "table"
