"""Validate data packages or a data frame, by the engine of the user's choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.open_packages import opened

from .validation import Validation


def validate(
    *given: Any,
    warnings: bool = False,
    engine: str | None = None,
    table: str | None = None,
    package: Package | None = None,
    references: bool = False,
    allow_remote: bool = False,
) -> Report:
    """Validate data packages, or a data frame.

    Args:
        given: folders, datapackage.json files or zips; a folder of packages stands for each of them. The
            shipped packages where omitted. Keys from one package to another are checked among those named.
            Or one data frame, with `table`.
        warnings: whether to run the rules that only warn, too; a warning doesn't fail a validation.
        engine: what runs the checks of packages: `polars` in memory, which is the default, `duckdb` for files
            larger than memory, or `spark`; those two name rows by primary key instead of line.
        table: of a data frame, the table that says what it must be; see `validate_frame`.
        package: of a data frame, the package that holds the table; the shipped ones where omitted.
        references: of a data frame, whether keys to other tables are checked.
        allow_remote: whether packages may be given by http(s) address, and what they name by address be fetched.

    Returns:
        A report: every finding with its place, rule and hint, and what could not be checked.

    Raises:
        LuminaldbError: a path is no data package, or a descriptor can't be used.
    """
    if given and not isinstance(given[0], (str, Path)):
        from .engines.user_frames import validate_frame

        if len(given) > 1 or table is None or engine is not None or allow_remote:
            raise LuminaldbError("a data frame is validated alone, with table= and by its own engine")
        return validate_frame(given[0], table, package=package, references=references)
    if table is not None or package is not None or references:
        raise LuminaldbError("table=, package= and references= go with a data frame, not with paths")
    packages = opened(given, allow_remote=allow_remote) if given else dict(installed.packages())
    if engine in (None, "polars"):
        return Validation(packages, trusted=not given, warnings=warnings).report()
    from .engines.packages import validate_packages

    return validate_packages(packages, str(engine), trusted=not given, warnings=warnings)
