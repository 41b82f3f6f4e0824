"""Export tables in a format of the user's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol

from luminaldb.atomic_write import add_files, replace_file
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import parse_path
from luminaldb.loaders.database import Database
from luminaldb.loaders.frames import DataSource

from ..results_table import RESULTS_TABLE
from .content import ExportContent, choose_content

Progress = Callable[[str], None]


class Writer(Protocol):
    """Writes an export's content."""

    def __call__(self, content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
        """Write to `out`: a folder that exists, or a file that doesn't."""


@dataclass(frozen=True, slots=True)
class Format:
    """An export format: the module that writes it, and the suffix of a single file of it."""

    module: str
    suffix: str
    one_file: bool


# A format that isn't `one_file` writes a folder, or a file where one table goes to a name with its suffix.
FORMATS = {
    "csv": Format("csv", ".csv", one_file=False),
    "xlsx": Format("xlsx", ".xlsx", one_file=True),
    "parquet": Format("parquet", ".parquet", one_file=False),
    "json": Format("json", ".json", one_file=False),
    "jsonl": Format("jsonl", ".jsonl", one_file=False),
    "sqlite": Format("sqlite", ".sqlite", one_file=True),
}


def export(
    to: str,
    out: str | Path,
    *,
    tables: Sequence[str] = (),
    packages: Sequence[str] = (),
    force: bool = False,
    excel: bool = False,
    version: str | None = None,
    path: DataSource = None,
    progress: Progress | None = None,
) -> Path:
    """Export tables to a file or folder.

    Args:
        to: csv (a data package with every key), xlsx, parquet, json, jsonl or sqlite.
        out: the file for xlsx and sqlite; for the others a folder, or a file when one table is exported.
        tables: names of tables; all where neither tables nor packages are given. `trial_results` (csv, xlsx) is one
            flat table of all results in words, for people.
        packages: names of packages.
        force: overwrite files that exist.
        excel: write CSV that opens right in Excel: a byte order mark, CR LF, no cell that runs.
        version: a release in place of the installed tables, see `load`.
        path: a folder or zip in place of the installed tables, see `load`.
        progress: called with the name of each table before it is written.

    Returns:
        The file or folder written.

    Raises:
        LuminaldbError: an unknown format, table or package; a file that exists; a place that can't be written.
    """
    if to not in FORMATS:
        raise LuminaldbError(f"no format {to!r}", hint=f"choose from {', '.join(FORMATS)}")
    if excel and to != "csv":
        raise LuminaldbError("--excel is for CSV; an Excel workbook is --format xlsx")
    file_format, target = FORMATS[to], parse_path(out)
    content = choose_content(tables, packages, Database.find(path, version=version))
    if to != "xlsx" and RESULTS_TABLE not in tables:
        content = replace(content, database=None)
    only_results = not content.tables
    if RESULTS_TABLE in tables and to not in ("csv", "xlsx"):
        raise LuminaldbError(f"{RESULTS_TABLE} is for people: export it to csv or xlsx; sqlite includes it")
    single = file_format.one_file or (len(content.tables) + only_results == 1 and target.suffix == file_format.suffix)
    write: Writer = import_module(f".formats.{file_format.module}", __package__).write
    writing = replace_file if single else add_files
    with writing(target, force=force) as target_path:
        write(content, target_path, progress or (lambda _: None), excel=excel)
    return target
