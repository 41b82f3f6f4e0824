"""The wheel of the archive: installable, the same twice, and read by what is installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import pytest
from helpers import REPOSITORY

import luminaldb
from luminaldb.loaders.releases import cache, index
from luminaldb.loaders.releases import versions as releases
from luminaldb.publish.release.archive_wheel import archive_wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    name, data = archive_wheel(REPOSITORY / "archive", "9.0.0", b"CC0")
    assert archive_wheel(REPOSITORY / "archive", "9.0.0", b"CC0") == (name, data)
    file = tmp_path_factory.mktemp("wheel") / name
    file.write_bytes(data)
    return file


def test_the_record_names_every_file_with_its_hash(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith("RECORD"))
        rows = list(csv.reader(io.StringIO(archive.read(record).decode())))
        assert {row[0] for row in rows} == set(archive.namelist())
        for name, digest, size in rows:
            if name != record:
                data = archive.read(name)
                assert (
                    digest == f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')}"
                )
                assert int(size) == len(data)


def test_releases_are_read_from_it_without_a_network(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    bare = tmp_path / "installed"
    bare.mkdir()
    monkeypatch.setattr(index, "index_folder", lambda: bare)
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    assert releases.versions().is_empty()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    known = releases.versions()
    assert {"0.1.0", "1.0.0", "2.0.0", "2.1.0"} <= set(known["version"])
    assert set(known["where"]) <= {"archive", "installed"}
    assert releases.open_release("1.0.0").load("effects").height > 0


def test_what_is_not_here_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "installed"
    bare.mkdir()
    (bare / "index.json").write_bytes((REPOSITORY / "archive/index.json").read_bytes())
    monkeypatch.setattr(index, "index_folder", lambda: bare)
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        luminaldb.ReleaseError, match=r"1.0.0 is not on this machine; run: pip install 'luminaldb\[archive\]'"
    ):
        releases.open_release("1.0.0")
    # In a checkout, its archive is found.
    monkeypatch.chdir(REPOSITORY)
    assert releases.open_release("1.0.0").load("effects").height > 0


def test_an_old_build_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from luminaldb.publish.release import python_package

    monkeypatch.setattr(python_package, "version", lambda _: "65.5.0")
    with pytest.raises(
        luminaldb.LuminaldbError, match=r"setuptools 65\.5\.0 is too old .* pip install 'setuptools>=77'"
    ):
        python_package._refuse_old_setuptools()
