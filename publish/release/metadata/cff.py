"""CITATION.cff, Citation File Format 1.2.0; the repository's own is this very text."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...export.dataset_metadata import DatasetMetadata, Origin


def render(dataset: DatasetMetadata) -> str:
    """Write the file."""
    message = (
        "Cite the version you used, and the papers behind the rows you used. "
        f"Data under {dataset.data_licence.name}, code under {dataset.code_licence.name}."
    )
    # A string of JSON is a string of YAML.
    lines = [
        "cff-version: 1.2.0",
        f"message: {json.dumps(message)}",
        "type: dataset",
        f"title: {json.dumps(dataset.title)}",
        f"abstract: {json.dumps(dataset.description)}",
        f"version: {dataset.version}",
        f"date-released: {dataset.date}",
        "authors:",
        *(f"  - name: {creator}" for creator in dataset.creators),
        f"license: {dataset.data_licence.name}",
        "keywords:",
        *(f"  - {keyword}" for keyword in dataset.keywords),
        "references:",
        *(line for source in dataset.sources for line in _source(source)),
    ]
    return "\n".join(lines) + "\n"


def _source(source: Origin) -> Iterator[str]:
    yield "  - type: generic"
    yield f"    title: {json.dumps(source.title)}"
    yield "    authors:"
    yield f"      - name: {json.dumps(source.title)}"
    if source.path:
        yield f"    url: {source.path}"
