"""Serves a portal to browsers on this machine, and to nobody else."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from luminaldb.errors import LuminaldbError

from .output_folder import MARK

HOST = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: nobody is counted."""


def server(folder: str | Path, port: int = 0) -> ThreadingHTTPServer:
    """Make a server of a built portal; `serve_forever()` runs it, `server_port` tells its port.

    Args:
        folder: a built portal.
        port: 0 for any that is free.

    Raises:
        LuminaldbError: the folder holds no portal, or the port is taken.
    """
    if not (Path(folder) / MARK).is_file():
        raise LuminaldbError(f"{folder}: no portal stands there; make one with luminaldb portal build --out {folder}")
    try:
        return ThreadingHTTPServer((HOST, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise LuminaldbError(f"port {port} can't be used ({error.strerror}); choose another with --port") from None
