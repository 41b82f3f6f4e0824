"""`--fix` on packages of others: a valid file keeps its bytes; else the data change only where a finding stood."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from helpers import small_package
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.curation.fixes.packages import apply_fixes, plan_fixes
from luminaldb.loaders.open_packages import open_packages

FIELDS: list[dict[str, Any]] = [
    {"name": "code", "type": "string", "constraints": {"minLength": 3}},
    {"name": "n", "type": "integer"},
    {"name": "doi", "type": "string"},
    {"name": "word", "type": "string", "constraints": {"enum": ["a", " b", "e\u0301"]}},
]


def fix(package: Path) -> list[str]:
    packages = open_packages([package]).values()
    found = list(plan_fixes(packages))
    apply_fixes(found, packages)
    return [each.after.refusal_reason for each in found if each.after.refusal_reason]


def table(rows: list[tuple[str, ...]], end: str = "\n") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end).writerows([[f["name"] for f in FIELDS], *rows])
    return stream.getvalue().encode()


CELLS = st.tuples(
    st.text(" abcde\u0301\r\n", max_size=6),
    st.sampled_from(["1", " 2", "3 ", "x", "", "007"]),
    st.sampled_from(["https://doi.org/10.1234/A", "10.1234/a ", ""]),
    st.sampled_from(["a", "a ", " b", "b", "\u00e9", "e\u0301", ""]),
)


BROKEN = st.sampled_from([b"", b"\n", b"x, 1\n", b"a,1,,,\n", b"\xe9, 1,,a\n", b"b\0,1,,b \n"])


@given(st.lists(CELLS, max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans(), BROKEN)
@settings(max_examples=50, deadline=None)
def test_data_change_only_where_a_finding_stood(
    rows: list[tuple[str, ...]], end: str, mark: bool, last_line_end: bool, broken: bytes
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        header, _, others = table(rows, end).partition(b"\n")
        data = (b"\xef\xbb\xbf" if mark else b"") + header + b"\n" + broken + others
        data = data if last_line_end else data.removesuffix(end.encode())
        package = small_package(Path(folder) / "p", FIELDS, data)
        report = luminaldb.validate(package)
        before = luminaldb.Package.open(package).text("table").frame
        fix(package)
        written = (package / "table.csv").read_bytes()
        assert broken.removesuffix(b"\n") in written
        if not report.findings:
            assert written == data
            return
        after = luminaldb.Package.open(package).text("table")
        places = {(f.line, f.column) for f in report.findings}
        starts = luminaldb.Package.open(package).text("table").lines
        assert before.height == after.frame.height
        if {line for line, _ in places} and before.height == len(starts):
            changed = [
                (n, c) for c in before.columns for n in range(before.height) if before[c][n] != after.frame[c][n]
            ]
            columns = {c for _, c in places}
            assert {c for _, c in changed} <= columns
            assert len(changed) <= len(places)
        again = luminaldb.validate(package)
        assert len(again.findings) <= len(report.findings)
        fix(package)
        assert (package / "table.csv").read_bytes() == written


def test_a_cell_with_a_finding_is_fixed_and_no_other(tmp_path: Path) -> None:
    rows = [("  ab", " 1", " x ", "a "), ("abc ", "2", "x", " b")]
    package = small_package(tmp_path / "p", FIELDS, table(rows, "\r\n"))
    assert fix(package) == []
    assert (package / "table.csv").read_bytes() == table([("  ab", "1", " x ", "a"), ("abc ", "2", "x", " b")], "\r\n")


@pytest.mark.parametrize("rules", [None, ("trial-evidence",)], ids=["of others", "our own"])
@pytest.mark.parametrize("broken", [b"\n", b"d\n", b"a,b,c\n", b"\xe9, 5\n", b"e\0, 6\n", b" ,\n"])
def test_a_broken_row_keeps_no_other_from_being_fixed(
    tmp_path: Path, broken: bytes, rules: tuple[str, ...] | None
) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "n", "type": "integer"}]
    package = small_package(tmp_path / "p", fields, b'a,n\nz, 1\n"y", 2\n' + broken + b"b, 3")
    packages = open_packages([package]).values()
    found = list(plan_fixes(packages, rules))
    apply_fixes(found, packages)
    end, own = (b"\n", broken.replace(b" ,", b",")) if rules else (b"", broken)
    second = b"y,2\n"
    assert (package / "table.csv").read_bytes() == b"a,n\nz,1\n" + second + own + b"b,3" + end
    assert [each.after.refusal_reason.partition(":")[0] for each in found] == ["" if b" ," in broken else "line 4"]


def test_a_column_that_stands_twice_keeps_no_other_from_being_fixed(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "n", "type": "integer"}]
    package = small_package(tmp_path / "p", fields, "a,n,a\nx, 1, y\n")
    (reason,) = fix(package)
    assert "twice" in reason
    assert (package / "table.csv").read_text() == "a,n,a\nx,1, y\n"


def test_a_compressed_file_is_fixed_and_compressed_again(tmp_path: Path) -> None:
    fields = [{"name": "n", "type": "integer"}]
    package = small_package(tmp_path / "p", fields, "", path="table.csv.gz")
    (package / "table.csv").unlink()
    (package / "table.csv.gz").write_bytes(gzip.compress(b"n\n 1\n"))
    assert fix(package) == []
    assert gzip.decompress((package / "table.csv.gz").read_bytes()) == b"n\n1\n"


@pytest.mark.parametrize("member", [{"bytes": 5}, {"hash": "0" * 32}])
def test_a_file_with_a_size_or_hash_is_left_alone(tmp_path: Path, member: dict[str, Any]) -> None:
    package = small_package(tmp_path / "p", [{"name": "n", "type": "integer"}], "n\n 1\n", **member)
    (reason,) = fix(package)
    assert "size or hash" in reason
    assert (package / "table.csv").read_bytes() == b"n\n 1\n"
    (package / "table.csv").write_bytes(b"n\n1\n")
    assert fix(package) == []


def test_the_example_of_meaningful_blanks_stays_valid(tmp_path: Path) -> None:
    fields = [{"name": "c", "type": "string", "constraints": {"minLength": 4}}]
    package = small_package(tmp_path / "p", fields, "c\n  ab\nb   \n", schema={"primaryKey": ["c"]})
    before = (package / "table.csv").read_bytes()
    assert fix(package) == []
    assert (package / "table.csv").read_bytes() == before
    assert json.loads((package / "datapackage.json").read_text())["name"] == "small"
