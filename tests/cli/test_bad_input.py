"""Bad input: one clear line, exit code 1, no traceback, nothing written, nothing outside the package read."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from helpers import small_package

import luminaldb

Run = Callable[..., CompletedProcess[str]]
FIELDS = [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]
GOOD = "id,n\na,1\nb,2\n"
SECRET = "the-secret-outside"


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def refuse(run: Run, package: Path, code: str, words: str, line: int | None = None) -> None:
    """See that validating says what is wrong in one line, and that loading raises one line too."""
    before = snapshot(package.parent)
    done = run("validate", package)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    lines = [text for text in done.stdout.splitlines() if f"  {code}  " in text]
    assert len(lines) == 1, done.stdout + done.stderr
    assert words in lines[0]
    if line is not None:
        assert f":{line}" in lines[0].split("  ")[0]
    assert SECRET not in done.stdout + done.stderr
    assert snapshot(package.parent) == before
    with pytest.raises(luminaldb.LuminaldbError) as caught:
        luminaldb.Package.open(package).load("table")
    assert "\n" not in str(caught.value)


def refuse_outright(run: Run, package: Path, words: str) -> None:
    """See that a package that can't be opened is a finding, and one line on standard error."""
    before = snapshot(package.parent)
    done = run("validate", package)
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) <= 1, done.stdout
    assert words in (done.stdout or done.stderr)
    assert SECRET not in done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert words in done.stderr
    assert SECRET not in done.stderr
    assert snapshot(package.parent) == before


BYTES = [
    ("not-utf-8", "id,n\nä,1\n".encode("latin-1"), "LDB002", "0xE4", 2),
    ("nul-byte", b"id,n\na,1\nb\0,2\n", "LDB005", "NUL", 3),
    ("short-row", b"id,n\na,1\nb\n", "LDB006", "1 cells where the header has 2", 3),
    ("long-row", b"id,n\na,1\nb,2,3\n", "LDB006", "3 cells where the header has 2", 3),
    ("blank-line", b"id,n\na,1\n\nb,2\n", "LDB006", "blank", 3),
    ("duplicate-header", b"id,id\na,1\n", "LDB007", "'id' twice", 1),
    ("missing-column", b"id\na\n", "LDB008", "column n is missing", 1),
    ("empty", b"", "LDB010", "empty", 1),
    ("only-blanks", b"  \n", "LDB010", "empty", 1),
    ("open-quote", b'id,n\n"a,1\nb,2\n', "LDB016", "never closed", None),
    ("wrong-type", b"id,n\na,one\n", "LDB020", "whole number", 2),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "data", "code", "words", "line"), BYTES, ids=[b[0] for b in BYTES])
def test_a_broken_csv(
    run: Run, tmp_path: Path, name: str, data: bytes, code: str, words: str, line: int | None
) -> None:
    refuse(run, small_package(tmp_path / name, FIELDS, data), code, words, line)


def test_an_extra_column(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, "id,n,m\na,1,2\n")
    done = run("validate", package)
    assert done.returncode == 1
    assert "table.csv:1:m  LDB009  column m is not in the descriptor" in done.stdout


def test_columns_in_another_order(run: Run, tmp_path: Path) -> None:
    done = run("validate", small_package(tmp_path / "p", FIELDS, "n,id\n1,a\n"))
    assert done.returncode == 1
    assert "LDB015" in done.stdout


def test_a_byte_order_mark_in_a_file_that_is_stated_to_be_utf_8(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, b"\xef\xbb\xbf" + GOOD.encode(), encoding="utf-8")
    done = run("validate", package)
    assert done.returncode == 0
    assert "table.csv:1  LDB003  the file starts with a byte order mark" in done.stdout
    assert luminaldb.Package.open(package).load("table").height == 2


def test_carriage_returns_where_the_descriptor_says_lf(run: Run, tmp_path: Path) -> None:
    dialect = {"lineTerminator": "\n"}
    package = small_package(tmp_path / "p", FIELDS, GOOD.replace("\n", "\r\n"), dialect=dialect)
    refuse(run, package, "LDB004", "CR LF", 1)


@pytest.mark.slow
@pytest.mark.parametrize(("spoil", "code"), [(b"\xef\xbb\xbf", "LDB003"), (b"\r\n", "LDB004")], ids=["bom", "crlf"])
def test_a_installed_table_saved_by_a_spreadsheet(run: Run, datasets: Path, spoil: bytes, code: str) -> None:
    file = datasets / "vocabularies/endpoints.csv"
    raw = file.read_bytes()
    file.write_bytes(spoil + raw if code == "LDB003" else raw.replace(b"\n", spoil))
    done = run("validate", datasets)
    # The standard only recommends to leave out a byte order mark: that warns.
    assert done.returncode == (0 if code == "LDB003" else 1)
    assert [line.split("  ")[1] for line in done.stdout.splitlines()] == [code]
    assert f"{file}:1" in done.stdout


@pytest.mark.slow
def test_a_field_of_200_mb(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, b"id,n\n" + b"x" * 200_000_000 + b",1\n")
    done = run("validate", package)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_file(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    (package / "table.csv").unlink()
    refuse(run, package, "LDB001", "no such file")


OUTSIDE = ["../outside.csv", "a/../../outside.csv", "/etc/hostname", "https://example.org/x.csv", "file:///etc/hostname",
           "C:/x.csv", "..\\outside.csv", "~/x.csv"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leaves_the_package(run: Run, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.csv").write_text(f"id,n\n{SECRET},1\n")
    package = small_package(tmp_path / "p", FIELDS, GOOD, path=path)
    refuse(run, package, "LDB011", path)


def test_a_link_that_leaves_the_package(run: Run, tmp_path: Path) -> None:
    (tmp_path / "outside.csv").write_text(f"id,n\n{SECRET},1\n")
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    (package / "table.csv").unlink()
    (package / "table.csv").symlink_to(tmp_path / "outside.csv")
    refuse(run, package, "LDB011", "link that leaves the package")


def zip_package(folder: Path, target: Path, extra: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"small/{file.name}")
        for name, text in (extra or {}).items():
            archive.writestr(name, text)
    return target


def test_a_good_zip_is_read(run: Run, tmp_path: Path) -> None:
    package = zip_package(small_package(tmp_path / "p", FIELDS, GOOD), tmp_path / "p.zip")
    assert run("validate", package).returncode == 0
    assert luminaldb.Package.open(package).load("table").rows() == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("name", ["../evil.csv", "/evil.csv", "small/../../evil.csv"])
def test_a_zip_whose_entry_escapes(run: Run, tmp_path: Path, name: str) -> None:
    package = zip_package(small_package(tmp_path / "p", FIELDS, GOOD), tmp_path / "p.zip", {name: SECRET})
    refuse_outright(run, package, "evil.csv")
    assert not list(tmp_path.rglob("evil.csv"))


def test_a_zip_bomb(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, b"id,n\n" + b"\n" * 300_000_000)
    refuse(run, zip_package(package, tmp_path / "p.zip"), "LDB001", "unpacks to")


def test_a_zip_that_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(b"PK not really")
    refuse_outright(run, tmp_path / "p.zip", "not a readable zip")


DESCRIPTORS: list[tuple[str, bytes, str]] = [
    ("not-json", b'{"name": ', "not JSON"),
    ("not-utf-8", b'{"name": "\xe4"}', "not UTF-8"),
    ("a-list", b"[]", "a JSON object"),
    ("no-resources", b'{"name": "x"}', "no resources"),
    ("deep", b'{"resources": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "words"), DESCRIPTORS, ids=[d[0] for d in DESCRIPTORS])
def test_a_broken_descriptor(run: Run, tmp_path: Path, name: str, data: bytes, words: str) -> None:
    package = tmp_path / name
    package.mkdir()
    (package / "datapackage.json").write_bytes(data)
    refuse_outright(run, package, words)


GOOD_TABLE = {"name": "good", "path": "good.csv", "schema": {"fields": FIELDS}}
OF_TABLE: list[tuple[str, Any, str, str]] = [
    ("not-object", 1, "LDB019", "no object with a name"),
    ("nameless", {"path": "t.csv"}, "LDB019", "no object with a name"),
    ("field-type", {"schema": {"fields": [{"name": "a", "type": "text"}]}}, "LDB019", "'text' is not one of"),
    ("hidden", {"path": ".hidden/t.csv"}, "LDB011", "a hidden folder"),
    ("schema-outside", {"schema": "../schema.json"}, "LDB011", "leaves the package"),
    ("schema-at-url", {"schema": "https://example.org/s.json"}, "LDB011", "only with --allow-remote"),
    ("schema-nowhere", {"schema": "nowhere.json"}, "LDB019", "no such file"),
    ("key-unknown", {"schema": {"fields": [], "primaryKey": "id"}}, "LDB019", "not a field"),
    ("delimiter", {"schema": {"fields": []}, "dialect": {"quoteChar": "::"}}, "LDB019", "'::' is not one character"),
    ("path", {"path": 5}, "LDB019", "path must be text"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "resource", "code", "words"), OF_TABLE, ids=[d[0] for d in OF_TABLE])
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_one_bad_table_does_not_keep_the_others_from_being_checked(
    tmp_path: Path, name: str, resource: Any, code: str, words: str, engine: str
) -> None:
    bad = resource if name in ("not-object", "nameless") else {"name": "bad", "path": "bad.csv", **resource}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [bad, GOOD_TABLE]}))
    (tmp_path / "good.csv").write_text("id,n\na,1\nb,two\n")
    (tmp_path / "bad.csv").write_text("a\n")
    report = luminaldb.validate(tmp_path, engine=engine)
    issues = [f for f in report.findings if f.code in ("LDB011", "LDB019")]
    assert [(f.code, f.file) for f in issues] == [(code, f"{tmp_path}/datapackage.json")]
    assert words in issues[0].message
    assert "\n" not in str(issues[0])
    assert [(f.table, f.value) for f in report.findings if f.code == "LDB020"] == [("good", "two")]
    package = luminaldb.Package.open(tmp_path)
    assert package.table_names == ("good",)
    with pytest.raises(luminaldb.LuminaldbError):
        package.load("bad")


def test_two_tables_of_one_name_are_both_left_out(tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [GOOD_TABLE, GOOD_TABLE]}))
    report = luminaldb.validate(tmp_path)
    assert [f.code for f in report.findings if f.code != "LDB013"] == ["LDB019"]
    assert report.tables == 0


def test_what_needs_every_table_refuses_a_package_with_a_bad_one(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, GOOD, dialect={"quoteChar": "::"})
    done = run("diff", package, package)
    assert (done.returncode, done.stdout) == (1, "")
    assert "'::' is not one character" in done.stderr
    assert "not fixed" in run("validate", package, "--fix").stderr


def test_a_descriptor_that_breaks_the_profile(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    raw: dict[str, Any] = json.loads((package / "datapackage.json").read_text())
    raw["contributors"] = [{"title": "Somebody", "email": "nowhere"}]
    (package / "datapackage.json").write_text(json.dumps(raw))
    done = run("validate", package)
    assert done.returncode == 1
    assert "LDB013" in done.stdout


@pytest.mark.parametrize("what", ["nowhere", "empty-folder", "notes.md"])
def test_no_package_at_all(run: Run, tmp_path: Path, what: str) -> None:
    target = tmp_path / what
    if what == "empty-folder":
        target.mkdir()
    elif what == "notes.md":
        target.write_text("hello")
    refuse_outright(run, target, what)


@pytest.mark.slow
def test_what_was_not_checked_is_stated(run: Run, datasets: Path) -> None:
    done = run("validate", datasets / "claims")
    assert done.returncode == 0, done.stdout
    assert "not checked: claims.citation_id against citations.citations" in done.stderr


def test_an_unreadable_file(run: Run, tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    (package / "table.csv").unlink()
    (package / "table.csv").mkdir()
    refuse(run, package, "LDB001", "can't be read")
    assert os.path.isdir(package / "table.csv")  # noqa: PTH112


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("export", "--format", "csv"), "lacks 'version'; an export contains the version"),
        (("portal", "build"), "the portal needs every table; there is no citations"),
    ],
    ids=["export", "portal"],
)
def test_a_package_with_too_little_to_publish(run: Run, tmp_path: Path, command: tuple[str, ...], words: str) -> None:
    package = small_package(tmp_path / "p", FIELDS, GOOD)
    done = run(*command, "--in", package, "--out", tmp_path / "out")
    assert (done.returncode, words in done.stderr, done.stderr.count("\n")) == (1, True, 1), done.stderr
    assert not (tmp_path / "out").exists()


def test_a_condition_on_a_column_that_is_not_there(run: Run) -> None:
    done = run("show", "effects", "--where", "x = 1")
    assert (done.returncode, "::row" in done.stderr, "effect_id" in done.stderr) == (1, False, True)


@pytest.mark.parametrize(
    "command",
    [
        ("infer", "nope.csv"),
        ("describe", "nope"),
        ("show", "nope"),
        ("search", "x", "--in", "nope"),
        ("tables", "--in", "nope"),
    ],
    ids=" ".join,
)
def test_a_refusal_has_a_form_for_programs(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert "nope" in " ".join(told["findings"][0][key] for key in ("file", "message"))
    assert len(done.stderr.splitlines()) == 1
