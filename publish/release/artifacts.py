"""The artifacts of a release, one after the other, each written into the release's folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

from ..export import codebook
from ..export.content import ExportContent
from ..export.dataset_metadata import read_metadata
from ..export.export import FORMATS
from ..export.formats import r
from ..export.graph import graphml, sif
from ..export.graph.mechanism_graph import mechanism_graph
from ..export.references import render
from ..export.references.csl import items
from . import archive as archived_releases
from .archive_wheel import archive_wheel
from .checkout import Checkout
from .notes import notes
from .python_package import python_package
from .r_package import r_package
from .release_zip import package_files, zip_name
from .reproducible_zip import build_zip

Make = Callable[[Path], None]
_REFERENCES = {"bib": "bibtex", "ris": "ris", "csl.json": "csl"}


def artifacts(checkout: Checkout, content: ExportContent) -> Iterator[tuple[str, Make]]:
    """Yield each artifact's name and what writes it into a folder."""
    stem = f"luminaldb-{content.version}"
    yield "wheel and sdist", partial(_python, checkout, content)
    # The first release has no archive yet.
    if archived_releases.read(checkout.root / "archive"):
        yield "archive wheel", partial(_archive_wheel, checkout, content)
    yield "csv", partial(_csv, content)
    yield "parquet", partial(_export, content, "parquet", "parquet")
    yield "jsonl", partial(_export, content, "jsonl", "jsonl")
    yield "xlsx", partial(_export, content, "xlsx", f"{stem}.xlsx")
    yield "sqlite", partial(_export, content, "sqlite", f"{stem}.sqlite")
    yield "r", lambda folder: write(folder, {f"{stem}-r.zip": build_zip(_prefix_paths(stem, r.r_files(content)))})
    yield "r package", partial(_r_package, content)
    yield "citations", partial(_citations, content, stem)
    yield "network", partial(_mechanism_graph, content, stem)
    yield "codebook", lambda folder: write(folder, {f"{stem}-codebook.html": codebook.render(content).encode()})
    release_notes = partial(notes, content, checkout.read("CHANGELOG.md"))
    yield "notes", lambda folder: write(folder, {"RELEASE-NOTES.md": release_notes().encode()})


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their path below a folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _prefix_paths(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": data for name, data in files.items()}


def _python(checkout: Checkout, content: ExportContent, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as build_folder:
        write(folder, python_package(checkout, Path(build_folder), read_metadata(content).epoch))


def _archive_wheel(checkout: Checkout, content: ExportContent, folder: Path) -> None:
    licence = checkout.read("LICENSE-DATA").encode()
    name, data = archive_wheel(checkout.root / "archive", content.version, licence)
    write(folder, {name: data})


def _csv(content: ExportContent, folder: Path) -> None:
    files = package_files(content)
    write(folder, _prefix_paths("bundle", files))
    write(folder, {zip_name(content.version): build_zip(files)})


def _r_package(content: ExportContent, folder: Path) -> None:
    write(folder, {f"luminaldb_{content.version}.tar.gz": r_package(content)})


def _export(content: ExportContent, to: str, name: str, folder: Path) -> None:
    target = folder / name
    if not FORMATS[to].one_file:
        target.mkdir()
    module = import_module(f"luminaldb.publish.export.formats.{FORMATS[to].module}")
    module.write(content, target, lambda _: None, excel=False)


def _citations(content: ExportContent, stem: str, folder: Path) -> None:
    citations = items(next(s.frame for s in content.tables if s.name == "citations"))
    write(folder, {f"{stem}-citations.{end}": render(citations, to).encode() for end, to in _REFERENCES.items()})


def _mechanism_graph(content: ExportContent, stem: str, folder: Path) -> None:
    graph = mechanism_graph(content)
    files = {"graphml": graphml.render(graph, read_metadata(content)), "sif": sif.render(graph)}
    write(folder, {f"{stem}-network.{end}": text.encode() for end, text in files.items()})
