"""Parquet: one typed file per table, with the version and descriptions in its metadata."""

from __future__ import annotations

import io
import json
from pathlib import Path

from ..content import LICENCE, ExportContent, ExportTable
from ..dataset_metadata import CODE_LICENCE
from ..export import Progress


def write(content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one Parquet file per table."""
    del excel
    for table in content.tables:
        progress(table.name)
        file = out / f"{table.name}.parquet" if out.is_dir() else out
        # Through memory: polars reports a full disk as a broken file.
        packed = io.BytesIO()
        table.frame.write_parquet(packed, metadata=_metadata(content, table))
        file.write_bytes(packed.getvalue())


def _metadata(content: ExportContent, table: ExportTable) -> dict[str, str]:
    return {
        "table": table.name,
        "title": table.resource.title,
        "description": table.resource.description,
        "version": content.version,
        "date": content.date,
        "license": LICENCE,
        "citation": content.citation,
        "code_license": CODE_LICENCE.name,
        "primary_key": json.dumps(table.resource.schema.primary_key),
        "columns": json.dumps({f.name: f.description for f in table.resource.schema.fields}, ensure_ascii=False),
        "units": json.dumps({f.name: f.unit for f in table.resource.schema.fields if f.unit}, ensure_ascii=False),
    }
