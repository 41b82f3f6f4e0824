"""Issues and the errors that carry them: nothing is read out of the text of an error."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from helpers import small_package, write_package

import luminaldb
from luminaldb.errors import DescriptorError, UnsafePathError
from luminaldb.issues import Issue, Place

FIELDS = [{"name": "a", "type": "string"}]


def test_a_file_name_with_a_semicolon_is_named_in_full(tmp_path: Path) -> None:
    resource = {"path": "arms; final.csv", "schema": {"fields": FIELDS}}
    (issue,) = luminaldb.validate(write_package(tmp_path / "p", resource)).findings
    assert issue.code == "LDB001"
    assert issue.message == "no such file"
    assert issue.hint == "Add it or fix the path."
    assert issue.place == Place("small", "table", file=f"{tmp_path}/p/arms; final.csv")


def test_a_file_name_with_a_semicolon_is_named_in_full_where_it_is_no_table(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "p", {"path": "notes; old.pdf", "format": "pdf"})
    (issue,) = luminaldb.validate(folder).findings
    assert (issue.code, issue.message) == ("LDB001", "no such file")
    assert issue.file.endswith("notes; old.pdf")


@pytest.mark.parametrize(
    ("resource", "code", "message", "hint"),
    [
        ({"path": "../a; b.csv", "schema": {"fields": FIELDS}}, "LDB011", "leaves the package by '..'", "Keep the"),
        ({"path": "a.csv", "schema": "../s; t.json"}, "LDB011", "resource table: schema: ../s; t.json: leaves", "Keep"),
        ({"path": "a.csv", "schema": "s; t.json"}, "LDB019", "s; t.json: no such file", "Add it or fix the path."),
        ({"data": [1], "schema": {"fields": FIELDS}}, "LDB016", "row 1 is neither an object nor a list", "Write each"),
    ],
)
def test_an_issue_has_the_hint_of_its_error(
    tmp_path: Path, resource: dict[str, object], code: str, message: str, hint: str
) -> None:
    found = luminaldb.validate(write_package(tmp_path / "p", resource, {"a.csv": b"a\n1\n"})).findings
    (issue,) = [f for f in found if f.code != "LDB013"]
    assert issue.code == code
    assert message in issue.message
    assert issue.hint.startswith(hint)
    assert issue.hint.endswith(".")


def test_an_error_says_what_where_and_the_fix() -> None:
    error = UnsafePathError("leaves the package", subject="../a; b.csv", hint="keep the file inside")
    assert str(error) == "../a; b.csv: leaves the package; keep the file inside"
    assert error.issue == Issue(
        "LDB011", "leaves the package", "Keep the file inside.", place=Place(file="../a; b.csv")
    )
    outer = error.within("resource t: schema").within("p/datapackage.json")
    assert isinstance(outer, UnsafePathError)
    text = "p/datapackage.json: resource t: schema: ../a; b.csv: leaves the package; keep the file inside"
    assert str(outer) == text
    assert outer.issue.message == "resource t: schema: ../a; b.csv: leaves the package"
    assert outer.issue.file == "p/datapackage.json"
    assert DescriptorError.caused_by(error, "t").issue.code == "LDB019"


def test_an_error_survives_another_process() -> None:
    error = UnsafePathError("leaves the package", subject="../a.csv", hint="keep the file inside")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(again), again.issues) == (str(error), error.issues)


def test_a_plain_error_has_an_issue_too() -> None:
    error = luminaldb.LuminaldbError("no such thing")
    assert error.issues == (Issue("", "no such thing"),)


def test_loading_a_broken_table_raises_its_issues(tmp_path: Path) -> None:
    folder = small_package(tmp_path / "p", [{"name": "n", "type": "integer"}], "n\n1\n1,2\n\n")
    with pytest.raises(
        luminaldb.TableError, match=r"table.csv:3: 2 cells where the header has 1 \(and 1 more\)"
    ) as raised:
        luminaldb.Package.open(folder).load("table")
    assert [(i.code, i.line) for i in raised.value.issues] == [("LDB006", 3), ("LDB006", 4)]
    folder = small_package(tmp_path / "q", [{"name": "n", "type": "integer"}], "n\n1\nx\n")
    with pytest.raises(luminaldb.TableError) as raised:
        luminaldb.Package.open(folder).load("table")
    assert (raised.value.issue.code, raised.value.issue.line, raised.value.issue.value) == ("LDB020", 3, "x")


def test_the_names_of_version_2_still_work() -> None:
    issue = Issue("LDB010", "the file is empty", "Write the header row.", place=Place(file="arms.csv", line=1))
    with pytest.warns(DeprecationWarning, match="Issue since 3.0"):
        assert luminaldb.Finding is Issue
    with pytest.warns(DeprecationWarning, match="code since 3.0"):
        assert issue.rule == "LDB010"
    with pytest.warns(DeprecationWarning, match="hint since 3.0"):
        assert issue.cure == "Write the header row."
    assert list(issue.to_dict()) == [
        "package", "table", "row_key", "file", "line", "column", "value", "rule", "severity", "message", "cure",
    ]  # fmt: skip
    assert str(issue) == "arms.csv:1  LDB010  the file is empty. Write the header row."


def test_a_report_and_a_database_print_a_short_summary() -> None:
    many = luminaldb.Report([luminaldb.Issue("LDB001", "no such file")] * 1000, tables=1, rows=0)
    lines = repr(many).splitlines()
    assert (lines[0], len(lines), lines[-1]) == ("1 tables, 0 rows, 1,000 findings", 12, "and 990 more")
    assert repr(luminaldb.Database.installed()).startswith("<Database the installed tables: citations, ")
