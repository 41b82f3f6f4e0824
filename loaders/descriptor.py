"""The parts of a Data Package descriptor, parsed once: package, resource, dialect, schema, field, keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import DescriptorError

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
class Dialect:
    """How a CSV is written."""

    delimiter: str = ","
    quote_char: str | None = '"'
    double_quote: bool = True
    escape_char: str | None = None
    skip_initial_space: bool = False
    header: bool = True
    header_row: int = 1
    comment_char: str | None = None
    line_terminator: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One table of a package: its file or inline rows, dialect and schema."""

    name: str
    title: str
    description: str
    path: str | None
    data: Sequence[Any] | None
    encoding: str | None
    dialect: Dialect
    schema: TableSchema


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A package: its name, version and tables."""

    name: str
    title: str
    description: str
    version: str
    resources: tuple[Resource, ...]
    raw: Mapping[str, Any]


def parse(text: bytes, where: str) -> Descriptor:
    """Parse a descriptor.

    Args:
        text: bytes of a datapackage.json.
        where: name of the file, for messages.

    Raises:
        DescriptorError: it isn't UTF-8, isn't JSON, lacks resources, or uses what isn't supported.
    """
    try:
        raw = json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DescriptorError(f"{where}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise DescriptorError(f"{where}:{error.lineno}:{error.colno}: not JSON ({error.msg})") from None
    except RecursionError:
        raise DescriptorError(f"{where}: JSON nested too deeply") from None
    if not isinstance(raw, dict):
        raise DescriptorError(f"{where}: a descriptor is a JSON object, not {type(raw).__name__}")
    items = raw.get("resources")
    if not isinstance(items, list) or not items:
        raise DescriptorError(f"{where}: no resources; list the tables of the package under 'resources'")
    resources = tuple(_resource(item, number, where) for number, item in enumerate(items, start=1))
    names = [r.name for r in resources]
    for name in names:
        if names.count(name) > 1:
            raise DescriptorError(f"{where}: two resources are named {name!r}; rename one")
    texts = {key: raw.get(key) or "" for key in ("name", "title", "description", "version")}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise DescriptorError(f"{where}: {key} must be text, not {type(value).__name__}")
    return Descriptor(**texts, resources=resources, raw=raw)


def _resource(item: Any, number: int, where: str) -> Resource:
    if not isinstance(item, dict):
        raise DescriptorError(f"{where}: resource {number} is not an object")
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise DescriptorError(f"{where}: resource {number} has no name")
    here = f"{where}: resource {name}"
    path, data = item.get("path"), item.get("data")
    if isinstance(path, list) and len(path) == 1:
        path = path[0]
    if isinstance(path, list):
        raise DescriptorError(f"{here}: a table in several files is not supported yet; join them into one")
    if (path is None) == (data is None):
        raise DescriptorError(f"{here}: needs either path or data")
    if path is not None and not isinstance(path, str):
        raise DescriptorError(f"{here}: path must be text")
    if data is not None and not isinstance(data, list):
        raise DescriptorError(f"{here}: inline data that is not a list of rows is not supported")
    schema = item.get("schema")
    if schema is not None and not isinstance(schema, dict):
        raise DescriptorError(f"{here}: schema must be an object in the descriptor, not {schema!r}")
    encoding = item.get("encoding")
    if encoding is not None and not isinstance(encoding, str):
        raise DescriptorError(f"{here}: encoding must be text")
    return Resource(
        name=name,
        title=str(item.get("title") or ""),
        description=str(item.get("description") or ""),
        path=path,
        data=data,
        encoding=encoding,
        dialect=_dialect(item.get("dialect") or {}, here),
        schema=_schema(schema or {}, here),
    )


def _dialect(item: Any, here: str) -> Dialect:
    if not isinstance(item, dict):
        raise DescriptorError(f"{here}: dialect must be an object in the descriptor, not {item!r}")
    flat = {**item, **item.get("csv", {})} if isinstance(item.get("csv", {}), dict) else item
    rows = flat.get("headerRows", [1])
    header = bool(flat.get("header", True)) and rows != []
    if header and (not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], int)):
        raise DescriptorError(f"{here}: a header of several rows is not supported")
    texts: dict[str, str | None] = {}
    defaults = {
        "delimiter": ",",
        "quoteChar": '"',
        "escapeChar": None,
        "commentChar": None,
        "lineTerminator": None,
    }
    for key, default in defaults.items():
        value = flat.get(key, default)
        if value is not None and not isinstance(value, str):
            raise DescriptorError(f"{here}: dialect {key} must be text")
        if key != "lineTerminator" and value is not None and len(value) != 1:
            raise DescriptorError(f"{here}: dialect {key} {value!r} is not one character")
        texts[key] = value
    return Dialect(
        delimiter=texts["delimiter"] or ",",
        quote_char=texts["quoteChar"],
        double_quote=bool(flat.get("doubleQuote", True)),
        escape_char=texts["escapeChar"],
        skip_initial_space=bool(flat.get("skipInitialSpace", False)),
        header=header,
        header_row=rows[0] if header else 0,
        comment_char=texts["commentChar"],
        line_terminator=texts["lineTerminator"],
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


def _schema(item: Mapping[str, Any], here: str) -> TableSchema:
    fields = item.get("fields", [])
    if not isinstance(fields, list):
        raise DescriptorError(f"{here}: schema fields must be a list")
    parsed = tuple(_field(f, n, here) for n, f in enumerate(fields, start=1))
    names = [f.name for f in parsed]
    for name in names:
        if names.count(name) > 1:
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
    for column in [*key, *(c for u in uniques for c in u), *(c for k in keys for c in k.columns)]:
        if column not in names:
            raise DescriptorError(f"{here}: a key names {column!r}, which is not a field")
    match = item.get("fieldsMatch", "exact")
    if isinstance(match, list):
        match = match[0] if match else "exact"
    if match not in ("exact", "equal", "subset", "superset", "partial"):
        raise DescriptorError(f"{here}: fieldsMatch {match!r} is not known")
    return TableSchema(
        fields=parsed,
        primary_key=key,
        unique_keys=uniques,
        foreign_keys=keys,
        missing_values=_missing(item.get("missingValues", [""]), f"{here}: missingValues"),
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
    return ForeignKey(columns, Reference(reference.get("package"), str(reference.get("resource") or ""), targets))


def _field(item: Any, number: int, here: str) -> Field:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise DescriptorError(f"{here}: field {number} has no name")
    name = item["name"]
    kind = item.get("type", "string")
    if kind not in FIELD_TYPES:
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
    return Field(
        name=name,
        type=kind,
        format=form,
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
