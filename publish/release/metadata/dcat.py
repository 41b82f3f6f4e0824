"""DCAT 3 as JSON-LD, its context inline: nothing is fetched to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import Facts, Origin
from .files import ReleaseFile

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
# In use, and not in IANA's list.
_UNLISTED = ("application/x-", "application/jsonl", "application/graphml+xml")


def describe(said: Facts, files: Sequence[ReleaseFile]) -> dict[str, Any]:
    """Give the metadata; addresses of files are relative to this one."""
    return {
        "@context": _CONTEXT,
        "@id": "./",
        "@type": "dcat:Dataset",
        "dct:title": _english(said.title),
        "dct:description": _english(said.description),
        "dct:identifier": f"{said.name} {said.version}",
        "dcat:version": said.version,
        "dct:issued": said.date,
        "dct:language": {"@id": "http://id.loc.gov/vocabulary/iso639-1/en"},
        "dcat:keyword": [_english(keyword) for keyword in said.keywords],
        "dct:license": said.data_licence.url,
        "dct:rights": {
            "@type": "dct:RightsStatement",
            "dct:description": f"Data under {said.data_licence.name}, code under {said.code_licence.name}.",
        },
        "dct:bibliographicCitation": said.citation,
        "dct:creator": [_agent(name) for name in said.creators],
        "dct:publisher": [_agent(name) for name in said.publishers],
        "dct:source": [_source(source) for source in said.sources],
        "dcat:distribution": [_distribution(file, said) for file in files if file.is_data],
    }


def _english(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _agent(name: str) -> dict[str, str]:
    return {"@type": "foaf:Agent", "foaf:name": name}


def _source(source: Origin) -> dict[str, Any]:
    said: dict[str, Any] = {"@type": "dcat:Resource", "dct:title": _english(source.title)}
    return {"@id": source.path, **said} if source.path else said


def _distribution(file: ReleaseFile, said: Facts) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": _english(file.description),
        "dcat:downloadURL": file.path,
        **_format(file.media_type),
        "dcat:byteSize": str(file.size),
        "dct:license": [licence.url for licence in said.licences(code=file.is_code)],
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
            "spdx:checksumValue": file.sha256,
        },
    }


def _format(media_type: str) -> dict[str, str]:
    if media_type.startswith(_UNLISTED):
        return {"dct:format": media_type}
    return {"dcat:mediaType": _MEDIA_TYPES + media_type}
