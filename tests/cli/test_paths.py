"""Every command with every odd path: one line, exit code 1, no traceback, no wait, nothing written."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from luminaldb.cli.main import main
from luminaldb.loaders import installed

ROOT = str(installed.root())
# {path} is the odd path, {new} a name that is free, {tables} the installed tables.
READING = [
    "show trials --in {path}",
    "search tandem --in {path}",
    "meta-analysis --endpoint pfs --in {path}",
    "export --format csv --out {new} --in {path}",
    "validate {path}",
    "validate {path} --fix",
    "validate {path} --diff",
    "validate {path} --engine duckdb",
    "validate {path} --allow-remote",
    "validate --baseline {path}",
    "diff {path}",
    "diff {tables} {path}",
    "import {path} --in {tables}",
    "import {path}.xlsx --in {path}",
    "template --out {new} --in {path}",
    "new arm --in {path} --set label=x",
    "serve {path} --no-browser",
    "release check --source {path}",
    "release check --source {tables} --archive {path}",
    "release check --source {tables} --changelog {path}",
    "release changelog --source {path}",
    "release archive {path}",
    "release cut --source {path} --archive {new}",
    "release build --source {path} --out {new}",
    "sources check {path}",
    "sources overlap {path}",
]
WRITING = [
    "export --format csv --out {path}",
    "export --format xlsx --out {path} --table genes",
    "validate {tables}/vocabularies --out {path} --format json",
    "validate {tables}/vocabularies --write-baseline {path}",
    "diff {tables}/vocabularies {tables}/vocabularies --out {path}",
    "template --out {path} --table genes",
    "portal build --out {path}",
    "release build --out {path}",
]
# A folder is what some of these want, and an empty one is refused in other words.
ODD = [
    "missing",
    "long-name",
    "long-path",
    "loop",
    "fifo",
    "zero",
    "folder",
    "bad-zip",
    "empty",
    "socket",
    "bytes",
    "line",
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    here = tmp_path_factory.mktemp("odd")
    (here / "loop").symlink_to(here / "loop")
    os.mkfifo(here / "fifo")
    (here / "folder").mkdir()
    (here / "bad.zip").write_bytes(b"PK\x03\x04" + bytes(60) + b"PK\x05\x06" + b"\xff" * 18)
    (here / "empty.xlsx").write_bytes(b"")
    plug = socket.socket(socket.AF_UNIX)
    os.chdir(here)
    plug.bind("socket")
    yield {
        "missing": here / "missing" / "file",
        "long-name": here / ("a" * 300),
        "long-path": here.joinpath(*["a" * 200] * 25),
        "loop": here / "loop",
        "fifo": here / "fifo",
        "zero": Path("/dev/zero"),
        "folder": here / "folder",
        "bad-zip": here / "bad.zip",
        "empty": here / "empty.xlsx",
        "socket": here / "socket",
        "bytes": here / os.fsdecode(b"no\xe4me"),
        "line": here / "two\nlines",
    }
    plug.close()


def call(command: str, monkeypatch: pytest.MonkeyPatch, **values: object) -> object:
    """Run a command in this process; give its exit code. One that waits is interrupted."""
    arguments = [part.format(**values) for part in command.split()]
    monkeypatch.setattr(sys, "argv", ["luminaldb", *arguments])

    def stop(*_: object) -> None:
        raise AssertionError(f"{command} still waits after 20 s")

    before = signal.signal(signal.SIGALRM, stop), signal.getsignal(signal.SIGTERM)
    signal.alarm(20)
    try:
        main()
    except SystemExit as end:
        return end.code
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGTERM, before[1])
    return 0


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("command", READING)
def test_reading_an_odd_path(
    command: str,
    kind: str,
    odd: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if kind == "folder" and "release archive" in command:
        pytest.skip("an empty folder is an archive without releases")
    code = call(command, monkeypatch, path=odd[kind], new=tmp_path / "new.xlsx", tables=ROOT)
    shown = capsys.readouterr()
    if code == 0:
        # An archive, a changelog or a folder of texts may be absent or empty; in an empty file there is nothing to fix.
        assert "--archive" in command or "overlap" in command or (kind, command) == ("empty", "validate {path} --diff")
        return
    assert code == 1, (shown.out[-500:], shown.err[-500:])
    assert "Traceback" not in shown.err
    # An empty file is a table to validate: that has notes and findings.
    if "--changelog" not in command and not (kind == "empty" and command.startswith("validate {path}")):
        assert len(shown.err.splitlines()) == 1, shown.err
        assert len(shown.err) < 1500
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("command", WRITING)
def test_writing_to_an_odd_path(
    command: str, kind: str, odd: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind in ("missing", "bytes", "line") or (kind == "folder" and ("csv" in command or "build" in command)):
        pytest.skip("a good place to write to")
    before = {str(p): p.lstat().st_mtime_ns for p in odd["folder"].parent.rglob("*")}
    code = call(command, monkeypatch, path=odd[kind], tables=ROOT)
    shown = capsys.readouterr()
    assert code == 1, (shown.out[-500:], shown.err[-500:])
    assert "Traceback" not in shown.err
    assert len(shown.err.splitlines()) == 1, shown.err
    assert {str(p): p.lstat().st_mtime_ns for p in odd["folder"].parent.rglob("*")} == before


def test_an_endless_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    from luminaldb.errors import LuminaldbError
    from luminaldb.input_files import read_input

    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 10**12)
    with pytest.raises(LuminaldbError, match="more than 1,000 bytes"):
        read_input(tmp_path / "sparse", limit=1000)


@pytest.mark.parametrize("name", ["LUMINALDB_RELEASES", "LUMINALDB_CACHE"])
@pytest.mark.parametrize("kind", ODD)
def test_an_odd_path_in_the_environment(
    name: str, kind: str, odd: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, str(odd[kind]))
    assert call("versions", monkeypatch) == 0
    assert "Traceback" not in capsys.readouterr().err
