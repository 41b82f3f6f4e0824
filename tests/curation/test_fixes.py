"""`--fix`: what is fixed, what is left alone, and that fixing twice changes no more and touches nothing else."""

from __future__ import annotations

import csv
import errno
import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from helpers import small_package, write_package
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.curation.file_changes import finish_killed_writes
from luminaldb.curation.fixes.csv_file import FixedFile, fix_csv
from luminaldb.curation.fixes.packages import apply_fixes, plan_fixes
from luminaldb.errors import LuminaldbError
from luminaldb.loaders.open_packages import open_packages

Run = Callable[..., CompletedProcess[str]]
FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "n", "type": "integer"},
    {"name": "doi", "type": "string"},
    {"name": "note", "type": "string"},
]
KEY = {"primaryKey": ["id"]}
HEAD = "id,n,doi,note\n"

# In packages that aren't luminaldb's, only what breaks a standard is fixed, unless these rules are asked for.
OURS = ("--rules", "trial-evidence")


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def fix(folder: Path, data: str | bytes, fields: list[dict[str, Any]] | None = None, **resource: Any) -> FixedFile:
    """Fix a table's bytes as its descriptor asks for, and see that fixing again changes nothing."""
    resource.setdefault("schema", KEY)
    package = luminaldb.Package.open(small_package(folder, fields or FIELDS, data, **resource))
    own = package.resource("table")
    done = fix_csv(package.store.read("table.csv"), own)
    again = fix_csv(done.data, own)
    assert again.data == done.data
    assert not again.changes
    return done


FIXED = [
    ("order", HEAD + "b,2,,\na,1,,\n", HEAD + "a,1,,\nb,2,,\n", "rows sorted by id"),
    ("crlf", (HEAD + "a,1,,\nb,2,,\n").replace("\n", "\r\n"), HEAD + "a,1,,\nb,2,,\n", "line ends changed to LF"),
    ("mac", (HEAD + "a,1,,\n").replace("\n", "\r"), HEAD + "a,1,,\n", "line ends changed to LF"),
    ("no-last-line-end", HEAD + "a,1,,", HEAD + "a,1,,\n", "line ends changed to LF"),
    ("no-last-line-end-and-order", HEAD + "b,1,,\na,1,,", HEAD + "a,1,,\nb,1,,\n", "rows sorted by id"),
    ("mark", "\ufeff" + HEAD + "a,1,,\n", HEAD + "a,1,,\n", "byte order mark removed"),
    ("two-marks", "\ufeff\ufeff" + HEAD + "a,1,, x\n", HEAD + "a,1,,x\n", "byte order mark removed"),
    ("blanks", HEAD + " a ,1\t,,\u00a0x y \n", HEAD + "a,1,,x y\n", "blanks around a cell: 3"),
    ("nfc", HEAD + "a,1,,cafe\u0301\n", HEAD + "a,1,,caf\u00e9\n", "Unicode not composed: 1"),
    ("doi-case", HEAD + "a,1,10.1200/JCO.2008,\n", HEAD + "a,1,10.1200/jco.2008,\n", "DOI: 1"),
    ("doi-https", HEAD + "a,1,https://doi.org/10.1/x,\n", HEAD + "a,1,https://doi.org/10.1/x,\n", ""),
    ("doi-dx", HEAD + "a,1,http://dx.doi.org/10.1056/NEJM,\n", HEAD + "a,1,10.1056/nejm,\n", "DOI: 1"),
    ("doi-word", HEAD + "a,1,DOI: 10.1056/x,\n", HEAD + "a,1,10.1056/x,\n", "DOI: 1"),
    ("doi-none", HEAD + "a,1,See The Paper,\n", HEAD + "a,1,See The Paper,\n", ""),
    ("doi-elsewhere", HEAD + "a,1,,https://doi.org/10.1056/X\n", HEAD + "a,1,,https://doi.org/10.1056/X\n", ""),
    ("line-break-in-cell", HEAD + 'b,1,,"x\ny"\na, 1,,"p ""q"", r\ns"\n', HEAD + 'a,1,,"p ""q"", r\ns"\nb,1,,"x\ny"\n',
     "blanks around a cell: 1"),
    ("crlf-in-cell", (HEAD + 'a,1,,"x\ny"\n').replace("\n", "\r\n"), HEAD + 'a,1,,"x\ny"\n', "line end in a cell: 1"),
    ("quotes-kept", HEAD + '"b","1","",""\n"a","1","","x"\n', HEAD + '"a","1","","x"\n"b","1","",""\n',
     "rows sorted by id"),
    ("right-already", HEAD + "a,1,10.1056/x,é\n", HEAD + "a,1,10.1056/x,é\n", ""),
    ("header-alone", HEAD, HEAD, ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "change"), FIXED, ids=[m[0] for m in FIXED])
def test_what_is_fixed(tmp_path: Path, name: str, before: str, after: str, change: str) -> None:
    done = fix(tmp_path / name, before.encode())
    assert done.data.decode() == after
    assert (change in "; ".join(done.changes)) if change else not done.changes
    assert not done.refusal_reason


def test_numbers_are_sorted_by_size_and_the_order_of_equal_keys_stays(tmp_path: Path) -> None:
    done = fix(tmp_path / "p", HEAD + "x,10,,\ny,9,,1\nz,9,,2\n", schema={"primaryKey": ["n"]})
    assert done.data.decode() == HEAD + "y,9,,1\nz,9,,2\nx,10,,\n"
    done = fix(tmp_path / "q", HEAD + "x,10,,\ny,nine,,\nz,9,,\n", schema={"primaryKey": ["n"]})
    assert done.data.decode() == HEAD + "x,10,,\nz,9,,\ny,nine,,\n"


def test_rows_without_a_key_stay_in_order(tmp_path: Path) -> None:
    assert not fix(tmp_path / "p", HEAD + "b,2,,\na,1,,\n", schema={}).changes


def test_cells_that_the_descriptor_spells_out_stay(tmp_path: Path) -> None:
    fields = [{"name": "id", "type": "string", "constraints": {"enum": [" a"]}},
              {"name": "n", "type": "integer", "missingValues": ["", " "]}]  # fmt: skip
    assert not fix(tmp_path / "p", "id,n\n a, \n", fields).changes


def test_a_doi_that_rows_are_named_by_stays(tmp_path: Path) -> None:
    fields = [{"name": "doi", "type": "string"}]
    assert not fix(tmp_path / "p", "doi\n10.1056/X\n", fields, schema={"primaryKey": ["doi"]}).changes


def test_line_ends_that_the_descriptor_asks_for_are_kept(tmp_path: Path) -> None:
    data = HEAD.replace("\n", "\r\n") + "b,1,,\r\na,1,,\n"
    done = fix(tmp_path / "p", data, dialect={"lineTerminator": "\r\n"})
    assert done.data.decode() == HEAD.replace("\n", "\r\n") + "a,1,,\r\nb,1,,\r\n"
    assert "line ends changed to CR LF" in done.changes


def test_another_delimiter_is_kept(tmp_path: Path) -> None:
    done = fix(tmp_path / "p", "id;n;doi;note\na; 1;;x,y \n", dialect={"delimiter": ";"})
    assert done.data.decode() == "id;n;doi;note\na;1;;x,y\n"


LEFT: list[tuple[str, bytes, dict[str, Any], str]] = [
    ("open-quote", b'id,n,doi,note\nb,1,," x\na,1,,\n', {}, "never closed"),
    ("not-utf-8", b"id,n,doi,note\n\xe4 ,1,,\n", {}, "not utf-8"),
    ("empty", b"", {}, "empty"),
    ("latin-1", b"id,n,doi,note\n\xe4 ,1,,\n", {"encoding": "latin-1"}, "latin-1"),
    ("comments", b"#x\nid,n,doi,note\nb ,1,,\n", {"dialect": {"commentChar": "#"}}, "plain CSV"),
    ("no-header", b"b ,1,,\na,1,,\n", {"dialect": {"header": False}}, "plain CSV"),
]


@pytest.mark.parametrize(("name", "data", "resource", "reason"), LEFT, ids=[x[0] for x in LEFT])
def test_what_is_left_alone(tmp_path: Path, name: str, data: bytes, resource: dict[str, Any], reason: str) -> None:
    done = fix(tmp_path / name, data, **resource)
    assert done.data == data
    assert reason in done.refusal_reason


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "10.1056/X", "https://doi.org/10.1056/Ab", "a\nb", "a\r\r\nb", '"', "e\u0301", "doi:doi:x"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8),
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    mark=st.sampled_from(["", "\ufeff"]),
    last=st.booleans(),
)
def test_fixing_changes_only_the_cells_it_repairs(
    tmp_path: Path, rows: list[tuple[str, ...]], end: str, quoting: Any, mark: str, last: bool
) -> None:
    records = [record(row, quoting) for row in [("id", "n", "doi", "note"), *rows]]
    text = end.join(records) + (end if last else "")
    fields = [{**field, "type": "string"} for field in FIELDS]
    done = fix(tmp_path / "p", (mark + text).encode(), fields)
    assert not done.refusal_reason
    before = load(tmp_path / "before", mark + text, fields)
    after = load(tmp_path / "after", done.data.decode(), fields)
    assert Counter(after) == Counter(
        tuple(expected(name, c) for name, c in zip(HEAD[:-1].split(","), row, strict=True)) for row in before
    )
    assert [row[0] or "" for row in after] == sorted(row[0] or "" for row in after)


def record(row: tuple[str, ...], quoting: Any) -> str:
    """Write a record; Python quotes a CR or LF in a cell only where its line end holds both."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n", quoting=quoting).writerow(row)
    return stream.getvalue().removesuffix("\r\n")


def load(folder: Path, text: str, fields: list[dict[str, Any]]) -> list[tuple[str | None, ...]]:
    package = small_package(folder, fields, text.encode())
    return luminaldb.Package.open(package).load("table").rows()


def expected(column: str, cell: str | None) -> str | None:
    """State independently what a fixed cell must be."""
    if cell is None:
        return None
    while "\r\n" in cell:
        cell = cell.replace("\r\n", "\n")
    cell = unicodedata.normalize("NFC", cell.strip())
    if column == "doi" and "10.1056/" in cell.lower() and not cell.lower().startswith("doi:doi"):
        tail = cell[cell.index("10.1056/") :]
        known = cell[: -len(tail)].lower() in ("", "https://doi.org/", "doi:")
        cell = (
            "".join(c.lower() if c.isascii() else c for c in tail)
            if known and not any(map(str.isspace, tail))
            else cell
        )
    return cell or None


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    return small_package(tmp_path / "messy", FIELDS, "\ufeff" + HEAD + "b,2,, x\na,1,DOI:10.1056/X,\n", schema=KEY)


@pytest.mark.slow
def test_fix_writes_says_so_and_checks_what_is_left(run: Run, messy: Path) -> None:
    file = messy / "table.csv"
    file.chmod(0o640)
    done = run("validate", messy, *OURS, "--fix")
    assert done.returncode == 0, done.stdout + done.stderr
    assert file.read_text(encoding="utf-8") == HEAD + "a,1,10.1056/x,\nb,2,,x\n"
    change = [line for line in done.stderr.splitlines() if line.startswith("fixed ")]
    assert change == [f"fixed {file}: byte order mark removed; blanks around a cell: 1; DOI: 1; rows sorted by id"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(p.name for p in messy.iterdir()) == ["datapackage.json", "table.csv"]
    again = run("validate", messy, *OURS, "--fix")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.slow
def test_fix_leaves_findings_to_the_curator(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, HEAD + "a,one ,,\n", schema=KEY)
    done = run("validate", package, *OURS, "--fix", "--json")
    assert done.returncode == 1
    assert '"value": "one"' in done.stdout
    assert "fixed " in done.stderr


@pytest.mark.slow
def test_diff_writes_nothing_and_its_patch_is_the_fix(run: Run, messy: Path) -> None:
    before = snapshot(messy)
    done = run("validate", ".", *OURS, "--diff", cwd=messy)
    assert done.returncode == 1
    assert "would fix " in done.stderr
    assert snapshot(messy) == before
    patched = messy.parent / "patched"
    shutil.copytree(messy, patched)
    subprocess.run(["git", "apply", "-p0", "-"], cwd=patched, input=done.stdout, text=True, check=True,
                   env={**os.environ, "GIT_CEILING_DIRECTORIES": str(messy.parent)})  # fmt: skip
    run("validate", messy, *OURS, "--fix")
    assert (patched / "table.csv").read_bytes() == (messy / "table.csv").read_bytes() != before["table.csv"]
    again = run("validate", ".", *OURS, "--diff", cwd=messy)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_a_diff_of_a_file_without_a_last_line_end_applies(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, HEAD + "b,1,,\na,1,,", schema=KEY)
    done = run("validate", ".", *OURS, "--diff", cwd=package)
    subprocess.run(["git", "apply", "-p0", "-"], cwd=package, input=done.stdout, text=True, check=True,
                   env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)})  # fmt: skip
    assert (package / "table.csv").read_text() == HEAD + "a,1,,\nb,1,,\n"


@pytest.mark.slow
def test_the_installed_tables_need_no_fix(run: Run, datasets: Path) -> None:
    before = snapshot(datasets)
    done = run("validate", datasets, "--fix")
    assert (done.returncode, done.stderr) == (0, "")
    assert snapshot(datasets) == before


def test_a_zip_is_left_alone(run: Run, messy: Path) -> None:
    packed = Path(shutil.make_archive(str(messy.parent / "packed"), "zip", messy))
    before = packed.read_bytes()
    done = run("validate", packed, "--fix")
    assert "it is in a zip" in done.stderr
    assert packed.read_bytes() == before


def test_a_file_outside_of_the_package_is_left_alone(run: Run, messy: Path) -> None:
    outside = messy.parent / "outside.csv"
    (messy / "table.csv").rename(outside)
    (messy / "table.csv").symlink_to(outside)
    before = outside.read_bytes()
    done = run("validate", messy, *OURS, "--fix")
    assert done.returncode == 1
    assert "not fixed" in done.stderr
    assert outside.read_bytes() == before


def test_a_link_inside_the_package_stays_a_link(run: Run, messy: Path) -> None:
    (messy / "real.csv").write_bytes((messy / "table.csv").read_bytes())
    (messy / "table.csv").unlink()
    (messy / "table.csv").symlink_to("real.csv")
    run("validate", messy, *OURS, "--fix")
    assert (messy / "table.csv").is_symlink()
    assert (messy / "real.csv").read_text() == HEAD + "a,1,10.1056/x,\nb,2,,x\n"


KILLED_AFTER = """
import os, signal, sys
count, *arguments = sys.argv[1:]
move, moved = os.replace, []

def replace(source, target):
    if str(target).endswith(".csv"):
        if len(moved) == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        moved.append(target)
    move(source, target)

os.replace = replace
sys.argv = ["luminaldb", *arguments]
from luminaldb.cli.main import main
main()
"""


def three_messy_tables(folder: Path) -> Path:
    """Write a package whose tables stand in folders of their own, none of them sorted."""
    resources = [
        {"name": name, "type": "table", "path": f"{name}/{name}.csv", "schema": {"fields": FIELDS, **KEY}}
        for name in "abc"
    ]
    files = {f"{name}/{name}.csv": (HEAD + "b,2,,\na,1,,\n").encode() for name in "abc"}
    write_package(folder, resources[0], files, resources=resources)
    return folder


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_kill_between_two_files_is_finished_by_the_next_write(run: Run, tmp_path: Path, number: int) -> None:
    whole, killed = three_messy_tables(tmp_path / "whole"), three_messy_tables(tmp_path / "killed")
    assert run("validate", whole, *OURS, "--fix").returncode == 0
    arguments = ["validate", str(killed), *OURS, "--fix"]
    done = subprocess.run([sys.executable, "-c", KILLED_AFTER, str(number), *arguments], check=False)
    assert done.returncode == -signal.SIGKILL
    finish_killed_writes(open_packages([killed]).values())
    assert snapshot(killed) == snapshot(whole)


def test_all_files_are_fixed_or_none(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = three_messy_tables(tmp_path / "p")
    before = snapshot(package)
    move = os.replace

    def fail(source: Path, target: Path) -> None:
        if str(target).endswith("b.csv") and "backups" not in str(source):
            raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))
        move(source, target)

    monkeypatch.setattr(os, "replace", fail)
    packages = open_packages([package]).values()
    with pytest.raises(LuminaldbError, match=r"b/b\.csv: can't be written \(No space left on device\)"):
        apply_fixes(list(plan_fixes(packages, ["trial-evidence"])), packages)
    assert snapshot(package) == before


def test_a_file_that_changed_meanwhile_is_left(tmp_path: Path) -> None:
    package = three_messy_tables(tmp_path / "p")
    packages = open_packages([package]).values()
    matches = list(plan_fixes(packages, ["trial-evidence"]))
    (package / "c/c.csv").write_text(HEAD)
    before = snapshot(package)
    with pytest.raises(LuminaldbError, match="changed in the meantime; nothing was written"):
        apply_fixes(matches, packages)
    assert snapshot(package) == before
