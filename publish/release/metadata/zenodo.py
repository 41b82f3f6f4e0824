"""Zenodo's deposit metadata, the file `.zenodo.json` of its uploads."""

from __future__ import annotations

from html import escape
from typing import Any

from ...export.dataset_metadata import Facts


def describe(said: Facts) -> dict[str, Any]:
    """Give the metadata."""
    sources = "; ".join(f"{s.title} ({s.path})" if s.path else s.title for s in said.sources)
    return {
        "upload_type": "dataset",
        "title": said.title,
        "description": f"<p>{escape(said.description)}</p>",
        "version": said.version,
        "publication_date": said.date,
        "creators": [{"name": creator} for creator in said.creators],
        "contributors": [{"name": name, "type": "DataCurator"} for name in said.publishers],
        "keywords": list(said.keywords),
        "language": "eng",
        "access_right": "open",
        "license": said.data_licence.name,
        "notes": f"Cite as: {said.citation} Code under {said.code_licence.name}. Sources: {sources}.",
    }
