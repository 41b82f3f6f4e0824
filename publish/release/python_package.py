"""The wheel and the sdist: made by setuptools from a copy of the checkout, then packed again with fixed times."""

from __future__ import annotations

import importlib.util
import os
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

from luminaldb.child_process import END_WITH_PARENT, parent_pipe
from luminaldb.errors import MissingExtraError

from .checkout import Checkout, run
from .reproducible_tar import build_tar
from .reproducible_zip import build_zip

# The first one that knows licence expressions (PEP 639); pyproject.toml requires it, too.
_SETUPTOOLS = 77
# The hooks of PEP 517, which change sys.argv.
_HOOKS = f"""{END_WITH_PARENT}
import sys
from setuptools import build_meta
target = sys.argv[1]
build_meta.build_wheel(target)
build_meta.build_sdist(target)
"""


def python_package(checkout: Checkout, folder: Path, epoch: int) -> dict[str, bytes]:
    """Build the wheel and the sdist.

    Args:
        checkout: what to build.
        folder: an empty folder to work in.
        epoch: date of the release, seconds since 1970.

    Returns:
        The bytes of both by file name.

    Raises:
        MissingExtraError: setuptools isn't installed.
        LuminaldbError: setuptools fails.
    """
    if importlib.util.find_spec("setuptools") is None:
        raise MissingExtraError("setuptools is not installed", hint="run: pip install 'luminaldb[release]'")
    _refuse_old_setuptools()
    tree, output = folder / "tree", folder / "output"
    checkout.copy(tree)
    output.mkdir()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
    with parent_pipe() as stdin:
        run([sys.executable, "-c", _HOOKS, str(output)], tree, "the wheel can't be built", environment, stdin)
    packed = {}
    for file in sorted(output.iterdir()):
        packed[file.name] = _wheel(file) if file.suffix == ".whl" else _sdist(file, epoch)
    return packed


def _refuse_old_setuptools() -> None:
    """Refuse a setuptools that can't read the licence in pyproject.toml.

    Raises:
        MissingExtraError: it is older than _SETUPTOOLS.
    """
    setuptools_version = version("setuptools")
    major = setuptools_version.split(".", 1)[0]
    if major.isdecimal() and int(major) < _SETUPTOOLS:
        hint = f"run: pip install 'setuptools>={_SETUPTOOLS}'"
        raise MissingExtraError(f"setuptools {setuptools_version} is too old to build the wheel", hint=hint)


def _wheel(file: Path) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return build_zip({name: archive.read(name) for name in archive.namelist()})


def _sdist(file: Path, epoch: int) -> bytes:
    with tarfile.open(file) as archive:
        members = ((member.name, archive.extractfile(member)) for member in archive.getmembers())
        return build_tar({name: content.read() for name, content in members if content is not None}, epoch)
