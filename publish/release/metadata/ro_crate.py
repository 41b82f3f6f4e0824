"""RO-Crate 1.2: the release's folder described as a crate, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import Facts, Licence, Origin
from .files import ReleaseFile

_VERSION = "https://w3id.org/ro/crate/1.2"


def describe(said: Facts, files: Sequence[ReleaseFile]) -> dict[str, Any]:
    """Give the metadata of the crate, whose root is the release's folder."""
    people = [_organization(name) for name in dict.fromkeys((*said.creators, *said.publishers))]
    sources = [_source(number, source) for number, source in enumerate(said.sources, start=1)]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": said.title,
        "description": said.description,
        "identifier": f"{said.name} {said.version}",
        "version": said.version,
        "datePublished": said.date,
        "license": {"@id": said.data_licence.url},
        "usageInfo": f"Data under {said.data_licence.name}, code under {said.code_licence.name}.",
        "creditText": said.citation,
        "keywords": list(said.keywords),
        "author": [{"@id": _organization(name)["@id"]} for name in said.creators],
        "publisher": [{"@id": _organization(name)["@id"]} for name in said.publishers],
        "isBasedOn": [{"@id": source["@id"]} for source in sources],
        "hasPart": [{"@id": file.path} for file in files],
    }
    descriptor = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _VERSION},
    }
    licences = [_licence(said.data_licence), _licence(said.code_licence)]
    parts = [_file(file, said) for file in files]
    return {"@context": f"{_VERSION}/context", "@graph": [descriptor, root, *parts, *people, *sources, *licences]}


def _organization(name: str) -> dict[str, str]:
    return {"@id": f"#{name.lower().replace(' ', '-')}", "@type": "Organization", "name": name}


def _source(number: int, source: Origin) -> dict[str, str]:
    work = {"@id": source.path or f"#source-{number}", "@type": "CreativeWork", "name": source.title}
    return {**work, "url": source.path} if source.path else work


def _licence(licence: Licence) -> dict[str, str]:
    return {"@id": licence.url, "@type": "CreativeWork", "name": licence.title, "identifier": licence.name}


def _file(file: ReleaseFile, said: Facts) -> dict[str, Any]:
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.description,
        "encodingFormat": file.media_type,
        "contentSize": str(file.size),
        "sha256": file.sha256,
        "license": [{"@id": licence.url} for licence in said.licences(code=file.is_code)],
    }
