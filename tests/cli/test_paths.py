"""Every command with every odd path: one line, exit code 1, no traceback, no wait, nothing written."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import luminaldb
from luminaldb.cli.main import app, main
from luminaldb.loaders import installed

ROOT = str(installed.datasets_folder())
TABLE = f"{ROOT}/vocabularies/genes.csv"
# {path} is the odd path, {new} a name that is free, {tables} the installed tables, {table} one of them.
READING = [
    "tables --in {path}",
    "describe trials --in {path}",
    "show trials --in {path}",
    "search tandem --in {path}",
    "meta-analysis --endpoint pfs --in {path}",
    "network-meta-analysis --endpoint pfs --in {path}",
    "mcp --in {path}",
    "cite --rows trials:monarch-2 --in {path}",
    "quality --in {path}",
    "todo --in {path}",
    "infer {path}",
    "portal build --out {new} --in {path}",
    "export --format csv --out {new} --in {path}",
    "validate {path}",
    "validate {path} --rules statistics --map estimate=HR",
    "validate {table} --schema {path}",
    "validate {path} --fix",
    "validate {path} --diff",
    "validate {path} --engine duckdb",
    "validate {path} --allow-remote",
    "validate {tables}/vocabularies --baseline {path}",
    "diff {path}",
    "diff {tables} {path}",
    "import {path} --in {tables}",
    "import {path}.xlsx --in {path}",
    "template --out {new} --in {path}",
    "new arm --in {path} --set label=x",
    "serve {path} --no-browser",
    "release check --source {path}",
    "release check --source {tables} --archive {path} --no-validate",
    "release check --source {tables} --changelog {path}",
    "release changelog --source {path}",
    "release changelog --source {tables} --archive {path}",
    "release archive {path}",
    "release cut --source {path} --archive {new}",
    "release build --source {path} --out {new}",
    "sources check {path}",
    "sources overlap {path}",
    "sources overlap {tables} --in {path}",
]
WRITING = [
    "export --format csv --out {path}",
    "export --format xlsx --out {path} --table genes",
    "validate {tables}/vocabularies --out {path} --format json",
    "validate {tables}/vocabularies --write-baseline {path}",
    "diff {tables}/vocabularies {tables}/vocabularies --out {path}",
    "template --out {path} --table genes",
    "infer {table} --out {path}",
    "meta-analysis --endpoint pfs --therapy abemaciclib --out {path}",
    "release cut --source {tables} --archive {path}",
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
    "denied",
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
        # The system refuses even its administrator to open this one.
        "denied": Path("/proc/self/mem"),
    }
    plug.close()


def call(command: str, monkeypatch: pytest.MonkeyPatch, **values: object) -> object:
    """Run a command in this process; give its exit code. One that waits is interrupted."""
    arguments = [part.format(**values) for part in command.split()]
    monkeypatch.setattr(sys, "argv", ["luminaldb", *arguments])

    def stop(*_: object) -> None:
        raise AssertionError(f"{command} still waits after 90 s")

    before = signal.signal(signal.SIGALRM, stop), signal.getsignal(signal.SIGTERM)
    signal.alarm(90)
    try:
        main()
    except SystemExit as end:
        return end.code
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGTERM, before[1])
    return 0


@pytest.mark.slow
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
    code = call(command, monkeypatch, path=odd[kind], new=tmp_path / "new.xlsx", tables=ROOT, table=TABLE)
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
    if kind in ("missing", "bytes", "line") or (
        kind == "folder" and any(word in command for word in ("csv", "build", "cut"))
    ):
        pytest.skip("a good place to write to")
    before = {str(p): p.lstat().st_mtime_ns for p in odd["folder"].parent.rglob("*")}
    code = call(command, monkeypatch, path=odd[kind], tables=ROOT, table=TABLE)
    shown = capsys.readouterr()
    assert code == 1, (shown.out[-500:], shown.err[-500:])
    assert "Traceback" not in shown.err
    assert len(shown.err.splitlines()) == 1, shown.err
    assert {str(p): p.lstat().st_mtime_ns for p in odd["folder"].parent.rglob("*")} == before


@pytest.mark.parametrize("command", [*READING, *WRITING])
def test_an_empty_path(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    line = command if "{path}.xlsx" not in command else "import {table} --in {path}"
    for form in (line, line.replace(" {path}", "={path}")) if "--" in line.partition(" {path}")[0] else (line,):
        code = call(form, monkeypatch, path="", new=tmp_path / "new.xlsx", tables=ROOT, table=TABLE)
        shown = capsys.readouterr()
        assert (code, shown.out) == (2, ""), shown
        assert shown.err.endswith(" is empty; give it a value, or leave it out\n")
        assert len(shown.err.splitlines()) == 1
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "use",
    [
        luminaldb.Package.open,
        luminaldb.validate,
        lambda path: luminaldb.load("genes", path=path),
        lambda path: luminaldb.export("csv", path, tables=["genes"]),
    ],
)
def test_an_empty_path_in_python(use: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(luminaldb.LuminaldbError, match="the path is empty"):
        use("")
    assert not list(tmp_path.iterdir())


# A cache of answers is created where it isn't there; a path in it is tried by the tests of the sources.
UNTRIED = {("sources check", "--cache")}


def test_every_path_that_a_command_takes_is_tried() -> None:
    lines = [*READING, *WRITING]
    missing = []
    for name, command in leaves(typer.main.get_command(app)):
        own = [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")]
        for parameter in command.params:
            kind = getattr(parameter, "type_descriptor", None)
            takes_path = kind is not None and "Path" in str(kind.annotation)
            if not takes_path and parameter.name not in ("source", "old", "new"):
                continue
            option = parameter.opts[0] if parameter.opts[0].startswith("-") else ""
            tried = any(f"{option} {{path}}" in f" {line}" if option else takes_argument(line) for line in own)
            if not tried and (name, option) not in UNTRIED and name != "pool":
                missing.append(f"{name} {option or parameter.name}")
    assert missing == []


def leaves(command: typer.core.TyperCommand | typer.core.TyperGroup, name: str = "") -> Iterator[tuple[str, Any]]:
    for part, child in getattr(command, "commands", {}).items():
        yield from leaves(child, f"{name} {part}".strip())
    if not hasattr(command, "commands"):
        yield name, command


def takes_argument(line: str) -> bool:
    """Return whether the odd path is an argument, and not the value of an option."""
    words = line.split()
    return any(w.startswith("{path}") and not (n and words[n - 1].startswith("--")) for n, w in enumerate(words))


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
