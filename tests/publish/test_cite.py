"""How to cite: the dataset and the papers behind rows, read back by readers that aren't ours."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import bibtexparser
import polars as pl
import pytest
import rispy

import luminaldb
from luminaldb.publish.export import citing
from luminaldb.publish.export.references import FORMATS

pytestmark = pytest.mark.usefixtures("archive")
Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_dataset_is_cited_with_version_and_date(run: Run) -> None:
    (item,) = json.loads(run("cite", "--format", "csl").stdout)
    assert (item["type"], item["version"]) == ("dataset", luminaldb.__version__)
    (old,) = json.loads(run("cite", "--version", "0.1.0", "--format", "csl").stdout)
    assert old["issued"]["date-parts"] == [[2026, 11, 22]]
    (entry,) = bibtexparser.parse_string(run("cite", "--version", "0.1.0", "--format", "bibtex").stdout).entries
    assert (entry["version"], entry["year"]) == ("0.1.0", "2026")
    (record,) = rispy.loads(run("cite", "--version", "0.1.0", "--format", "ris").stdout)
    assert record["authors"] == ["The luminaldb contributors"]
    assert "(Version 0.1.0) [Data set]" in run("cite", "--version", "0.1.0").stdout


def test_rows_are_cited_by_their_papers_each_once_in_order(run: Run) -> None:
    outcomes = luminaldb.load("outcomes").filter(trial_id="pertain")
    row = outcomes.filter(pl.col("numbers_citation_id").is_null()).row(0, named=True)
    rows = [f"outcomes:{row['outcome_id']}", "effects:tandem-pfs-itt-primary", "citations:kaufman-2009-tandem"]
    done = run("cite", "--format", "csl", "--rows", *rows)
    assert [i["id"] for i in json.loads(done.stdout)] == [row["citation_id"], "kaufman-2009-tandem"]
    again = run("cite", "--format", "csl", *(x for row in rows for x in ("--rows", row)))
    assert again.stdout == done.stdout
    (kaufman,) = rispy.loads(run("cite", "--format", "ris", "--rows", rows[1]).stdout)
    assert (kaufman["doi"], kaufman["year"]) == ("10.1200/jco.2008.20.6847", "2009")


def test_a_row_with_a_composite_key_and_one_of_a_release() -> None:
    names = luminaldb.load("therapy_targets").row(0, named=True)
    key = "|".join(names[c] for c in ("therapy_id", "gene_id", "action"))
    assert [i["id"] for i in citing.papers([f"therapy_targets:{key}"])] == [names["citation_id"]]
    assert [i["id"] for i in citing.papers(["effects:tandem-pfs-itt-primary"], "0.1.0")] == ["kaufman-2009-tandem"]


def test_rows_of_a_folder_are_cited(run: Run, datasets: Path) -> None:
    row = "effects:tandem-pfs-itt-primary"
    assert run("cite", "--rows", row, "--in", datasets).stdout == run("cite", "--rows", row).stdout
    done = run("cite", "--in", datasets)
    assert (done.returncode, "--rows" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--rows", "effects:tandem-pfs-itt-primry"], 1, "tandem-pfs-itt-primary"),
        (["--rows", "efects:x"], 1, "effects"),
        (["--rows", "effects"], 1, "table:id"),
        (["--rows", "effects:"], 1, "table:id"),
        (["--rows", "arms:tandem-anastrozole"], 1, "names no sources"),
        (["--version", "9.9.9"], 1, "no release 9.9.9"),
        (["--format", "word"], 2, "word"),
        (["effects:tandem-pfs-itt-primary"], 2, "--rows"),
    ],
)
def test_what_cannot_be_cited_is_reported(run: Run, arguments: list[str], code: int, word: str) -> None:
    done = run("cite", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_names_the_formats_that_there_are() -> None:
    from luminaldb.cli.cite import FORMATS as NAMED

    assert tuple(FORMATS) == NAMED
