"""The bundle of a release: one data package with every table, as files and as a zip."""

from __future__ import annotations

import json

from ..export.bundle import bundle_descriptor
from ..export.content import Content
from .reproducible_zip import build_zip


def bundle_files(content: Content) -> dict[str, bytes]:
    """Give the bundle's files by name: datapackage.json and one CSV per table, its bytes unchanged."""
    descriptor = json.dumps(bundle_descriptor(content), indent=2, ensure_ascii=False) + "\n"
    return {"datapackage.json": descriptor.encode(), **{f"{s.name}.csv": s.raw for s in content.sheets}}


def bundle_zip(content: Content) -> bytes:
    """Give the bundle as a zip, its files at the root; the same bytes for the same tables."""
    return build_zip(bundle_files(content))


def bundle_name(version: str) -> str:
    """Give the file name of a version's bundle."""
    return f"luminaldb-{version}-csv.zip"
