"""A curator's working tree: a folder of data packages whose CSVs may be changed."""

from __future__ import annotations

import site
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from luminaldb.errors import LuminaldbError, UnknownTableError
from luminaldb.input_files import is_file, is_folder
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.package import unknown_table_message
from luminaldb.loaders.datapackage.store import DESCRIPTOR

from .file_changes import FileChange, finish_killed_writes, package_folders, write_changes

Files = Mapping[str, bytes]
"""New bytes of tables' files, by the table's name."""


def find_table(tree: Database, table_or_item: str) -> str:
    """Return the table of a name in the plural or the singular: `trials`, `trial`, `therapy-class`.

    Raises:
        UnknownTableError: no table is called that; the text names the nearest.
    """
    name = table_or_item.strip().lower().replace("-", "_")
    for table in tree.tables:
        if name in (table, _singular(table)):
            return table
    raise UnknownTableError(unknown_table_message(name, tree.tables, tree.label))


def write_files(tree: Database, files: Files, before: Files) -> list[Path]:
    """Write files beside the old ones and, once all are there, move them into place: all or none.

    Args:
        tree: whose tables' files to write.
        files: new bytes by table.
        before: what the new bytes were made from.

    Raises:
        LuminaldbError: a file was changed by somebody else since it was read, or it can't be written.
    """
    changes = [FileChange(_path_of_table(tree, table), before[table], data) for table, data in files.items()]
    write_changes(changes, package_folders(tree.packages.values()))
    return [change.path for change in changes]


def _path_of_table(tree: Database, table: str) -> Path:
    package = tree.package_of(table)
    path = package.store.local_path(package.resource(table).path or "")
    if path is None:
        raise LuminaldbError("is in a zip", subject=str(package.file(table)), hint="unpack it to change it")
    return path


def _singular(table: str) -> str:
    """Return a table's name in the singular: trials, trial; therapies, therapy; therapy_classes, therapy_class."""
    for end, singular_end in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if table.endswith(end):
            return table.removesuffix(end) + singular_end
    return table


def open_working_tree(folder: Path | None = None) -> Database:
    """Open a tree whose files may be changed.

    Args:
        folder: a folder of packages, a checkout, or a package; this folder where omitted.

    Raises:
        LuminaldbError: there is no such folder, or it is the installed package.
    """
    tree = find_tree(folder)
    if tree is None:
        raise LuminaldbError(
            "no data packages here", hint="name the folder that holds them with --in, for instance datasets"
        )
    for package in tree.packages.values():
        descriptor = package.store.local_path(DESCRIPTOR)
        if descriptor is None:
            raise LuminaldbError(
                "a zip can't be changed", subject=str(package.store.label), hint="unpack it and name the folder"
            )
        if any(descriptor.resolve().is_relative_to(root) for root in _installed_folders()):
            raise LuminaldbError(
                f"{package.store.label}: is part of the installed package, which stays as it is; clone the repository"
            )
    finish_killed_writes(tree.packages.values())
    return tree


def find_tree(named_folder: Path | None = None) -> Database | None:
    """Open the packages of a folder or of its `datasets`; of the working directory, or None, where none is named."""
    root = named_folder or Path()
    for folder in (root, root / "datasets"):
        if not is_folder(folder):
            continue
        if is_file(folder / DESCRIPTOR) or any(folder.glob(f"*/{DESCRIPTOR}")):
            return Database.open(folder)
    return None if named_folder is None else Database.open(root)


def _installed_folders() -> Sequence[Path]:
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), site.getusersitepackages()}
    return [Path(p).resolve() for p in paths if p]
