"""DataCite metadata 4.5, without a DOI: the registrar gives one on deposit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import Facts, Licence
from .files import ReleaseFile


def describe(said: Facts, files: Sequence[ReleaseFile]) -> dict[str, Any]:
    """Give the metadata."""
    data = [file for file in files if file.is_data]
    sources = "; ".join(f"{s.title} ({s.path})" if s.path else s.title for s in said.sources)
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Curated evidence tables"},
        "titles": [{"title": said.title, "lang": "en"}],
        "creators": [{"name": creator, "nameType": "Organizational"} for creator in said.creators],
        "contributors": [
            {"name": name, "nameType": "Organizational", "contributorType": "DataCurator"} for name in said.publishers
        ],
        "publisher": {"name": said.publishers[0]},
        "publicationYear": said.year,
        "dates": [{"date": said.date, "dateType": "Issued"}],
        "version": said.version,
        "language": "en",
        "subjects": [{"subject": keyword, "lang": "en"} for keyword in said.keywords],
        "rightsList": [_rights(said.data_licence, "data"), _rights(said.code_licence, "code")],
        "descriptions": [
            {"descriptionType": "Abstract", "description": said.description, "lang": "en"},
            {"descriptionType": "Other", "description": f"How to cite: {said.citation}", "lang": "en"},
            {"descriptionType": "Methods", "description": f"Curated from: {sources}.", "lang": "en"},
        ],
        "relatedIdentifiers": [
            {"relatedIdentifier": s.path, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
            for s in said.sources
            if s.path
        ],
        "formats": sorted({file.media_type for file in data}),
        "sizes": [f"{sum(file.size for file in data)} bytes", f"{len(data)} files"],
    }


def _rights(licence: Licence, of: str) -> dict[str, str]:
    return {
        "rights": f"{licence.title} ({of})",
        "rightsUri": licence.url,
        "rightsIdentifier": licence.name,
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }
