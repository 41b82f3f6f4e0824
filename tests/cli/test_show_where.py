"""`show --where` is a condition on rows: no way to other files."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from luminaldb.cli.main import app
from luminaldb.errors import LuminaldbError

QUERIES = [
    "trial_id IN (SELECT * FROM read_csv('{file}'))",
    "trial_id IN (select column_1 from read_csv('{file}', 1))",
    "trial_id IN (FROM read_csv('{file}'))",
    "trial_id IN ((\tFROM read_csv('{file}')))",
    "trial_id IN (/* */ FROM read_csv('{file}'))",
    "trial_id IN (-- x\nFROM read_csv('{file}'))",
    "EXISTS (FROM read_parquet('{file}'))",
    "trial_id = ANY(FROM read_json('{file}'))",
    "trial_id IN (VALUES ('x'))",
    "trial_id IN (TABLE trials)",
    "trial_id = 'x' OR trial_id IN (SELECT 1)",
    "trial_id = '\\' OR trial_id IN (SELECT * FROM read_csv('{file}')) --'",
    "read_csv('{file}') = 1",
    "trial_id = 'x'; SELECT * FROM read_csv('{file}')",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_refused(query: str, tmp_path: Path) -> None:
    for file in (tmp_path / "secret.csv", Path("/etc/passwd")):
        (tmp_path / "secret.csv").write_text("trial_id,other\nthe-secret,1\n")
        done = CliRunner().invoke(app, ["show", "trials", "--where", query.format(file=file)])
        assert isinstance(done.exception, LuminaldbError), done.output
        assert "\n" not in str(done.exception)
        assert "the-secret" not in done.output + str(done.exception)
        assert "root:" not in done.output + str(done.exception)


@pytest.mark.parametrize(
    "call", ["range({})", "RANGE (1, {})", "range/* */({})", '"range"({})', "lpad(acronym, {}, 'x')"]
)
def test_what_would_fill_the_memory_is_refused(call: str) -> None:
    done = CliRunner().invoke(app, ["show", "trials", "--where", f"{call.format(10**12)} IS NOT NULL"])
    assert "isn't for conditions" in str(done.exception)


@pytest.mark.parametrize(
    "condition",
    [
        "title <> 'range (of ages)'",
        "acronym = 'select one from a table'",
        "acronym <> 'it''s (from x)' AND phase = '3'",
        "start_year BETWEEN 2000 AND 2020",
        "acronym LIKE 'MONA%' OR lower(acronym) = 'x'",
    ],
)
def test_a_condition_is_none(condition: str) -> None:
    done = CliRunner().invoke(app, ["show", "trials", "--where", condition, "--limit", "1"])
    assert done.exit_code == 0, done.output
