"""DCAT 3 as JSON-LD, its context inline: nothing is fetched to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import DatasetMetadata, Origin
from .files import DescribedFile

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct:issued": {"@type": "xsd:date"},
    "dct:license": {"@type": "@id"},
    "dcat:downloadURL": {"@type": "@id"},
    "dcat:mediaType": {"@type": "@id"},
    "dcat:compressFormat": {"@type": "@id"},
    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger"},
    "spdx:algorithm": {"@type": "@id"},
    "spdx:checksumValue": {"@type": "xsd:hexBinary"},
}
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
# Media types that are in use, but not registered with IANA.
_UNREGISTERED_MEDIA_TYPES = ("application/x-", "application/jsonl", "application/graphml+xml")


def describe(dataset: DatasetMetadata, files: Sequence[DescribedFile]) -> dict[str, Any]:
    """Return the metadata; addresses of files are relative to this one."""
    return {
        "@context": _CONTEXT,
        "@id": "./",
        "@type": "dcat:Dataset",
        "dct:title": _english(dataset.title),
        "dct:description": _english(dataset.description),
        "dct:identifier": f"{dataset.name} {dataset.version}",
        "dcat:version": dataset.version,
        "dct:issued": dataset.date,
        "dct:language": {"@id": "http://id.loc.gov/vocabulary/iso639-1/en"},
        "dcat:keyword": [_english(keyword) for keyword in dataset.keywords],
        "dct:license": dataset.data_licence.url,
        "dct:rights": {
            "@type": "dct:RightsStatement",
            "dct:description": f"Data under {dataset.data_licence.name}, code under {dataset.code_licence.name}.",
        },
        "dct:bibliographicCitation": dataset.citation,
        "dct:creator": [_agent(name) for name in dataset.creators],
        "dct:publisher": [_agent(name) for name in dataset.publishers],
        "dct:source": [_source(source) for source in dataset.sources],
        "dcat:distribution": [_distribution(file, dataset) for file in files if file.is_data],
    }


def _english(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _agent(name: str) -> dict[str, str]:
    return {"@type": "foaf:Agent", "foaf:name": name}


def _source(source: Origin) -> dict[str, Any]:
    dataset: dict[str, Any] = {"@type": "dcat:Resource", "dct:title": _english(source.title)}
    return {"@id": source.path, **dataset} if source.path else dataset


def _distribution(file: DescribedFile, dataset: DatasetMetadata) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": _english(file.description),
        "dcat:downloadURL": file.path,
        **_format(file.media_type),
        "dcat:byteSize": str(file.size),
        "dct:license": [licence.url for licence in dataset.licences(code=file.is_code)],
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
            "spdx:checksumValue": file.sha256,
        },
    }


def _format(media_type: str) -> dict[str, str]:
    if media_type.startswith(_UNREGISTERED_MEDIA_TYPES):
        return {"dct:format": media_type}
    return {"dcat:mediaType": _MEDIA_TYPES + media_type}
