"""The release's way to Zenodo, against its interface on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from helpers import REPOSITORY


class Record(BaseHTTPRequestHandler):
    """Zenodo with one record, 7, of version 0.1.0, which holds one file."""

    server: Zenodo

    def answer(self) -> None:
        """Answer as Zenodo does."""
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        self.server.asked.append((self.command, self.path))
        status, answer = self.server.reply(self.command, self.path, body, self.headers["Authorization"])
        data = json.dumps(answer).encode() if answer is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class Zenodo(ThreadingHTTPServer):
    """What Zenodo holds."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Record)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked: list[tuple[str, str]] = []
        self.files: dict[str, bytes] = {"old.zip": b"old"}
        self.metadata: dict[str, Any] = {}
        self.published: list[str] = []
        self.lies = False

    def reply(self, method: str, path: str, body: bytes, token: str | None) -> tuple[int, Any]:
        """Return status and JSON of an answer."""
        own = f"{self.url}/api/deposit/depositions"
        draft = {"id": 8, "links": {"bucket": f"{self.url}/api/files/b-8", "latest_draft": f"{own}/8"}}
        match method, path.removeprefix("/api"):
            case _ if token != "Bearer secret":
                return 401, {"message": "Unauthorized"}
            case "GET", "/deposit/depositions/7" | "/records/7":
                return 200, {
                    "id": 7,
                    "links": {"latest": f"{self.url}/api/records/7"},
                    "metadata": {"version": "0.1.0"},
                }
            case "POST", "/deposit/depositions" | "/deposit/depositions/7/actions/newversion":
                if path.endswith("depositions"):
                    self.files = {}
                return 201, draft
            case "GET", "/deposit/depositions/8":
                return 200, {**draft, "files": [{"id": name, "filename": name} for name in self.files]}
            case "DELETE", place:
                del self.files[place.rpartition("/")[2]]
                return 204, None
            case "PUT", "/deposit/depositions/8":
                self.metadata = json.loads(body)["metadata"]
                return 200, draft
            case "PUT", place:
                self.files[place.rpartition("/")[2]] = body
                digest = hashlib.md5(body + b"x" * self.lies, usedforsecurity=False).hexdigest()
                return 201, {"checksum": f"md5:{digest}"}
            case "POST", "/deposit/depositions/8/actions/publish":
                self.published.append("10.5281/zenodo.8")
                return 202, {"doi": "10.5281/zenodo.8"}
        return 404, {"message": "not there"}


@pytest.fixture
def zenodo() -> Iterator[Zenodo]:
    server = Zenodo()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def publish(zenodo: Zenodo, folder: Path, record: str = "7", version: str = "0.2.0", token: str = "secret") -> Any:
    (folder / "bundle").mkdir(exist_ok=True)
    (folder / "bundle/a.csv").write_bytes(b"not uploaded")
    (folder / "luminaldb.zip").write_bytes(b"new")
    (folder / "zenodo.json").write_text(json.dumps({"title": "luminaldb", "version": version}))
    environment = {**os.environ, "ZENODO_URL": zenodo.url, "ZENODO_TOKEN": token, "ZENODO_RECORD": record}
    command = [sys.executable, str(REPOSITORY / ".ci/zenodo.py"), str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("record", ["7", "new"])
def test_a_release_becomes_a_version(zenodo: Zenodo, tmp_path: Path, record: str) -> None:
    done = publish(zenodo, tmp_path, record)
    assert (done.returncode, done.stdout) == (0, "published https://doi.org/10.5281/zenodo.8\n"), done.stderr
    assert zenodo.files == {name: (tmp_path / name).read_bytes() for name in ("luminaldb.zip", "zenodo.json")}
    assert zenodo.metadata["version"] == "0.2.0"
    assert zenodo.published == ["10.5281/zenodo.8"]


def test_a_version_that_is_there_is_left_alone(zenodo: Zenodo, tmp_path: Path) -> None:
    done = publish(zenodo, tmp_path, version="0.1.0")
    assert (done.returncode, done.stdout) == (0, "0.1.0 is published already\n")
    assert {method for method, _ in zenodo.asked} == {"GET"}


def test_what_arrives_otherwise_is_not_published(zenodo: Zenodo, tmp_path: Path) -> None:
    zenodo.lies = True
    done = publish(zenodo, tmp_path)
    assert done.returncode == 1
    assert "nothing was published" in done.stderr
    assert zenodo.published == []


@pytest.mark.parametrize(("how", "words"), [({"token": "wrong"}, "401"), ({"record": "99"}, "404")])
def test_a_refusal_is_reported(zenodo: Zenodo, tmp_path: Path, how: dict[str, str], words: str) -> None:
    done = publish(zenodo, tmp_path, **how)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
