"""JSON: one file per table, a list of objects with typed values; an empty cell is null."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from ..content import ExportContent
from ..export import Progress


def write(content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one JSON file per table."""
    del excel
    for table in content.tables:
        progress(table.name)
        file = out / f"{table.name}.json" if out.is_dir() else out
        rows = json.dumps(table.frame.to_dicts(), indent=1, ensure_ascii=False, default=json_default, allow_nan=False)
        file.write_text(rows + "\n", encoding="utf-8")


def json_default(value: Any) -> str:
    """Return the JSON form of what JSON has no form for."""
    if isinstance(value, datetime.date | datetime.time | datetime.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
