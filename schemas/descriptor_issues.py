"""What is wrong with a descriptor, apart from the tables that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from luminaldb.errors import LuminaldbError, hide_secrets
from luminaldb.issue_codes import BROKEN_STANDARD, UNREADABLE_FILE, UNUSABLE_RESOURCE
from luminaldb.issues import Issue, Place
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.datapackage.remote_store import RemoteStore
from luminaldb.loaders.datapackage.resource_formats import paths_of
from luminaldb.loaders.datapackage.single_file import TableFile

from .custom_profiles import custom_profile_problems
from .descriptor_profiles import custom_profile_names, locate_profile_problems


def descriptor_issues(name: str, package: Package) -> Iterator[Issue]:
    """Yield what is wrong with a package's descriptor: profile, resources that can't be used, missing other files.

    Args:
        name: short name of the package.
        package: the package.
    """
    for issue in _descriptor_issues(name, package):
        # An address in a descriptor may hold a password or a token.
        place = {"file": hide_secrets(issue.file), "table": hide_secrets(issue.table)}
        yield replace(issue.at(**place), message=hide_secrets(issue.message), hint=hide_secrets(issue.hint))


def _descriptor_issues(name: str, package: Package) -> Iterator[Issue]:
    place = Place(name, file=package.descriptor_file)
    properties = package.profile_descriptor if isinstance(package, TableFile) else package.descriptor.properties
    reported: dict[tuple[str, str], list[str]] = {}
    for table, error in package.descriptor.resource_errors.items():
        for issue in error.issues:
            reported.setdefault((table, issue.column), []).append(issue.message)
    for table, field, note in locate_profile_problems(properties, reported):
        subject = ", ".join(part for part in (table and f"table {table}", field and f"field {field}") if part)
        message = f"the descriptor breaks the standard: {f'{subject}: ' if subject else ''}{note}"
        yield Issue(BROKEN_STANDARD, message, "Fix the descriptor.", place=replace(place, table=table, column=field))
    for message in _custom_profile_problems(package)[0]:
        yield Issue(BROKEN_STANDARD, message, "Fix the descriptor.", place=place)
    for resource, error in package.descriptor.resource_errors.items():
        for error_issue in error.issues:
            place = Place(name, resource, file=package.descriptor_file, column=error_issue.column)
            yield Issue(
                error_issue.code or UNUSABLE_RESOURCE,
                error_issue.message,
                error_issue.hint or "Fix the descriptor.",
                place=place,
            )
    yield from _missing_files(name, package)


def _custom_profile_problems(package: Package) -> tuple[list[str], list[str]]:
    names = custom_profile_names(package.descriptor.properties)
    return custom_profile_problems(package, names) if names else ([], [])


def _missing_files(name: str, package: Package) -> Iterator[Issue]:
    """Look for the files of resources that are no tables: they must be there, whatever is in them."""
    for item in package.descriptor.properties["resources"]:
        resource_name = item.get("name") if isinstance(item, dict) else None
        skipped = isinstance(resource_name, str) and resource_name in package.descriptor.skip_reasons
        for path in paths_of(item, "") if skipped else ():
            if "://" in path or (isinstance(package.store, RemoteStore) and package.store.base):
                continue  # nothing is downloaded that isn't checked
            try:
                file = package.store.local_path(path)
                if file is None or not file.exists():
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
    if isinstance(package, TableFile):
        yield from package.notes
    for profile in _custom_profile_problems(package)[1]:
        yield f"not checked: {label} against the profile {profile}, which can't be read"
