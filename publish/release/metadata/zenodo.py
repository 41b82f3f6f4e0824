"""Zenodo's deposit metadata, the file `.zenodo.json` of its uploads."""

from __future__ import annotations

from html import escape
from typing import Any

from ...export.dataset_metadata import DatasetMetadata


def describe(dataset: DatasetMetadata) -> dict[str, Any]:
    """Return the metadata."""
    sources = "; ".join(f"{s.title} ({s.path})" if s.path else s.title for s in dataset.sources)
    return {
        "upload_type": "dataset",
        "title": dataset.title,
        "description": f"<p>{escape(dataset.description)}</p>",
        "version": dataset.version,
        "publication_date": dataset.date,
        "creators": [{"name": creator} for creator in dataset.creators],
        "contributors": [{"name": name, "type": "DataCurator"} for name in dataset.publishers],
        "keywords": list(dataset.keywords),
        "language": "eng",
        "access_right": "open",
        "license": dataset.data_licence.name,
        "notes": f"Cite as: {dataset.citation} Code under {dataset.code_licence.name}. Sources: {sources}.",
    }
