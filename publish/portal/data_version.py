"""Which release the tables shown are, if any."""

from __future__ import annotations

import hashlib

from luminaldb.loaders.releases import index
from luminaldb.loaders.releases.index import Release

from .evidence import Evidence


def find_matching_release(evidence: Evidence) -> Release | None:
    """Return the release whose tables are those shown, byte for byte; None where they have moved on."""
    for release in reversed(index.known_releases().values()):
        hashes = {t.name: hashlib.sha256(t.export_table.raw).hexdigest() for t in evidence.tables.values()}
        if hashes == {name: sha256 for name, (_, sha256) in release.tables.items()}:
            return release
    return None


def describe_data_version(evidence: Evidence) -> str:
    """Name the version shown: a release, or what has been added since."""
    content = evidence.content
    release = find_matching_release(evidence)
    if release is not None:
        return f"Version {release.version} of {release.date}"
    last = next(reversed(index.known_releases()), "")
    return f"Version {content.version} of {content.date}" + (f", with changes since the release {last}" if last else "")
