"""What a release must have besides its version number: valid tables, and one date and version in every place."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from luminaldb.input_files import is_file, read_input_text
from luminaldb.loaders.database import Database
from luminaldb.schemas.runner import check_packages

_SHOWN = 3


def invalid_rows(state: Database) -> list[str]:
    """Summarize in one line what validation finds, such as two rows for one fact."""
    errors = check_packages(dict(state.packages)).errors
    if not errors:
        return []
    shown = "; ".join(f"{f.code} {f.table} {f.row_key}" for f in errors[:_SHOWN])
    more = f" and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return [f"the tables have {len(errors)} findings ({shown}{more}); run luminaldb validate, and fix them"]


def consistency_problems(state: Database, source: Path, version: str, changelog: Path | None) -> list[str]:
    """List where a date or version differs, in descriptors, pyproject.toml and changelog, or lies in the future.

    Args:
        state: the tables.
        source: the checkout or folder that holds them.
        version: of the release.
        changelog: of the checkout; not looked at where None.
    """
    problems = []
    created = sorted({str(p.descriptor.properties.get("created", ""))[:10] for p in state.packages.values()})
    if len(created) > 1:
        problems.append(f"the datapackage.json files say created {', '.join(created)}; write one date in all")
    # East of Greenwich a day begins earlier.
    if created[-1] > (datetime.now(UTC) + timedelta(days=1)).date().isoformat():
        problems.append(
            f"the datapackage.json files say created {created[-1]}, which is to come; write the day of release"
        )
    project = source / "pyproject.toml"
    if is_file(project):
        project_version = tomllib.loads(read_input_text(project)).get("project", {}).get("version")
        if project_version != version:
            problems.append(f"{project}: says version {project_version}, not {version}; write {version} there")
    if changelog is not None and is_file(changelog):
        heading = re.search(rf"^## \[?{re.escape(version)}\]? - (\S+)", read_input_text(changelog), re.MULTILINE)
        if heading and len(created) == 1 and heading[1] != created[0]:
            problems.append(
                f"{changelog}: dates {version} {heading[1]}, the datapackage.json files say created {created[0]}; agree"
            )
    return problems
