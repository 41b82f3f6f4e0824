"""The artifacts of a release, one after the other, each written into the release's folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

from ..export import codebook
from ..export.content import Content
from ..export.dataset_metadata import facts
from ..export.export import FORMATS
from ..export.formats import r
from ..export.graph import graphml, sif
from ..export.graph.mechanism_graph import network
from ..export.references import render
from ..export.references.csl import items
from .bundle_zip import bundle_files, bundle_name
from .checkout import Source
from .notes import notes
from .python_package import python_package
from .reproducible_zip import zipped

Make = Callable[[Path], None]
_REFERENCES = {"bib": "bibtex", "ris": "ris", "csl.json": "csl"}


def artifacts(source: Source, content: Content) -> Iterator[tuple[str, Make]]:
    """Give each artifact's name and what writes it into a folder."""
    stem = f"luminaldb-{content.version}"
    yield "wheel and sdist", partial(_python, source, content)
    yield "bundle", partial(_bundle, content)
    yield "parquet", partial(_export, content, "parquet", "parquet")
    yield "jsonl", partial(_export, content, "jsonl", "jsonl")
    yield "xlsx", partial(_export, content, "xlsx", f"{stem}.xlsx")
    yield "sqlite", partial(_export, content, "sqlite", f"{stem}.sqlite")
    yield "r", lambda room: write(room, {f"{stem}-r.zip": zipped(_under(stem, r.contents(content)))})
    yield "citations", partial(_citations, content, stem)
    yield "network", partial(_network, content, stem)
    yield "codebook", lambda room: write(room, {f"{stem}-codebook.html": codebook.render(content).encode()})
    yield "notes", lambda room: write(room, {"RELEASE-NOTES.md": notes(content, source.read("CHANGELOG.md")).encode()})


def write(room: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their path below a folder."""
    for path, data in files.items():
        place = room / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def _under(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": data for name, data in files.items()}


def _python(source: Source, content: Content, room: Path) -> None:
    with tempfile.TemporaryDirectory(dir=room) as aside:
        write(room, python_package(source, Path(aside), facts(content).epoch))


def _bundle(content: Content, room: Path) -> None:
    files = bundle_files(content)
    write(room, _under("bundle", files))
    write(room, {bundle_name(content.version): zipped(files)})


def _export(content: Content, to: str, name: str, room: Path) -> None:
    place = room / name
    if not FORMATS[to].one_file:
        place.mkdir()
    module = import_module(f"luminaldb.publish.export.formats.{FORMATS[to].module}")
    module.write(content, place, lambda _: None, excel=False)


def _citations(content: Content, stem: str, room: Path) -> None:
    listed = items(next(s.frame for s in content.sheets if s.name == "citations"))
    write(room, {f"{stem}-citations.{end}": render(listed, to).encode() for end, to in _REFERENCES.items()})


def _network(content: Content, stem: str, room: Path) -> None:
    drawn = network(content)
    files = {"graphml": graphml.render(drawn, facts(content)), "sif": sif.render(drawn)}
    write(room, {f"{stem}-network.{end}": text.encode() for end, text in files.items()})
