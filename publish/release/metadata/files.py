"""The files of a release as its metadata name them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from luminaldb.loaders.releases.index import ARCHIVE_PACKAGE

from ...export.content import ExportContent

# By the end of the path.
_KINDS = {
    "-py3-none-any.whl": ("application/zip", "Python package, built (wheel)"),
    ".tar.gz": ("application/gzip", "Python package, source"),
    "-csv.zip": ("application/zip", "Data package: every table as CSV, with its descriptor, zipped"),
    "-r.zip": ("application/zip", "For R: every table as CSV, and a script that reads them with their types"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel workbook of every table"),
    ".sqlite": ("application/vnd.sqlite3", "SQLite database of every table, with keys and joined views"),
    "-codebook.html": ("text/html", "Codebook: every column explained"),
    "-citations.bib": ("application/x-bibtex", "The sources cited, as BibTeX"),
    "-citations.ris": ("application/x-research-info-systems", "The sources cited, as RIS"),
    "-citations.csl.json": ("application/vnd.citationstyles.csl+json", "The sources cited, as CSL-JSON"),
    "-network.graphml": ("application/graphml+xml", "Mechanism network as GraphML"),
    "-network.sif": ("text/plain", "Mechanism network as SIF, for Cytoscape"),
    "bundle/datapackage.json": ("application/json", "Descriptor of the data package (Data Package v2)"),
    "CITATION.cff": ("application/yaml", "How to cite (Citation File Format)"),
    "croissant.json": ("application/ld+json", "Metadata as Croissant"),
    "datacite.json": ("application/json", "Metadata as DataCite"),
    "dcat.jsonld": ("application/ld+json", "Metadata as DCAT"),
    "schema-org.jsonld": ("application/ld+json", "Metadata as schema.org"),
    "zenodo.json": ("application/json", "Metadata for Zenodo"),
    "RELEASE-NOTES.md": ("text/markdown", "Release notes"),
}
_ARCHIVE = ("application/zip", "Python package of every released version of the tables (wheel)")
# By the start of the name: R's own form of it, NAME_VERSION.tar.gz.
_R_PACKAGE = "luminaldb_"
_R_KIND = ("application/gzip", "R package, source: R CMD INSTALL")
_TABLES = {
    ".csv": ("text/csv", "CSV"),
    ".parquet": ("application/vnd.apache.parquet", "Parquet"),
    ".jsonl": ("application/jsonl", "JSON Lines"),
}
_CODE = ("-py3-none-any.whl", ".tar.gz")
_ABOUT = (".html", ".md", ".cff", ".json", ".jsonld")


@dataclass(frozen=True, slots=True)
class DescribedFile:
    """A file of a release.

    Attributes:
        path: below the release's folder, parts joined by `/`.
        media_type: IANA's name of its format, or the one in use.
        description: what it holds.
        size: in bytes.
        sha256: hash of its bytes, in hexadecimal.
        table: the table it holds alone, or "".
    """

    path: str
    media_type: str
    description: str
    size: int
    sha256: str
    table: str

    @property
    def is_code(self) -> bool:
        """Whether it holds the code, too."""
        return self.path.endswith(_CODE) and not self.path.startswith(ARCHIVE_PACKAGE)

    @property
    def is_data(self) -> bool:
        """Whether it holds data rather than words about them."""
        return not self.path.endswith(_ABOUT) or self.path.endswith("-citations.csl.json")


def release_files(folder: Path, content: ExportContent) -> list[DescribedFile]:
    """List the files of a release's folder, sorted by path."""
    titles = {table.name: table.resource.title for table in content.tables}
    paths = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return [_file(folder, path, titles) for path in paths]


def _file(folder: Path, path: str, titles: dict[str, str]) -> DescribedFile:
    data, relative_path = (folder / path).read_bytes(), Path(path)
    table = relative_path.stem if relative_path.suffix in _TABLES else ""
    if path.startswith(ARCHIVE_PACKAGE):
        media_type, description = _ARCHIVE
    elif table:
        media_type, format_name = _TABLES[relative_path.suffix]
        description = f"Table {table} ({titles[table]}) as {format_name}"
    elif relative_path.name.startswith(_R_PACKAGE):
        media_type, description = _R_KIND
    else:
        unknown = ("application/octet-stream", path)
        media_type, description = next(
            (kind for end, kind in _KINDS.items() if path.endswith(end)),
            unknown,
        )
    return DescribedFile(path, media_type, description, len(data), hashlib.sha256(data).hexdigest(), table)
