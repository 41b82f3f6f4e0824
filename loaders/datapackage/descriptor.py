"""The parts of a Data Package descriptor: package, resource, schema, field, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from luminaldb.errors import LuminaldbError

from .dialect import Dialect

MAX_COLUMNS = 20_000
FIELD_TYPES = frozenset(
    "string number integer boolean object array list date time datetime year yearmonth duration "
    "geopoint geojson any".split()
)


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a key points: a table, its columns, and another package where it isn't this one."""

    package: str | None
    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns of a table whose values must occur in another."""

    columns: tuple[str, ...]
    reference: Reference


@dataclass(frozen=True, slots=True)
class Field:
    """One column: what its cells may be and what they mean."""

    name: str
    type: str = "string"
    format: str = "default"
    title: str = ""
    description: str = ""
    example: Any = None
    bad_example: str = ""
    unit: str = ""
    reference: Reference | None = None
    categories: tuple[Any, ...] = ()
    categories_ordered: bool = False
    missing_values: tuple[str, ...] | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[Any, ...]:
        """The only values allowed, by enum or categories; empty where any is."""
        return tuple(self.constraints.get("enum", ())) or self.categories


@dataclass(frozen=True, slots=True)
class TableSchema:
    """Columns and keys of a table."""

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    missing_values: tuple[str, ...] = ("",)
    fields_match: str = "exact"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(f.name for f in self.fields)

    def missing_values_of(self, column: Field) -> tuple[str, ...]:
        """Strings that mean no value in a column."""
        return self.missing_values if column.missing_values is None else column.missing_values

    def all_references(self) -> list[ForeignKey]:
        """Every key that points elsewhere: native foreign keys, then references to other packages."""
        across = [ForeignKey((f.name,), f.reference) for f in self.fields if f.reference]
        return [*self.foreign_keys, *across]


@dataclass(frozen=True, slots=True)
class Resource:
    """One table of a package: its files or inline rows, dialect and schema.

    Attributes:
        path: the first of its files, None for inline rows.
        paths: all of its files, in order; together they are one table.
        compressions: how each of them is compressed, None where it isn't.
        format: csv, tsv, json and the like; empty where nothing says it.
    """

    name: str
    title: str
    description: str
    path: str | None
    data: Sequence[Any] | None
    encoding: str | None
    dialect: Dialect
    schema: TableSchema
    paths: tuple[str, ...] = ()
    compressions: tuple[str | None, ...] = ()
    format: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> tuple[tuple[str, str | None], ...]:
        """Its files, each with how it is compressed."""
        paths = self.paths or ((self.path,) if self.path else ())
        return tuple(zip(paths, self.compressions or (None,) * len(paths), strict=True))


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A package: its name, version and tables.

    Attributes:
        resources: the tables that can be read.
        properties: the JSON of the descriptor, with the schemas and dialects that it keeps in other files.
        skip_reasons: why a resource is not read as a table, by its name.
        resource_errors: what makes a resource unusable, by its name or its number.
    """

    name: str
    title: str
    description: str
    version: str
    resources: tuple[Resource, ...]
    properties: Mapping[str, Any]
    skip_reasons: Mapping[str, str] = field(default_factory=dict)
    resource_errors: Mapping[str, LuminaldbError] = field(default_factory=dict)
