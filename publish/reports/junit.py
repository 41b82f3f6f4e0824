"""JUnit XML: what build servers show as failed tests; a file is a suite, a finding a case of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from xml.sax.saxutils import escape

import polars as pl

from luminaldb.issues import Report, printable
from luminaldb.schemas.issue_columns import IssueColumns, IssueKind
from luminaldb.schemas.text_columns import change_cells

from .finding_columns import FindingColumns, findings_in_parts, join_rows, join_texts, text_where
from .finding_text import format_checked, omitted_note, title
from .locations import by_file

_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
# Blanks at the ends, and what may not be printable.
_CHANGED = r"^\s|\s$|[^ -~]"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def chunks(report: Report) -> Iterator[str]:
    """Yield a suite per file with a case per finding, after a suite that says what was and what wasn't checked."""
    files = by_file(report)
    passed = _passed_case(report)
    tests = sum(map(len, files.values())) + int(passed.get("tests", "0"))
    failures = sum(map(_failures, files.values()))
    root = {"name": "luminaldb validate", "tests": tests, "failures": failures, "errors": 0, "time": 0}
    yield _DECLARATION
    yield _start(ET.Element("testsuites", {key: str(value) for key, value in root.items()}))
    yield _indent(passed, 1)
    for file, findings in files.items():
        yield f"\n  {_start(_suite(file, findings))}"
        number = 1
        for part in findings_in_parts(findings, _MARKS):
            yield join_rows(_cases(part, number, _attribute(printable(file))))
            number += len(part)
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
    suite = _empty("luminaldb", tests=len(notes) + 1, failures=0, skipped=len(notes))
    ET.SubElement(suite, "testcase", classname="luminaldb", name=f"read {format_checked(report)}", time="0")
    for note in notes:
        case = ET.SubElement(suite, "testcase", classname="luminaldb", name=printable(note), time="0")
        ET.SubElement(case, "skipped", message=printable(note))
    return suite


def _suite(file: str, findings: IssueColumns) -> ET.Element:
    return _empty(printable(file), tests=len(findings), failures=_failures(findings), skipped=0)


def _failures(findings: IssueColumns) -> int:
    return sum(count for kind, count in findings.kind_counts().items() if kind.severity == "error")


def _empty(name: str, *, tests: int, failures: int, skipped: int) -> ET.Element:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped, "time": 0}
    return ET.Element("testsuite", {"name": name, **{key: str(count) for key, count in counts.items()}})


def _cases(part: FindingColumns, number: int, file: str) -> pl.Series:
    """Write cases as ElementTree would, but for quotes in texts.

    Args:
        part: the findings.
        number: of the first. A server takes two cases of one name for one: the number keeps them apart.
        file: as the value of an attribute.
    """
    place = part.of_kind(lambda k: f"{k.code} {k.column}{' ' if k.column else ''}")
    name = change_cells(join_texts(place, part.frame["row_key"]), _CHANGED, lambda text: printable(text.strip()))
    numbers = pl.int_range(number, number + len(part), eager=True).cast(pl.String)
    line = part.frame["line"]
    return join_texts(
        part.of_kind(lambda k: f'\n    <testcase classname="{_class_name(k)}" name="'),
        part.replace_marks(name),
        " #",
        numbers,
        f'" file="{file}" time="0"',
        text_where(line != 0, ' line="', line.cast(pl.String), '"'),
        part.of_kind(lambda k: f">\n      {_failure_start(k) if k.severity == 'error' else '<system-out>'}"),
        text_where(part.is_error, part.message_and_hint),
        part.of_kind(lambda k: f'">{escape(title(k.code))}\n' if k.severity == "error" else ""),
        part.one_line,
        part.of_kind(lambda k: f"</{'failure' if k.severity == 'error' else 'system-out'}>\n    </testcase>"),
    )


def _class_name(kind: IssueKind) -> str:
    return _attribute(printable(".".join(part for part in (kind.package, kind.table) if part) or "package"))


def _failure_start(kind: IssueKind) -> str:
    return f'<failure type="{_attribute(kind.code)}" message="'


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
