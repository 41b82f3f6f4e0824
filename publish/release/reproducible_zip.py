"""Zip files whose bytes depend on what they hold and on nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

# The first moment that a zip entry can name.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE = 0o100644 << 16
_UNIX = 3


def build_zip(files: Mapping[str, bytes]) -> bytes:
    """Zip files by name: sorted, each dated 1980-01-01, mode 644, whatever the machine.

    Args:
        files: bytes of each file by its path in the archive, parts joined by `/`.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return target.getvalue()
