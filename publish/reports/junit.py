"""JUnit XML: what build servers show as failed tests; a file is a suite, a finding a case of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from luminaldb.issues import Issue, Report, printable

from .finding_text import format_checked, message_and_hint, omitted_note, title
from .locations import by_file

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def pieces(report: Report) -> Iterator[str]:
    """Give a suite per file with a case per finding, after a suite that says what was and what wasn't checked."""
    files = by_file(report)
    own = _passed_case(report)
    tests = sum(map(len, files.values())) + int(own.get("tests", "0"))
    failures = sum(f.severity == "error" for f in report.findings)
    root = {"name": "luminaldb validate", "tests": tests, "failures": failures, "errors": 0, "time": 0}
    yield _DECLARATION
    yield _start(ET.Element("testsuites", {key: str(value) for key, value in root.items()}))
    yield _indent(own, 1)
    for file, findings in files.items():
        yield f"\n  {_start(_suite(file, findings))}"
        name = _attribute(printable(file))
        for number, finding in enumerate(findings, start=1):
            yield _case(finding, number, name)
        yield "\n  </testsuite>"
    yield "\n</testsuites>\n"


def _start(element: ET.Element) -> str:
    """Give the start tag of an element whose children are written later."""
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


def _suite(file: str, findings: Sequence[Issue]) -> ET.Element:
    failures = sum(f.severity == "error" for f in findings)
    return _empty(printable(file), tests=len(findings), failures=failures, skipped=0)


def _empty(name: str, *, tests: int, failures: int, skipped: int) -> ET.Element:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped, "time": 0}
    return ET.Element("testsuite", {"name": name, **{key: str(count) for key, count in counts.items()}})


def _case(finding: Issue, number: int, file: str) -> str:
    """Write a case as ElementTree would, which takes ten times as long: there may be a million."""
    place = finding.place
    where = " ".join(part for part in (place.column, place.row_key) if part)
    # A server takes two cases of one name for one: the number keeps them apart.
    name = printable(f"{finding.code} {where}".strip()) + f" #{number}"
    classname = printable(".".join(part for part in (place.package, place.table) if part) or "package")
    line = f' line="{place.line}"' if place.line else ""
    text = escape(printable(str(finding)))
    if finding.severity == "error":
        kind, message = _attribute(finding.code), _attribute(message_and_hint(finding))
        failure = f"{escape(title(finding.code))}\n{text}"
        inner = f'<failure type="{kind}" message="{message}">{failure}</failure>'
    else:
        inner = f"<system-out>{text}</system-out>"
    start = f'<testcase classname="{_attribute(classname)}" name="{_attribute(name)}" file="{file}" time="0"{line}>'
    return f"\n    {start}\n      {inner}\n    </testcase>"


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
