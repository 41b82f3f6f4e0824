"""Build a release: every artifact, its metadata and the checksums, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from luminaldb.atomic_write import replace_directory
from luminaldb.errors import LuminaldbError
from luminaldb.input_files import parse_path

from ..export.content import ExportContent, choose_content
from ..export.export import Progress
from . import archive
from .artifacts import artifacts, write
from .checkout import Checkout, open_checkout
from .metadata import RO_CRATE, crate, metadata
from .metadata.files import release_files
from .release_zip import release_zip

CHECKSUMS = "SHA256SUMS"


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
    target, report_progress = parse_path(out), progress or (lambda _: None)
    checkout, content = open_checkout(parse_path(source), allow_dirty=allow_dirty), choose_content()
    if checkout.version != content.version:
        raise LuminaldbError(
            f"pyproject.toml has version {checkout.version}, the tables {content.version}", hint="write one in both"
        )
    if not allow_dirty:
        _refuse_another_release(checkout, content)
    with replace_directory(target) as folder:
        for name, make in artifacts(checkout, content):
            report_progress(name)
            make(folder)
        report_progress("metadata")
        write(folder, {name: text.encode() for name, text in metadata(content, release_files(folder, content)).items()})
        write(folder, {RO_CRATE: crate(content, release_files(folder, content)).encode()})
        report_progress(CHECKSUMS)
        (folder / CHECKSUMS).write_text(format_checksums(folder), encoding="utf-8")
    return target


def _refuse_another_release(checkout: Checkout, content: ExportContent) -> None:
    released = archive.read(checkout.root / "archive").get(content.version)
    if released and released.zip_file.sha256 != hashlib.sha256(release_zip(content)).hexdigest():
        raise LuminaldbError(
            f"{content.version} was released on {released.date} with other bytes than these tables give; "
            "check out its tag, or raise the version as luminaldb release check requires"
        )


def format_checksums(folder: Path) -> str:
    """Return the SHA-256 of every file below a folder, sorted by path, as `sha256sum --check` reads them."""
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return "".join(f"{hashlib.sha256((folder / f).read_bytes()).hexdigest()}  {f}\n" for f in files if f != CHECKSUMS)
