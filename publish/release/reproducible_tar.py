"""Compressed tar files whose bytes depend on what they hold and on nothing else."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping


def build_tar(files: Mapping[str, bytes], epoch: int) -> bytes:
    """Pack files by name into a tar.gz: sorted, each dated the same, mode 644, whatever the machine.

    Args:
        files: bytes of each file by its path in the archive, parts joined by `/`.
        epoch: the date, seconds since 1970.
    """
    target = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=epoch) as packed,
        tarfile.open(mode="w", fileobj=packed, format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(files[name]), epoch, 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return target.getvalue()
