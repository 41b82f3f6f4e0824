"""schema.org's Dataset as JSON-LD, its context inline: nothing is fetched to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import DatasetMetadata, Origin
from .files import DescribedFile


def describe(dataset: DatasetMetadata, files: Sequence[DescribedFile]) -> dict[str, Any]:
    """Return the metadata; addresses of files are relative to this one."""
    return {
        "@context": {
            "@vocab": "https://schema.org/",
            "license": {"@type": "@id"},
            "url": {"@type": "@id"},
            "contentUrl": {"@type": "@id"},
            "datePublished": {"@type": "Date"},
        },
        "@id": "./",
        "@type": "Dataset",
        "name": dataset.title,
        "alternateName": dataset.name,
        "identifier": f"{dataset.name} {dataset.version}",
        "description": dataset.description,
        "version": dataset.version,
        "datePublished": dataset.date,
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "keywords": list(dataset.keywords),
        "license": dataset.data_licence.url,
        "usageInfo": f"Data under {dataset.data_licence.name}, code under {dataset.code_licence.name}.",
        "creditText": dataset.citation,
        "creator": [{"@type": "Organization", "name": name} for name in dataset.creators],
        "publisher": [{"@type": "Organization", "name": name} for name in dataset.publishers],
        "isBasedOn": [_source(source) for source in dataset.sources],
        "distribution": [_download(file, dataset) for file in files if file.is_data],
    }


def _source(source: Origin) -> dict[str, str]:
    work = {"@type": "CreativeWork", "name": source.title}
    return {**work, "url": source.path} if source.path else work


def _download(file: DescribedFile, dataset: DatasetMetadata) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "name": file.description,
        "contentUrl": file.path,
        "encodingFormat": file.media_type,
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
        "license": [licence.url for licence in dataset.licences(code=file.is_code)],
    }
