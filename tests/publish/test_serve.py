"""`serve`: odd requests and clients that hang up leave no traceback, and nothing outside the folder is sent."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from luminaldb.publish.portal.output_folder import replace_portal
from luminaldb.publish.portal.serve import server

PAGE = "<p>page</p>" * 200_000


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "secret").write_text("the-secret")
    with replace_portal(tmp_path / "site", force=False) as place:
        (place / "index.html").write_text(PAGE)
    with server(tmp_path / "site") as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_port
        running.shutdown()
        thread.join()


def ask(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("GET", path, skip_host=False)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


ODD = ["/%00", "/a%00b.html", "/..%2fsecret", "/../secret", "/%2e%2e/secret", "//etc/passwd", "/" + "a" * 5000,
       "/%FF%FE", "/index.html/", "/index.html/x", "/none?x=%00#y", "/%0d%0aX-Own:1"]  # fmt: skip


@pytest.mark.parametrize("path", ODD)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_odd_path_is_not_found(port: int, path: str, encoding: str, capfd: pytest.CaptureFixture[str]) -> None:
    status, body = ask(port, path, Accept_Encoding=encoding)
    assert status in (400, 404, 414), path
    assert b"the-secret" not in body
    assert ask(port, "/index.html")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_client_that_hangs_up(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    requests = [b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00\xff\r\n\r\n"]
    for request in requests * 4:
        plug = socket.create_connection(("127.0.0.1", port), timeout=20)
        # Closed with a reset, while a large page is on its way.
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plug.sendall(request)
        plug.close()
    assert ask(port, "/index.html") == (200, PAGE.encode())
    assert capfd.readouterr().err == ""
