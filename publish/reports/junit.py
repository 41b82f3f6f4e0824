"""JUnit XML: what build servers show as failed tests; a file is a suite, a finding a case of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from xml.sax.saxutils import escape

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind
from luminaldb.schemas.text_columns import change_cells

from .finding_columns import FindingColumns, join_texts, text_where
from .finding_text import describe_checks, omitted_note, title
from .locations import by_file

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
# Blanks at the end, and what may not be printable.
_CHANGED = r"\s\z|[^ -~]"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def chunks(report: Report) -> Iterator[str | bytes]:
    """Yield a suite per file with a case per finding, after a suite that says what was and what wasn't checked."""
    files = by_file(report)
    passed = _passed_case(report)
    tests = sum(map(len, files.values())) + int(passed.get("tests", "0"))
    failures = sum(map(_failures, files.values())) + len(report.failing_notes)
    root = {"name": "luminaldb validate", "tests": tests, "failures": failures, "errors": 0, "time": 0}
    yield _DECLARATION
    yield _start(ET.Element("testsuites", {key: str(value) for key, value in root.items()}))
    yield _indent(passed, 1)
    for file, findings in files.items():
        yield f"\n  {_start(_suite(file, findings))}"
        columns = FindingColumns(findings, _ESCAPES)
        yield from columns.write(findings, _case(columns, _attribute(printable(file))))
        yield "\n  </testsuite>"
    yield "\n</testsuites>\n"


def _start(element: ET.Element) -> str:
    """Return the start tag of an element whose children are written later."""
    return ET.tostring(element, encoding="unicode").removesuffix(" />") + ">"


def _indent(element: ET.Element, level: int) -> str:
    ET.indent(element, level=level)
    indent = "  " * level
    return f"\n{indent}{ET.tostring(element, encoding='unicode').rstrip()}"


def _passed_case(report: Report) -> ET.Element:
    notes = [*report.notes, *([omitted_note(report)] if report.omitted else [])]
    failing = report.failing_notes
    skipped = len(notes) - len(failing)
    suite = _empty("luminaldb", tests=len(notes) + 1, failures=len(failing), skipped=skipped)
    ET.SubElement(suite, "testcase", classname="luminaldb", name=f"read {describe_checks(report)}", time="0")
    for note in notes:
        case = ET.SubElement(suite, "testcase", classname="luminaldb", name=printable(note), time="0")
        ET.SubElement(case, "failure" if note in failing else "skipped", message=printable(note))
    return suite


def _suite(file: str, findings: IssueColumns) -> ET.Element:
    return _empty(printable(file), tests=len(findings), failures=_failures(findings), skipped=0)


def _failures(findings: IssueColumns) -> int:
    return sum(count for kind, count in findings.kind_counts().items() if kind.severity == "error")


def _empty(name: str, *, tests: int, failures: int, skipped: int) -> ET.Element:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped, "time": 0}
    return ET.Element("testsuite", {"name": name, **{key: str(count) for key, count in counts.items()}})


def _case(columns: FindingColumns, file: str) -> pl.Expr:
    """Write a case as ElementTree would, but for quotes in texts.

    Args:
        columns: of the findings.
        file: as the value of an attribute.
    """
    line, key = (
        columns.line,
        columns.changed("row_key", lambda cells: columns.replace_special_characters(_key_names(cells))),
    )
    # The code and the column, then the key; no blank at the end where there is none.
    name_without_key = columns.of_kind(lambda k: columns.replace_special_characters_in(printable(_name(k).strip())))
    before_key = columns.of_kind(lambda k: columns.replace_special_characters_in(printable(_name(k).lstrip())))
    return join_texts(
        columns.of_kind(lambda k: f'\n    <testcase classname="{_class_name(k)}" name="'),
        pl.when(key == "").then(name_without_key).otherwise(join_texts(before_key, key)),
        " #",
        # A server takes two cases of one name for one: the number keeps them apart.
        columns.number.cast(pl.String),
        f'" file="{file}" time="0"',
        text_where(columns.has_text_line, ' line="', line.cast(pl.String), '"'),
        columns.of_kind(lambda k: f">\n      {_failure_start(k) if k.severity == 'error' else '<system-out>'}"),
        text_where(columns.if_kind(lambda k: k.severity == "error"), columns.message_and_hint),
        columns.of_kind(lambda k: f'">{escape(title(k.code))}\n' if k.severity == "error" else ""),
        columns.one_line,
        columns.of_kind(lambda k: f"</{'failure' if k.severity == 'error' else 'system-out'}>\n    </testcase>"),
    )


def _name(kind: IssueKind) -> str:
    return f"{kind.code} {kind.column}{' ' if kind.column else ''}"


def _key_names(cells: pl.Series) -> pl.Series:
    return change_cells(cells, _CHANGED, lambda text: printable(text.rstrip()))


def _class_name(kind: IssueKind) -> str:
    return _attribute(printable(".".join(part for part in (kind.package, kind.table) if part) or "package"))


def _failure_start(kind: IssueKind) -> str:
    return f'<failure type="{_attribute(kind.code)}" message="'


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
