"""`luminaldb release build`: the same bytes wherever and whenever, and a whole folder or none."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from luminaldb.loaders import shipped
from releases import built, clone, git, hashes
from test_house import copy_tracked

import luminaldb

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone, as a release is made from."""
    return clone(tmp_path_factory.mktemp("clone") / "luminaldb")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("release"))


def test_the_sums_hold_by_sha256sum_and_name_every_file(release: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=release, check=True)
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    own = hashes(release)
    del own["SHA256SUMS"]
    assert dict(line.split("  ", 1)[::-1] for line in lines) == own


def test_the_wheel_and_the_sdist_install(release: Path, tmp_path: Path) -> None:
    wheel, sdist = next(release.glob("*.whl")), next(release.glob("*.tar.gz"))
    zipfile.ZipFile(wheel).extractall(tmp_path / "wheel")  # noqa: S202 - a zip of our own
    code = "import luminaldb; print(luminaldb.__file__, luminaldb.load('effects').height)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(tmp_path / "wheel")})  # fmt: skip
    assert done.stdout.split() == [
        str(tmp_path / "wheel/luminaldb/__init__.py"),
        str(luminaldb.load("effects").height),
    ]
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = tmp_path / f"luminaldb-{luminaldb.__version__}"
    assert (tree / "tests/helpers.py").is_file()
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(tmp_path / "again"), "."], cwd=tree, check=True, capture_output=True)
    assert sorted(zipfile.ZipFile(next((tmp_path / "again").glob("*.whl"))).namelist()) == sorted(
        zipfile.ZipFile(wheel).namelist()
    )


def test_the_bundle_zip_holds_the_bundle_folder_and_opens(release: Path) -> None:
    file = release / f"luminaldb-{luminaldb.__version__}-csv.zip"
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == sorted(p.name for p in (release / "bundle").iterdir())
        assert all(archive.read(n) == (release / "bundle" / n).read_bytes() for n in names)
    assert luminaldb.validate(file).ok
    opened = luminaldb.Package.open(file)
    assert opened.table_names == tuple(shipped.owners())
    assert opened.load("effects").equals(luminaldb.load("effects"))


def test_a_dirty_checkout_is_refused_in_one_line(checkout: Path, run: Run, tmp_path: Path) -> None:
    stray = checkout / "stray.txt"
    stray.write_text("not committed")
    try:
        done = run("release", "build", "--out", tmp_path / "out", "--source", checkout)
    finally:
        stray.unlink()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "stray.txt" in done.stderr
    assert "--allow-dirty" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(checkout: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = run("release", "build", "--out", tmp_path / "out", "--source", checkout)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "exists" in done.stderr
    assert hashes(tmp_path / "out").keys() == {"mine.txt"}


def test_no_checkout_and_other_tables_are_refused(checkout: Path, run: Run, tmp_path: Path) -> None:
    done = run("release", "build", "--out", tmp_path / "out", "--source", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no checkout" in done.stderr
    other = copy_tracked(tmp_path / "other")
    git(other, "init", "--quiet")
    table = other / "datasets/vocabularies/endpoints.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("survival", "Survival"), encoding="utf-8")
    done = run("release", "build", "--out", tmp_path / "out", "--source", other, "--allow-dirty")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "endpoints.csv" in done.stderr
    assert not (tmp_path / "out").exists()
