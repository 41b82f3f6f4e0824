"""The versions: what each release held, and whether the tables shown are one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminaldb.loaders.releases import index

from ..labels import size_in_words
from .data_version import find_matching_release
from .evidence import Evidence

if TYPE_CHECKING:
    from .site import Site

FOLDER = "downloads/archive"
_BAR = 100.0


def released_versions(site: Site) -> list[dict[str, Any]]:
    """Return each release, oldest first, and last the tables shown where they are none of them.

    A release's files are copied into the site's downloads where this installation has the archive.
    """
    evidence = site.evidence
    versions: list[dict[str, Any]] = []
    for release in index.known_releases().values():
        files = []
        for file in release.files:
            archived = index.index_folder() / file.path
            address = f"{FOLDER}/{file.path}" if archived.is_file() else ""
            if address:
                site.save(address, archived.read_bytes())
            files.append(
                {"name": file.path, "address": address, "size": size_in_words(file.size), "sha256": file.sha256}
            )
        versions.append({"name": release.version, "date": release.date, "rows": release.rows, "files": files})
    if find_matching_release(evidence) is None:
        rows = sum(len(t.rows) for t in evidence.tables.values())
        versions.append({"name": "these tables", "date": "not released yet", "rows": rows, "files": []})
    max_rows = max((v["rows"] for v in versions), default=1)
    for version in versions:
        version["bar"] = round(_BAR * version["rows"] / max_rows, 1)
    return versions


def list_changed_row_counts(evidence: Evidence) -> list[tuple[str, int, int]]:
    """Return each table whose rows differ in number from the last release: name, rows then, rows now."""
    releases = list(index.known_releases().values())
    if not releases:
        return []
    rows_before = {name: rows for name, (rows, _) in releases[-1].tables.items()}
    now = {t.name: len(t.rows) for t in evidence.tables.values()}
    names = [*now, *(n for n in rows_before if n not in now)]
    return [(n, rows_before.get(n, 0), now.get(n, 0)) for n in names if rows_before.get(n, 0) != now.get(n, 0)]
