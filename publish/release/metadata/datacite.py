"""DataCite metadata 4.5, without a DOI: the registrar gives one on deposit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...export.dataset_metadata import DatasetMetadata, Licence
from .files import DescribedFile


def describe(dataset: DatasetMetadata, files: Sequence[DescribedFile]) -> dict[str, Any]:
    """Return the metadata."""
    data = [file for file in files if file.is_data]
    sources = "; ".join(f"{s.title} ({s.path})" if s.path else s.title for s in dataset.sources)
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Curated evidence tables"},
        "titles": [{"title": dataset.title, "lang": "en"}],
        "creators": [{"name": creator, "nameType": "Organizational"} for creator in dataset.creators],
        "contributors": [
            {"name": name, "nameType": "Organizational", "contributorType": "DataCurator"}
            for name in dataset.publishers
        ],
        "publisher": {"name": dataset.publishers[0]},
        "publicationYear": dataset.year,
        "dates": [{"date": dataset.date, "dateType": "Issued"}],
        "version": dataset.version,
        "language": "en",
        "subjects": [{"subject": keyword, "lang": "en"} for keyword in dataset.keywords],
        "rightsList": [_rights(dataset.data_licence, "data"), _rights(dataset.code_licence, "code")],
        "descriptions": [
            {"descriptionType": "Abstract", "description": dataset.description, "lang": "en"},
            {"descriptionType": "Other", "description": f"How to cite: {dataset.citation}", "lang": "en"},
            {"descriptionType": "Methods", "description": f"Curated from: {sources}.", "lang": "en"},
        ],
        "relatedIdentifiers": [
            {"relatedIdentifier": s.path, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
            for s in dataset.sources
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
