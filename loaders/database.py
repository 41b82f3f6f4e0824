"""A set of data packages with their tables: the installed ones, a folder or zip, or a release."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError, UnknownTableError
from luminaldb.input_files import input_status, is_file, is_folder, parse_path

from . import installed
from .convert import FrameType, convert
from .datapackage.descriptor import Resource
from .datapackage.field_types import cast
from .datapackage.package import Package, unknown_table_message
from .datapackage.store import DESCRIPTOR, Store
from .datapackage.text_reader import raise_form_errors

_VERSION = re.compile(r"v?(\d+\.\d+\.\d+)")
_RETIRED = "retired_ids"
# Types whose cells `printed` returns as text.
_NUMERIC = ("number", "integer")


class Database:
    """A set of data packages, whose tables are read once and cached.

    Open one with `Database.installed()`, `Database.open("datasets")` or `Database.release("2.1.0")`.

    Attributes:
        label: its name in messages.
        packages: by short name; a package comes after those that it refers to. Names of tables are unique.
        packages_by_table: the package of each table.
    """

    def __init__(self, label: str, packages: Mapping[str, Package]) -> None:
        """Make a database of opened packages.

        Raises:
            LuminaldbError: two packages have a table of the same name.
        """
        rank = {name: n for n, name in enumerate(installed.PACKAGE_ORDER)}
        ordered = sorted(packages.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0]))
        self.label = label
        self.packages: Mapping[str, Package] = MappingProxyType(dict(ordered))
        self._text: dict[str, pl.DataFrame] = {}
        self._typed: dict[str, pl.DataFrame] = {}
        self.packages_by_table: dict[str, Package] = {}
        for package in self.packages.values():
            names = package.table_names
            if repeated_names := self.packages_by_table.keys() & set(names):
                raise LuminaldbError(
                    f"two packages hold a table named {min(repeated_names)!r}",
                    subject=str(label),
                    hint="name one of them",
                )
            self.packages_by_table.update(dict.fromkeys(names, package))

    def __repr__(self) -> str:
        """Return its name and packages in one line."""
        return f"<Database {self.label}: {', '.join(self.packages)}; {len(self.tables)} tables>"

    @classmethod
    @cache
    def installed(cls) -> Database:
        """Return the tables that come with luminaldb; the same object at each call."""
        return cls("the installed tables", installed.packages())

    @classmethod
    def open(cls, path: str | Path) -> Database:
        """Open a folder of packages, a checkout, one package, its datapackage.json, or a zip of it.

        Raises:
            LuminaldbError: the path has no data package, or a descriptor is invalid.
        """
        packages = {}
        for package_path in _package_paths(parse_path(path)):
            package = Package.open(package_path)
            for error in package.descriptor.resource_errors.values():
                raise error
            name = package.name.removeprefix("luminaldb-") or package.store.label
            if name in packages:
                raise LuminaldbError(f"two packages are named {name!r}", subject=str(path), hint="name one of them")
            packages[name] = package
        return cls(str(path), packages)

    @classmethod
    @cache
    def release(cls, version: str) -> Database:
        """Open a release, for instance `2.1.0`: the installed tables if they are that release, else its zip.

        Raises:
            ReleaseError: there is no such release, or it can't be fetched; the message has the reason and the fix.
        """
        from .releases.versions import is_installed, open_release

        if is_installed(version):
            return cls.installed()
        package = open_release(version)
        return cls(version, {package.name.removeprefix("luminaldb-"): package})

    @classmethod
    def find(cls, source: str | Path | Database | None = None, *, version: str | None = None) -> Database:
        """Open a path or a released version; the installed tables if neither is given.

        Args:
            source: a path, or a version (`2.1.0`) if no file has that name; or a database, which is open already.
            version: a released version.

        Raises:
            LuminaldbError: there is no such path or version, or both arguments are given.
        """
        if version is not None:
            if source is not None:
                raise LuminaldbError("name a version or a path, not both")
            return cls.release(version)
        if source is None:
            return cls.installed()
        if isinstance(source, Database):
            return source
        if input_status(parse_path(source)) is None:
            if match := _VERSION.fullmatch(str(source)):
                return cls.release(match[1])
            raise LuminaldbError(
                f"{source}: neither a file or folder nor a version; luminaldb versions lists the releases"
            )
        return cls.open(source)

    @property
    def version(self) -> str:
        """The version in the descriptors; empty if they have none."""
        return next((p.descriptor.version for p in self.packages.values()), "")

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables, package by package."""
        return tuple(self.packages_by_table)

    def package_of(self, table: str) -> Package:
        """Return the package of a table.

        Raises:
            UnknownTableError: no package has the table; the message names the nearest one.
        """
        if table not in self.packages_by_table:
            raise UnknownTableError(self._no_table_message(table))
        return self.packages_by_table[table]

    def _no_table_message(self, table: str) -> str:
        is_installed_database = self is Database.installed()
        if not is_installed_database and table in Database.installed().packages_by_table:
            installed_version = Database.installed().version
            return f"{self.label} has no table {table!r}; it came later, and {installed_version} (installed) has it"
        return unknown_table_message(table, self.tables, "luminaldb" if is_installed_database else self.label)

    def resource(self, table: str) -> Resource:
        """Return a table's part of the descriptor."""
        return self.package_of(table).resource(table)

    def text(self, table: str) -> pl.DataFrame:
        """Return a table as text, each cell as written; an empty cell is "".

        Raises:
            UnknownTableError: no package has the table.
            TableError: the file is malformed, such as a row that is too short.
        """
        if table not in self._text:
            package = self.package_of(table)
            text_table = package.text(table)
            raise_form_errors(text_table, package.file(table))
            self._text[table] = text_table.frame
        return self._text[table].clone()

    def frame(self, table: str) -> pl.DataFrame:
        """Return a table with the dtypes of its descriptor; see `load`."""
        if table not in self._typed:
            self._typed[table] = self.package_of(table).load(table)
        # A clone shares the data, but changes that a caller makes in place don't reach the cache.
        return self._typed[table].clone()

    def frame_as_printed(self, table: str) -> pl.DataFrame:
        """Return a table like `frame`, but with numbers as text, as the file prints them: `0.60`, not 0.6."""
        frame, text = self.frame(table), self.text(table)
        numeric = [f.name for f in self.resource(table).schema.fields if f.type in _NUMERIC and f.name in text.columns]
        return frame.with_columns(pl.when(text[c] != "").then(text[c]).alias(c) for c in numeric)

    def load(self, table: str, *, to: FrameType = "polars", as_printed: bool = False) -> Any:
        """Load a table; see `luminaldb.load`."""
        ordered = [f.name for f in self.resource(table).schema.fields if f.categories_ordered]
        return convert(self.frame_as_printed(table) if as_printed else self.frame(table), to, ordered=ordered)

    def scan(self, table: str) -> pl.LazyFrame:
        """Scan a table lazily: the columns and dtypes of `load`, read when collected.

        A table that isn't a CSV file on disk, such as one in a zip, is read immediately.
        """
        package, resource = self.package_of(table), self.resource(table)
        file = package.store.local_path(resource.path or "") if resource.path else None
        if file is None or file.suffix.lower() != ".csv":
            return self.frame(table).lazy()
        schema = resource.schema
        lazy = pl.scan_csv(file, infer_schema=False)
        return lazy.select(cast(f, schema.missing_values_of(f)) for f in schema.fields)

    @property
    def owners(self) -> dict[str, Package]:
        """Deprecated: use `packages_by_table`."""
        _warn_of_old_name("owners", "packages_by_table")
        return self.packages_by_table

    def raw(self, table: str) -> bytes:
        """Return the bytes of a table's file; deprecated: use `file_bytes`."""
        _warn_of_old_name("raw()", "file_bytes()")
        return self.file_bytes(table)

    def file_bytes(self, table: str) -> bytes:
        """Return the bytes of a table's file.

        Raises:
            LuminaldbError: its rows are in the descriptor, not in a file.
        """
        package = self.package_of(table)
        path = package.resource(table).path
        if path is None:
            raise LuminaldbError(
                "its rows are in the descriptor", subject=str(package.file(table)), hint="only CSV files are edited"
            )
        return package.store.read(path)

    def with_files(self, files: Mapping[str, bytes]) -> Database:
        """Return a copy of the database in which some tables' files have other content; nothing is written.

        Args:
            files: new bytes by table.
        """
        packages: dict[str, Package] = {}
        for name, package in self.packages.items():
            package_files = {
                package.resource(t).path or "": data for t, data in files.items() if t in package.table_names
            }
            descriptor = package.descriptor_file.removeprefix(f"{package.store.label}/")
            packages[name] = (
                Package(_StoreWithNewFiles(package.store, package_files), descriptor) if package_files else package
            )
        return Database(self.label, packages)

    @cached_property
    def retired_ids(self) -> Mapping[tuple[str, str], str | None]:
        """Map table and retired id to its successor, or None if it has none."""
        if _RETIRED not in self.packages_by_table:
            return {}
        rows = self.text(_RETIRED).select("table_name", "old_id", "successor_id").iter_rows()
        return {(table, old): new or None for table, old, new in rows}

    def class_ancestors(self, class_id: str) -> list[str]:
        """Return a therapy class and every class above it, nearest first."""
        ancestors: list[str] = []
        current: str | None = class_id
        while current and current not in ancestors:
            ancestors.append(current)
            current = self._parent_classes.get(current)
        return ancestors

    @cached_property
    def classes_of_therapies(self) -> Mapping[str, frozenset[str]]:
        """Map each therapy to its class and every class above it."""
        rows = self.frame("therapies").select("therapy_id", "class_id").iter_rows()
        return {therapy: frozenset(self.class_ancestors(class_id)) for therapy, class_id in rows}

    @cached_property
    def _parent_classes(self) -> Mapping[str, str | None]:
        return dict(self.frame("therapy_classes").select("class_id", "parent_class_id").iter_rows())


class _StoreWithNewFiles:
    """A store that replaces the content of some files."""

    def __init__(self, store: Store, files: Mapping[str, bytes]) -> None:
        self._store = store
        self._files = files

    @property
    def label(self) -> str:
        """The text before a file's name in messages."""
        return self._store.label

    def read(self, path: str) -> bytes:
        """Return a file's bytes; see Store.read."""
        return self._files[path] if path in self._files else self._store.read(path)

    def local_path(self, path: str) -> Path | None:
        """Return the file's path on disk; None for a replaced file."""
        return None if path in self._files else self._store.local_path(path)


def _warn_of_old_name(old: str, new: str) -> None:
    warnings.warn(f"Database.{old} is called {new} since 3.3", DeprecationWarning, stacklevel=3)


def _package_paths(path: Path) -> Iterable[Path]:
    if not is_folder(path) or is_file(path / DESCRIPTOR):
        return [path]
    for folder in (path, path / "datasets"):
        if package_folders := sorted(p.parent for p in folder.glob(f"*/{DESCRIPTOR}")):
            return package_folders
    raise LuminaldbError(
        f"no {DESCRIPTOR} here, one folder below, or in datasets", subject=str(path), hint="name a data package"
    )
