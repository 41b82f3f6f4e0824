"""The parts of a Data Package descriptor, parsed once: package, resource, dialect, schema, field, keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .compression import compression_of
from .dereference import dereferenced
from .dialect import Dialect, parse_dialect
from .errors import DescriptorError
from .formats import delimiter_of, format_of, paths_of, skipped
from .jsonfile import read_json
from .store import Store

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
    missing_values: tuple[str, ...] | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

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

    def missing_of(self, column: Field) -> tuple[str, ...]:
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
        packed: how each of them is compressed, None where it isn't.
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
    packed: tuple[str | None, ...] = ()
    format: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> tuple[tuple[str, str | None], ...]:
        """Its files, each with how it is compressed."""
        paths = self.paths or ((self.path,) if self.path else ())
        return tuple(zip(paths, self.packed or (None,) * len(paths), strict=True))


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A package: its name, version and tables; `skipped` says why a resource is no table that can be read."""

    name: str
    title: str
    description: str
    version: str
    resources: tuple[Resource, ...]
    raw: Mapping[str, Any]
    skipped: Mapping[str, str] = field(default_factory=dict)


def parse(text: bytes, where: str, store: Store | None = None) -> Descriptor:
    """Parse a descriptor.

    Args:
        text: bytes of a datapackage.json.
        where: name of the file, for messages.
        store: what schemas and dialects in files of their own are read through.

    Raises:
        DescriptorError: it isn't UTF-8, isn't JSON, lacks resources, or uses what isn't supported.
    """
    raw = read_json(text, where)
    if not isinstance(raw, dict):
        raise DescriptorError(f"{where}: a descriptor is a JSON object, not {type(raw).__name__}")
    if store is not None:
        raw = dereferenced(raw, store, where)
    items = raw.get("resources")
    if not isinstance(items, list) or not items:
        raise DescriptorError(f"{where}: no resources; list the tables of the package under 'resources'")
    texts = {key: raw.get(key) or "" for key in ("name", "title", "description", "version")}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise DescriptorError(f"{where}: {key} must be text, not {type(value).__name__}")
    names = [_name(item, number, where) for number, item in enumerate(items, start=1)]
    for name, times in Counter(names).items():
        if times > 1:
            raise DescriptorError(f"{where}: two resources are named {name!r}; rename one")
    parsed = {name: _resource(item, raw, f"{where}: resource {name}") for name, item in zip(names, items, strict=True)}
    return Descriptor(
        **texts,
        resources=tuple(r for r in parsed.values() if isinstance(r, Resource)),
        raw=raw,
        skipped={name: reason for name, reason in parsed.items() if isinstance(reason, str)},
    )


def _name(item: Any, number: int, where: str) -> str:
    if not isinstance(item, dict):
        raise DescriptorError(f"{where}: resource {number} is not an object")
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise DescriptorError(f"{where}: resource {number} has no name")
    return name


def _resource(item: Mapping[str, Any], package: Mapping[str, Any], here: str) -> Resource | str:
    """Parse a resource, or say why it is no table that can be read."""
    paths, data = paths_of(item, here), item.get("data")
    if bool(paths) == (data is not None):
        raise DescriptorError(f"{here}: needs either path or data")
    form = format_of(item, paths)
    if reason := skipped(item, form, paths, tabular=package.get("profile") == "tabular-data-package"):
        return reason
    if data is not None and not isinstance(data, list | str):
        raise DescriptorError(f"{here}: inline data that is not a list of rows is not supported")
    schema = {} if item.get("schema") is None else item["schema"]
    if not isinstance(schema, dict):
        raise DescriptorError(f"{here}: schema must be an object or a path, not {type(schema).__name__}")
    encoding = item.get("encoding")
    if encoding is not None and not isinstance(encoding, str):
        raise DescriptorError(f"{here}: encoding must be text")
    dialect = parse_dialect(item.get("dialect") or {}, here, delimiter=delimiter_of(form))
    # Version 1 drafts kept missing values beside the schema, or beside the resources.
    outer = item.get("missingValues", package.get("missingValues", [""]))
    return Resource(
        name=item["name"],
        title=str(item.get("title") or ""),
        description=str(item.get("description") or ""),
        path=paths[0] if paths else None,
        data=data,
        encoding=encoding,
        dialect=dialect,
        schema=_schema({"missingValues": outer, **schema}, here, dialect.null_sequence),
        paths=paths,
        packed=tuple(compression_of(p, item) for p in paths),
        format=form,
        raw=item,
    )


def _strings(value: Any, what: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise DescriptorError(f"{what} must be a name or a list of names")
    return tuple(values)


def _missing(value: Any, what: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(v, dict) and isinstance(v.get("value"), str) for v in value):
        return tuple(v["value"] for v in value)
    return _strings(value, what)


def _schema(item: Mapping[str, Any], here: str, null: str | None) -> TableSchema:
    fields = item.get("fields", [])
    if not isinstance(fields, list):
        raise DescriptorError(f"{here}: schema fields must be a list")
    if len(fields) > MAX_COLUMNS:
        raise DescriptorError(f"{here}: {len(fields):,} fields; no more than {MAX_COLUMNS:,} are read")
    parsed = tuple(_field(f, n, here) for n, f in enumerate(fields, start=1))
    names = {f.name: None for f in parsed}
    for name, times in Counter(f.name for f in parsed).items():
        if times > 1:
            raise DescriptorError(f"{here}: two fields are named {name!r}; rename one")
    key = _strings(item.get("primaryKey", []), f"{here}: primaryKey")
    unique = item.get("uniqueKeys", [])
    if not isinstance(unique, list):
        raise DescriptorError(f"{here}: uniqueKeys must be a list of lists of names")
    uniques = tuple(_strings(u, f"{here}: uniqueKeys") for u in unique)
    foreign = item.get("foreignKeys", [])
    if not isinstance(foreign, list):
        raise DescriptorError(f"{here}: foreignKeys must be a list")
    keys = tuple(_foreign_key(k, here) for k in foreign)
    if not all(uniques) or not all(k.columns for k in keys):
        raise DescriptorError(f"{here}: a key names no field")
    for column in [*key, *(c for u in uniques for c in u), *(c for k in keys for c in k.columns)]:
        if column not in names:
            raise DescriptorError(f"{here}: a key names {column!r}, which is not a field")
    match = item.get("fieldsMatch", "exact")
    if isinstance(match, list):
        match = match[0] if match else "exact"
    if not isinstance(match, str) or match not in ("exact", "equal", "subset", "superset", "partial"):
        raise DescriptorError(f"{here}: fieldsMatch {match!r} is not known")
    return TableSchema(
        fields=parsed,
        primary_key=key,
        unique_keys=uniques,
        foreign_keys=keys,
        missing_values=_missing(item["missingValues"], f"{here}: missingValues") + ((null,) if null else ()),
        fields_match=match,
    )


def _foreign_key(item: Any, here: str) -> ForeignKey:
    reference = item.get("reference") if isinstance(item, dict) else None
    if not isinstance(reference, dict):
        raise DescriptorError(f"{here}: a foreign key needs fields and a reference")
    columns = _strings(item.get("fields"), f"{here}: foreign key fields")
    targets = _strings(reference.get("fields"), f"{here}: foreign key reference fields")
    if len(columns) != len(targets):
        raise DescriptorError(f"{here}: a foreign key joins {len(columns)} fields to {len(targets)}")
    package = reference.get("package")
    if package is not None and not isinstance(package, str):
        raise DescriptorError(f"{here}: foreign key reference package must be text")
    return ForeignKey(columns, Reference(package, str(reference.get("resource") or ""), targets))


def _field(item: Any, number: int, here: str) -> Field:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise DescriptorError(f"{here}: field {number} has no name")
    name = item["name"]
    if name == "*" or "::" in name or (name.startswith("^") and name.endswith("$")):
        raise DescriptorError(f"{here}: a field named {name!r} is not supported; rename the column")
    kind = item.get("type", "any")
    if not isinstance(kind, str) or kind not in FIELD_TYPES:
        raise DescriptorError(f"{here}, field {name}: type {kind!r} is not one of Table Schema's")
    constraints = item.get("constraints", {})
    if not isinstance(constraints, dict):
        raise DescriptorError(f"{here}, field {name}: constraints must be an object")
    categories = item.get("categories", [])
    if not isinstance(categories, list):
        raise DescriptorError(f"{here}, field {name}: categories must be a list")
    values = tuple(c.get("value") if isinstance(c, dict) else c for c in categories)
    pointer = item.get("x-reference")
    reference = None
    if pointer is not None:
        if not isinstance(pointer, dict) or not all(pointer.get(k) for k in ("package", "resource", "field")):
            raise DescriptorError(f"{here}, field {name}: x-reference needs package, resource and field")
        reference = Reference(str(pointer["package"]), str(pointer["resource"]), (str(pointer["field"]),))
    missing = item.get("missingValues")
    form = item.get("format", "default")
    if not isinstance(form, str):
        raise DescriptorError(f"{here}, field {name}: format must be text")
    for words in ("trueValues", "falseValues"):
        if not isinstance(item.get(words, []), list):
            raise DescriptorError(f"{here}, field {name}: {words} must be a list")
    if not isinstance(constraints.get("enum", []), list):
        raise DescriptorError(f"{here}, field {name}: enum must be a list")
    return Field(
        name=name,
        type=kind,
        format=form.removeprefix("fmt:"),
        title=str(item.get("title") or ""),
        description=str(item.get("description") or ""),
        example=item.get("example"),
        bad_example=str(item.get("x-bad-example") or ""),
        unit=str(item.get("x-unit") or ""),
        reference=reference,
        categories=values,
        missing_values=None if missing is None else _missing(missing, f"{here}, field {name}: missingValues"),
        constraints=constraints,
        options=item,
    )
