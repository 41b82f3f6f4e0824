"""Parquet: one typed file per table, with the version and descriptions in its metadata."""

from __future__ import annotations

import json
from pathlib import Path

from ..content import LICENCE, Content, Sheet
from ..export import Progress


def write(content: Content, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one Parquet file per table."""
    del excel
    for sheet in content.sheets:
        progress(sheet.name)
        place = out / f"{sheet.name}.parquet" if out.is_dir() else out
        sheet.frame.write_parquet(place, metadata=_metadata(content, sheet))


def _metadata(content: Content, sheet: Sheet) -> dict[str, str]:
    return {
        "title": sheet.resource.title,
        "description": sheet.resource.description,
        "version": content.version,
        "date": content.date,
        "license": LICENCE,
        "citation": content.citation,
        "columns": json.dumps({f.name: f.description for f in sheet.resource.schema.fields}, ensure_ascii=False),
    }
