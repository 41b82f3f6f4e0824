"""The archive: what was released stays, byte for byte; what comes next is called what it is."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import REPOSITORY, read_rows, set_cell, write_rows

import luminaldb
from luminaldb.curation.diff import diff
from luminaldb.loaders import installed
from luminaldb.loaders.database import Database
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.release import archive as kept
from luminaldb.publish.release.consistency import consistency_problems, invalid_rows
from luminaldb.publish.release.release_zip import release_zip
from luminaldb.publish.release.version_check import check

pytestmark = pytest.mark.slow

ARCHIVE = REPOSITORY / "archive"
Run = Callable[..., subprocess.CompletedProcess[str]]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def whole_history() -> bool:
    try:
        return git(REPOSITORY, "rev-parse", "--is-shallow-repository").strip() == "false"
    except (OSError, subprocess.CalledProcessError):
        return False


def test_every_archived_file_is_what_the_index_says() -> None:
    assert kept.read(ARCHIVE)
    assert kept.archive_problems(ARCHIVE) == []


@pytest.mark.skipif(not whole_history(), reason="no git checkout with its whole history")
def test_no_archived_byte_has_changed_since_its_release() -> None:
    assert kept.changes_after_release(ARCHIVE) == [], "restore archive/ from the commit that brought the file"


def test_every_archived_zip_is_a_sound_data_package() -> None:
    for version, release in kept.read(ARCHIVE).items():
        report = luminaldb.validate(ARCHIVE / release.zip_file.path)
        assert not [f for f in report.findings if f.code < "LDB100"], version
        assert report.rows == release.rows
        package = luminaldb.Package.open(ARCHIVE / release.zip_file.path)
        assert package.descriptor.version == version
        assert {t: package.load(t).height for t in package.table_names} == {
            t: n for t, (n, _) in release.tables.items()
        }


@pytest.mark.usefixtures("archive")
def test_an_id_that_was_released_lives_or_is_listed_as_retired() -> None:
    last = list(kept.read(ARCHIVE))[-1]
    found = diff(Database.find(last), Database.find(installed.datasets_folder()))
    assert found.unretired == [], "list these in curation/retired_ids with their successors, or bring them back"


@pytest.fixture
def released(tmp_path: Path, datasets: Path) -> Path:
    """A checkout with one release, 1.0.0, of the tables as they are installed."""
    checkout = tmp_path / "checkout"
    shutil.copytree(datasets, checkout / "datasets")
    name(checkout, "1.0.0")
    (checkout / "archive").mkdir()
    kept.cut(checkout / "archive", checkout)
    git(checkout.parent, "init", "-q", str(checkout))
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "first")
    return checkout


def created(checkout: Path) -> str:
    raw = json.loads((checkout / "datasets/trials/datapackage.json").read_text(encoding="utf-8"))
    return str(raw["created"])[:10]


def name(checkout: Path, version: str) -> None:
    for file in checkout.glob("datasets/*/datapackage.json"):
        raw = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**raw, "version": version}), encoding="utf-8")


def test_a_cut_is_the_same_twice_and_reads_back_as_the_tables(released: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = kept.cut(tmp_path / "again", released)
    assert again == kept.read(released / "archive")["1.0.0"]
    assert (tmp_path / "again/index.json").read_bytes() == (released / "archive/index.json").read_bytes()
    package = luminaldb.Package.open(released / "archive" / again.zip_file.path)
    for table in package.table_names:
        assert package.load(table).equals(luminaldb.load(table))
    with pytest.raises(luminaldb.LuminaldbError, match="was released on"):
        kept.cut(released / "archive", released)
    (tmp_path / "again/index.json").unlink()
    assert kept.cut(tmp_path / "again", released) == again
    (tmp_path / "again/index.json").unlink()
    (tmp_path / "again" / again.zip_file.path).write_bytes(b"other")
    with pytest.raises(luminaldb.LuminaldbError, match="exists"):
        kept.cut(tmp_path / "again", released)


def test_a_cut_holds_the_zip_that_a_build_makes(tmp_path: Path) -> None:
    release = kept.cut(tmp_path / "archive", REPOSITORY)
    assert release.zip_file.sha256 == hashlib.sha256(release_zip(choose_content())).hexdigest()


def spoil_bytes(archive: Path) -> None:
    file = next(archive.glob("*.zip"))
    data = bytearray(file.read_bytes())
    data[1000] ^= 1
    file.write_bytes(data)


def spoil_entry(archive: Path) -> None:
    """Swap the zip for another and make the index agree: only the history can tell."""
    raw = json.loads((archive / "index.json").read_text())
    file = next(archive.glob("*.zip"))
    file.write_bytes(file.read_bytes() + b"\0")
    raw["releases"][0]["files"][0] |= {
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    (archive / "index.json").write_text(json.dumps(raw))


def drop_entry(archive: Path) -> None:
    (archive / "index.json").write_text('{"releases": []}')
    next(archive.glob("*.zip")).unlink()


def delete(archive: Path) -> None:
    next(archive.glob("*.zip")).unlink()


def rename(archive: Path) -> None:
    file = next(archive.glob("*.zip"))
    file.rename(file.with_name("other.zip"))


@pytest.mark.parametrize("spoil", [spoil_bytes, spoil_entry, drop_entry, delete, rename])
@pytest.mark.parametrize("committed", [False, True])
def test_a_change_of_the_archive_is_found(
    released: Path, run_process: Run, spoil: Callable[[Path], None], committed: bool
) -> None:
    assert run_process("release", "archive", released / "archive").returncode == 0
    spoil(released / "archive")
    if committed:
        git(released, "add", "-A")
        git(released, "commit", "-qm", "spoilt")
    done = run_process("release", "archive", released / "archive")
    assert done.returncode == 1
    assert "1.0.0" in done.stdout


def test_a_change_that_was_undone_is_still_reported(released: Path) -> None:
    whole = {f.name: f.read_bytes() for f in (released / "archive").iterdir()}
    spoil_entry(released / "archive")
    git(released, "commit", "-qam", "spoilt")
    for file, data in whole.items():
        (released / "archive" / file).write_bytes(data)
    git(released, "commit", "-qam", "undone")
    assert kept.archive_problems(released / "archive") == []
    assert any("changes it" in fault for fault in kept.changes_after_release(released / "archive"))


def test_a_shallow_clone_proves_nothing(released: Path, tmp_path: Path) -> None:
    git(released, "commit", "-qm", "more", "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{released}", str(tmp_path / "shallow"))
    with pytest.raises(luminaldb.LuminaldbError, match="unshallow"):
        kept.changes_after_release(tmp_path / "shallow/archive")


def correct_a_value(checkout: Path) -> None:
    set_cell(checkout / "datasets/trials/effects.csv", 3, "estimate", "0.999")


def add_a_row(checkout: Path) -> None:
    file = checkout / "datasets/trials/effects.csv"
    rows = read_rows(file)
    write_rows(file, [*rows, ["zzz-new", *rows[-1][1:]]])


def remove_an_id(checkout: Path) -> None:
    file = checkout / "datasets/trials/effects.csv"
    gone, *rest = read_rows(file)[1:]
    write_rows(file, [read_rows(file)[0], *rest])
    file = checkout / "datasets/curation/retired_ids.csv"
    write_rows(file, [*read_rows(file), ["effects", gone[0], rest[0][0], "2.0.0", "The same."]])


@pytest.mark.parametrize(
    ("change", "enough", "too_little"),
    [
        (correct_a_value, ["1.0.1", "1.1.0", "2.0.0"], ["1.0.0"]),
        (add_a_row, ["1.1.0", "1.2.0"], ["1.0.0", "1.0.1"]),
        (remove_an_id, ["2.0.0"], ["1.0.0", "1.0.1", "1.1.0"]),
    ],
)
def test_a_version_that_says_less_than_what_changed_is_refused(
    released: Path, change: Callable[[Path], None], enough: list[str], too_little: list[str]
) -> None:
    change(released)
    for version in enough:
        name(released, version)
        assert check(released, released / "archive").problems == ()
    for version in too_little:
        name(released, version)
        problems = check(released, released / "archive").problems
        assert f"call it {enough[0]} or more" in problems[0]


def test_a_version_that_was_cut_is_still_held_against_the_one_before(released: Path) -> None:
    add_a_row(released)
    name(released, "1.0.1")
    kept.cut(released / "archive", released)
    (problem,) = check(released, released / "archive").problems
    assert "1.0.1 says less than what changed since 1.0.0: call it 1.1.0 or more" in problem


def test_a_version_may_not_go_back_nor_come_without_its_ids(released: Path) -> None:
    file = released / "datasets/trials/effects.csv"
    gone = read_rows(file)[1][0]
    write_rows(file, [read_rows(file)[0], *read_rows(file)[2:]])
    name(released, "0.9.0")
    assert "is less than 1.0.0" in check(released, released / "archive").problems[0]
    name(released, "2.0.0")
    (problem,) = check(released, released / "archive").problems
    assert problem.startswith(f"effects: {gone} is gone; list it in curation/retired_ids")
    with pytest.raises(luminaldb.LuminaldbError, match="not a version"):
        check(released, released / "archive", version="2.0")


def test_the_changelog_must_tell_what_changed(released: Path, run_process: Run) -> None:
    correct_a_value(released)
    name(released, "1.0.1")
    there = ["--source", released, "--archive", released / "archive"]
    checked = [*there, "--no-validate"]
    changelog = released / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## [1.0.0] - 2026-11-22\n")
    done = run_process("release", "check", *checked)
    assert (done.returncode, "no section [1.0.1]" in done.stdout) == (1, True)
    section = run_process("release", "changelog", *there).stdout
    rows = f"{luminaldb.load('effects').height:,}"
    assert f"| effects | {rows} | {rows} |  | 1 |  |" in section
    assert "(`estimate` 1)" in section
    changelog.write_text(f"# Changelog\n\n## [1.0.1] - {created(released)}\n\n{section}\n## [1.0.0] - 2026-11-22\n")
    done = run_process("release", "check", *checked)
    assert (done.returncode, done.stdout) == (
        0,
        "No problems with version 1.0.1. The changes since 1.0.0 need at least 1.0.1.\n",
    )
    output = json.loads(run_process("release", "check", *checked, "--json").stdout)
    assert (output["bump"], output["last"], output["least"], output["problems"]) == ("patch", "1.0.0", "1.0.1", [])
    changelog.write_text(changelog.read_text().replace("(`estimate` 1)", "(`estimate` 2)"))
    assert run_process("release", "check", *checked).returncode == 1


def test_a_release_keeps_its_promises(released: Path) -> None:
    state = Database.find(released)
    log = released / "CHANGELOG.md"
    log.write_text(f"# Changelog\n\n## [1.0.0] - {created(released)}\n\nText.\n")
    (released / "pyproject.toml").write_text('[project]\nname = "luminaldb"\nversion = "1.0.0"\n')
    assert consistency_problems(state, released, "1.0.0", log) == []
    log.write_text("# Changelog\n\n## [1.0.0] - 2031-01-01\n\nText.\n")
    (released / "pyproject.toml").write_text('[project]\nname = "luminaldb"\nversion = "1.0.1"\n')
    project, dates = consistency_problems(state, released, "1.0.0", log)
    assert "says version 1.0.1, not 1.0.0" in project
    assert "dates 1.0.0 2031-01-01" in dates
    for descriptor in released.glob("datasets/*/datapackage.json"):
        raw = json.loads(descriptor.read_text(encoding="utf-8"))
        descriptor.write_text(json.dumps({**raw, "created": "2131-01-01T00:00:00Z"}), encoding="utf-8")
    (to_come,) = consistency_problems(Database.find(released), released, "1.0.1", None)[:1]
    assert "created 2131-01-01, which is to come" in to_come
    file = released / "datasets/trials/effects.csv"
    rows = read_rows(file)
    rows.append([f"{rows[-1][0]}-copy", *rows[-1][1:]])
    write_rows(file, rows)
    (problem,) = invalid_rows(Database.find(released))
    assert "findings" in problem


def test_what_a_check_finds_is_not_cut(released: Path, run: Any) -> None:
    there = ["--source", str(released), "--archive", str(released / "archive")]
    name(released, "1.0.1")
    (released / "CHANGELOG.md").write_text("# Changelog\n")
    before = {f.name: f.read_bytes() for f in (released / "archive").iterdir()}
    done = run("release", "cut", *there)
    assert (done.returncode, "no section [1.0.1]" in done.stderr, "nothing was cut" in done.stderr) == (1, True, True)
    assert {f.name: f.read_bytes() for f in (released / "archive").iterdir()} == before
    (released / "CHANGELOG.md").unlink()
    assert run("release", "cut", *there).returncode == 0


def test_the_index_counts_the_rows(released: Path) -> None:
    release = kept.read(released / "archive")["1.0.0"]
    counted = dict(luminaldb.tables().select("table", pl.col("rows")).iter_rows())
    assert {t: n for t, (n, _) in release.tables.items()} == counted


def test_packages_of_two_versions_are_not_cut(released: Path, tmp_path: Path) -> None:
    file = released / "datasets/trials/datapackage.json"
    raw: dict[str, Any] = json.loads(file.read_text())
    file.write_text(json.dumps({**raw, "version": "1.0.1"}))
    (tmp_path / "other").mkdir()
    with pytest.raises(luminaldb.LuminaldbError, match="different versions"):
        kept.cut(tmp_path / "other", released)
    assert not list((tmp_path / "other").iterdir())
