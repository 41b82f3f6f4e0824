"""Fix the CSVs of folder packages, or show what would change."""

from __future__ import annotations

import difflib
import gzip
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.loaders.datapackage.compression import decompress
from luminaldb.loaders.datapackage.descriptor import Resource
from luminaldb.loaders.datapackage.other_format_names import FORMATS
from luminaldb.loaders.datapackage.package import Package
from luminaldb.schemas.rule_sets import TRIAL_EVIDENCE, rule_sets_of

from ..file_changes import FileChange, package_folders, write_changes
from .csv_file import FixedFile, fix_csv
from .issue_fixes import fix_issues


@dataclass(frozen=True, slots=True)
class FileFix:
    """A table's file, before and after.

    Attributes:
        file: its name, as messages give it.
        path: where it is; None where it can't be written, which `after.refusal_reason` explains.
        before: its bytes, unpacked where it is compressed.
        after: what becomes of it.
        compression: how it is compressed.
        file_bytes: its bytes as they are on disk.
    """

    file: str
    path: Path | None
    before: bytes
    after: FixedFile
    compression: str | None = None
    file_bytes: bytes = b""

    @property
    def is_changed(self) -> bool:
        """Whether a fix changes the file."""
        return self.after.data != self.before


def plan_fixes(packages: Iterable[Package], rules: Collection[str] | None = None) -> Iterator[FileFix]:
    """Work out what to fix in the CSVs of packages; nothing is written. Rows inside a descriptor are passed over.

    Args:
        packages: to fix.
        rules: names of the rule sets that were asked for; see `rule_sets_of`.
    """
    for package in packages:
        # Only luminaldb's own tables have one right order, and text whose blanks mean nothing.
        fix = fix_csv if TRIAL_EVIDENCE in rule_sets_of(package, rules) else fix_issues
        for name, error in package.descriptor.resource_errors.items():
            yield FileFix(f"{package.descriptor_file}#{name}", None, b"", FixedFile(b"", refusal_reason=str(error)))
        for resource in package.descriptor.resources:
            if resource.path is None:
                continue
            file = package.file(resource.name)
            compression = resource.files[0][1]
            try:
                path = package.store.local_path(resource.path)
                file_bytes = package.store.read(resource.path)
                before = file_bytes if compression is None else decompress(file_bytes, compression, resource.path)
            except LuminaldbError as error:
                yield FileFix(file, None, b"", FixedFile(b"", refusal_reason=str(error)))
                continue
            if path is None:
                yield FileFix(
                    file, None, before, FixedFile(before, refusal_reason="it is in a zip; unpack it to fix it")
                )
                continue
            reason = _reason_to_skip(resource)
            after = (
                FixedFile(before, refusal_reason=reason) if reason else fix(before, replace(resource, compressions=()))
            )
            if after.data != before and not {"bytes", "hash"}.isdisjoint(resource.properties):
                after = FixedFile(
                    before, refusal_reason="its descriptor has its size or hash, which would be wrong then"
                )
            yield FileFix(file, path, before, after, compression, file_bytes)


def _reason_to_skip(resource: Resource) -> str:
    """Return why a file isn't fixed, whatever is in it; empty where it may be."""
    if len(resource.paths) > 1:
        return "it is one of several files of a table"
    if resource.format in (*FORMATS, "json"):
        return f"it is {resource.format}, not CSV"
    if resource.files[0][1] not in (None, "gz"):
        return f"it is compressed as {resource.files[0][1]}"
    return ""


def apply_fixes(fixes: Sequence[FileFix], packages: Iterable[Package]) -> None:
    """Write fixed files in place of the old ones, all or none; their permissions stay.

    Args:
        fixes: of the files.
        packages: that the files are of.

    Raises:
        LuminaldbError: a file can't be written, or was changed by somebody else in the meantime.
    """
    changes = [
        FileChange(fix.path, fix.file_bytes, gzip.compress(data, mtime=0) if fix.compression == "gz" else data)
        for fix in fixes
        if fix.path is not None and fix.is_changed
        for data in [fix.after.data]
    ]
    write_changes(changes, package_folders(packages))


def unified_diff(fix: FileFix) -> str:
    """Return a fix as a unified diff that `git apply -p0` and `patch -p0` take."""
    if not fix.is_changed:
        return ""
    before, after = (_lines(data.decode("utf-8", "surrogateescape")) for data in (fix.before, fix.after.data))
    # Path takes off a leading ./, which git refuses.
    name = Path(fix.file).as_posix()
    lines = difflib.unified_diff(before, after, name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    *lines, last_line = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last_line] if last_line else [])
