"""The codebook as one HTML page: every table and column."""

from __future__ import annotations

from typing import Any

from ..html_page import render_page
from .content import ExportContent
from .dataset_metadata import read_metadata


def render(content: ExportContent) -> str:
    """Render the page."""
    dataset = read_metadata(content)
    return render_page(
        "codebook",
        title=f"{dataset.name} {dataset.version}: codebook",
        dataset=dataset,
        tables=content.tables,
        names={table.name for table in content.tables},
        range_text=_range_text,
    )


def _range_text(column: dict[str, Any]) -> str:
    limits = (("from", column["minimum"]), ("to", column["maximum"]))
    return " ".join(f"{bound} {limit:g}" for bound, limit in limits if limit is not None)
