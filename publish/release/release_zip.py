"""The data package of a release, with every table: as files and as a zip."""

from __future__ import annotations

import json

from ..export.content import ExportContent
from ..export.single_package import single_package_descriptor
from .reproducible_zip import build_zip


def package_files(content: ExportContent) -> dict[str, bytes]:
    """Return the data package's files by name: datapackage.json and one CSV per table, its bytes unchanged."""
    descriptor = json.dumps(single_package_descriptor(content), indent=2, ensure_ascii=False) + "\n"
    return {"datapackage.json": descriptor.encode(), **{f"{s.name}.csv": s.raw for s in content.tables}}


def release_zip(content: ExportContent) -> bytes:
    """Return the data package as a zip, its files at the root; the same bytes for the same tables."""
    return build_zip(package_files(content))


def zip_name(version: str) -> str:
    """Return the file name of a version's zip."""
    return f"luminaldb-{version}-csv.zip"
