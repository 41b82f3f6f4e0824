"""What 2.1.0's README and documents show still works: every command line and every public name."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest
from helpers import REPOSITORY
from typer.testing import CliRunner

import luminaldb
from luminaldb.cli.main import app

COMMANDS = [
    ["tables"],
    ["describe", "effects"],
    ["show", "effects", "--where", "endpoint_id = 'os' AND ci_high < 1", "--limit", "50"],
    ["show", "trial_results", "--where", "trial_id = 'pertain' AND result_type = 'effect'", "--columns",
     "acronym,endpoint_id,analysis,estimate,ci_low,ci_high,standard_error,source"],
    ["search", "Kadcyla"],
    ["pool", "--endpoint", "pfs", "--therapy-class", "cdk4-6-inhibitor", "--population", "itt"],
    ["pool", "--endpoint", "pfs", "--therapy-class", "cdk4-6-inhibitor", "--add-on", "--analysis", "primary"],
    ["rule", "LDB101"],
    ["rule", "--markdown"],
    ["validate", "datasets", "--format", "json", "--exit-zero"],
    ["validate", "datasets", "--select", "LDB1", "--ignore", "LDB102", "--statistics"],
    ["validate", "datasets", "--output", "report.html", "--format", "html", "--exit-zero"],
    ["validate", "datasets", "--fix", "--diff", "--exit-zero"],
    ["validate", "datasets", "--engine", "duckdb", "--exit-zero"],
    ["template", "--to", "xlsx", "--out", "rows.xlsx", "--table", "endpoints"],
    ["export", "--to", "csv", "--out", "csv", "--table", "endpoints", "--force", "--excel"],
    ["export", "--to", "xlsx", "--out", "one.xlsx", "--package", "vocabularies"],
    ["export", "--to", "jsonl", "--out", "lines", "--package", "vocabularies"],
    ["diff", "2.0.0", "2.1.0", "--format", "markdown"],
    ["cite", "--format", "bibtex"],
    ["cite", "--rows", "effects:tandem-pfs-itt-primary", "--format", "ris"],
    ["versions"],
    ["install-data", "0.1.0"],
    ["quality", "--markdown"],
    ["release", "check", "--help"],
    ["release", "build", "--help"],
    ["sources", "check", "--help"],
    ["portal", "build", "--help"],
    ["serve", "--help"],
    ["new", "--help"],
    ["import", "--help"],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_line_of_2_1(
    arguments: list[str], tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "datasets" in arguments:
        shutil.copytree(REPOSITORY / "datasets", tmp_path / "datasets", ignore=shutil.ignore_patterns("*.py"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output


NAMES = """
DescriptorError Finding LuminaldbError MissingExtraError Package ReleaseError Report RetiredIdWarning TableError
UnknownTableError UnsafePathError __version__ current_id describe evidence_for export forest install_data load network pool
question scan schema search tables trial_results validate validate_frame versions
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_of_2_1(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert getattr(luminaldb, name)
