"""The services that are asked about cited papers, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import serving
from publication_services import Services

from luminaldb.curation.sources import crossref, http_client


@pytest.fixture
def services(datasets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Services]:
    monkeypatch.setattr(http_client, "BACKOFF", 0.05)
    monkeypatch.setattr(http_client, "RETRIES", 2)
    monkeypatch.setattr(crossref, "PER_SECOND", 200.0)
    monkeypatch.setenv("LUMINALDB_CACHE", str(tmp_path / "cache/releases"))
    with serving() as server:
        for name in ("LUMINALDB_CROSSREF", "LUMINALDB_PUBMED"):
            monkeypatch.setenv(name, server.url)
        yield Services(server, datasets)
