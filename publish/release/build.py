"""Build a release: every artifact, its metadata, the sums; all of it, or nothing."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ...loaders.errors import LuminaldbError
from ..atomic import staged_whole
from ..content import Content, choose
from ..export import Progress
from ..facts import facts
from ..references import render
from ..references.csl import items
from .bundle_zip import bundle_files, bundle_name
from .python_package import python_package
from .source import Source, open_source
from .zipping import zipped

SUMS = "SHA256SUMS"


def build(
    out: str | Path, *, source: str | Path = ".", allow_dirty: bool = False, progress: Progress | None = None
) -> Path:
    """Build every artifact of a release into a folder.

    The date is the descriptors' `created`, never today's; two builds of one commit by the same versions of
    polars, xlsxwriter and setuptools give the same bytes.

    Args:
        out: the folder to make; it must not exist, or be empty.
        source: a checkout of luminaldb.
        allow_dirty: build although the checkout holds changes that no commit has.
        progress: called with the name of each artifact before it is made.

    Returns:
        The folder.

    Raises:
        LuminaldbError: the checkout can't be released, or the folder can't be written; nothing is left then.
    """
    target, step = Path(out), progress or (lambda _: None)
    checkout, content = open_source(Path(source), allow_dirty=allow_dirty), choose()
    if checkout.version != content.version:
        raise LuminaldbError(f"pyproject.toml says version {checkout.version}, the tables {content.version}; agree")
    with staged_whole(target) as room:
        for name, make in _artifacts(checkout, content):
            step(name)
            for path, data in make().items():
                place = room / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        step(SUMS)
        (room / SUMS).write_text(sums(room), encoding="utf-8")
    return target


Make = Callable[[], dict[str, bytes]]


def _artifacts(source: Source, content: Content) -> Iterator[tuple[str, Make]]:
    bundle = bundle_files(content)
    yield "wheel and sdist", lambda: _python(source, content)
    yield "bundle", lambda: {f"bundle/{name}": data for name, data in bundle.items()}
    yield bundle_name(content.version), lambda: {bundle_name(content.version): zipped(bundle)}
    yield "citations", lambda: _citations(content)


def _python(source: Source, content: Content) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as room:
        return python_package(source, Path(room), facts(content).epoch)


def _citations(content: Content) -> dict[str, bytes]:
    listed = items(next(s.frame for s in content.sheets if s.name == "citations"))
    files = {"bib": "bibtex", "ris": "ris", "csl.json": "csl"}
    return {f"{stem(content)}-citations.{end}": render(listed, to).encode() for end, to in files.items()}


def stem(content: Content) -> str:
    """Give what the names of all files of a version start with."""
    return f"luminaldb-{content.version}"


def sums(folder: Path) -> str:
    """Give the SHA-256 of every file below a folder, sorted by path, as `sha256sum --check` reads them."""
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return "".join(f"{hashlib.sha256((folder / f).read_bytes()).hexdigest()}  {f}\n" for f in files if f != SUMS)
