"""The downloads: every format with what is in it, for whom, its size and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ..export.export import Progress, export
from ..export.formats.csv import results_csv
from ..export.references import render
from ..export.references.csl import items
from ..labels import size_in_words
from ..release.release_zip import release_zip, zip_name
from ..results_table import RESULTS_TABLE, results_frame
from .release_history import released_versions
from .site import Site
from .snippets import snippets

FOLDER = "downloads"
_EXPORTS = {"xlsx": "luminaldb.xlsx", "sqlite": "luminaldb.sqlite", "csv": "csv", "parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class DownloadItem:
    """One file, or a folder of files, to take away.

    Attributes:
        name: what it is called.
        address: from the site's root; a folder ends in a slash.
        content: what is in it.
        audience: who it is for.
        size: in bytes.
        sha256: of a file; empty for a folder.
    """

    name: str
    address: str
    content: str
    audience: str
    size: int
    sha256: str


def write_downloads(site: Site, progress: Progress) -> list[tuple[str, str, str]]:
    """Write the files and their page.

    Returns:
        The downloads most people want: name, address, size in words.
    """
    content = site.evidence.content
    folder = site.out / FOLDER
    tables = [s.name for s in content.tables]
    for format_name, name in _EXPORTS.items():
        progress(format_name)
        export(
            format_name,
            folder / name,
            tables=[*tables, RESULTS_TABLE] if format_name == "xlsx" else tables,
            path=site.evidence.database,
        )
    zip_file = zip_name(content.version)
    site.save(f"{FOLDER}/{zip_file}", release_zip(content))
    site.save(f"{FOLDER}/codebook.csv", join_codebooks(site).write_csv().encode())
    flat = results_csv(results_frame(site.evidence.flat_results.values()), excel=True)
    site.save(f"{FOLDER}/results.csv", flat)
    citations = items(site.evidence["citations"].export_table.frame)
    for format_name, ending in (("bibtex", "bib"), ("ris", "ris")):
        site.save(f"{FOLDER}/citations.{ending}", render(citations, format_name).encode())
    all_tables = f"all {len(tables)} tables"
    items_to_download = [
        _download(site, "Excel workbook", "luminaldb.xlsx", f"all results in words first, then {all_tables} as sheets "
                  "with filters and links; the codebook last", "people who work in Excel or LibreOffice"),
        _download(site, "Results, CSV for spreadsheets", "results.csv", "all results in words, one flat table; with a "
                  "byte order mark, and an apostrophe before text that a spreadsheet would run",
                  "people who work in Excel or LibreOffice"),
        _download(site, "CSV, one zip", zip_file, f"{all_tables} with datapackage.json (types, keys, meanings)",
                  "R, Stata, SPSS, any program; a Frictionless data package"),
        _download(site, "CSV, table by table", "csv/", f"{all_tables}, a file each", "one table in any program"),
        _download(site, "SQLite", "luminaldb.sqlite", f"{all_tables} with keys, types and the codebook",
                  "SQL: joins over all tables in one file"),
        _download(site, "Parquet, table by table", "parquet/", f"{all_tables}, typed, a file each",
                  "polars, pandas, DuckDB, Spark, Arrow"),
        _download(site, "Codebook", "codebook.csv", "every column: type, unit, meaning, allowed values, example",
                  "everybody who reads the tables"),
        _download(site, "Sources, BibTeX", "citations.bib", f"{len(citations):,} citations", "LaTeX, JabRef"),
        _download(site, "Sources, RIS", "citations.ris", f"{len(citations):,} citations", "EndNote, Zotero, Mendeley"),
    ]  # fmt: skip
    site.write_page(
        "downloads.html",
        "downloads",
        "Downloads",
        items_to_download=[(d, size_in_words(d.size)) for d in items_to_download],
        single={format_name: _files(site, format_name) for format_name in ("csv", "parquet")},
        snippets=snippets(content.version),
        folder=FOLDER,
        versions=released_versions(site),
    )
    main_names = ("Excel workbook", "CSV, one zip", "SQLite")
    return [(d.name, d.address, size_in_words(d.size)) for d in items_to_download if d.name in main_names]


def join_codebooks(site: Site) -> pl.DataFrame:
    """Return the codebook of every table as one frame."""
    return pl.concat(s.codebook.select(pl.lit(s.name).alias("table"), pl.all()) for s in site.evidence.content.tables)


def _download(site: Site, name: str, address: str, content: str, audience: str) -> DownloadItem:
    target = site.out / FOLDER / address
    if target.is_dir():
        total = sum(p.stat().st_size for p in target.iterdir())
        return DownloadItem(name, f"{FOLDER}/{address}", content, audience, total, "")
    data = target.read_bytes()
    return DownloadItem(name, f"{FOLDER}/{address}", content, audience, len(data), hashlib.sha256(data).hexdigest())


def _files(site: Site, format_name: str) -> Sequence[tuple[str, str, str, str]]:
    files = sorted((site.out / FOLDER / format_name).iterdir())
    return [
        (
            p.name,
            f"{FOLDER}/{format_name}/{p.name}",
            size_in_words(p.stat().st_size),
            hashlib.sha256(p.read_bytes()).hexdigest(),
        )
        for p in files
    ]
