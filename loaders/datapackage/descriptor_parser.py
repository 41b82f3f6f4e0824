"""From the JSON of a descriptor to its parts; what can't be used is reported resource by resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from luminaldb.errors import DescriptorError, LuminaldbError

from .bounded_json import read_json
from .compression import compression_of
from .dereference import PROPERTIES_IN_FILES, dereference
from .descriptor import FIELD_TYPES, MAX_COLUMNS, Descriptor, Field, ForeignKey, Reference, Resource, TableSchema
from .dialect import Dialect, parse_dialect
from .error_collector import ErrorCollector, issues_with_subject
from .header import number_repeated_names
from .resource_formats import format_of, paths_of, skip_reason
from .store import Store


def parse(text: bytes, file: str, store: Store | None = None) -> Descriptor:
    """Parse a descriptor; a resource whose description can't be used doesn't keep the others from being read.

    Args:
        text: bytes of a datapackage.json.
        file: name of the file, for messages.
        store: what schemas and dialects in files of their own are read through.

    Raises:
        DescriptorError: it isn't UTF-8, isn't JSON, or lists no resources.
    """
    properties = read_json(text, file)
    if not isinstance(properties, dict):
        raise DescriptorError(f"a descriptor is a JSON object, not {type(properties).__name__}", subject=file)
    items = properties.get("resources")
    if not isinstance(items, list) or not items:
        raise DescriptorError("no resources", subject=file, hint="list the tables of the package under 'resources'")
    # One that is no text is reported with the standard's profile, and keeps no table from being read.
    text_properties = {
        key: value if isinstance(value := properties.get(key), str) else ""
        for key in ("name", "title", "description", "version")
    }
    names = [_name(item) for item in items]
    name_counts = Counter(name for name in names if name)
    resources: list[Resource] = []
    skip_reasons: dict[str, str] = {}
    resource_errors: dict[str, LuminaldbError] = {}
    for number, (item, name) in enumerate(zip(items, names, strict=True), start=1):
        try:
            if not name:
                raise DescriptorError(f"resource {number} is no object with a name", hint="give it one")
            if name_counts[name] > 1:
                raise DescriptorError(f"two resources are named {name!r}", hint="rename one")
            errors = ErrorCollector(f"resource {name}")
            if store is not None and any(
                isinstance(item.get(property_name), str) for property_name in PROPERTIES_IN_FILES
            ):
                items[number - 1] = dereference(item, store, f"resource {name}", errors)
            resource = _resource(items[number - 1], properties, f"resource {name}", errors)
        except LuminaldbError as error:
            resource_errors[name or f"resource {number}"] = _within(error, file)
            continue
        if isinstance(resource, str):
            skip_reasons[name] = resource
        else:
            resources.append(resource)
    return Descriptor(
        **text_properties,
        resources=tuple(resources),
        properties=properties,
        skip_reasons=skip_reasons,
        resource_errors=resource_errors,
    )


def _within(error: LuminaldbError, file: str) -> LuminaldbError:
    """Return an error with all its issues as one of the descriptor's file."""
    error_of_file = error.within(file)
    error_of_file.issues = tuple(issue.at(file=file) for issue in issues_with_subject(error))
    return error_of_file


def _name(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else ""


def _resource(
    item: Mapping[str, Any], package: Mapping[str, Any], subject: str, errors: ErrorCollector
) -> Resource | str:
    """Parse a resource, or say why it is no table that can be read; `errors` may have some of it already."""
    paths: tuple[str, ...] | None = errors.attempt(lambda: paths_of(item, subject), None)
    data = item.get("data")
    if paths is not None and bool(paths) == (data is not None):
        errors.add(f"needs either path or data{', not both' if paths else ''}")
    paths = paths or ()
    format_name = format_of(item, paths)
    if reason := skip_reason(item, format_name, paths, tabular=package.get("profile") == "tabular-data-package"):
        errors.raise_all()
        return reason
    if data is not None and not isinstance(data, list | str):
        errors.add("inline data that is not a list of rows is not supported")
        data = None
    schema = {} if item.get("schema") is None else item["schema"]
    if not isinstance(schema, dict):
        errors.add(f"schema must be an object or a path, not {type(schema).__name__}")
        schema = {}
    encoding = item.get("encoding")
    if encoding is not None and not isinstance(encoding, str):
        errors.add("encoding must be text")
    delimiter = "\t" if format_name in ("tsv", "tab") else ","
    dialect = errors.attempt(lambda: parse_dialect(item.get("dialect") or {}, subject, delimiter=delimiter), Dialect())
    # Version 1 drafts kept missing values beside the schema, or beside the resources.
    inherited_missing = item.get("missingValues", package.get("missingValues", [""]))
    missing = {"missingValues": inherited_missing}
    table_schema = errors.attempt(
        lambda: _schema({**missing, **schema}, subject, dialect.null_sequence), TableSchema(())
    )
    errors.raise_all()
    return Resource(
        name=item["name"],
        title=str(item.get("title") or ""),
        description=str(item.get("description") or ""),
        path=paths[0] if paths else None,
        data=data,
        encoding=encoding,
        dialect=dialect,
        schema=table_schema,
        paths=paths,
        compressions=tuple(compression_of(p, item) for p in paths),
        format=format_name,
        properties=item,
    )


def _strings(value: Any, subject: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise DescriptorError("must be a name or a list of names", subject=subject)
    return tuple(values)


def _missing(value: Any, subject: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(v, dict) and isinstance(v.get("value"), str) for v in value):
        return tuple(v["value"] for v in value)
    return _strings(value, subject)


def _schema(item: Mapping[str, Any], subject: str, null_sequence: str | None) -> TableSchema:
    fields = item.get("fields", [])
    if not isinstance(fields, list):
        raise DescriptorError("schema fields must be a list", subject=subject)
    if len(fields) > MAX_COLUMNS:
        raise DescriptorError(f"{len(fields):,} fields", subject=subject, hint=f"no more than {MAX_COLUMNS:,} are read")
    errors = ErrorCollector(subject)
    parsed_fields = (errors.attempt(partial(parse_field, f, n, subject), None) for n, f in enumerate(fields, start=1))
    parsed = tuple(f for f in parsed_fields if f is not None)
    if len({f.name for f in parsed}) < len(parsed):
        # The standard only recommends that names differ; fields are mapped to columns by their order.
        distinct = number_repeated_names([f.name for f in parsed])
        parsed = tuple(replace(f, name=name) for f, name in zip(parsed, distinct, strict=True))
    # A field that can't be used has a name all the same.
    declared_names = {f["name"] for f in fields if isinstance(f, dict) and isinstance(f.get("name"), str)}
    names = {f.name for f in parsed} | declared_names
    key = errors.attempt(lambda: _strings(item.get("primaryKey", []), f"{subject}: primaryKey"), ())
    unique_keys = errors.attempt(lambda: _unique_keys(item, subject), ())
    keys = errors.attempt(lambda: _foreign_keys(item, subject), ())
    if not all(unique_keys) or not all(k.columns for k in keys):
        errors.add("a key names no field")
    columns_of_keys = {
        "primaryKey": key,
        "uniqueKeys": tuple(c for u in unique_keys for c in u),
        "foreignKeys": tuple(c for k in keys for c in k.columns),
    }
    for property_name, columns in columns_of_keys.items():
        for column in columns:
            if column not in names:
                errors.add(f"a key names {column!r}, which is not a field", what=property_name)
    match = item.get("fieldsMatch", "exact")
    if isinstance(match, list):
        match = match[0] if match else "exact"
    if not isinstance(match, str) or match not in ("exact", "equal", "subset", "superset", "partial"):
        errors.add(f"fieldsMatch {match!r} is not known")
    missing = errors.attempt(lambda: _missing(item["missingValues"], f"{subject}: missingValues"), ())
    errors.raise_all()
    return TableSchema(
        fields=parsed,
        primary_key=key,
        unique_keys=unique_keys,
        foreign_keys=keys,
        missing_values=missing + ((null_sequence,) if null_sequence else ()),
        fields_match=match,
    )


def _unique_keys(item: Mapping[str, Any], subject: str) -> tuple[tuple[str, ...], ...]:
    unique = item.get("uniqueKeys", [])
    if not isinstance(unique, list):
        raise DescriptorError("uniqueKeys must be a list of lists of names", subject=subject)
    return tuple(_strings(u, f"{subject}: uniqueKeys") for u in unique)


def _foreign_keys(item: Mapping[str, Any], subject: str) -> tuple[ForeignKey, ...]:
    foreign = item.get("foreignKeys", [])
    if not isinstance(foreign, list):
        raise DescriptorError("foreignKeys must be a list", subject=subject)
    errors = ErrorCollector(subject)
    keys = [errors.attempt(partial(_foreign_key, k, subject), None) for k in foreign]
    errors.raise_all()
    return tuple(key for key in keys if key is not None)


def _foreign_key(item: Any, subject: str) -> ForeignKey:
    reference = item.get("reference") if isinstance(item, dict) else None
    if not isinstance(reference, dict):
        raise DescriptorError("a foreign key needs fields and a reference", subject=subject)
    columns = _strings(item.get("fields"), f"{subject}: foreign key fields")
    targets = _strings(reference.get("fields"), f"{subject}: foreign key reference fields")
    if len(columns) != len(targets):
        raise DescriptorError(f"a foreign key joins {len(columns)} fields to {len(targets)}", subject=subject)
    package = reference.get("package")
    if package is not None and not isinstance(package, str):
        raise DescriptorError("foreign key reference package must be text", subject=subject)
    return ForeignKey(columns, Reference(package, str(reference.get("resource") or ""), targets))


def parse_field(item: Any, number: int, subject: str) -> Field:
    """Parse a field.

    Args:
        item: the field as the descriptor gives it.
        number: which one of its schema it is, counted from 1.
        subject: the resource that it is of, for messages.

    Raises:
        DescriptorError: naming all that is wrong with it.
    """
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise DescriptorError(f"field {number} has no name", subject=subject)
    name = item["name"]
    if name == "*" or "::" in name or (name.startswith("^") and name.endswith("$")):
        raise DescriptorError(f"a field named {name!r} is not supported", subject=subject, hint="rename the column")
    errors = ErrorCollector(f"{subject}, field {name}", name)
    kind = item.get("type", "any")
    if not isinstance(kind, str) or kind not in FIELD_TYPES:
        errors.add(f"type {kind!r} is not one of Table Schema's")
    constraints = item.get("constraints", {})
    if not isinstance(constraints, dict):
        errors.add("constraints must be an object")
        constraints = {}
    categories = item.get("categories", [])
    if not isinstance(categories, list):
        errors.add("categories must be a list")
        categories = []
    values = tuple(c.get("value") if isinstance(c, dict) else c for c in categories)
    x_reference = item.get("x-reference")
    reference = None
    if x_reference is not None:
        if not isinstance(x_reference, dict) or not all(x_reference.get(k) for k in ("package", "resource", "field")):
            errors.add("x-reference needs package, resource and field")
        else:
            reference = Reference(
                str(x_reference["package"]), str(x_reference["resource"]), (str(x_reference["field"]),)
            )
    missing_property = item.get("missingValues")
    missing = errors.attempt(
        lambda: (
            None if missing_property is None else _missing(missing_property, f"{subject}, field {name}: missingValues")
        ),
        None,
    )
    format_name = item.get("format", "default")
    if not isinstance(format_name, str):
        errors.add("format must be text")
    for property_name in ("trueValues", "falseValues"):
        if not isinstance(item.get(property_name, []), list):
            errors.add(f"{property_name} must be a list")
    if not isinstance(constraints.get("enum", []), list):
        errors.add("enum must be a list")
    errors.raise_all()
    return Field(
        name=name,
        type=kind,
        format=format_name.removeprefix("fmt:"),
        title=str(item.get("title") or ""),
        description=str(item.get("description") or ""),
        example=item.get("example"),
        bad_example=str(item.get("x-bad-example") or ""),
        unit=str(item.get("x-unit") or ""),
        reference=reference,
        categories=values,
        categories_ordered=item.get("categoriesOrdered") is True,
        missing_values=missing,
        constraints=constraints,
        properties=item,
    )
