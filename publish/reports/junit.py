"""JUnit XML: what build servers show as failed tests; a file is a suite, a finding a case of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from luminaldb.issues import Issue, Report, printable

from .finding_text import format_checked, message_and_hint, title
from .locations import by_file

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(report: Report) -> str:
    """Give a suite per file with a case per finding, after a suite that says what was and what wasn't checked."""
    root = ET.Element("testsuites", name="luminaldb validate", tests="0", failures="0", errors="0", time="0")
    root.append(_passed_case(report))
    for file, findings in by_file(report).items():
        root.append(_suite(file, findings))
    for total in ("tests", "failures"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root)
    return f"{_DECLARATION}{ET.tostring(root, encoding='unicode')}\n"


def _passed_case(report: Report) -> ET.Element:
    total = len(report.notes) + 1
    suite = _empty("luminaldb", tests=total, failures=0, skipped=len(report.notes))
    ET.SubElement(suite, "testcase", classname="luminaldb", name=f"read {format_checked(report)}", time="0")
    for note in report.notes:
        case = ET.SubElement(suite, "testcase", classname="luminaldb", name=printable(note), time="0")
        ET.SubElement(case, "skipped", message=printable(note))
    return suite


def _suite(file: str, findings: Sequence[Issue]) -> ET.Element:
    failures = sum(f.severity == "error" for f in findings)
    suite = _empty(printable(file), tests=len(findings), failures=failures, skipped=0)
    for place, finding in enumerate(findings, start=1):
        suite.append(_case(finding, place, file))
    return suite


def _empty(name: str, *, tests: int, failures: int, skipped: int) -> ET.Element:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped, "time": 0}
    return ET.Element("testsuite", {"name": name, **{key: str(count) for key, count in counts.items()}})


def _case(finding: Issue, place: int, file: str) -> ET.Element:
    where = " ".join(part for part in (finding.column, finding.row_key) if part)
    # A server takes two cases of one name for one: the number keeps them apart.
    name = printable(f"{finding.code} {where}".strip()) + f" #{place}"
    classname = ".".join(part for part in (finding.package, finding.table) if part) or "package"
    case = ET.Element("testcase", classname=printable(classname), name=name, file=printable(file), time="0")
    if finding.line:
        case.set("line", str(finding.line))
    if finding.severity == "error":
        failure = ET.SubElement(case, "failure", type=finding.code, message=message_and_hint(finding))
        failure.text = f"{title(finding.code)}\n{printable(str(finding))}"
    else:
        ET.SubElement(case, "system-out").text = printable(str(finding))
    return case
