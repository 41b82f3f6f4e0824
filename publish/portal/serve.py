"""Serves a portal to browsers on this machine, and to nobody else."""

from __future__ import annotations

import gzip
import io
import sys
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from luminaldb.errors import LuminaldbError
from luminaldb.input_files import is_file

from .output_folder import MANIFEST_FILE

HOST = "127.0.0.1"


_COMPRESSED = (".html", ".js", ".css", ".svg", ".csv", ".json", ".txt", ".bib", ".ris")
_MIN_COMPRESSED_BYTES = 1_000


@lru_cache(maxsize=256)
def _compress(path: str, changed: int) -> bytes:
    """Return a file compressed; `changed` distinguishes a new file of the same name."""
    del changed
    return gzip.compress(Path(path).read_bytes(), mtime=0)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent where a browser hangs up; report anything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(SimpleHTTPRequestHandler):
    # A browser that connects and asks for nothing is given up after a minute.
    timeout = 60

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Answer 404 to a path that no file can have, such as /%00."""
        try:
            return super().send_head()
        except (OSError, ValueError):
            self.send_error(HTTPStatus.NOT_FOUND, "File not found")
            return None

    def do_GET(self) -> None:
        """Send a file, compressed where the browser takes that."""
        data = self._compressed_file() if "gzip" in self.headers.get("Accept-Encoding", "") else None
        if data is None:
            super().do_GET()
            return
        path = self.translate_path(self.path)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _compressed_file(self) -> bytes | None:
        """Return the file asked for, compressed; None where it isn't one, is small or is compressed already."""
        path = Path(self.translate_path(self.path))
        try:
            is_compressible = (
                path.suffix in _COMPRESSED and path.is_file() and path.stat().st_size >= _MIN_COMPRESSED_BYTES
            )
            return _compress(str(path), path.stat().st_mtime_ns) if is_compressible else None
        except (OSError, ValueError):
            return None

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: nobody is counted."""


def server(folder: str | Path, port: int = 0) -> ThreadingHTTPServer:
    """Make a server of a built portal; `serve_forever()` runs it, `server_port` is its port.

    Args:
        folder: a built portal.
        port: 0 for any that is free.

    Raises:
        LuminaldbError: the folder holds no portal, or the port is taken.
    """
    if not is_file(Path(folder) / MANIFEST_FILE):
        raise LuminaldbError(f"{folder}: holds no portal; make one with luminaldb portal build --out {folder}")
    try:
        return _Server((HOST, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise LuminaldbError(f"port {port} can't be used ({error.strerror}); choose another with --port") from None
