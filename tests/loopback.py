"""A real HTTP server on loopback that can be set to drop, truncate, delay and lie."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers a path as the server was set to."""

    protocol_version = "HTTP/1.1"
    server: Loopback

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        self.server.asked.append(self.path)
        self.server.headers_seen.append(dict(self.headers))
        answer = self.server.answers.get(path, missing)
        try:
            answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_POST(self) -> None:
        """Read the form and answer as to a GET."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.path = f"{self.path}?{body}"
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class Loopback(ThreadingHTTPServer):
    """The server; `answers` says what each path gives, `asked` what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers_seen: list[dict[str, str]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing of clients that went away."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving() -> Iterator[Loopback]:
    """Run a server while the block runs."""
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def gives(data: bytes, *, status: int = 200, pause: float = 0.0, pieces: int = 1, **headers: str) -> Answer:
    """Return a body, whole or in pieces with a pause before each."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        step = max(1, -(-len(data) // pieces))
        for start in range(0, len(data), step):
            time.sleep(pause)
            handler.wfile.write(data[start : start + step])
            handler.wfile.flush()

    return answer


def breaks_off(data: bytes, after: int, *, length: bool = True) -> Answer:
    """Promise a body, with its length or without, and close the connection in its middle."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        if length:
            handler.send_header("Content-Length", str(len(data)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(data[:after])
        handler.wfile.flush()
        handler.close_connection = True

    return answer


def drops(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def hangs(seconds: float) -> Answer:
    """Stay silent for a while."""

    def answer(handler: Handler) -> None:
        time.sleep(seconds)
        drops(handler)

    return answer


def missing(handler: Handler) -> None:
    """Answer that nothing is there."""
    gives(b"nothing here", status=404)(handler)


def in_turn(*answers: Answer) -> Answer:
    """Answer the first time by the first, then by the second, and so on; the last one stays."""
    left = list(answers)

    def answer(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer
