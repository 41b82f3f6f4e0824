"""The flags of `luminaldb validate`: what is printed, where it goes, and with which exit code."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import get_args

import pytest
from helpers import REPOSITORY, on_a_terminal, small_package

import luminaldb

pytestmark = pytest.mark.slow

Run = Callable[..., CompletedProcess[str]]


def codes(done: CompletedProcess[str]) -> list[str]:
    return [line.split("  ")[1] for line in done.stdout.splitlines()]


def test_without_flags_each_finding_is_a_line(run: Run, package: Path) -> None:
    done = run("validate", package)
    assert codes(done) == ["LDB020", "LDB031", "LDB020", "LDB031"]
    assert done.stderr == "4 findings: 3 rows in 1 table, checked by the standards.\n"


def test_json_is_a_synonym(run: Run, package: Path) -> None:
    short, long = (run("validate", package, *flags) for flags in (["--json"], ["--format", "json"]))
    assert short.stdout == long.stdout
    assert json.loads(short.stdout) == luminaldb.validate(package).to_dict()
    assert (short.returncode, short.stderr) == (1, "")


@pytest.mark.parametrize("to", ["json", "sarif", "github", "junit", "html"])
def test_a_format_alone_stands_on_standard_output(run: Run, package: Path, to: str) -> None:
    from luminaldb.publish.reports.report import render

    done = run("validate", package, "--format", to, "--limit", "1")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == render(to, luminaldb.validate(package))


@pytest.mark.parametrize(
    ("flags", "left"),
    [
        ("--select LDB031", ["LDB031", "LDB031"]),
        ("--select LDB02", ["LDB020", "LDB020"]),
        ("--select ldb1,LDB020", ["LDB020", "LDB020"]),
        ("--select LDB1 --select LDB031", ["LDB031", "LDB031"]),
        ("--ignore LDB031", ["LDB020", "LDB020"]),
        ("--select LDB0 --ignore LDB02", ["LDB031", "LDB031"]),
        ("--ignore LDB02,LDB03", []),
    ],
)
def test_select_and_ignore(run: Run, package: Path, flags: str, left: list[str]) -> None:
    done = run("validate", package, *flags.split())
    assert done.returncode == (1 if left else 0)
    if left:
        assert codes(done) == left
    else:
        assert done.stdout.startswith("No findings")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--select LDB9X", "--select: no code is or begins with LDB9X"),
        ("--ignore LDB031,nonsense,LDB777", "--ignore: no code is or begins with NONSENSE, LDB777"),
        ("--select ''", "--select is empty"),
        ("--ignore LDB031,", "--ignore holds an empty code"),
        ("--format docx", "--format 'docx' is not one of text, json, sarif, github, junit, html"),
        ("--engine abacus", "--engine 'abacus' is not one of polars, duckdb, spark"),
        ("--json --format html", "--json and --format html exclude each other"),
        ("--statistics --format html", "--statistics prints text or JSON"),
        ("--statistics --output x", "--statistics and --out exclude each other"),
        ("--diff --watch", "--diff and --watch exclude each other"),
        ("--spark-master local[2]", "--spark-master is for --engine spark"),
        ("--baseline x --write-baseline y", "--write-baseline and --baseline exclude each other"),
    ],
)
def test_wrong_usage_is_reported_in_one_line(run: Run, package: Path, flags: str, words: str) -> None:
    done = run("validate", package, *shlex.split(flags))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_the_choices_that_options_name_are_those_that_there_are() -> None:
    from luminaldb.analysis.studies import MEASURES
    from luminaldb.cli import data_options, validation_request
    from luminaldb.publish.reports.report import FORMATS
    from luminaldb.schemas.engines.engine import ENGINES
    from luminaldb.schemas.rule_sets import RULE_SETS

    assert (validation_request.FORMATS, validation_request.ENGINES) == (FORMATS, ENGINES)
    assert set(validation_request.RULE_SETS) == set(RULE_SETS)
    assert get_args(data_options.Measure) == MEASURES


@pytest.mark.parametrize("option", ["--measure", "--analysis", "--mixed", "--derive", "--model", "--test"])
def test_a_value_that_an_option_does_not_have_is_wrong_usage(option: str) -> None:
    from typer.testing import CliRunner

    from luminaldb.cli.main import app

    result = CliRunner().invoke(app, ["meta-analysis", "--endpoint", "pfs", option, "bogus"])
    assert (result.exit_code, "bogus" in result.output) == (2, True)


@pytest.mark.parametrize("flag", ["--fix", "--diff", "--watch"])
def test_the_installed_tables_are_left_as_they_are(run: Run, flag: str) -> None:
    done = run("validate", flag)
    assert done.returncode == 2
    assert f"{flag} needs a path" in done.stderr


@pytest.mark.parametrize("flag", ["--fix", "--diff", "--watch"])
def test_standard_input_is_not_fixed_or_watched(run: Run, flag: str) -> None:
    done = run("validate", "-", flag)
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input can be read once only" in done.stderr


@pytest.mark.parametrize("flags", ["--limit -1", "--limit many", "--nonsense"])
def test_wrong_values_exit_with_2(run: Run, package: Path, flags: str) -> None:
    done = run("validate", package, *flags.split())
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "flags",
    [
        "nowhere --watch",
        "nowhere --fix",
        "nowhere --diff",
        "nowhere --exit-zero",
        "{package} --baseline nowhere.json",
        "{package} --baseline {package}/table.csv",
        "{package} --baseline {package}/datapackage.json",
        "{package} --output /proc/nowhere/x",
        "{package} --output {package}",
        "{package} --output {package}/table.csv",
        "{package} --write-baseline {package}/table.csv",
    ],
)
def test_bad_input_exits_with_1_and_one_line(run: Run, package: Path, flags: str) -> None:
    before = (package / "table.csv").read_bytes()
    done = run("validate", *flags.format(package=package).split())
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert (package / "table.csv").read_bytes() == before


def test_a_release_by_its_version(run: Run, package: Path, archive: Path) -> None:
    result = run("validate", "--data-version", "2.1.0", "--statistics")
    assert "25 tables" in result.stdout + result.stderr, result.stdout
    twice = run("validate", package, "--data-version", "2.1.0")
    assert (twice.returncode, "a --data-version or a path, not both" in twice.stderr) == (2, True)


def test_strict_says_the_same_in_json_and_by_its_exit_code(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n", encoding="utf-8")
    done = run("validate", tmp_path / "t.csv", "--strict", "--json")
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (1, False)
    assert "1 not checked" in done.stderr
    text = run("validate", tmp_path / "t.csv", "--strict")
    assert (
        text.stdout
        == "No findings in what was checked: 1 row in 1 table, checked by the standards; 1 note on what was not checked.\n"
    )


def test_exit_zero(run: Run, package: Path) -> None:
    done = run("validate", package, "--exit-zero")
    assert done.returncode == 0
    assert len(codes(done)) == 4


def test_statistics(run: Run, package: Path) -> None:
    done = run("validate", package, "--statistics")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "rule\tseverity\tfindings\ttitle"
    assert [line.split("\t")[:3] for line in done.stdout.splitlines()[1:]] == [
        ["LDB020", "error", "2"],
        ["LDB031", "error", "2"],
    ]
    counted = json.loads(run("validate", package, "--statistics", "--json", "--select", "LDB031").stdout)
    assert [(c["rule"], c["findings"]) for c in counted] == [("LDB031", 2)]


def test_output_is_written_whole_and_not_over_a_file(run: Run, package: Path, tmp_path: Path) -> None:
    target = tmp_path / "reports" / "report.html"
    done = run("validate", package, "--format", "html", "--output", target)
    assert (done.returncode, done.stdout) == (1, f"wrote {target}\n")
    assert "4 findings" in done.stderr
    first = target.read_bytes()
    assert [p.name for p in target.parent.iterdir()] == ["report.html"]
    refused = run("validate", package, "--format", "sarif", "--output", target)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--force" in refused.stderr
    assert target.read_bytes() == first
    assert run("validate", package, "--format", "sarif", "--output", target, "--force").returncode == 1
    assert json.loads(target.read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_output_as_text_holds_every_finding(run: Run, package: Path, tmp_path: Path) -> None:
    target = tmp_path / "findings.txt"
    run("validate", package, "--limit", "1", "--output", target)
    assert target.read_text(encoding="utf-8") == run("validate", package).stdout


def test_a_terminal_gets_groups_and_counts(run: Run, package: Path, tmp_path: Path) -> None:
    drawn = on_a_terminal("validate", str(package), "--limit", "3", cwd=tmp_path, columns=1000)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", drawn)
    lines = [line for line in plain.split("\n") if "validating" not in line]
    assert lines[:3] == run("validate", package).stdout.splitlines()[:3]
    assert lines[3:] == [
        "",
        "     2  LDB020  A cell has the form of its column's type",
        "     2  LDB031  A primary key occurs on one row",
        "1 file with findings",
        "4 findings, 1 of them not shown: 3 rows in 1 table, checked by the standards.",
        "",
    ]


def test_a_cell_sends_no_commands_to_a_terminal(tmp_path: Path) -> None:
    evil = small_package(tmp_path / "evil", [{"name": "\x1b[2Jid", "type": "integer"}], "\x1b[2Jid\n\x1b[31mred\n")
    drawn = on_a_terminal("validate", str(evil), cwd=tmp_path)
    assert "red" in drawn
    assert "\x1b[31m" not in drawn
    assert "\x1b[2J" not in drawn


@pytest.mark.parametrize("to", ["text", "json", "sarif", "github", "junit", "html"])
def test_a_file_name_that_is_not_unicode(run: Run, package: Path, tmp_path: Path, to: str) -> None:
    odd = package.rename(os.fsdecode(os.fsencode(tmp_path) + b"/odd-\xff"))
    target = tmp_path / "report"
    done = run("validate", odd, "--format", to)
    written = run("validate", odd, "--format", to, "--output", target)
    assert (done.returncode, written.returncode) == (1, 1), done.stderr + written.stderr
    assert "Traceback" not in done.stderr + written.stderr
    assert "odd-" in done.stdout
    assert target.read_text(encoding="utf-8") == done.stdout


def test_the_command_costs_no_heavy_import() -> None:
    allowed = {"typer", *sys.stdlib_module_names}
    for name in ("validate", "report_output", "fix", "watch"):
        tree = ast.parse((REPOSITORY / f"cli/{name}.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] in allowed for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert str(node.module).split(".")[0] in allowed
    code = "import sys, luminaldb.cli.main; print(sorted({'polars', 'pandera', 'narwhals', 'html'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_database_by_its_whole_path(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "results.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE a (id TEXT)")
        connection.execute("INSERT INTO a VALUES ('x')")
    connection.close()
    address = f"sqlite:///{file.as_posix()}?table=a"
    done = run("validate", address)
    assert (done.returncode, done.stdout) == (
        0,
        "No findings in what was checked: 1 row in 1 table, checked by the standards; 1 note on what was not checked.\n",
    )
    assert run("infer", address, "--schema-only").returncode == 0


def test_what_an_address_of_a_database_asks_for_is_a_table(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "results.sqlite") as connection:
        connection.execute("CREATE TABLE a (id TEXT)")
    connection.close()
    done = run("validate", f"sqlite:///{(tmp_path / 'results.sqlite').as_posix()}?a")
    assert (done.returncode, done.stdout) == (1, "")
    assert "names no table; write sqlite:///FILE, and behind it ?table=NAME" in done.stderr


@pytest.mark.parametrize(
    ("before", "after"), [("id,n\r\n b , 3", "id,n\r\n b ,3"), ('id,n\r\n" b ",3', 'id,n\r\n" b ",3')]
)
def test_fix_goes_by_the_schema_that_is_named(run: Run, tmp_path: Path, before: str, after: str) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"fields": [{"name": "id", "type": "string"}, {"name": "n", "type": "integer"}]}')
    file = tmp_path / "table.csv"
    file.write_bytes(before.encode())
    assert run("validate", file, "--schema", schema, "--diff").returncode == (0 if before == after else 1)
    assert file.read_bytes() == before.encode()
    assert run("validate", file, "--schema", schema, "--fix").returncode == 0
    assert file.read_bytes() == after.encode()
