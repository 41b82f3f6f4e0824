"""What is wrong with a descriptor, apart from the tables that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from luminaldb.errors import LuminaldbError, UnsafePathError, hide_secrets
from luminaldb.issue_codes import BROKEN_STANDARD, UNREADABLE_FILE, UNUSABLE_FIELD, UNUSABLE_RESOURCE
from luminaldb.issues import Issue, Place
from luminaldb.loaders.datapackage.descriptor import FIELD_TYPES, MAX_COLUMNS, Field
from luminaldb.loaders.datapackage.descriptor_parser import parse_field
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.resource_formats import paths_of
from luminaldb.loaders.datapackage.single_file import TableFile
from luminaldb.loaders.datapackage.store import MeasuringStore, check_path

from .custom_profiles import custom_profile_problems
from .descriptor_profiles import custom_profile_names, locate_profile_problems
from .schema_problems import field_problems

_HINT = "Fix the descriptor."


def descriptor_issues(name: str, package: Package) -> Iterator[Issue]:
    """Yield what is wrong with a package's descriptor: profile, resources that can't be used, missing other files.

    Args:
        name: short name of the package.
        package: the package.
    """
    for issue in _descriptor_issues(name, package):
        # An address in a descriptor may hold a password or a token.
        place = {"file": hide_secrets(issue.file), "table": hide_secrets(issue.table)}
        hint = fix_hint(package) if issue.hint == _HINT else hide_secrets(issue.hint)
        yield replace(issue.at(**place), message=hide_secrets(issue.message), hint=hint)


def fix_hint(package: Package) -> str:
    """Say what to fix: a file without a package has a schema at most."""
    return "Fix the schema." if isinstance(package, TableFile) else _HINT


def _descriptor_issues(name: str, package: Package) -> Iterator[Issue]:
    place = Place(name, file=package.descriptor_file)
    is_file = isinstance(package, TableFile)
    properties = package.profile_descriptor if isinstance(package, TableFile) else package.descriptor.properties
    issues_by_table = [(table, list(_field_issues(package, table))) for table in package.descriptor.resource_errors]

    def reported_messages() -> dict[tuple[str, str], list[str]]:
        messages: dict[tuple[str, str], list[str]] = {}
        for table, error in package.descriptor.resource_errors.items():
            for issue in error.issues:
                messages.setdefault((table, issue.column), []).append(issue.message)
        for table, issues in issues_by_table:
            for column, message in issues:
                messages.setdefault((table, column), []).append(message)
        for resource in package.descriptor.resources:
            for field in resource.schema.fields:
                messages.setdefault((resource.name, field.name), []).extend(field_problems(field))
        for table, message in _unsafe_paths(package):
            messages.setdefault((table, ""), []).append(message)
        # The profile is that of a descriptor with a name of its own for the only table.
        return {("table", column): m for (_, column), m in messages.items()} if is_file else messages

    for profile_table, column, note in locate_profile_problems(properties, reported_messages):
        table = "" if is_file else profile_table
        location = ", ".join(part for part in (table and f"table {table}", column and f"field {column}") if part)
        subject = "schema" if is_file else "descriptor"
        message = f"the {subject} breaks the standard: {f'{location}: ' if location else ''}{note}"
        yield Issue(BROKEN_STANDARD, message, _HINT, place=replace(place, table=table, column=column))
    for message in _custom_profile_problems(package)[0]:
        yield Issue(BROKEN_STANDARD, message, _HINT, place=place)
    for resource, error in package.descriptor.resource_errors.items():
        for issue in error.issues:
            place = Place(name, resource, file=package.descriptor_file, column=issue.column)
            yield Issue(issue.code or UNUSABLE_RESOURCE, issue.message, issue.hint or _HINT, place=place)
    for table, issues in issues_by_table:
        for column, message in issues:
            field_place = replace(place, table=table, column=column)
            yield Issue(UNUSABLE_FIELD, f"resource {table}: {message}", _HINT, place=field_place)
    yield from _missing_files(name, package)


def _field_issues(package: Package, table: str) -> Iterator[tuple[str, str]]:
    """Yield what is unsound in the fields of a table that can't be used for another reason: column and message."""
    items = [r for r in package.descriptor.properties["resources"] if isinstance(r, dict) and r.get("name") == table]
    schema = items[0].get("schema") if len(items) == 1 else None
    fields = schema.get("fields") if isinstance(schema, dict) else None
    for number, item in enumerate(fields[:MAX_COLUMNS] if isinstance(fields, list) else (), start=1):
        try:
            field = parse_field(item, number, table)
        except LuminaldbError:
            if not isinstance(item, dict) or not isinstance(item.get("name"), str):
                continue
            field = _without_errors(item)
        for message in field_problems(field):
            yield field.name, message


def _without_errors(item: Mapping[str, Any]) -> Field:
    """Return a field whose description has errors with as much of its constraints as makes sense without them."""
    kind = item.get("type", "any")
    is_known_type = isinstance(kind, str) and kind in FIELD_TYPES
    limits = item.get("constraints")
    limits = limits if isinstance(limits, dict) else {}
    usable_limits = (
        limits if is_known_type else {k: v for k, v in limits.items() if k in ("minLength", "maxLength", "pattern")}
    )
    usable_limits = {k: v for k, v in usable_limits.items() if k != "enum" or isinstance(v, list)}
    return Field(item["name"], kind if is_known_type else "any", constraints=usable_limits)


def _unsafe_paths(package: Package) -> Iterator[tuple[str, str]]:
    """Yield the table and path of files outside the package, which are reported where they would be read."""
    paths = [(r.name, path) for r in package.descriptor.resources for path in r.paths]
    for item in package.descriptor.properties["resources"]:
        if isinstance(item, dict) and str(item.get("name")) in package.descriptor.skip_reasons:
            paths += [(str(item["name"]), path) for path in paths_of(item, "")]
    for table, path in paths:
        try:
            check_path(path)
        except UnsafePathError:
            yield table, f"path {path}"


def _custom_profile_problems(package: Package) -> tuple[list[str], list[str]]:
    names = custom_profile_names(package.descriptor.properties)
    return custom_profile_problems(package, names) if names else ([], [])


def _missing_files(name: str, package: Package) -> Iterator[Issue]:
    """Report missing files of resources that are no tables; their content is not checked."""
    for item in package.descriptor.properties["resources"]:
        resource_name = item.get("name") if isinstance(item, dict) else None
        skipped = isinstance(resource_name, str) and resource_name in package.descriptor.skip_reasons
        for path in paths_of(item, "") if skipped else ():
            from luminaldb.loaders.datapackage.remote_store import RemoteStore

            if "://" in path or (isinstance(package.store, RemoteStore) and package.store.base):
                continue  # nothing is downloaded that isn't checked
            try:
                file = package.store.local_path(path)
                if isinstance(package.store, MeasuringStore):
                    package.store.measure(path, None)
                elif file is None or not file.exists():
                    package.store.read(path)
            except LuminaldbError as error:
                issue, place = error.issue, Place(name, item["name"], file=f"{package.store.label}/{path}")
                hint = "Add the file, or fix the path in the descriptor."
                yield Issue(issue.code or UNREADABLE_FILE, issue.message, hint, place=place)


def skipped_notes(name: str, package: Package) -> Iterator[str]:
    """Yield what of a package is not checked, so that nothing passes in silence."""
    label = name or package.store.label
    for resource, reason in package.descriptor.skip_reasons.items():
        yield f"not checked: {label}.{resource}, {reason}"
    for resource in package.descriptor.resource_errors:
        table_label = package.descriptor_file if isinstance(package, TableFile) else f"{label}.{resource}"
        yield f"not checked: {table_label}, until its description is fixed"
    if isinstance(package, TableFile):
        yield from package.notes
    else:
        for table in package.descriptor.resources:
            if not table.schema.fields:
                yield f"not checked: types and constraints of {label}.{table.name}, which has no schema"
    for profile in _custom_profile_problems(package)[1]:
        yield f"not checked: {label} against the profile {profile}, which can't be read"
