"""The command line as a user meets it: words, formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import polars as pl
import pytest
import typer
from helpers import REPOSITORY, on_a_terminal, set_cell
from typer.testing import CliRunner

import luminaldb
from luminaldb.cli import export as export_command
from luminaldb.cli.main import app
from luminaldb.publish.export.export import FORMATS

Run = Callable[..., CompletedProcess[str]]
COMMANDS = ["tables", "describe", "show", "search", "validate", "export", "quality", "rule"]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_version(run_process: Run) -> None:
    done = run_process("--version")
    assert done.stdout.strip() == f"luminaldb {luminaldb.__version__}"


@pytest.mark.parametrize("command", [[], *([c] for c in COMMANDS)], ids=lambda c: "-".join(c) or "luminaldb")
def test_help(run: Run, command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_help_cuts_no_word_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names = list(typer.main.get_command(app).commands)
    assert set(COMMANDS) < set(names)
    for name in names:
        text = CliRunner().invoke(app, [name, "--help"]).output
        assert "Usage" in text, name
        assert not re.search(r"\w…", text), text


def test_help_names_the_formats_there_are() -> None:
    assert tuple(FORMATS) == export_command.FORMATS


@pytest.mark.parametrize(
    "words",
    [
        "show",
        "describe",
        "nonsense",
        "export --to csv",
        "export --to docx --out x",
        "show effects --limit many",
        "show effects --limit -1",
    ],
)
def test_wrong_usage_exits_with_2(run: Run, words: str) -> None:
    done = run(*shlex.split(words))
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "show efects",
        "describe efects",
        "show effects --columns estimate,nope",
        "show effects --where 'nope = 1'",
        "show effects --where 'estimate <'",
        "show effects --where \"estimate = 'x'\"",
        "search zzzz-qqqq",
        "export --to csv --out x --table efects",
        "export --to csv --out x --package nope",
        "export --to xlsx --out x.xlsx --excel",
        "export --to csv --out /proc/nowhere/x",
        "validate nowhere",
    ],
)
def test_bad_input_exits_with_1_and_one_line(run: Run, words: str) -> None:
    done = run(*shlex.split(words))
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_tables_in_a_pipe_and_as_json(run: Run) -> None:
    plain = table(run("tables").stdout)
    assert [r["table"] for r in plain] == luminaldb.tables()["table"].to_list()
    as_json = json.loads(run("tables", "--json").stdout)
    assert [str(r["rows"]) for r in as_json] == [r["rows"] for r in plain]


def test_describe(run: Run) -> None:
    rows = json.loads(run("describe", "effects", "--json").stdout)
    assert {r["column"]: r["unit"] for r in rows}["median_follow_up_months"] == "months"
    assert run("describe", "effects").stdout.startswith("column\ttype\t")


def test_show_filters_chooses_and_limits(run: Run) -> None:
    done = run(
        "show", "effects", "--where", "trial_id = 'tandem' AND endpoint_id = 'pfs'", "--columns", "effect_id, estimate"
    )
    assert done.stdout.splitlines() == ["effect_id\testimate", "tandem-pfs-itt-primary\t0.63"]
    done = run("show", "endpoints", "--limit", "3")
    assert len(done.stdout.splitlines()) == 4
    assert "--limit 0 shows all" in done.stderr
    everything = run("show", "endpoints", "--limit", "0", "--json")
    assert len(json.loads(everything.stdout)) == luminaldb.load("endpoints").height


def test_what_an_older_release_lacks_is_printed_once(run: Run, archive: Path) -> None:
    done = run("show", "trial_results", "--data-version", "1.0.0", "--limit", "1", "--columns", "estimate")
    assert done.stderr.count("1.0.0 has no ") == 1


def test_show_trial_results(run: Run) -> None:
    done = run("show", "trial_results", "--where", "result_id = 'tandem-pfs-itt-primary'", "--json")
    assert json.loads(done.stdout)[0]["standard_error"] == pytest.approx(0.1481, abs=1e-4)


@pytest.mark.slow
def test_search(run: Run) -> None:
    rows = table(run("search", "Kadcyla").stdout)
    assert (rows[0]["table"], rows[0]["row_key"]) == ("therapies", "trastuzumab-emtansine")
    assert json.loads(run("search", "zzzz-qqqq", "--json").stdout) == []


def test_a_terminal_gets_a_drawn_table(tmp_path: Path) -> None:
    drawn = on_a_terminal("show", "endpoints", "--limit", "2", "--columns", "endpoint_id,name", cwd=tmp_path)
    assert "┏━" in drawn
    assert "endpoint_id" in drawn
    assert "\t" not in drawn


def test_validate_the_installed_tables(run_process: Run) -> None:
    done = run_process("validate")
    assert done.returncode == 0
    assert done.stdout.startswith("No findings: ")
    assert done.stderr == ""


@pytest.mark.slow
def test_validate_finds_a_wrong_digit_and_says_where(run: Run, datasets: Path) -> None:
    file = datasets / "trials/effects.csv"
    ids = luminaldb.load("effects")["effect_id"].to_list()
    row = ids.index("tandem-pfs-itt-primary")
    set_cell(file, row, "ci_high", "0.94")
    done = run("validate", datasets)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert first.startswith(f"{file}:{row + 2}:estimate  LDB102  ")
    report = json.loads(run("validate", datasets, "--json").stdout)
    assert not report["ok"]
    finding = report["findings"][0]
    assert set(finding) == {
        "package", "table", "row_key", "file", "line", "column", "value", "rule", "severity", "message", "cure",
    }  # fmt: skip
    assert finding["row_key"] == "tandem-pfs-itt-primary"


def test_many_findings_are_counted_and_the_first_printed(run: Run, datasets: Path) -> None:
    file = datasets / "trials/arm_therapies.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",false,", ",no,"), encoding="utf-8")
    done = run("validate", datasets, "--limit", "5")
    assert len(done.stdout.splitlines()) == 5
    assert "not shown" in done.stderr


def test_a_reader_that_goes_away_causes_no_traceback(tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m luminaldb show effects --limit 0 | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.startswith("effect_id\t")
    assert done.stderr == ""


def test_shell_completion_is_offered(run: Run) -> None:
    assert run("--show-completion", "bash").returncode in (0, 2)
    assert "--install-completion" in run("--help").stdout


def test_a_where_on_an_enum_works_as_on_text(run: Run) -> None:
    done = run("show", "effects", "--where", "measure = 'odds_ratio'", "--limit", "0", "--json")
    count = luminaldb.load("effects").filter(pl.col("measure") == "odds_ratio").height
    assert len(json.loads(done.stdout)) == count > 0


def test_a_rule_explains_itself(run: Run) -> None:
    done = run("rule", "ldb101")
    assert done.stdout.startswith("LDB101: The interval contains its estimate")
    assert "formula" in done.stdout
    assert run("rule", "LDB999").returncode == 1
    assert len(run("rule").stdout.splitlines()) == len(json.loads(run("rule", "--json").stdout))


def test_the_rulebook_is_what_the_rules_say(run: Run) -> None:
    shown = (REPOSITORY / "docs/rules.md").read_text(encoding="utf-8")
    assert run("rule", "--markdown").stdout == shown, "run: luminaldb rule --markdown > docs/rules.md"


@pytest.mark.slow
def test_warnings_are_looked_for_on_request_and_fail_nothing(run: Run) -> None:
    done = run("validate", "--warnings", "--limit", "0")
    assert done.returncode == 0
    assert "LDB106" in done.stdout
    assert "LDB106" not in run("validate").stdout
    named = run("validate", "--select", "LDB106")
    assert named.stdout
    assert all("  LDB106  " in line for line in named.stdout.splitlines())
