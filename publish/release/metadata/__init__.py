"""The metadata of a release, each standard's file made from the same facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...export.content import ExportContent
from ...export.dataset_metadata import read_metadata
from . import cff, croissant, datacite, dcat, ro_crate, schema_org, zenodo
from .files import DescribedFile

RO_CRATE = "ro-crate-metadata.json"


def metadata(content: ExportContent, files: Sequence[DescribedFile]) -> dict[str, str]:
    """Return every metadata file but the RO-Crate's by name.

    Args:
        content: the tables.
        files: what the release holds so far.
    """
    dataset = read_metadata(content)
    return {
        "CITATION.cff": cff.render(dataset),
        "croissant.json": _json(croissant.describe(dataset, content, files)),
        "datacite.json": _json(datacite.describe(dataset, files)),
        "dcat.jsonld": _json(dcat.describe(dataset, files)),
        "schema-org.jsonld": _json(schema_org.describe(dataset, files)),
        "zenodo.json": _json(zenodo.describe(dataset)),
    }


def crate(content: ExportContent, files: Sequence[DescribedFile]) -> str:
    """Return ro-crate-metadata.json, which makes the folder of the release an RO-Crate."""
    return _json(ro_crate.describe(read_metadata(content), files))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
