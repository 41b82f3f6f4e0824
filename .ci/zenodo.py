"""Put a built release on Zenodo as a new version of its record, and publish it.

    ZENODO_TOKEN=… ZENODO_RECORD=… python .ci/zenodo.py FOLDER

ZENODO_RECORD is the number of any version of the record, or `new` for the first one; ZENODO_URL another Zenodo, for
instance its sandbox. Every file of the folder (no subfolders) is uploaded, checked by MD5 as Zenodo reports it, and
described by the folder's zenodo.json. Where that version is published already nothing is done.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import requests

TIMEOUT = (10, 300)


class Zenodo:
    """Zenodo's deposit interface."""

    def __init__(self, base: str, token: str) -> None:
        self.base = base.rstrip("/") + "/api"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, url: str, **how: Any) -> Any:
        """Send a request; give the answer's JSON, None where it has none."""
        response = self.session.request(method, url, timeout=TIMEOUT, **how)
        if not response.ok:
            sys.exit(f"Zenodo answers {response.status_code} to {method} {url}: {response.text[:300]}")
        return response.json() if response.content else None

    def draft(self, record: str, version: str) -> dict[str, Any] | None:
        """Return an empty draft of a new version; None where the version is published already."""
        depositions = f"{self.base}/deposit/depositions"
        if record == "new":
            return self.ask("POST", depositions, json={})
        last = self.ask("GET", f"{depositions}/{record}")
        latest = self.ask("GET", last["links"]["latest"])
        if latest.get("metadata", {}).get("version") == version:
            return None
        started = self.ask("POST", f"{depositions}/{latest['id']}/actions/newversion")
        draft: dict[str, Any] = self.ask("GET", started["links"]["latest_draft"])
        for file in draft.get("files", []):
            self.ask("DELETE", f"{depositions}/{draft['id']}/files/{file['id']}")
        return draft

    def fill(self, draft: dict[str, Any], folder: Path, metadata: dict[str, Any]) -> str:
        """Upload files and metadata, publish; give the DOI."""
        for file in sorted(p for p in folder.iterdir() if p.is_file()):
            data = file.read_bytes()
            put = self.ask("PUT", f"{draft['links']['bucket']}/{file.name}", data=data)
            wanted = f"md5:{hashlib.md5(data, usedforsecurity=False).hexdigest()}"
            if put["checksum"] != wanted:
                sys.exit(f"Zenodo has {file.name} with {put['checksum']}, not {wanted}; nothing was published")
        own = f"{self.base}/deposit/depositions/{draft['id']}"
        self.ask("PUT", own, json={"metadata": metadata})
        return str(self.ask("POST", f"{own}/actions/publish")["doi"])


def main() -> None:
    """Publish the folder named on the command line."""
    folder = Path(sys.argv[1])
    metadata = json.loads((folder / "zenodo.json").read_text(encoding="utf-8"))
    zenodo = Zenodo(os.environ.get("ZENODO_URL", "https://zenodo.org"), os.environ["ZENODO_TOKEN"])
    draft = zenodo.draft(os.environ["ZENODO_RECORD"], metadata["version"])
    if draft is None:
        print(f"{metadata['version']} is published already")
    else:
        print(f"published https://doi.org/{zenodo.fill(draft, folder, metadata)}")


if __name__ == "__main__":
    main()
