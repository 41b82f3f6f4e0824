"""The parts that others wrote: which versions, from where, with what hash.

`python -m luminaldb.publish.portal.vendoring` fetches the versions that vendor/vendor.json names from npm and writes
their files and hashes beside it; a test holds the files to the hashes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "vendor"


@dataclass(frozen=True, slots=True)
class Vendored:
    """A package of which files are vendored."""

    package: str
    version: str
    licence: str
    licence_file: str
    files: dict[str, str]
    hashes: dict[str, str]

    @property
    def licence_text(self) -> str:
        """The licence."""
        return (FOLDER / self.licence_file).read_text(encoding="utf-8")


def vendored_packages() -> list[Vendored]:
    """Read which packages are vendored."""
    return [
        Vendored(name, p["version"], p["licence"], p["licence_file"], p["files"], p.get("sha256", {}))
        for name, p in _manifest().items()
    ]


def vendored_file_names() -> dict[str, str]:
    """Map each vendored file that pages load to its name in the site."""
    return {name: name for package in vendored_packages() for name in package.files if name != package.licence_file}


def digest(file: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _manifest() -> dict[str, dict[str, Any]]:
    manifest: dict[str, dict[str, Any]] = json.loads((FOLDER / "vendor.json").read_text(encoding="utf-8"))
    return manifest


def refresh() -> None:
    """Fetch every package in its version, and write its files and their hashes."""
    manifest = _manifest()
    for name, package in manifest.items():
        with tempfile.TemporaryDirectory() as folder:
            command = ["npm", "pack", "--silent", f"{name}@{package['version']}"]
            npm_pack = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
            with tarfile.open(Path(folder) / npm_pack.stdout.split()[-1]) as archive:
                for target, source in package["files"].items():
                    stream = archive.extractfile(f"package/{source}")
                    assert stream is not None  # noqa: S101 - extractfile raises for a name that isn't there
                    (FOLDER / target).write_bytes(stream.read())
        package["sha256"] = {target: digest(FOLDER / target) for target in package["files"]}
    text = json.dumps(manifest, indent=2) + "\n"
    (FOLDER / "vendor.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    refresh()
