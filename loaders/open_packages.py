"""Open data packages by path, every package of a folder, and single tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import is_file, is_folder, parse_path
from luminaldb.urls import is_url

from . import installed
from .datapackage.package import Package
from .datapackage.single_file import TableFile, is_table, open_table
from .datapackage.store import DESCRIPTOR

# Of packages, and of tables in databases; any other is that of an object store or a cluster's file system.
_SCHEMES = ("http", "https", "sqlite", "duckdb")


def open_packages(
    paths: Sequence[str | Path],
    *,
    allow_remote: bool = False,
    schema: Mapping[str, Any] | None = None,
    sheet: str | None = None,
    open_address: Callable[[str], Package] | None = None,
) -> dict[str, Package]:
    """Open packages by short name; of a folder without a descriptor, the packages in it.

    Args:
        paths: folders, descriptors, zips; files of single tables, `-`, patterns of files, tables of databases.
        allow_remote: whether a package may be at an http(s) address.
        schema: a Table Schema for the single tables.
        sheet: of a workbook, name or number.
        open_address: opens a package or a table at an address that Spark reads; such are refused where omitted.

    Raises:
        LuminaldbError: a path is neither a package nor a table, or a schema was given and no table is there.
    """
    opened: dict[str, Package] = {}
    for path in _expand_patterns(paths, refuse=open_address is None):
        if open_address is not None and is_spark_address(path):
            packages: list[Package] = [open_address(str(path))]
        elif is_table(path):
            packages = [open_table(path, schema=schema, sheet=sheet)]
        else:
            packages = list(_packages(path, allow_remote=allow_remote))
        for package in packages:
            if isinstance(package, TableFile):
                name = package.descriptor_file
            else:
                name = package.name.removeprefix("luminaldb-") or package.store.label
            if name in opened and isinstance(package, TableFile):
                raise LuminaldbError("named twice", subject=name)
            if name in opened:
                source_name = package.descriptor_file if isinstance(package, TableFile) else package.store.label
                raise LuminaldbError(f"{source_name}: another package has the name {name!r} too")
            opened[name] = package
    if (schema is not None or sheet is not None) and not any(isinstance(p, TableFile) for p in opened.values()):
        raise LuminaldbError("a schema or sheet is only for single tables; a package's is in its descriptor")
    # Packages are reported in the order of their references, others after them by name.
    rank = {name: n for n, name in enumerate(installed.PACKAGE_ORDER)}
    return dict(sorted(opened.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))


def is_spark_address(source: str | Path) -> bool:
    """Return whether something is an address such as `s3a://bucket/table.csv`, which only Spark reads."""
    text = str(source)
    return is_url(text) and text.partition("://")[0].lower() not in _SCHEMES


def _expand_patterns(paths: Sequence[str | Path], *, refuse: bool) -> Iterator[str | Path]:
    """Yield paths, patterns replaced by the files that they match."""
    for source in paths:
        text = str(source)
        if refuse:
            _refuse_object_store(text)
        if any(character in text for character in "*?[") and "://" not in text and not Path(source).exists():
            matches = sorted(glob(text, recursive=True))  # noqa: PTH207 - keeps the path as the user wrote it
            if not matches:
                raise LuminaldbError("no file matches the pattern", subject=text)
            yield from matches
        else:
            yield source


def _refuse_object_store(text: str) -> None:
    """Refuse an address that only Spark reads, such as s3://bucket/table.csv."""
    scheme = text.partition("://")[0].lower()
    if is_spark_address(text) and scheme != "file":
        raise LuminaldbError(
            f"only Spark reads an address of {scheme}", subject=text, hint="choose --engine spark, or download it"
        )


def _packages(source: str | Path, *, allow_remote: bool) -> Iterator[Package]:
    path = parse_path(source)
    if not is_url(str(source)) and is_folder(path) and not is_file(path / DESCRIPTOR):
        package_folders = sorted(p.parent for p in path.glob(f"*/{DESCRIPTOR}"))
        if not package_folders:
            raise LuminaldbError(
                f"no {DESCRIPTOR} here or one folder below",
                subject=str(path),
                hint=f"name a data package, or tables: '{path}/*.csv'",
            )
        for package_folder in package_folders:
            yield Package.open(package_folder, allow_remote=allow_remote)
    else:
        yield Package.open(source, allow_remote=allow_remote)
