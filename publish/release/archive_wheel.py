"""The wheel `luminaldb-archive`: the zip of every release with the index, so that releases are read without a network.

A wheel is a zip with three files of metadata (https://packaging.python.org/specifications/binary-distribution-format).
It is written here, because setuptools would need a second project for a package without code.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import read_input
from luminaldb.loaders.releases.index import ARCHIVE_PACKAGE, INDEX

from . import archive as archived_releases
from .reproducible_zip import build_zip

_DISTRIBUTION = "luminaldb-archive"
_WHEEL = "Wheel-Version: 1.0\nGenerator: luminaldb\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_CODE = '"""The zip of every release of luminaldb, byte for byte, and the index of them; no code."""\n'
_METADATA = """Metadata-Version: 2.4
Name: {name}
Version: {version}
Summary: Every released version of the luminaldb tables, for reading them without a network
License-Expression: CC0-1.0
License-File: LICENSE-DATA
Requires-Python: >=3.11
Description-Content-Type: text/markdown

# {name}

The released versions of the tables of [luminaldb](https://pypi.org/project/luminaldb/): {versions}.
Install it with `pip install 'luminaldb[archive]'`; `luminaldb versions` then lists each of them as `archive`, and
`load("effects", version="{first}")` reads without a network.
"""


def archive_wheel(archive: Path, version: str, licence: bytes) -> tuple[str, bytes]:
    """Build the wheel of the archive.

    Args:
        archive: folder of the released zips.
        version: of the release that is built.
        licence: text of LICENSE-DATA.

    Returns:
        Its file name and its bytes, which depend on the arguments alone.

    Raises:
        LuminaldbError: the archive has no release, or a file that differs from the index.
    """
    releases = archived_releases.read(archive)
    if not releases:
        raise LuminaldbError("holds no release", subject=str(archive), hint="luminaldb release cut adds one")
    if wrong := archived_releases.archive_problems(archive):
        raise LuminaldbError(f"{archive}: {wrong[0]}; restore the archive from git")
    names = [INDEX, *(file.path for release in releases.values() for file in release.files)]
    info = f"{ARCHIVE_PACKAGE}-{version}.dist-info"
    versions = ", ".join(releases)
    metadata = _METADATA.format(name=_DISTRIBUTION, version=version, versions=versions, first=next(iter(releases)))
    files = {f"{ARCHIVE_PACKAGE}/{name}": read_input(archive / name) for name in names}
    files |= {
        f"{ARCHIVE_PACKAGE}/__init__.py": _CODE.encode(),
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": _WHEEL.encode(),
        f"{info}/licenses/LICENSE-DATA": licence,
    }
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in sorted(files.items()))
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{ARCHIVE_PACKAGE}-{version}-py3-none-any.whl", build_zip(files)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
