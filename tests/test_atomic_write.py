"""Writing: all or nothing, nothing of others deleted, what killed processes left is put in order."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import read_rows, small_package

from luminaldb.atomic_write import add_files, replace_directory, replace_file, replace_files
from luminaldb.errors import LuminaldbError
from luminaldb.publish.portal.output_folder import replace_portal
from luminaldb.unfinished_writes import recover

FIELDS = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]


def unfinished(folder: Path) -> list[Path]:
    return list(folder.rglob(".*.unfinished-*"))


def leave_unfinished(folder: Path, name: str, *, lock: bool = True, **files: str) -> Path:
    """Leave what a killed process leaves."""
    place = folder / f".{name}.unfinished-abc"
    (place / "content").mkdir(parents=True)
    (place / "name").write_text(name)
    if lock:
        (place / "lock").touch()
    for path, text in files.items():
        file = place / path.replace("__", "/")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return place


@pytest.mark.parametrize("lock", [True, False])
def test_what_a_killed_process_left_is_swept_by_the_next_write_to_another_file(tmp_path: Path, lock: bool) -> None:
    leave_unfinished(tmp_path, "old.csv", lock=lock, content__file="half")
    (tmp_path / ".mine.unfinished-x").mkdir()
    (tmp_path / ".mine.unfinished-x/letter").write_text("of somebody else")
    with replace_file(tmp_path / "new.csv", force=False) as place:
        place.write_text("whole")
    assert unfinished(tmp_path) == [tmp_path / ".mine.unfinished-x"]
    assert not (tmp_path / "old.csv").exists()


def test_what_a_killed_process_left_is_swept_by_a_write_that_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("whole")
    leave_unfinished(tmp_path, "report")
    with pytest.raises(LuminaldbError, match="exists"), replace_file(tmp_path / "report", force=False):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


def test_a_folder_that_was_moved_aside_comes_back_first(tmp_path: Path) -> None:
    leave_unfinished(tmp_path, "site", previous__page="old", content__page="new")
    with pytest.raises(LuminaldbError, match="exists"), replace_directory(tmp_path / "site"):
        pass
    assert (tmp_path / "site/page").read_text() == "old"
    assert not unfinished(tmp_path)


def test_an_interruption_leaves_nothing_from_the_moment_the_directory_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Path.mkdir

    def interrupted(place: Path, *args: Any, **options: Any) -> None:
        create(place, *args, **options)
        if ".unfinished-" in place.name:
            assert place.exists()
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", interrupted)
    with pytest.raises(KeyboardInterrupt), replace_directory(tmp_path / "site"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_moves_that_were_begun_are_finished(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("new a")
    (tmp_path / "b.csv").write_text("old b")
    place = leave_unfinished(tmp_path, "a.csv", content__1="new b")
    files = [["0", str(tmp_path / "a.csv"), 1], ["1", str(tmp_path / "b.csv"), (place / "content/1").stat().st_ino]]
    (place / "moves.json").write_text(json.dumps({"directory": place.stat().st_ino, "files": files}))
    recover(tmp_path)
    assert [(tmp_path / name).read_text() for name in ("a.csv", "b.csv")] == ["new a", "new b"]
    assert not unfinished(tmp_path)


@pytest.mark.parametrize("form", ["other inodes", "inodes of the archive", "no inodes", "no list"])
def test_moves_that_came_with_a_folder_from_elsewhere_overwrite_nothing(tmp_path: Path, form: str) -> None:
    (tmp_path / "profile").write_text("mine")
    place = leave_unfinished(tmp_path / "sent", "a.csv", content__0="theirs")
    target, inode = str(tmp_path / "profile"), (place / "content/0").stat().st_ino
    moves = {
        "other inodes": {"directory": place.stat().st_ino, "files": [["0", target, inode + 1]]},
        "inodes of the archive": {"directory": place.stat().st_ino + 1, "files": [["0", target, inode]]},
        "no inodes": [["0", target]],
        "no list": 1,
    }
    (place / "moves.json").write_text(json.dumps(moves[form]))
    recover(tmp_path / "sent")
    assert (tmp_path / "profile").read_text() == "mine"
    assert (place / "moves.json").exists()


def test_a_folder_moved_aside_by_a_stranger_goes_nowhere_else(tmp_path: Path) -> None:
    place = leave_unfinished(tmp_path / "sent", "site", previous__page="theirs")
    (place / "name").write_text("../autostart")
    recover(tmp_path / "sent")
    assert not (tmp_path / "autostart").exists()


@pytest.mark.parametrize("write", [replace_file, add_files, replace_directory])
def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path, write: Callable[..., Any]) -> None:
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "file/x", tmp_path / "file/x/y"):
        with (
            pytest.raises(LuminaldbError, match=r"/file: is not a folder; choose another place"),
            write(target, force=True),
        ):
            pass
    assert (tmp_path / "file").read_text() == "mine"


def test_a_process_that_works_is_left_alone(tmp_path: Path) -> None:
    with replace_file(tmp_path / "a", force=False) as place:
        place.write_text("a")
        recover(tmp_path)
        assert place.exists()
    assert (tmp_path / "a").read_text() == "a"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_all_files_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    targets = [tmp_path / name for name in "abc"]
    for target in targets:
        target.write_text("old")
    real = os.replace
    moved: list[object] = []

    def fail(source: Any, target: Any) -> None:
        if Path(target) in targets and "backups" not in str(source):
            if len(moved) == number:
                raise OSError(errno.ENOSPC, "No space left on device")
            moved.append(target)
        real(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(LuminaldbError, match="No space left"), replace_files(targets) as places:
        for place in places:
            place.write_text("new")
    assert [target.read_text() for target in targets] == ["old"] * 3
    assert not unfinished(tmp_path)


@pytest.mark.parametrize("write", [replace_file, add_files, replace_directory])
def test_a_full_disk_leaves_nothing(tmp_path: Path, write: Callable[..., Any]) -> None:
    target = tmp_path / "new/deep/target"
    with pytest.raises(LuminaldbError, match="No space left"), write(target, force=True):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_read_only_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)  # root may write anywhere, whatever the folder's mode
    with (
        pytest.raises(LuminaldbError, match=r"can't be written \(Permission denied\)"),
        replace_file(tmp_path / "a", force=True),
    ):
        pass


ADD_ROW = """
import sys
from pathlib import Path
from luminaldb.curation.new_row import check_row
from luminaldb.curation.working_tree import open_working_tree
from luminaldb.errors import LuminaldbError

for _ in range(20):
    try:
        check_row(open_working_tree(Path(sys.argv[1])), "table", {"id": sys.argv[2], "n": "1"}).write()
        break
    except LuminaldbError as error:
        assert "changed in the meantime" in str(error), error
else:
    raise AssertionError(sys.argv[2])
"""


def test_two_processes_lose_no_row(tmp_path: Path) -> None:
    folder = small_package(tmp_path / "p", FIELDS, "id,n\n", schema={"primaryKey": ["id"]})
    processes = [subprocess.Popen([sys.executable, "-c", ADD_ROW, str(folder), f"k{n}"]) for n in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    assert [row[0] for row in read_rows(folder / "table.csv")] == ["id", "k0", "k1", "k2", "k3"]
    assert sorted(p.name for p in folder.iterdir()) == ["datapackage.json", "table.csv"]


def build(target: Path, *, force: bool = False, text: str = "page") -> None:
    with replace_portal(target, force=force) as place:
        (place / "pages").mkdir()
        (place / "pages/index.html").write_text(text)


def test_a_portal_is_replaced_where_it_is_as_it_was_written(tmp_path: Path) -> None:
    build(tmp_path / "site")
    build(tmp_path / "site", force=True, text="newer")
    assert (tmp_path / "site/pages/index.html").read_text() == "newer"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["site"]


@pytest.mark.parametrize("name", [".git/config", "CNAME", "pages/own.html", "pages/index.html", "portal.txt"])
def test_what_the_portal_did_not_write_is_not_deleted(tmp_path: Path, name: str) -> None:
    build(tmp_path / "site")
    file = tmp_path / "site" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    with pytest.raises(LuminaldbError, match=r"choose another folder|delete the folder"):
        build(tmp_path / "site", force=True)
    assert file.read_text() == "mine"


def test_what_comes_while_the_portal_is_built_is_not_deleted(tmp_path: Path) -> None:
    build(tmp_path / "site")
    with pytest.raises(LuminaldbError, match="CNAME"), replace_portal(tmp_path / "site", force=True):
        (tmp_path / "site/CNAME").write_text("example.org")
    assert (tmp_path / "site/CNAME").read_text() == "example.org"
    assert (tmp_path / "site/pages/index.html").exists()


def test_a_link_is_not_replaced(tmp_path: Path) -> None:
    build(tmp_path / "site")
    (tmp_path / "link").symlink_to(tmp_path / "site")
    with pytest.raises(LuminaldbError, match="is a link"):
        build(tmp_path / "link", force=True)
    shutil.rmtree(tmp_path / "site")


@pytest.mark.parametrize("write", [replace_file, add_files, replace_directory])
@pytest.mark.parametrize("target", ["loop", "loop/below"])
def test_a_loop_of_links_is_named(tmp_path: Path, write: Callable[..., Any], target: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with (
        pytest.raises(LuminaldbError, match=r"loop: is a loop of links; remove it"),
        write(tmp_path / target, force=True),
    ):
        pass


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have Python's own handler: a shell starts what runs in the background without one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("moment", range(12))
def test_an_interruption_while_files_are_moved_waits_until_all_are(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = [tmp_path / name for name in ("a", "b", "c")]
    for target in targets:
        target.write_text("old")
    calls = iter(range(1000))
    for module, name in ((os, "replace"), (os, "link"), (shutil, "rmtree"), (Path, "mkdir"), (Path, "unlink")):
        work = getattr(module, name)

        def interrupted(*arguments: Any, work: Any = work, **options: Any) -> Any:
            result = work(*arguments, **options)
            if next(calls) == moment:
                signal.raise_signal(signal.SIGINT)
            return result

        monkeypatch.setattr(module, name, interrupted)
    with pytest.raises(KeyboardInterrupt), replace_files(targets) as places:
        for place in places:
            place.write_text("new")
    assert len({target.read_text() for target in targets}) == 1
    assert not unfinished(tmp_path)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_of_the_work_comes_at_once_and_a_second_one_waits(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), replace_file(tmp_path / "x", force=False) as place:
        place.write_text("half")
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
        raise AssertionError("the interruption did not come")
    assert not list(tmp_path.iterdir())
    assert signal.getsignal(signal.SIGINT) is before


def test_validate_names_a_write_that_was_killed_and_fix_sweeps_it(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    package = small_package(tmp_path / "all/one", FIELDS, "id,n\na,1\n")
    left = [leave_unfinished(tmp_path / "all", "site"), leave_unfinished(package, "table.csv")]
    done = run("validate", tmp_path / "all")
    assert done.returncode == 0
    for directory in left:
        assert f"note: {directory}: a write that was killed is unfinished" in done.stderr
    assert unfinished(tmp_path) == left
    assert run("validate", tmp_path / "all", "--fix").returncode == 0
    assert not unfinished(tmp_path)


def test_validate_is_silent_about_a_write_that_still_runs(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    package = small_package(tmp_path / "one", FIELDS, "id,n\na,1\n")
    with replace_file(package / "new", force=False):
        assert "unfinished" not in run("validate", package).stderr
