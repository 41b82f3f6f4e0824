"""JSON Lines: one file per table, one object a row with typed values; an empty cell is null."""

from __future__ import annotations

import json
from pathlib import Path

from ..content import ExportContent
from ..export import Progress
from .json import json_default


def write(content: ExportContent, out: Path, progress: Progress, *, excel: bool) -> None:
    """Write one JSON Lines file per table."""
    del excel
    for table in content.tables:
        progress(table.name)
        file = out / f"{table.name}.jsonl" if out.is_dir() else out
        rows = table.frame.iter_rows(named=True)
        lines = (json.dumps(row, ensure_ascii=False, default=json_default, allow_nan=False) for row in rows)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
