"""Validate data packages or a data frame, by the engine of the user's choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from luminaldb.errors import LuminaldbError
from luminaldb.issues import Report
from luminaldb.loaders import installed
from luminaldb.loaders.datapackage.package import Package
from luminaldb.loaders.open_packages import open_packages

from .engines.open_backend import open_backend
from .runner import check_packages


def validate(
    *sources: Any,
    warnings: bool = False,
    engine: str | None = None,
    table: str | None = None,
    package: Package | None = None,
    references: bool = False,
    allow_remote: bool = False,
) -> Report:
    """Validate data packages, or a data frame.

    Args:
        sources: folders, datapackage.json files or zips; a folder of packages stands for each of them. The
            shipped packages where omitted. Keys from one package to another are checked among those named.
            Or one data frame, with `table`: a polars DataFrame or LazyFrame, a pandas DataFrame, an Arrow table, a
            DuckDB relation or a PySpark DataFrame.
        warnings: whether to run the rules that only warn, too; a warning doesn't fail a validation.
        engine: what runs the checks of packages: `polars` in memory, which is the default, `duckdb` for files
            larger than memory, or `spark`; those two name rows by primary key instead of line.
        table: of a data frame, the name of the table that says what it must be. A column of text is checked as a
            CSV's would be, cell by cell.
        package: of a data frame, the package that holds the table; the shipped ones where omitted.
        references: of a data frame, whether keys to other tables are checked.
        allow_remote: whether packages may be given by http(s) address, and what they name by address be fetched.

    Returns:
        A report: every issue with its place, code and hint, and what could not be checked. `line` of a frame's issue
        is the number of the row, counting from 1; 0 for DuckDB and Spark, whose rows have no order.

    Raises:
        UnknownTableError: no table has the name given for a frame; the text names the nearest.
        LuminaldbError: a path is no data package, a descriptor can't be used, or a frame is of no known kind.
    """
    if sources and not isinstance(sources[0], (str, Path)):
        from .user_frames import check_user_frame

        if len(sources) > 1 or table is None or engine is not None or allow_remote:
            raise LuminaldbError("a data frame is validated alone, with table= and by its own engine")
        return check_user_frame(sources[0], table, package=package, references=references)
    if table is not None or package is not None or references:
        raise LuminaldbError("table=, package= and references= go with a data frame, not with paths")
    packages = open_packages(sources, allow_remote=allow_remote) if sources else dict(installed.packages())
    with open_backend(engine) as backend:
        return check_packages(packages, backend, trusted=not sources, warnings=warnings)
