"""A curator's working tree: a folder of data packages whose CSVs may be changed."""

from __future__ import annotations

import site
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from luminaldb.atomic_write import staged
from luminaldb.errors import LuminaldbError, UnknownTableError
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.package import Package, unknown
from luminaldb.loaders.datapackage.store import DESCRIPTOR, Store
from luminaldb.loaders.datapackage.text_reader import raise_first
from luminaldb.loaders.open_packages import opened

Files = Mapping[str, bytes]
"""New bytes of tables' files, by the table's name."""


class Overlay:
    """A store some of whose files read otherwise than on disk."""

    def __init__(self, store: Store, files: Mapping[str, bytes]) -> None:
        self._store = store
        self._files = files

    @property
    def label(self) -> str:
        """What stands before a file's name in messages."""
        return self._store.label

    def read(self, path: str) -> bytes:
        """Give a file's bytes; see Store.read."""
        return self._files[path] if path in self._files else self._store.read(path)

    def local_path(self, path: str) -> Path | None:
        """Give the file's place on disk; None for one that reads otherwise."""
        return None if path in self._files else self._store.local_path(path)


@dataclass(frozen=True)
class Tree:
    """A folder of packages.

    Attributes:
        label: the folder, as the user named it.
        packages: by short name, in the order of their references.
    """

    label: str
    packages: Mapping[str, Package]

    @property
    def tables(self) -> list[str]:
        """Names of all tables."""
        return [name for package in self.packages.values() for name in package.table_names]

    def holder(self, table: str) -> Package:
        """Give the package of a table.

        Raises:
            UnknownTableError: there is none.
        """
        for package in self.packages.values():
            if table in package.table_names:
                return package
        raise UnknownTableError(unknown(table, self.tables, self.label))

    def resource(self, table: str) -> Resource:
        """Give what the descriptor says of a table."""
        return self.holder(table).resource(table)

    def named(self, word: str) -> str:
        """Give the table that a word means: its name, or one thing of it (`trial`, `therapy-class`).

        Raises:
            UnknownTableError: no table is called that; the text names the nearest.
        """
        plain = word.strip().lower().replace("-", "_")
        for table in self.tables:
            if plain in (table, _one_of(table)):
                return table
        raise UnknownTableError(unknown(plain, self.tables, self.label))

    def text(self, table: str) -> pl.DataFrame:
        """Give a table as written, an empty cell as "".

        Raises:
            TableError: the form of its file is broken.
        """
        package = self.holder(table)
        found = package.text(table)
        raise_first(found, package.file(table))
        return found.frame

    def read(self, table: str) -> bytes:
        """Give the bytes of a table's file."""
        package = self.holder(table)
        path = package.resource(table).path
        if path is None:
            raise LuminaldbError(f"{package.file(table)}: its rows stand in the descriptor; only CSV files are edited")
        return package.store.read(path)

    def changed(self, files: Files) -> Tree:
        """Give the tree as it would be with other bytes in some files; nothing is written."""
        packages: dict[str, Package] = {}
        for name, package in self.packages.items():
            own = {package.resource(t).path or "": data for t, data in files.items() if t in package.table_names}
            file = package.descriptor_file.removeprefix(f"{package.store.label}/")
            packages[name] = Package(Overlay(package.store, own), file) if own else package
        return Tree(self.label, packages)

    def write(self, files: Files, before: Files) -> list[Path]:
        """Write files beside the old ones and, once all are there, move them into place.

        Args:
            files: what to write.
            before: what the new bytes were made from.

        Raises:
            LuminaldbError: a file was changed by somebody else since it was read, or it can't be written.
        """
        places: list[Path] = []
        with ExitStack() as stack:
            for table, data in files.items():
                place = self._place(table)
                if place.read_bytes() != before[table]:
                    raise LuminaldbError(
                        f"{place}: changed in the meantime; nothing was written, run the command again"
                    )
                room = stack.enter_context(staged(place.resolve(), folder=False, force=True))
                room.write_bytes(data)
                room.chmod(place.stat().st_mode & 0o777)
                places.append(place)
        return places

    def _place(self, table: str) -> Path:
        package = self.holder(table)
        place = package.store.local_path(package.resource(table).path or "")
        if place is None:
            raise LuminaldbError(f"{package.file(table)}: is in a zip; unpack it to change it")
        return place


def _one_of(table: str) -> str:
    """Name one thing of a table: trials, trial; therapies, therapy; therapy_classes, therapy_class."""
    for end, one in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if table.endswith(end):
            return table.removesuffix(end) + one
    return table


def working_tree(where: Path | None = None) -> Tree:
    """Open a tree whose files may be changed.

    Args:
        where: a folder of packages, a checkout, or a package; this folder where omitted.

    Raises:
        LuminaldbError: there is no such folder, or it is the installed package.
    """
    found = found_tree(where)
    if found is None:
        raise LuminaldbError("no data packages here; name the folder that holds them with --in, for instance datasets")
    for package in found.packages.values():
        place = package.store.local_path(DESCRIPTOR)
        if place is None:
            raise LuminaldbError(f"{package.store.label}: a zip can't be changed; unpack it and name the folder")
        if any(place.resolve().is_relative_to(root) for root in _installed()):
            raise LuminaldbError(
                f"{package.store.label}: is part of the installed package, which stays as it is; clone the repository"
            )
    return found


def found_tree(where: Path | None = None) -> Tree | None:
    """Open the packages of a folder, of `datasets` in it, or of this folder; None where nothing was named and is."""
    here = where or Path()
    for folder in (here, here / "datasets"):
        if (folder / DESCRIPTOR).is_file() or any(folder.glob(f"*/{DESCRIPTOR}")):
            return Tree(str(folder), _single(opened([folder]), folder))
    if where is None:
        return None
    # opened() says what is wrong with the place.
    return Tree(str(here), _single(opened([here]), here))


def shipped_tree() -> Tree:
    """Give the installed packages, to read."""
    return Tree("the installed tables", installed.packages())


def _single(packages: Mapping[str, Package], folder: Path) -> Mapping[str, Package]:
    held: set[str] = set()
    for package in packages.values():
        if twice := held & set(package.table_names):
            raise LuminaldbError(
                f"{folder}: two packages hold a table named {min(twice)!r}; name one of them with --in"
            )
        held |= set(package.table_names)
    return packages


def _installed() -> Sequence[Path]:
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), site.getusersitepackages()}
    return [Path(p).resolve() for p in paths if p]
