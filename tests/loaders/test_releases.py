"""Released versions: found, fetched over a bad wire, verified, cached; the cache stays sound."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import REPOSITORY, set_cell
from loopback import Loopback, breaks_off, drops, gives, hangs, missing, serving

import luminaldb
from luminaldb.loaders import database, http_download, installed
from luminaldb.loaders.releases import cache as release_cache
from luminaldb.loaders.releases import index as release_index
from luminaldb.publish.release.archive import cut

VERSION = "0.0.9"


@pytest.fixture(scope="module")
def archive_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that holds one release, 0.0.9, in which the first estimate of effects is 0.5."""
    folder = tmp_path_factory.mktemp("made")
    copy = folder / "datasets"
    shutil.copytree(installed.datasets_folder(), copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    for file in copy.glob("*/datapackage.json"):
        raw = json.loads(file.read_text(encoding="utf-8"))
        raw |= {"version": VERSION, "created": "2026-01-02T00:00:00Z"}
        file.write_text(json.dumps(raw), encoding="utf-8")
    set_cell(copy / "trials/effects.csv", 0, "estimate", "0.5")
    (folder / "archive").mkdir()
    cut(folder / "archive", copy)
    return folder / "archive"


@pytest.fixture
def zipped(archive_folder: Path) -> bytes:
    return next(archive_folder.glob("*.zip")).read_bytes()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUMINALDB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LUMINALDB_RELEASES", raising=False)
    database.Database.release.cache_clear()
    return tmp_path / "cache"


def first_estimate() -> float:
    """The first estimate of the release, as a new process would read it."""
    database.Database.release.cache_clear()
    return float(luminaldb.load("effects", version=VERSION)["estimate"][0])


@pytest.fixture
def server(archive_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    with serving() as own:
        for file in archive_folder.iterdir():
            own.answers[f"/{file.name}"] = gives(file.read_bytes())
        monkeypatch.setenv("LUMINALDB_RELEASES", own.url)
        yield own


def path_of(archive_folder: Path) -> str:
    return "/" + next(archive_folder.glob("*.zip")).name


def assert_sound(cache: Path) -> None:
    """Whatever lies in the cache is a whole release, and no half of one lies beside it."""
    known = release_cache.cached_releases()
    for file in cache.glob("*.zip"):
        assert any(release_cache.file_problem(file, r.zip_file) is None for r in known.values())
    assert not list(cache.glob(".*.unfinished-*"))


@pytest.mark.usefixtures("archive")
def test_the_archive_holds_what_was_released() -> None:
    first = luminaldb.versions().row(0, named=True)
    assert (first["version"], str(first["date"]), first["tables"], first["rows"]) == ("0.1.0", "2026-11-22", 24, 10_630)
    effects = luminaldb.load("effects", version="0.1.0")
    assert effects.height == 784
    assert effects.schema.items() <= luminaldb.load("effects").schema.items(), "a minor release only adds columns"


def test_a_release_is_fetched_verified_and_cached(server: Loopback, cache: Path, archive_folder: Path) -> None:
    effects = luminaldb.load("effects", version=VERSION)
    assert effects["estimate"][0] == 0.5
    assert effects.schema.items() <= luminaldb.load("effects").schema.items(), "a minor release only adds columns"
    assert server.asked == ["/index.json", path_of(archive_folder)]
    assert luminaldb.load("arms", version=VERSION).equals(luminaldb.load("arms"))
    assert len(server.asked) == 2
    assert_sound(cache)
    seen = luminaldb.versions().filter(pl.col("version") == VERSION).row(0, named=True)
    assert (seen["where"], seen["tables"]) == ("cached", len(luminaldb.tables()))
    assert "luminaldb" in server.headers_seen[0]["User-Agent"]


def test_a_cached_release_needs_no_network(server: Loopback, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    luminaldb.install_data(VERSION)
    monkeypatch.setenv("LUMINALDB_RELEASES", "http://127.0.0.1:9")
    assert first_estimate() == 0.5
    with pytest.warns(UserWarning, match="can't be reached"):
        assert VERSION in luminaldb.versions()["version"].to_list()
    monkeypatch.delenv("LUMINALDB_RELEASES")
    assert luminaldb.load("effects", to="arrow", version=VERSION).num_rows
    assert cache.is_dir()


@pytest.mark.usefixtures("server")
def test_an_install_that_was_killed_after_its_last_write_is_tidied_by_the_next(cache: Path) -> None:
    luminaldb.install_data(VERSION)
    before = sorted(cache.iterdir())
    (cache / ".x.zip.unfinished-abc/content").mkdir(parents=True)
    luminaldb.install_data(VERSION)
    assert sorted(cache.iterdir()) == before


def test_a_folder_is_an_address_too(archive_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMINALDB_RELEASES", str(archive_folder))
    assert first_estimate() == 0.5
    assert not cache.exists()
    luminaldb.install_data(VERSION)
    assert_sound(cache)
    monkeypatch.delenv("LUMINALDB_RELEASES")
    assert first_estimate() == 0.5


def bad_wires(data: bytes) -> dict[str, tuple[Any, str]]:
    other = bytes([data[0] ^ 1]) + data[1:]
    return {
        "lies": (gives(other), "another SHA-256"),
        "truncates": (breaks_off(data, len(data) // 2), "breaks off"),
        "truncates without saying a length": (breaks_off(data, len(data) // 2, length=False), "breaks off after"),
        "sends less": (gives(data[:-5]), "breaks off after"),
        "sends more": (gives(data + b"x"), "sends more"),
        "sends nothing": (gives(b""), "breaks off after 0"),
        "sends a page": (gives(b"<html>Log in to the Wi-Fi</html>"), "breaks off"),
        "says it is zipped": (gives(data, Content_Encoding="gzip"), "breaks off"),
        "drops": (drops, "can't be reached"),
        "has nothing": (missing, "answers 404"),
        "is broken": (gives(b"oops", status=500), "answers 500"),
        "delays": (hangs(3), "no answer"),
        "delays in the middle": (gives(data, pause=1.5, pieces=2), "no answer"),
        "drips": (gives(data, pause=0.4, pieces=20), "not done after"),
        "sends round in circles": (
            gives(b"", status=302, Location=f"/luminaldb-{VERSION}-csv.zip"),
            "can't be fetched",
        ),
    }


@pytest.mark.parametrize("how", list(bad_wires(b"x")))
def test_a_bad_wire_is_reported_in_one_line_and_leaves_the_cache_sound(
    server: Loopback, cache: Path, archive_folder: Path, zipped: bytes, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only where the wire is slow: a busy machine is, too.
    with monkeypatch.context() as patience:
        if how.startswith("delays"):
            patience.setattr(http_download, "TIMEOUT", (1.0, 1.0))
        if how == "drips":
            patience.setattr(http_download, "DEADLINE", 1.5)
        _assert_one_line(server, cache, archive_folder, zipped, how)
    server.answers[path_of(archive_folder)] = gives(zipped)
    assert first_estimate() == 0.5
    assert_sound(cache)


def _assert_one_line(server: Loopback, cache: Path, archive_folder: Path, zipped: bytes, how: str) -> None:
    answer, message = bad_wires(zipped)[how]
    server.answers[path_of(archive_folder)] = answer
    with pytest.raises(luminaldb.ReleaseError) as caught:
        luminaldb.load("effects", version=VERSION)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert_sound(cache)
    assert not list(cache.glob("*.zip"))


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (b"", "not an index"),
        (b"[]", "not an index"),
        (b'{"releases": 1}', "not an index"),
        (b'{"releases": [{"version": "0.0.9"}]}', "not an index"),
        (b"[" * 100_000, "not an index"),
        (b"\xff\xfe", "not an index"),
        (b"<html>", "not an index"),
    ],
)
def test_an_index_that_is_none(server: Loopback, cache: Path, index: bytes, message: str) -> None:
    server.answers["/index.json"] = gives(index)
    with pytest.raises(luminaldb.ReleaseError, match=message):
        luminaldb.install_data(VERSION)
    assert not list(cache.glob("*")) if cache.exists() else True


@pytest.mark.parametrize(
    "path", ["../evil.zip", "/etc/passwd", "a/b.zip", "..", ".hidden", "C:\\x.zip", "http://127.0.0.1/x.zip", ""]
)
def test_an_index_cannot_name_a_file_outside_of_its_folder(server: Loopback, archive_folder: Path, path: str) -> None:
    raw = json.loads((archive_folder / "index.json").read_text())
    raw["releases"][0]["files"][0]["path"] = path
    server.answers["/index.json"] = gives(json.dumps(raw).encode())
    with pytest.raises(luminaldb.ReleaseError, match="not an index"):
        luminaldb.install_data(VERSION)


def test_what_the_installation_knows_is_believed_before_the_address(
    server: Loopback, archive_folder: Path, cache: Path, tmp_path: Path, zipped: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tmp_path / "wheel"
    alone.mkdir()
    shutil.copy(archive_folder / "index.json", alone)
    monkeypatch.setattr(release_index, "index_folder", lambda: alone)
    evil = zipped[:-1] + bytes([zipped[-1] ^ 1])
    raw = json.loads((archive_folder / "index.json").read_text())
    raw["releases"][0]["files"][0]["sha256"] = hashlib.sha256(evil).hexdigest()
    server.answers["/index.json"] = gives(json.dumps(raw).encode())
    server.answers[path_of(archive_folder)] = gives(evil)
    with pytest.raises(luminaldb.ReleaseError, match="another SHA-256"):
        luminaldb.load("effects", version=VERSION)
    assert_sound(cache)


def test_a_spoilt_cache_is_fixed(server: Loopback, cache: Path, archive_folder: Path) -> None:
    place = luminaldb.install_data(VERSION)
    for spoil in (b"", place.read_bytes()[:1000], b"x" * place.stat().st_size):
        place.write_bytes(spoil)
        assert first_estimate() == 0.5
    (cache / f"{VERSION}.json").write_text("{")
    assert first_estimate() == 0.5
    assert_sound(cache)


def test_a_version_that_is_none(cache: Path) -> None:
    with pytest.raises(luminaldb.ReleaseError, match=r"no release 7\.7\.7; there are 0\.1\.0.*LUMINALDB_RELEASES"):
        luminaldb.load("effects", version="7.7.7")
    assert not cache.exists()


def test_a_table_that_the_release_had_not(server: Loopback) -> None:
    with pytest.raises(luminaldb.UnknownTableError, match="effects"):
        luminaldb.load("efects", version=VERSION)


def test_the_address_may_stand_in_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    from email.message import Message
    from importlib import metadata

    from luminaldb.loaders.releases.versions import releases_address

    monkeypatch.delenv("LUMINALDB_RELEASES", raising=False)
    message = Message()
    message["Project-URL"] = "Releases, https://releases.example.org/luminaldb"
    monkeypatch.setattr(metadata, "metadata", lambda _: message)
    assert releases_address() == "https://releases.example.org/luminaldb"


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_command_line_fetches_lists_and_says_in_one_line_what_is_wrong(
    run_process: Run, server: Loopback, cache: Path
) -> None:
    done = run_process("install-data", VERSION)
    assert (done.returncode, done.stdout) == (0, f"installed {VERSION}: {next(cache.glob('*.zip'))}\n")
    listed = json.loads(run_process("versions", "--json").stdout)
    assert {r["version"]: r["where"] for r in listed}[VERSION] == "cached"
    wrong = run_process("install-data", "3.3.3")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (1, "", 1)


def refused_cache(tmp_path: Path) -> str:
    """Return a folder that can't be made or written: root may write anywhere but in the kernel's own tree."""
    if os.geteuid() == 0:
        return "/sys/luminaldb"
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    return str(folder)


def test_a_read_only_cache_is_reported_in_one_line(
    run_process: Run, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMINALDB_CACHE", refused_cache(tmp_path))
    done = run_process("install-data", VERSION)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "can't be written" in done.stderr
    assert "LUMINALDB_CACHE" in done.stderr


def test_a_full_cache_is_reported_in_one_line_and_stays_sound(run_process: Run, server: Loopback, cache: Path) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = run_process("install-data", VERSION, preexec_fn=no_room)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "has no space left" in done.stderr
    assert_sound(cache)
    assert not list(cache.glob("*.zip"))
    assert run_process("install-data", VERSION).returncode == 0


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "luminaldb", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/")


def test_four_processes_at_once_fetch_once(server: Loopback, cache: Path, archive_folder: Path, zipped: bytes) -> None:
    server.answers[path_of(archive_folder)] = gives(zipped, pause=0.05, pieces=20)
    processes = [start("install-data", VERSION) for _ in range(4)]
    outputs = [p.communicate(timeout=120) for p in processes]
    assert [p.returncode for p in processes] == [0] * 4, outputs
    assert server.asked.count(path_of(archive_folder)) == 1
    assert_sound(cache)


@pytest.mark.slow
def test_a_kill_at_ten_moments_of_a_fetch_leaves_nothing_broken(
    server: Loopback, cache: Path, archive_folder: Path, zipped: bytes
) -> None:
    server.answers[path_of(archive_folder)] = gives(zipped, pause=0.05, pieces=20)
    moments = random.Random(20261122)  # noqa: S311
    amid = 0
    for _ in range(10):
        shutil.rmtree(cache, ignore_errors=True)
        asked = len(server.asked)
        process = start("install-data", VERSION)
        # From the first request on, since before it nothing happens; the fetch takes a second.
        while len(server.asked) == asked and process.poll() is None:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 1.3))
        amid += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for file in cache.glob("*.zip"):
            assert (
                release_cache.file_problem(
                    file, release_index.parse_index((archive_folder / "index.json").read_bytes(), "")[VERSION].zip_file
                )
                is None
            )
        server.answers[path_of(archive_folder)] = gives(zipped)
        assert first_estimate() == 0.5
        assert_sound(cache)
        server.answers[path_of(archive_folder)] = gives(zipped, pause=0.05, pieces=20)
    assert amid >= 5


def test_importing_stays_light() -> None:
    code = "import luminaldb, sys; luminaldb.load('endpoints'); print([m for m in ('requests', 'filelock') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "[]"
