"""Report formats, each read back by a client that isn't ours, with cells that mean harm."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import html5lib
import junitparser
import polars as pl
import pytest
from helpers import REPOSITORY, set_cell, small_package
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

import luminaldb
from luminaldb import issue_codes
from luminaldb.cli import validate as validate_command
from luminaldb.issue_codes import CODES
from luminaldb.issues import Issue, Place, Report
from luminaldb.publish.reports import locations
from luminaldb.publish.reports import report as publishing
from luminaldb.publish.reports.finding_text import counts
from luminaldb.publish.reports.locations import CellStarts, by_file
from luminaldb.publish.reports.report import render
from luminaldb.schemas.codes import known_codes, unknown_codes
from luminaldb.schemas.issue_columns import IssueColumns
from luminaldb.schemas.rules import RULES
from luminaldb.schemas.statistics.rules import STATISTICS_RULES

HARM = "<script>alert(1)</script> & \"quoted\" 'x' ]]> 100%, a:b\r\n::error::forged\x1b[31m\x00\ufffe"
FILE = "data, 100%:odd/ä b.csv"


ISSUE = Issue(
    "LDB101",
    "the limits stand in the wrong order",
    "Read them again.",
    place=Place("trials", "effects", "a|b", FILE, 42, "ci_low", "0.9"),
)


def finding(**changed: Any) -> Issue:
    own = {name: changed.pop(name) for name in ("code", "severity", "message", "hint") if name in changed}
    return replace(ISSUE.at(**changed), **own)


HARMFUL = finding(value=HARM, message=HARM, row_key=HARM, column=HARM, hint=HARM)
WARNING = finding(code="LDB102", severity="warning", line=43)
OF_PACKAGE = finding(table="", row_key="", line=0, column="", value="", code="LDB013", file="p/datapackage.json")
REPORT = Report([OF_PACKAGE, finding(), WARNING, HARMFUL], 2, 1234, ["not checked: a, b: 100%", HARM])
CLEAN = Report([], 2, 1234)
UNCHECKED = Report([], 2, 1234, ["not checked: a.b, encrypted", "not applicable: statistics of c"])


@pytest.fixture
def spoilt(datasets: Path) -> Report:
    """A report on real files with a finding of a rule and one of a type."""
    set_cell(datasets / "trials/effects.csv", 5, "ci_low", "0·63")
    set_cell(datasets / "vocabularies/endpoints.csv", 0, "name", "")
    return luminaldb.validate(datasets)


def test_the_command_names_the_formats_there_are() -> None:
    assert publishing.FORMATS == validate_command.FORMATS
    modules = {p.stem for p in (REPOSITORY / "publish/reports").glob("*.py")}
    assert set(publishing.FORMATS) <= modules


def test_what_a_strict_validation_fails_on_is_in_every_format() -> None:
    strict = replace(UNCHECKED, strict=True)
    assert (UNCHECKED.ok, strict.ok) == (True, False)
    assert json.loads(render("json", strict))["ok"] is False
    (invocation,) = sarif(strict)["invocations"]
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["error", "note"]
    assert invocation["executionSuccessful"] is False
    assert "::error title=luminaldb::not checked: a.b, encrypted\n" in render("github", strict)
    assert "::notice title=luminaldb::not applicable" in render("github", strict)
    suites = junit(strict)
    failing = [c.name for suite in suites for c in suite if any(isinstance(r, junitparser.Failure) for r in c.result)]
    assert (failing, suites.failures) == (["not checked: a.b, encrypted"], 1)
    assert "Not everything was checked" in render("html", strict)
    assert '<span class="error">error</span> not checked' in render("html", strict)
    for to in ("sarif", "github", "junit", "html"):
        assert "error title" not in render(to, UNCHECKED)
        assert "<failure" not in render(to, UNCHECKED)


@pytest.mark.parametrize("to", ["text", "github", "sarif", "junit"])
def test_a_finding_without_a_hint_ends_with_its_point(to: str) -> None:
    text = render(to, Report([finding(message="no such file", value="", hint="")], 0, 0))
    assert "no such file." in text
    assert "no such file. " not in text


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="docx"):
        render("docx", CLEAN)


@pytest.mark.parametrize("to", publishing.FORMATS)
def test_a_report_is_the_same_twice_and_has_no_raw_control_characters(to: str) -> None:
    text = render(to, REPORT)
    assert text == render(to, REPORT)
    assert not set("\x00\x1b\r") & set(text)


def test_findings_are_grouped_by_file_wherever_they_stand() -> None:
    mixed = Report([finding(file="b.csv"), finding(file="a.csv"), finding(file="b.csv", line=1)], 2, 3)
    assert {file: len(group) for file, group in by_file(mixed).items()} == {"b.csv": 2, "a.csv": 1}
    assert [s.name for s in junit(mixed)] == ["luminaldb", "b.csv", "a.csv"]


def test_text_gives_one_line_per_finding() -> None:
    lines = render("text", REPORT).splitlines()
    assert len(lines) == len(REPORT.findings)
    assert lines[1] == f"{FILE}:42:ci_low  LDB101  the limits stand in the wrong order [0.9]. Read them again."
    assert lines[0].startswith("p/datapackage.json  LDB013  ")
    assert "\\x1b[31m" in lines[3]
    assert render("text", CLEAN) == ""


def test_json_holds_the_whole_report() -> None:
    assert json.loads(render("json", REPORT)) == REPORT.to_dict()


def sarif(report: Report) -> Any:
    log = json.loads(render("sarif", report))
    Sarif.model_validate(log)
    assert log["version"] == "2.1.0"
    return log["runs"][0]


def test_the_sarif_client_knows_a_wrong_log() -> None:
    log = json.loads(render("sarif", REPORT))
    log["runs"][0]["results"][0]["level"] = "dreadful"
    with pytest.raises(ValidationError):
        Sarif.model_validate(log)


def test_sarif_by_the_models_of_its_schema() -> None:
    run = sarif(REPORT)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["LDB013", "LDB101", "LDB102"]
    for result, own in zip(run["results"], REPORT.findings, strict=True):
        assert result["ruleId"] == rules[result["ruleIndex"]] == own.code
        assert result["level"] == own.severity
        (location,) = result["locations"]
        place = location["physicalLocation"]
        names = [run["logicalLocations"][n["index"]]["properties"] for n in location["logicalLocations"]]
        assert names == [{n: t for n in ("package", "table", "column") if (t := getattr(own.place, n))}]
        assert result["properties"] == {"rowKey": own.row_key}
        assert re.fullmatch(r"[A-Za-z0-9%/._-]+", place["artifactLocation"]["uri"])
        assert unquote(place["artifactLocation"]["uri"]) == own.file
        assert place.get("region", {}).get("startLine", 0) == own.line
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2
    assert sarif(CLEAN)["results"] == []


def test_sarif_knows_a_finding_again_on_another_line() -> None:
    moved = Report([finding(line=7), finding(line=7, value="0.8")], 1, 1)
    first, second = (r["partialFingerprints"]["luminaldbFinding/v2"] for r in sarif(moved)["results"])
    before = sarif(Report([finding()], 1, 1))["results"][0]["partialFingerprints"]["luminaldbFinding/v2"]
    assert first == before != second


def test_sarif_points_at_the_character(spoilt: Report) -> None:
    for result, own in zip(sarif(spoilt)["results"], spoilt.findings, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == Path(own.file).as_uri()
        line = Path(own.file).read_text(encoding="utf-8").split("\n")[own.line - 1]
        rest = line[place["region"]["startColumn"] - 1 :]
        assert rest.startswith((own.value or ",", f'"{own.value}'))


@pytest.mark.parametrize(
    ("line", "character"),
    [('x,"a, ""b""",1.5', 14), ("x,,1.5", 4), ('x,"a\nb",1.5', None), ("x,y,", 5)],
    ids=["quoted", "empty-before", "line-break-before", "empty-itself"],
)
def test_the_character_is_reported_where_it_can_be(tmp_path: Path, line: str, character: int | None) -> None:
    file = tmp_path / "table.csv"
    file.write_text(f"id,name,ci_low\n{line}\n", encoding="utf-8")
    result = sarif(Report([finding(file=str(file), line=2)], 1, 1))["results"][0]
    assert result["locations"][0]["physicalLocation"]["region"].get("startColumn") == character


def commands(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Read workflow commands as a runner does: see actions/runner, ActionCommand.TryParseV2."""
    for line in text.splitlines():
        head, _, data = line.removeprefix("::").partition("::")
        name, _, rest = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in rest.split(",") if pair)
        decode = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
        yield name, {k: unescape(v, decode) for k, v in pairs}, unescape(data, decode)


def unescape(text: str, codes: dict[str, str]) -> str:
    return re.sub("|".join(codes), lambda m: codes[m[0]], text)


def test_github_commands_survive_the_runner() -> None:
    text = render("github", REPORT)
    assert len(text.splitlines()) == len(REPORT.findings) + len(REPORT.notes) + 1
    read = list(commands(text))
    name, properties, data = read[1]
    assert name == "error"
    assert properties["file"] == FILE
    assert properties["line"] == "42"
    assert properties["title"].startswith("LDB101 ")
    assert data == "ci_low: the limits stand in the wrong order [0.9]. Read them again."
    assert [c[0] for c in read] == ["error", "error", "warning", "error", "notice", "notice", "notice"]
    assert "line" not in read[0][1]
    assert read[4][2] == "not checked: a, b: 100%"
    assert "4 findings in 1,234 rows" in read[-1][2]


def test_github_names_files_from_the_working_folder(
    datasets: Path, spoilt: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(datasets)
    _, properties, _ = next(commands(render("github", spoilt)))
    assert properties["file"] == "vocabularies/endpoints.csv"
    assert int(properties["col"]) > 1


@pytest.mark.parametrize("to", ["text", "json", "html", "junit", "sarif", "github"])
def test_an_address_keeps_its_slashes(to: str) -> None:
    text = render(to, Report([finding(file="https://example.org/a%20b/t.csv")], 1, 1))
    assert "https://example.org/a%20b/t.csv" in text.replace("%3A", ":").replace("%2520", "%20")
    assert "https:/e" not in text


def test_rows_inside_a_descriptor_are_placed_in_it(tmp_path: Path) -> None:
    package = small_package(tmp_path / "p", [{"name": "n", "type": "integer"}], "")
    raw = json.loads((package / "datapackage.json").read_text())
    del raw["resources"][0]["path"]
    raw["resources"][0]["data"] = [{"n": "one"}]
    (package / "datapackage.json").write_text(json.dumps(raw))
    _, properties, _ = next(commands(render("github", luminaldb.validate(package))))
    assert properties["file"] == f"{package}/datapackage.json"


def junit(report: Report) -> junitparser.JUnitXml:
    text = render("junit", report)
    assert ET.fromstring(text.encode()).tag == "testsuites"  # noqa: S314 - our own text
    return junitparser.JUnitXml.fromstring(text.encode())


def test_junit_by_junitparser() -> None:
    suites = list(junit(REPORT))
    assert [s.name for s in suites] == ["luminaldb", "p/datapackage.json", FILE]
    assert [(s.tests, s.failures, s.skipped) for s in suites] == [(3, 0, 2), (1, 1, 0), (3, 2, 0)]
    for suite in suites:
        cases = list(suite)
        assert suite.tests == len(cases) == len({(c.classname, c.name) for c in cases})
        assert suite.failures == sum(isinstance(r, junitparser.Failure) for c in cases for r in c.result)
        assert suite.skipped == sum(isinstance(r, junitparser.Skipped) for c in cases for r in c.result)
    failure = next(iter(suites[2])).result[0]
    assert failure.type == "LDB101"
    assert failure.message == "the limits stand in the wrong order [0.9]. Read them again."
    whole = junit(REPORT)
    assert (whole.tests, whole.failures) == (7, 3)
    assert junit(CLEAN).failures == 0


def page(report: Report) -> Any:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(render("html", report))


def words(node: Any) -> str:
    return "".join(node.itertext())


def test_html_by_html5lib() -> None:
    tree = page(REPORT)
    tables = tree.findall(".//table")
    assert len(tables) == 1 + 3
    for table in tables:
        heads = table.findall("./thead/tr/th")
        assert words(table.find("./caption"))
        assert all(head.get("scope") == "col" for head in heads)
        for row in table.findall("./tbody/tr"):
            assert len(row.findall("./td")) == len(heads)
    rows = sum(len(table.findall("./tbody/tr")) for table in tables[1:])
    assert rows == len(REPORT.findings)
    assert [words(h) for h in tree.findall(".//h2")][1:] == ["p/datapackage.json, 1 finding", f"{FILE}, 3 findings"]
    labels = {section.get("aria-labelledby") for section in tree.findall(".//section")}
    assert labels == {heading.get("id") for heading in tree.findall(".//section/h2")}
    assert tree.get("lang") == "en"
    assert "<script>alert(1)</script> & \"quoted\" 'x'" in words(tree.find("./body"))


def test_html_runs_nothing_and_fetches_nothing() -> None:
    tree = page(REPORT)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & {node.tag for node in tree.iter()}
    for node in tree.iter():
        assert not {"src", "href", "style"} & set(node.keys())
        assert not [name for name in node.keys() if str(name).startswith("on")]  # noqa: SIM118 - an Element's
    policy = next(m.get("content") for m in tree.findall(".//meta") if m.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    style = words(tree.find(".//style"))
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


def test_the_policy_of_the_page_allows_its_style() -> None:
    import base64
    import hashlib

    text = render("html", CLEAN)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text


def test_counts_are_most_frequent_first() -> None:
    assert [(c["rule"], c["findings"]) for c in counts(REPORT)] == [("LDB101", 2), ("LDB013", 1), ("LDB102", 1)]
    assert all(c["title"] for c in counts(REPORT))


def test_every_code_has_one_meaning_and_is_used() -> None:
    rules = [rule.code for rule in (*RULES, *STATISTICS_RULES)]
    assert len({*CODES, *rules}) == len(CODES) + len(rules)
    folders = ("loaders", "schemas", "curation", "publish", "cli")
    texts = [p.read_text(encoding="utf-8") for name in folders for p in (REPOSITORY / name).rglob("*.py")]
    # The codes of rules stand in their modules; all others are named in luminaldb/issue_codes.py and used by name.
    assert {code for text in texts for code in re.findall(r'"(LDB\d{3})"', text)} == set(rules)
    names = {name for name, code in vars(issue_codes).items() if isinstance(code, str) and code in CODES}
    assert len(names) == len(CODES)
    texts.append((REPOSITORY / "luminaldb/errors.py").read_text(encoding="utf-8"))
    assert names <= {word for text in texts for word in re.findall(r"\b[A-Z_]{5,}\b", text)}


def test_codes_explain_themselves() -> None:
    assert list(known_codes()) == sorted(known_codes())
    for code in known_codes().values():
        assert code.title
        assert not code.title.endswith(".")
        assert code.severity in ("error", "warning")
    assert unknown_codes(["LDB", "LDB1", "LDB901", "LDB9X", "X"]) == ["LDB9X", "X"]


@pytest.fixture(scope="module")
def long_report() -> Report:
    return Report(IssueColumns.of([finding(line=n + 2, row_key=f"k{n}") for n in range(100_000)]), 1, 100_000)


@pytest.mark.parametrize("to", publishing.FORMATS)
def test_a_long_report_is_written_in_small_chunks(to: str, long_report: Report) -> None:
    lengths = list(map(len, publishing.chunks(to, long_report)))
    assert max(lengths) < sum(lengths) / 3, lengths


def test_json_is_written_as_the_standard_library_writes_it(spoilt: Report) -> None:
    for report in (REPORT, CLEAN, spoilt):
        text = render("json", report)
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_sarif_has_a_result_per_line(spoilt: Report) -> None:
    for report in (REPORT, CLEAN, spoilt):
        text = render("sarif", report)
        results = [
            json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in json.loads(text)["runs"][0]["results"]
        ]
        lines = [line.strip().removesuffix(",") for line in text.splitlines()]
        assert [line for line in lines if line.startswith('{"ruleId"')] == results


@pytest.mark.parametrize("block", [1, 2, 7, 30, locations._BYTES])
def test_the_character_of_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(locations, "_BYTES", block)
    file = tmp_path / "t.csv"
    file.write_text('a,"b",c\n"x,""y",2,3\n"multi\nline",5,6\n7,8\n')
    cell_starts = CellStarts()
    # Also where findings don't come in the order of lines.
    expected = {(2, "a"): 1, (2, "b"): 9, (2, "c"): 11, (3, "b"): None, (4, "c"): None, (5, "b"): 3, (5, "c"): None,
                (9, "a"): None, (1, "c"): 7}  # fmt: skip
    findings = [finding(file=str(file), line=line, column=column) for line, column in expected]
    findings.append(finding(file=str(tmp_path / "none"), line=2, column="a"))
    assert cell_starts.characters(IssueColumns.of(findings)).to_list() == [*expected.values(), None]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_are_right_wherever_a_block_of_the_file_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    rows = ["\ufeffid,ä,n", 'x,"ü,é",1', "", "日本,€,😀", '"a""b",c,d', "ß,,", "last,y,z"]
    file = tmp_path / "t.csv"
    file.write_text(end.join(rows), newline="", encoding="utf-8")
    expected = {(2, "ä"): 3, (2, "n"): 9, (4, "ä"): 4, (4, "n"): 6, (5, "ä"): 8, (6, "n"): 4, (7, "id"): 1, (7, "n"): 8}
    findings = IssueColumns.of([finding(file=str(file), line=line, column=column) for line, column in expected])
    for block in range(1, 64):
        monkeypatch.setattr(locations, "_BYTES", block)
        assert CellStarts().characters(findings).to_list() == list(expected.values()), block


def test_a_byte_that_is_no_text_hides_the_places_of_its_line_only(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b'a,b\n\xe9,1\nx,2\n"\xe9",3\n"y,z",4\n')
    findings = [finding(file=str(file), line=line, column="b") for line in (2, 3, 4, 5)]
    assert CellStarts().characters(IssueColumns.of(findings)).to_list() == [None, 3, None, 7]


def test_the_number_of_a_row_is_called_no_line(tmp_path: Path) -> None:
    fields = [{"name": "n", "type": "integer"}]
    lines = small_package(tmp_path / "p", fields, "n\nx\n")
    rows = small_package(tmp_path / "q", fields, '[{"n": "x"}]', path="t.json")
    (rows / "t.json").write_text('[{"n": "x"}]')
    frame = luminaldb.validate(pl.DataFrame({"n": ["x"]}), schema={"fields": fields})
    for report, heading in [
        (luminaldb.validate(lines), "Line"),
        (luminaldb.validate(rows), "Row"),
        (frame, "Row"),
    ]:
        page = render("html", report)
        assert [word in page for word in (f">{heading}</th>", f'data-name="{heading}"')] == [True, True], heading
        has_line = heading == "Line"
        assert ("line=" in render("github", report)) == has_line
        assert ("row 1: " in render("github", report)) != has_line
        assert (' line="' in render("junit", report)) == has_line
        assert ("startLine" in render("sarif", report)) == has_line
