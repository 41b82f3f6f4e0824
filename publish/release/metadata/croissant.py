"""Croissant 1.0: what machine learning tools read; a record set per table, its columns typed and its keys named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...export.content import ExportContent, ExportTable
from ...export.dataset_metadata import DatasetMetadata
from .files import DescribedFile

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}


def describe(dataset: DatasetMetadata, content: ExportContent, files: Sequence[DescribedFile]) -> dict[str, Any]:
    """Return the metadata; addresses of files are relative to this one."""
    # mlcroissant reads a CSV without types, and turns a PMID into 41591991.0; Parquet says its types itself.
    files_by_table = {f.table: f for f in files if f.path.endswith(".parquet")}
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": dataset.name,
        "alternateName": dataset.title,
        "description": dataset.description,
        "version": dataset.version,
        "datePublished": dataset.date,
        "license": dataset.data_licence.url,
        "usageInfo": f"Data under {dataset.data_licence.name}, code under {dataset.code_licence.name}.",
        "citeAs": dataset.citation,
        "creator": [{"@type": "sc:Organization", "name": name} for name in dataset.creators],
        "publisher": [{"@type": "sc:Organization", "name": name} for name in dataset.publishers],
        "keywords": list(dataset.keywords),
        "inLanguage": "en",
        "isBasedOn": [source.path or source.title for source in dataset.sources],
        "isLiveDataset": False,
        "distribution": [_file(files_by_table[table.name]) for table in content.tables],
        "recordSet": [_record_set(table, files_by_table[table.name].path) for table in content.tables],
    }


def _file(file: DescribedFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "description": file.description,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _record_set(table: ExportTable, path: str) -> dict[str, Any]:
    key = [{"@id": f"{table.name}/{column}"} for column in table.resource.schema.primary_key]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.resource.description,
        "key": key[0] if len(key) == 1 else key,
        "field": list(_fields(table, path)),
    }


def _fields(table: ExportTable, path: str) -> Iterator[dict[str, Any]]:
    # As text: mlcroissant joins along `references`, and can't where the table joined has references of its own.
    targets = {
        column: f" Refers to {key.reference.table or table.name}.{target}."
        for key in table.resource.schema.all_references()
        for column, target in zip(key.columns, key.reference.columns, strict=True)
    }
    for field in table.resource.schema.fields:
        yield {
            "@type": "cr:Field",
            "@id": f"{table.name}/{field.name}",
            "name": field.name,
            "description": field.description + targets.get(field.name, ""),
            "dataType": _TYPES[field.type],
            "source": {"fileObject": {"@id": path}, "extract": {"column": field.name}},
        }
