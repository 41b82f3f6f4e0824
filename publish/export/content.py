"""What is exported: the chosen tables with their descriptors and frames, and the metadata of the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.catalogue import codebook
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.package import Package, unknown_table_message
from luminaldb.loaders.views import RESULT_TABLES

from ..results_table import RESULTS_TABLE, results_table

TITLE = "luminaldb: evidence on endocrine and HER2-targeted therapy of luminal breast cancer"
AUTHOR = "The luminaldb contributors"
LICENCE = "CC0-1.0"
LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
DISCLAIMER = "A research dataset, not medical advice."


@dataclass(frozen=True)
class ExportTable:
    """One table to export."""

    package_name: str
    package: Package
    resource: Resource
    database: Database

    @property
    def name(self) -> str:
        """The table's name."""
        return self.resource.name

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The table with the dtypes of its descriptor."""
        return self.database.frame(self.name)

    @cached_property
    def text(self) -> pl.DataFrame:
        """The table as its CSV prints it, an empty cell as ""."""
        return self.database.text(self.name)

    @cached_property
    def raw(self) -> bytes:
        """The bytes of its CSV."""
        return self.database.file_bytes(self.name)

    @cached_property
    def codebook(self) -> pl.DataFrame:
        """Its columns, as `describe` returns them."""
        return codebook(self.resource)


@dataclass(frozen=True)
class ExportContent:
    """What an export contains.

    Attributes:
        tables: the tables.
        version: the version of the data.
        date: when that version was created, ISO 8601.
        database: makes the table of all results; None if the export is without that table.
    """

    tables: Sequence[ExportTable]
    version: str
    date: str
    database: Database | None = None

    @cached_property
    def results(self) -> pl.DataFrame | None:
        """The table of all results with names in place of ids; None if the export is without it."""
        return None if self.database is None else results_table(self.database)

    @property
    def citation(self) -> str:
        """How to cite the dataset."""
        year = self.date[:4]
        return f"{AUTHOR} ({year}). {TITLE}, version {self.version}. Data under {LICENCE}."


def choose_content(
    tables: Sequence[str] = (), packages: Sequence[str] = (), database: Database | None = None
) -> ExportContent:
    """Choose what to export, by table and by package; everything if neither is given.

    `trial_results` is the table of all results, which is not a table of a package; everything includes it.

    Raises:
        UnknownTableError: no table has that name.
        LuminaldbError: no package has that name, or its descriptor has no version or date.
    """
    database = database or Database.installed()
    available = database.packages
    package_names = [p.removeprefix("luminaldb-") for p in packages]
    for name in package_names:
        if name not in available:
            raise LuminaldbError(
                unknown_table_message(name, list(available), "luminaldb").replace("table", "package", 1)
            )
    for table in tables:
        if table != RESULTS_TABLE:
            database.package_of(table)
    everything = not tables and not package_names
    results_database = (
        database
        if RESULTS_TABLE in tables or (everything and set(RESULT_TABLES) <= set(database.packages_by_table))
        else None
    )
    table_names = set(tables)
    exported = [
        ExportTable(name, package, resource, database)
        for name, package in available.items()
        for resource in package.descriptor.resources
        if everything or resource.name in table_names or name in package_names
    ]
    first = next(iter(available.values()))
    properties = first.descriptor.properties
    if missing_keys := [key for key in ("version", "created") if not properties.get(key)]:
        hint = "an export contains the version and date of its package; add them to the descriptor"
        raise LuminaldbError(f"lacks {missing_keys[0]!r}", subject=first.descriptor_file, hint=hint)
    return ExportContent(exported, str(properties["version"]), str(properties["created"])[:10], results_database)
