"""The archive: the zip of every release, byte for byte, and the index of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from luminaldb.atomic_write import TargetExistsError, replace_files
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import input_status, is_folder, read_input
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.releases import index
from luminaldb.loaders.releases.cache import file_problem
from luminaldb.loaders.releases.index import INDEX, Release, ReleaseFile
from luminaldb.unfinished_writes import recover

from ..export.content import ExportContent, ExportTable
from .checkout import run
from .release_zip import package_files, zip_name
from .reproducible_zip import build_zip
from .version_rule import parse_version

_MAX_INDEX_BYTES = 16 * 1024**2


def archive_content(state: Database, version: str, date: str) -> ExportContent:
    """Return the tables of a state of the data as the content of an export."""
    tables = [
        ExportTable(name, package, resource, state)
        for name, package in state.packages.items()
        for resource in package.descriptor.resources
    ]
    return ExportContent(tables, version, date)


def cut(archive: Path, source: str | Path | None = None) -> Release:
    """Put the zip of a state of the data into the archive, and its entry into the index.

    Version and date are those of the descriptors; the zip's bytes depend on the tables alone.

    Args:
        archive: the folder that holds the zips and index.json.
        source: a checkout or a folder of packages; the installed tables where omitted.

    Returns:
        The new entry.

    Raises:
        LuminaldbError: the packages name different versions or dates, or the version was released before.
    """
    state = Database.find(source)
    version, date = _check_versions_agree(state.packages.values())
    parse_version(version)
    # A cut that was killed after its last write left its temporary directory, and this one may refuse to write.
    if is_folder(archive):
        recover(archive)
    releases = read(archive)
    if version in releases:
        raise LuminaldbError(f"{version} was released on {releases[version].date}; a release never changes")
    zipped = build_zip(package_files(archive_content(state, version, date)))
    file = ReleaseFile(zip_name(version), len(zipped), hashlib.sha256(zipped).hexdigest())
    tables = {name: (state.text(name).height, _digest(state, name)) for name in state.tables}
    release = Release(version, date, (file,), tables)
    target = archive / file.path
    # A cut of an earlier version that was killed may have left the zip: the same bytes, if anything.
    if file_problem(target, file) is not None and input_status(target) is not None:
        raise TargetExistsError("exists with other bytes", subject=str(target), hint="move it away")
    with replace_files([target, archive / INDEX]) as (new_zip, new_index):
        new_zip.write_bytes(zipped)
        new_index.write_text(index.format_index({**releases, version: release}), encoding="utf-8")
    return release


def read(archive: Path) -> dict[str, Release]:
    """Read an archive's index; none where there is no index yet."""
    file = archive / INDEX
    return {} if input_status(file) is None else index.parse_index(read_input(file, limit=_MAX_INDEX_BYTES), str(file))


def _check_versions_agree(packages: Iterable[Package]) -> tuple[str, str]:
    versions = {
        (str(p.descriptor.properties.get("version")), str(p.descriptor.properties.get("created"))[:10])
        for p in packages
    }
    if len(versions) != 1:
        versions_text = ", ".join(f"{v} of {d}" for v, d in sorted(versions))
        raise LuminaldbError(
            f"the packages name different versions or dates: {versions_text}; write one in each datapackage.json"
        )
    return versions.pop()


def _digest(state: Database, table: str) -> str:
    package = state.packages_by_table[table]
    return hashlib.sha256(package.store.read(package.resource(table).path or "")).hexdigest()


def archive_problems(archive: Path) -> list[str]:
    """List what is wrong with an archive: files that aren't what the index says, or that it doesn't list."""
    releases = read(archive)
    files_of_index = {f.path: f for r in releases.values() for f in r.files}
    result = [
        f"{name}: {wrong}" for name, file in files_of_index.items() if (wrong := file_problem(archive / name, file))
    ]
    file_names = {p.name for p in archive.iterdir() if p.is_file() and p.suffix != ".py"} - {INDEX}
    return result + [f"{name}: the index doesn't list it" for name in sorted(file_names - set(files_of_index))]


def changes_after_release(archive: Path) -> list[str]:
    """List what the history of the checkout shows to have been changed or deleted after its release.

    Raises:
        LuminaldbError: the folder isn't in a git checkout with its whole history.
    """
    if _git(archive, "rev-parse", "--is-shallow-repository").strip() != "false":
        raise LuminaldbError(
            "this clone has no history to compare with", subject=str(archive), hint="run: git fetch --unshallow"
        )
    log = ["log", "-m", "--no-renames", "--diff-filter=MDT", "--format=%n%h", "--name-status", "--relative", "--", "."]
    result = []
    for entry in _git(archive, *log).split("\n\n"):
        commit, _, lines = entry.strip().partition("\n")
        for state, name in (line.split("\t") for line in lines.split("\n") if "\t" in line):
            if name != INDEX and not name.endswith(".py"):
                result.append(f"{name}: commit {commit} {'deletes' if state == 'D' else 'changes'} it")
    now = read(archive)
    for commit in _git(archive, "log", "--format=%h", "--", INDEX).split():
        blob = _git(archive, "show", f"{commit}:./{INDEX}")
        for version, release in index.parse_index(blob.encode(), f"{INDEX} of commit {commit}").items():
            if now.get(version) != release:
                result.append(f"{INDEX}: {version} is not as commit {commit} has it")
    return list(dict.fromkeys(result))


def _git(folder: Path, *arguments: str) -> str:
    return run(["git", *arguments], folder, "the archive is proven by the history of a git checkout")
