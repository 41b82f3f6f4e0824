"""CONTRIBUTING's worked example: its commands, run on a copy of the tables, print what the text shows."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fictional_trial import CLAIM, answers, bundle_answers
from typer.testing import CliRunner

import luminaldb
from luminaldb.cli.main import app
from luminaldb.loaders import installed

TEXT = (Path(__file__).parent.parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = TEXT.partition("### A trial, from its citation to a claim")[2].partition("**In Excel.**")[0]
ENTER = ""


def shown_commands() -> Iterator[tuple[list[str], str]]:
    """Yield each command of the example, and what the text shows below it up to the next one."""
    blocks = re.findall(r"```\n(.*?)```", EXAMPLE, re.DOTALL)
    command: list[str] = []
    lines: list[str] = []
    for line in "\u2026\n".join(blocks).splitlines():
        if line.startswith("$ luminaldb "):
            if command:
                yield command, "\n".join(lines)
            command, lines = line.split()[2:], []
        else:
            lines.append(line)
    yield command, "\n".join(lines)


def typed_answers() -> dict[str, list[str]]:
    (claim, subject) = CLAIM
    return {
        "new trial --bundle": list(bundle_answers()),
        "new claim": [*answers(*claim), "y"],
        "new claim-subject": [*answers(*subject), "y"],
        "validate datasets": [],
    }


def single_blanks(text: str) -> str:
    return " ".join(text.split())


def test_the_example_shows_each_command_once() -> None:
    assert [" ".join(command) for command, _ in shown_commands()] == list(typed_answers())


def test_the_text_counts_the_answers() -> None:
    typed = [answer for each in typed_answers().values() for answer in each]
    said = re.search(r"takes (\d+) answers", EXAMPLE)
    assert said is not None
    assert abs(len(typed) - int(said[1])) <= 20


@pytest.mark.slow
def test_each_command_prints_what_the_text_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(
        installed.datasets_folder(), tmp_path / "datasets", ignore=shutil.ignore_patterns("__pycache__", "*.py")
    )
    monkeypatch.chdir(tmp_path)
    before = luminaldb.validate("datasets")
    for command, shown in shown_commands():
        typed = [ENTER if answer == ":empty" else answer for answer in typed_answers()[" ".join(command)]]
        done = CliRunner().invoke(app, command, input="".join(f"{answer}\n" for answer in typed))
        sys.stdout.write(done.output)
        if command[0] == "validate" and not before.ok:
            # Curators are at work on other rows: only that the example adds no finding can be told.
            assert len(luminaldb.validate("datasets").findings) == len(before.findings)
            continue
        assert done.exit_code == 0
        place, output = 0, single_blanks(done.output)
        for part in (single_blanks(part) for part in shown.split("\u2026")):
            assert part in output[place:], f"{' '.join(command)} doesn't print {part!r} there"
            place = output.index(part, place) + len(part)
