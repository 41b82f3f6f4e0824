"""Packages and tables by http(s) address: only where allowed, within bounds, and no address that isn't theirs to name."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Answer, Loopback, breaks_off, drops, gives, hangs, missing, serving

import luminaldb
from luminaldb.issues import Report
from luminaldb.loaders import http_download
from luminaldb.loaders.datapackage import remote

FIELDS = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
GOOD, WRONG = b"id,n\na,1\nb,2\n", b"id,n\na,1\nb,two\n"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Loopback]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_download, "TIMEOUT", (1.0, 1.0))
    monkeypatch.setattr(http_download, "DEADLINE", 1.5)


def descriptor(*resources: dict[str, Any]) -> bytes:
    whole = [{"type": "table", "schema": {"fields": FIELDS}, **r} for r in resources]
    return json.dumps({"name": "p", "resources": whole}).encode()


def moved(to: str) -> Answer:
    return gives(b"", status=302, Location=to)


def validate_address(server: Loopback, **options: Any) -> Report:
    return luminaldb.validate(f"{server.url}/p/datapackage.json", allow_remote=True, **options)


def codes_and_tables(report: Report) -> list[tuple[str, str]]:
    for finding in report.findings:
        assert "\n" not in str(finding)
    return [(f.table, f.code) for f in report.findings if f.code != "LDB013"]


@pytest.mark.parametrize("where", ["/p/datapackage.json", "/p", "/p/", "/p.zip"])
def test_a_package_at_an_address(server: Loopback, where: str) -> None:
    parts = {"datapackage.json": descriptor({"name": "t", "path": "a table.csv"}), "a table.csv": WRONG}
    server.answers |= {f"/p/{name.replace(' ', '%20')}": gives(data) for name, data in parts.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    server.answers["/p.zip"] = gives(packed.getvalue())
    report = luminaldb.validate(server.url + where, allow_remote=True)
    base = f"{server.url}/p.zip" if where == "/p.zip" else f"{server.url}/p"
    assert [(f.code, f.file, f.line) for f in report.findings] == [("LDB020", f"{base}/a table.csv", 3)]
    assert len(server.asked) == len(set(server.asked)), "each file is fetched once"
    server.answers["/p/a%20table.csv"] = gives(GOOD)
    if where != "/p.zip":
        assert luminaldb.Package.open(server.url + where, allow_remote=True).load("t").rows() == [("a", 1), ("b", 2)]


def test_nothing_is_fetched_unless_allowed(
    server: Loopback, tmp_path: Path, run_process: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    url = f"{server.url}/p/datapackage.json"
    for call in (luminaldb.validate, luminaldb.Package.open):
        with pytest.raises(luminaldb.LuminaldbError, match="only with --allow-remote"):
            call(url)
    done = run_process("validate", url)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{url}  LDB011  ")
    assert len(done.stderr.splitlines()) == 1
    assert url in done.stderr
    (tmp_path / "datapackage.json").write_bytes(descriptor({"name": "t", "path": f"{server.url}/t.csv"}))
    assert codes_and_tables(luminaldb.validate(tmp_path)) == [("t", "LDB011")]
    assert server.asked == []


def test_the_command_line(server: Loopback, run_process: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    server.answers["/p/datapackage.json"] = gives(descriptor({"name": "t", "path": "t.csv"}))
    server.answers["/p/t.csv"] = gives(WRONG)
    done = run_process("validate", f"{server.url}/p/datapackage.json", "--allow-remote")
    assert done.returncode == 1
    assert f"{server.url}/p/t.csv:3:n  LDB020" in done.stdout
    assert run_process("validate", f"{server.url}/nowhere", "--allow-remote").stderr.count("\n") == 1
    assert run_process("validate", f"{server.url}/p", "--allow-remote", "--fix").returncode == 2


def test_tables_schemas_and_dialects_by_address(server: Loopback) -> None:
    whole = {
        "name": "t",
        "path": [f"{server.url}/a.csv", "b.csv"],
        "schema": f"{server.url}/s.json",
        "dialect": "d.json",
    }
    server.answers = {
        "/p/datapackage.json": gives(descriptor(whole)),
        "/a.csv": gives(b"id;n\na;1\n"),
        "/p/b.csv": gives(b"b;two\n"),
        "/s.json": gives(json.dumps({"fields": FIELDS}).encode()),
        "/p/d.json": gives(b'{"delimiter": ";"}'),
    }
    for engine in ("polars", "duckdb"):
        found = validate_address(server, engine=engine).findings
        assert [(f.code, f.value) for f in found] == [("LDB020", "two")]


def test_paths_are_beside_the_descriptor_that_a_redirect_leads_to(server: Loopback) -> None:
    server.answers["/p/datapackage.json"] = moved("/elsewhere/v1/datapackage.json")
    server.answers["/elsewhere/v1/datapackage.json"] = gives(descriptor({"name": "t", "path": "t.csv"}))
    server.answers["/elsewhere/v1/t.csv"] = gives(GOOD)
    assert codes_and_tables(validate_address(server)) == []


@pytest.mark.parametrize("path", ["../t.csv", "/etc/hostname", "file:///etc/hostname", "ftp://127.0.0.1/t.csv"])
def test_no_path_leaves_a_package_at_an_address(server: Loopback, path: str) -> None:
    resources = [{"name": "bad", "path": path}, {"name": "good", "path": "t.csv"}]
    server.answers = {"/p/datapackage.json": gives(descriptor(*resources)), "/p/t.csv": gives(WRONG)}
    assert codes_and_tables(validate_address(server)) == [("bad", "LDB011"), ("good", "LDB020")]
    assert server.asked == ["/p/datapackage.json", "/p/t.csv"]


@pytest.mark.parametrize("way", ["table", "schema", "redirect", "localhost", "by-name", "mapped"])
def test_a_private_address_is_not_asked_unless_the_package_came_from_it(
    server: Loopback, other: Loopback, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = other.server_address[1]
    host = {"localhost": "localhost", "by-name": "data.example.org", "mapped": "[::ffff:127.0.0.1]"}.get(
        way, "127.0.0.1"
    )
    before = socket.getaddrinfo

    def answered(name: Any, *rest: Any, **options: Any) -> Any:
        return before("127.0.0.1" if name == "data.example.org" else name, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answered)
    target = f"http://{host}:{port}/x"
    bad = {"name": "bad", "path": "r.csv" if way == "redirect" else "t.csv" if way == "schema" else target}
    bad |= {"schema": target} if way == "schema" else {}
    server.answers = {
        "/p/datapackage.json": gives(descriptor(bad, {"name": "good", "path": "t.csv"})),
        "/p/t.csv": gives(WRONG),
        "/p/r.csv": moved(target),
    }
    report = validate_address(server)
    assert codes_and_tables(report) == [("bad", "LDB011"), ("good", "LDB020")]
    assert "private network" in next(f.message for f in report.findings if f.table == "bad")
    assert other.asked == []


def test_a_package_on_this_machine_names_no_private_address(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_bytes(descriptor({"name": "t", "path": f"{server.url}/t.csv"}))
    assert codes_and_tables(luminaldb.validate(tmp_path, allow_remote=True)) == [("t", "LDB011")]
    assert server.asked == []


def test_a_package_on_this_machine_names_a_public_address(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_is_public", lambda _: True)
    (tmp_path / "datapackage.json").write_bytes(
        descriptor({"name": "t", "path": f"{server.url}/t.csv"}, {"name": "u", "path": "u.csv"})
    )
    (tmp_path / "u.csv").write_bytes(WRONG)
    server.answers["/t.csv"] = gives(WRONG)
    report = luminaldb.validate(tmp_path, allow_remote=True)
    assert [(f.file, f.line) for f in report.findings] == [(f"{server.url}/t.csv", 3), (f"{tmp_path}/u.csv", 3)]


@pytest.mark.parametrize("to", ["file:///etc/hostname", "gopher://127.0.0.1/", "http://user:secret@127.0.0.1/"])
def test_a_redirect_to_what_is_no_web_address(server: Loopback, to: str) -> None:
    server.answers["/p/datapackage.json"] = moved(to)
    with pytest.raises(luminaldb.LuminaldbError) as caught:
        validate_address(server)
    assert "secret" not in str(caught.value)
    assert len(server.asked) == 1


BROKEN: list[tuple[str, Answer, str]] = [
    ("missing", missing, "the server answers 404"),
    ("error", gives(b"", status=500), "the server answers 500"),
    ("drops", drops, "can't be reached"),
    ("hangs", hangs(3), "no answer within 1 s"),
    ("breaks-off", breaks_off(GOOD, 5), "breaks off"),
    ("drips", gives(GOOD * 4, pause=0.3, pieces=12), "not done after 2 s"),
    ("promises-too-much", gives(b"x" * 3000), "sends more than the 2,000 bytes"),
    ("sends-too-much", breaks_off(b"x" * 90_000, 90_000, length=False), "sends more than the 2,000 bytes"),
    ("circles", moved("/p/bad.csv"), "redirects more than 5 times"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "words"), BROKEN, ids=[b[0] for b in BROKEN])
def test_a_bad_wire_is_reported_in_one_line_and_the_other_tables_are_checked(
    server: Loopback, name: str, answer: Answer, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "MAX_FILE_BYTES", 2000)
    resources = [{"name": "bad", "path": "bad.csv"}, {"name": "good", "path": "t.csv"}]
    server.answers = {
        "/p/datapackage.json": gives(descriptor(*resources)),
        "/p/bad.csv": answer,
        "/p/t.csv": gives(WRONG),
    }
    report = validate_address(server)
    assert codes_and_tables(report) == [("bad", "LDB001"), ("good", "LDB020")]
    assert words in report.findings[0].message
    assert server.asked.count("/p/bad.csv") == (6 if name == "circles" else 1)


def test_a_package_cannot_have_ever_more_fetched(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = [{"name": f"t{n}", "path": f"t{n}.csv"} for n in range(5)]
    server.answers = {f"/p/t{n}.csv": gives(GOOD) for n in range(5)}
    server.answers["/p/datapackage.json"] = gives(descriptor(*resources))
    monkeypatch.setattr(remote, "MAX_FILES", 3)
    assert codes_and_tables(validate_address(server)) == [("t2", "LDB001"), ("t3", "LDB001"), ("t4", "LDB001")]
    monkeypatch.setattr(remote, "MAX_FILES", 1000)
    monkeypatch.setattr(remote, "MAX_BYTES", len(descriptor(*resources)) + 2 * len(GOOD))
    assert codes_and_tables(validate_address(server)) == [("t2", "LDB001"), ("t3", "LDB001"), ("t4", "LDB001")]


def test_no_password_of_the_user_is_sent(server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.answers["/p/datapackage.json"] = gives(descriptor({"name": "t", "path": "t.csv"}))
    server.answers["/p/t.csv"] = gives(GOOD)
    assert codes_and_tables(validate_address(server)) == []
    assert server.headers_seen
    assert not any("Authorization" in headers for headers in server.headers_seen)


def test_what_is_no_table_is_not_fetched(server: Loopback) -> None:
    paper = {"name": "paper", "path": "paper.pdf"}
    whole = {"name": "p", "resources": [paper, {"name": "t", "path": "t.csv", "schema": {"fields": FIELDS}}]}
    server.answers = {"/p/datapackage.json": gives(json.dumps(whole).encode()), "/p/t.csv": gives(GOOD)}
    report = validate_address(server)
    assert codes_and_tables(report) == []
    assert any("p.paper" in note for note in report.notes)
    assert "/p/paper.pdf" not in server.asked
