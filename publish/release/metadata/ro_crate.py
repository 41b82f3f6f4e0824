"""RO-Crate 1.2: the release's folder described as a crate, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import DatasetMetadata, Licence, Origin
from .files import DescribedFile

_VERSION = "https://w3id.org/ro/crate/1.2"


def describe(dataset: DatasetMetadata, files: Sequence[DescribedFile]) -> dict[str, Any]:
    """Return the metadata of the crate, whose root is the release's folder."""
    people = [_organization(name) for name in dict.fromkeys((*dataset.creators, *dataset.publishers))]
    sources = [_source(number, source) for number, source in enumerate(dataset.sources, start=1)]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": dataset.title,
        "description": dataset.description,
        "identifier": f"{dataset.name} {dataset.version}",
        "version": dataset.version,
        "datePublished": dataset.date,
        "license": {"@id": dataset.data_licence.url},
        "usageInfo": f"Data under {dataset.data_licence.name}, code under {dataset.code_licence.name}.",
        "creditText": dataset.citation,
        "keywords": list(dataset.keywords),
        "author": [{"@id": _organization(name)["@id"]} for name in dataset.creators],
        "publisher": [{"@id": _organization(name)["@id"]} for name in dataset.publishers],
        "isBasedOn": [{"@id": source["@id"]} for source in sources],
        "hasPart": [{"@id": file.path} for file in files],
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _VERSION},
    }
    licences = [_licence(dataset.data_licence), _licence(dataset.code_licence)]
    parts = [_file(file, dataset) for file in files]
    return {"@context": f"{_VERSION}/context", "@graph": [descriptor, root, *parts, *people, *sources, *licences]}


def _organization(name: str) -> dict[str, str]:
    return {"@id": f"#{name.lower().replace(' ', '-')}", "@type": "Organization", "name": name}


def _source(number: int, source: Origin) -> dict[str, str]:
    work = {"@id": source.path or f"#source-{number}", "@type": "CreativeWork", "name": source.title}
    return {**work, "url": source.path} if source.path else work


def _licence(licence: Licence) -> dict[str, str]:
    return {"@id": licence.url, "@type": "CreativeWork", "name": licence.title, "identifier": licence.name}


def _file(file: DescribedFile, dataset: DatasetMetadata) -> dict[str, Any]:
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.description,
        "encodingFormat": file.media_type,
        "contentSize": str(file.size),
        "sha256": file.sha256,
        "license": [{"@id": licence.url} for licence in dataset.licences(code=file.is_code)],
    }
