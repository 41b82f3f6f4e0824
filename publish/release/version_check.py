"""Check that a version number is high enough for the changes of the data, and that the changelog describes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from luminaldb.curation.diff import Diff, diff
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import input_status, read_input_text
from luminaldb.loaders.database import Database
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.releases.index import Release

from . import archive as archived_releases
from .changelog import data_section
from .notes import section as section_of
from .version_rule import Bump, parse_version, raise_version, required_bump, required_bumps

_SHOWN_REASONS = 5

_RETIRED = "retired_ids"


@dataclass(frozen=True)
class VersionCheck:
    """What a check of a release found.

    Attributes:
        version: that was checked.
        last: the version of the release before it; None for the first.
        least: the lowest version number that is allowed.
        bump: the part of the number that the change raises.
        problems: why it can't be released so; empty where it can.
        section: the changelog's section on the data; empty for the first release.
    """

    version: str
    last: str | None
    least: str
    bump: Bump
    problems: tuple[str, ...]
    section: str


def check(
    source: str | Path | None = None,
    archive: Path = Path("archive"),
    *,
    version: str | None = None,
    changelog: Path | None = None,
) -> VersionCheck:
    """Compare a state of the data with the last release.

    Args:
        source: a checkout or a folder of packages; the installed tables where omitted.
        archive: the folder of the released zips.
        version: that it is to be released as; what its descriptors say where omitted.
        changelog: that must hold the section on the data; not looked at where omitted.

    Raises:
        LuminaldbError: the version is none, or something can't be read.
    """
    state = Database.find(source)
    new_version = version or state.version
    parse_version(new_version)
    descriptor_versions = sorted({p.descriptor.version for p in state.packages.values()})
    problems = (
        []
        if descriptor_versions == [new_version]
        else [f"the datapackage.json files say version {', '.join(descriptor_versions)}, not {new_version}"]
    )
    releases = archived_releases.read(archive)
    if new_version in releases and (moved := diff(_open_archived(archive, releases[new_version]), state)):
        return _check_released(moved, state, new_version, problems)
    earlier = [v for v in releases if parse_version(v) < parse_version(new_version)]
    if later := [v for v in releases if parse_version(v) > parse_version(new_version)]:
        problems.append(f"{new_version} is less than {later[-1]}, which was released on {releases[later[-1]].date}")
    if not earlier:
        return VersionCheck(
            new_version, None, new_version, Bump.none, (*problems, *_check_changelog(changelog, new_version, "")), ""
        )
    last = max(earlier, key=parse_version)
    result = diff(_open_archived(archive, releases[last]), state)
    least = raise_version(last, max(required_bump(result), Bump.patch))
    if parse_version(new_version) < parse_version(least):
        problems.append(_too_low_message(result, new_version, last, least))
    problems += _retired_id_problems(result, state, new_version)
    section = data_section(result, last, new_version)
    problems += _check_changelog(changelog, new_version, section)
    return VersionCheck(new_version, last, least, required_bump(result), tuple(problems), section)


def _open_archived(archive: Path, release: Release) -> Database:
    return Database(release.version, {"luminaldb": Package.open(archive / release.zip_file.path)})


def _check_released(result: Diff, state: Database, version: str, problems: list[str]) -> VersionCheck:
    """Check a version that is released already: only the same tables may have its number."""
    least = raise_version(version, required_bump(result))
    all_problems = (
        *problems,
        _too_low_message(result, version, version, least),
        *_retired_id_problems(result, state, None),
    )
    return VersionCheck(
        version, version, least, required_bump(result), all_problems, data_section(result, version, least)
    )


def _too_low_message(result: Diff, version: str, last: str, least: str) -> str:
    decisive = [r.message for r in required_bumps(result) if r.bump == required_bump(result)]
    more = f" and {len(decisive) - _SHOWN_REASONS} more" if len(decisive) > _SHOWN_REASONS else ""
    why = "; ".join(decisive[:_SHOWN_REASONS])
    shortfall = (
        "was released, and the data have changed since"
        if version == last
        else f"says less than what changed since {last}"
    )
    return f"{version} {shortfall}: call it {least} or more ({required_bump(result).name}: {why}{more})"


def _retired_id_problems(result: Diff, state: Database, version: str | None) -> list[str]:
    hint = "list it in curation/retired_ids with its successor, or bring it back"
    problems = [f"{table}: {key} is gone; {hint}" for table, key in result.unretired]
    new = next((t.added for t in result.tables if t.table == _RETIRED), None)
    if new is None and _RETIRED in result.tables_added:
        new = state.text(_RETIRED)
    if version is not None and new is not None:
        for table, old, retired_in in (
            new.filter(pl.col("retired_in") != version).select("table_name", "old_id", "retired_in").iter_rows()
        ):
            problems.append(f"retired_ids: {table} {old} is new there, and says retired_in {retired_in}, not {version}")
    return problems


def _check_changelog(changelog: Path | None, version: str, section: str) -> list[str]:
    if changelog is None:
        return []
    text = "" if input_status(changelog) is None else read_input_text(changelog)
    try:
        changelog_section = section_of(text, version)
    except LuminaldbError:
        return [f"{changelog}: has no section [{version}], or an empty one; write it"]
    if section.strip() not in changelog_section:
        hint = f"write there what luminaldb release changelog --version {version} prints"
        return [f"{changelog}: the section [{version}] doesn't describe the change of the data; {hint}"]
    return []
