"""One data package that holds every exported table, its references turned into native foreign keys."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from .content import ExportContent, ExportTable
from .dataset_metadata import Licence, read_metadata


def single_package_descriptor(content: ExportContent, *, files: dict[str, bytes] | None = None) -> dict[str, Any]:
    """Return the datapackage.json of the one package.

    References between packages (`x-reference` on a field) become `foreignKeys`; a key whose table isn't
    exported is left out. Each resource has its size and SHA-256.

    Args:
        content: the tables.
        files: bytes of each table's CSV where they differ from the installed ones.
    """
    names, dataset = {table.name for table in content.tables}, read_metadata(content)
    first_descriptor = content.tables[0].package.descriptor.properties
    return {
        "$schema": first_descriptor["$schema"],
        "name": dataset.name,
        "title": dataset.title,
        "description": dataset.description,
        "version": dataset.version,
        "created": first_descriptor["created"],
        "licenses": [_licence(dataset.data_licence)],
        "contributors": [
            *({"title": creator, "roles": ["creator"]} for creator in dataset.creators),
            *first_descriptor["contributors"],
        ],
        "sources": [{"title": s.title, **({"path": s.path} if s.path else {})} for s in dataset.sources],
        "keywords": list(dataset.keywords),
        "x-citation": dataset.citation,
        "x-code-license": _licence(dataset.code_licence),
        "resources": [_resource(table, names, (files or {}).get(table.name, table.raw)) for table in content.tables],
    }


def _licence(licence: Licence) -> dict[str, str]:
    return {"name": licence.name, "title": licence.title, "path": licence.url}


def _resource(table: ExportTable, names: set[str], data: bytes) -> dict[str, Any]:
    resources = table.package.descriptor.properties["resources"]
    resource: dict[str, Any] = copy.deepcopy(next(r for r in resources if r["name"] == table.name))
    resource["bytes"] = len(data)
    resource["hash"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    schema = resource["schema"]
    own_keys = [k for k in schema.pop("foreignKeys", []) if k["reference"]["resource"] in {*names, ""}]
    keys_to_other_packages = [
        _foreign_key(f) for f in schema["fields"] if "x-reference" in f and f["x-reference"]["resource"] in names
    ]
    for field in schema["fields"]:
        field.pop("x-reference", None)
    if own_keys or keys_to_other_packages:
        schema["foreignKeys"] = [*own_keys, *keys_to_other_packages]
    return resource


def _foreign_key(field: dict[str, Any]) -> dict[str, Any]:
    target = field["x-reference"]
    reference = {"resource": target["resource"], "fields": [target["field"]]}
    return {"fields": [field["name"]], "reference": reference}
