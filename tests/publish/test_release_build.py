"""`luminaldb release build`: the same bytes wherever and whenever, and a whole folder or none."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import copy_tracked
from releases import built, clone, command, git, hashes

import luminaldb
from luminaldb.loaders import installed
from luminaldb.loaders.releases.index import Release, ReleaseFile, format_index

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone, as a release is made from."""
    return clone(tmp_path_factory.mktemp("clone") / "luminaldb")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def seconds(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a build takes here."""
    start = time.monotonic()
    subprocess.run(command(checkout, tmp_path_factory.mktemp("timed") / "out"), check=True, capture_output=True)
    return time.monotonic() - start


def test_another_folder_day_zone_umask_and_number_of_cores_give_the_same_bytes(
    release: Path, checkout: Path, tmp_path: Path
) -> None:
    later = shutil.which("faketime")
    if not later:
        pytest.skip("needs faketime (Debian: faketime)")
    other = {
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "POLARS_MAX_THREADS": "1",
        "HOME": str(tmp_path),
    }
    again = tmp_path / "another place" / "out"
    again.parent.mkdir()
    subprocess.run([later, "2031-05-06 23:59:50", *command(checkout, again)], cwd=again.parent, umask=0o077,
                   env={**os.environ, **other}, check=True, capture_output=True)  # fmt: skip
    assert hashes(again) == hashes(release)


def test_faketime_does_move_the_clock() -> None:
    later = shutil.which("faketime")
    if not later:
        pytest.skip("needs faketime (Debian: faketime)")
    code = "import datetime; print(datetime.date.today())"
    done = subprocess.run(
        [later, "2031-05-06 12:00:00", sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2031-05-06"


def test_a_kill_at_ten_random_moments_leaves_nothing_broken(
    release: Path, checkout: Path, seconds: float, tmp_path: Path
) -> None:
    out, moments = tmp_path / "out", random.Random(0)  # noqa: S311
    killed = 0
    for _ in range(10):
        builder = subprocess.Popen(command(checkout, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0, seconds))
        builder.kill()
        killed += builder.wait() == -signal.SIGKILL
        if out.exists():
            assert hashes(out) == hashes(release)
            shutil.rmtree(out)
    assert killed >= 5
    subprocess.run(command(checkout, out), check=True, capture_output=True)
    assert hashes(out) == hashes(release)
    assert [p.name for p in tmp_path.iterdir()] == ["out"], "the next build sweeps what killed ones left"


def test_two_builds_at_once_into_one_folder_leave_one_whole_release(
    release: Path, checkout: Path, tmp_path: Path
) -> None:
    both = [subprocess.Popen(command(checkout, tmp_path / "out"), stderr=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [b.communicate()[1] for b in both]
    assert sorted(b.returncode for b in both) in ([0, 1], [0, 0]), printed
    assert all(s.count("\n") <= 1 for s in printed), printed
    assert hashes(tmp_path / "out") == hashes(release)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_release_inside_its_own_checkout_holds_nothing_of_itself(release: Path, tmp_path: Path) -> None:
    own = clone(tmp_path / "luminaldb")
    for name in ("dist", "elsewhere"):
        subprocess.run(command(own, own / name), check=True, capture_output=True)
        assert hashes(own / name) == hashes(release)
        shutil.rmtree(own / name)


@pytest.mark.parametrize("limit", [50_000, 300_000, 3_000_000])
def test_a_full_disk_leaves_nothing(checkout: Path, tmp_path: Path, limit: int) -> None:
    place = tmp_path / "x"
    place.mkdir()
    done = subprocess.run(command(checkout, place / "out"), capture_output=True, text=True, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert list(place.iterdir()) == []


def test_control_c_leaves_nothing(checkout: Path, tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.mkdir()
    builder = subprocess.Popen(
        command(checkout, place / "out"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not any(place.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    builder.send_signal(signal.SIGINT)
    _, printed = builder.communicate()
    assert builder.returncode not in (0, None)
    assert "Traceback" not in printed
    assert list(place.iterdir()) == []


def test_a_changelog_without_the_version_is_refused(tmp_path: Path) -> None:
    own = clone(tmp_path / "luminaldb")
    (own / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- Something.\n", encoding="utf-8")
    git(own, "commit", "--quiet", "--all", "--message", "no section")
    (tmp_path / "x").mkdir()
    done = subprocess.run(command(own, tmp_path / "x/out"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert f"has no section [{luminaldb.__version__}]" in done.stderr
    assert list((tmp_path / "x").iterdir()) == []


def test_progress_is_shown_on_a_terminal(checkout: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    builder = subprocess.Popen(command(checkout, tmp_path / "out"), stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that the terminal has closed
        while piece := os.read(ours, 4096):
            shown += piece
    assert builder.wait() == 0
    for step in (b"building the release", b"sqlite", b"wheel and sdist", b"SHA256SUMS"):
        assert step in shown


def test_the_sums_hold_by_sha256sum_and_name_every_file(release: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=release, check=True)
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    own = hashes(release)
    del own["SHA256SUMS"]
    assert dict(line.split("  ", 1)[::-1] for line in lines) == own


def test_the_wheel_and_the_sdist_install(release: Path, tmp_path: Path) -> None:
    wheel, sdist = next(release.glob("luminaldb-*.whl")), next(release.glob("luminaldb-*.tar.gz"))
    zipfile.ZipFile(wheel).extractall(tmp_path / "wheel")  # noqa: S202 - a zip of our own
    code = "import luminaldb; print(luminaldb.__file__, luminaldb.load('effects').height)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(tmp_path / "wheel")})  # fmt: skip
    assert done.stdout.split() == [
        str(tmp_path / "wheel/luminaldb/__init__.py"),
        str(luminaldb.load("effects").height),
    ]
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path)  # noqa: S202 - an archive of our own
    tree = tmp_path / f"luminaldb-{luminaldb.__version__}"
    assert (tree / "tests/helpers.py").is_file()
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(tmp_path / "again"), "."], cwd=tree, check=True, capture_output=True)
    assert sorted(zipfile.ZipFile(next((tmp_path / "again").glob("*.whl"))).namelist()) == sorted(
        zipfile.ZipFile(wheel).namelist()
    )


def test_the_zip_holds_the_folder_of_csv_and_opens(release: Path) -> None:
    file = release / f"luminaldb-{luminaldb.__version__}-csv.zip"
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == sorted(p.name for p in (release / "bundle").iterdir())
        assert all(archive.read(n) == (release / "bundle" / n).read_bytes() for n in names)
    assert luminaldb.validate(file).ok
    opened = luminaldb.Package.open(file)
    assert opened.table_names == tuple(installed.packages_by_table())
    assert opened.load("effects").equals(luminaldb.load("effects"))


def test_a_dirty_checkout_is_refused_in_one_line(checkout: Path, run_process: Run, tmp_path: Path) -> None:
    stray = checkout / "stray.txt"
    stray.write_text("not committed")
    try:
        done = run_process("release", "build", "--out", tmp_path / "out", "--source", checkout)
    finally:
        stray.unlink()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "stray.txt" in done.stderr
    assert "--allow-dirty" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_version_released_with_other_bytes_is_refused_and_with_the_same_is_built(
    release: Path, run_process: Run, tmp_path: Path
) -> None:
    own, version = clone(tmp_path / "luminaldb"), luminaldb.__version__
    zipped = (release / f"luminaldb-{version}-csv.zip").read_bytes()
    for sha256, code in (("0" * 64, 1), (hashlib.sha256(zipped).hexdigest(), 0)):
        file = ReleaseFile(f"luminaldb-{version}-csv.zip", len(zipped), sha256)
        entry = Release(version, "2026-11-22", (file,), {"genes": (1, "0" * 64)})
        (own / "archive/index.json").write_text(format_index({version: entry}), encoding="utf-8")
        (own / "archive" / file.path).write_bytes(zipped)
        git(own, "add", "--force", f"archive/{file.path}")
        git(own, "commit", "--quiet", "--all", "--message", "released")
        done = run_process("release", "build", "--out", tmp_path / "out", "--source", own)
        assert done.returncode == code, done.stderr
        assert done.stderr.count("\n") == code
        assert ("was released on" in done.stderr) == bool(code)
        assert (tmp_path / "out").exists() != bool(code)


def test_a_folder_that_holds_something_is_left_alone(checkout: Path, run_process: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = run_process("release", "build", "--out", tmp_path / "out", "--source", checkout)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "exists" in done.stderr
    assert hashes(tmp_path / "out").keys() == {"mine.txt"}


def test_no_checkout_and_other_tables_are_refused(checkout: Path, run_process: Run, tmp_path: Path) -> None:
    done = run_process("release", "build", "--out", tmp_path / "out", "--source", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "not a checkout" in done.stderr
    other = copy_tracked(tmp_path / "other")
    git(other, "init", "--quiet")
    table = other / "datasets/vocabularies/endpoints.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("survival", "Survival"), encoding="utf-8")
    done = run_process("release", "build", "--out", tmp_path / "out", "--source", other, "--allow-dirty")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "endpoints.csv" in done.stderr
    assert not (tmp_path / "out").exists()
