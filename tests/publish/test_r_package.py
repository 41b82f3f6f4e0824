"""The source package for R: installs offline, holds the loaded tables, explains them, and its demonstrations run."""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import luminaldb
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.release.r_package import r_package

InR = Callable[[str], str]
CHECK = """
for (name in c("effects", "outcomes", "trials", "citations", "trial_results", "trial_results_latest")) {
  frame <- get(name, "package:luminaldb")
  kinds <- vapply(frame, function(column) class(column)[1], "")
  cat(name, nrow(frame), paste(names(frame), kinds, sep = ":"), "\\n") }
cat("sum", sprintf("%.12g", sum(trial_results$standard_error, na.rm = TRUE)), "\\n")
"""


@pytest.fixture(scope="module")
def package() -> bytes:
    return r_package(choose_content())


@pytest.fixture(scope="module")
def in_r(package: bytes, tmp_path_factory: pytest.TempPathFactory) -> InR:
    """Run R with the package installed, without a network."""
    if not shutil.which("Rscript"):
        pytest.skip("needs R (Debian: r-base-core)")
    folder = tmp_path_factory.mktemp("r")
    file = folder / f"luminaldb_{luminaldb.__version__}.tar.gz"
    file.write_bytes(package)
    (folder / "library").mkdir()
    offline = {**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9",
               "R_LIBS": str(folder / "library")}  # fmt: skip
    done = subprocess.run(["R", "CMD", "INSTALL", f"--library={folder / 'library'}", file.name], cwd=folder,
                          env=offline, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower(), done.stderr

    def run(code: str) -> str:
        done = subprocess.run(["Rscript", "--vanilla", "-e", f"library(luminaldb)\n{code}"], cwd=folder, env=offline,
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.slow
def test_the_tables_in_r_are_those_of_python(in_r: InR) -> None:
    lines = [line.split(" ") for line in in_r(CHECK).splitlines()]
    kinds = {pl.Int64: "integer", pl.Float64: "numeric", pl.Boolean: "logical", pl.Date: "Date", pl.Enum: "factor"}
    loaded = {name: luminaldb.load(name) for name in ("effects", "outcomes", "trials", "citations")}
    loaded["trial_results"] = luminaldb.trial_results()
    loaded["trial_results_latest"] = luminaldb.trial_results(analysis="latest")
    for name, rows, *columns in lines[:-1]:
        frame = loaded[name]
        assert int(rows) == frame.height
        types = [f"{c}:{kinds.get(type(t), 'character')}" for c, t in frame.schema.items()]
        assert [c for c in columns if c] == types
    assert float(lines[-1][1]) == pytest.approx(loaded["trial_results"]["standard_error"].sum(), rel=1e-10)


def test_help_explains_every_column_of_a_table(in_r: InR) -> None:
    page = 'utils:::.getHelpFile(help("effects", package = "luminaldb"))'
    text = in_r(f"tools::Rd2txt({page}, options = list(underline_titles = FALSE))")
    for column in luminaldb.describe("effects")["column"]:
        assert column in text
    assert "experimental arm" in " ".join(text.split())
    assert "effects" in in_r('print(data(package = "luminaldb")$results[, "Item"])')


@pytest.mark.slow
def test_the_demonstrations_run_with_metafor_and_netmeta_or_without(in_r: InR) -> None:
    if subprocess.run(["Rscript", "-e", "library(metafor)"], capture_output=True, check=False).returncode:
        pytest.skip("needs metafor (Debian: r-cran-metafor)")
    text = in_r('demo("metafor", package = "luminaldb", ask = FALSE, echo = FALSE)')
    assert "Random-Effects Model" in text
    text = in_r('demo("netmeta", package = "luminaldb", ask = FALSE, echo = FALSE)')
    assert "fulvestrant" in text


def test_contrasts_in_r_are_refused_without_their_columns(in_r: InR) -> None:
    code = "cat(tryCatch(network_contrasts(trials), error = function(e) conditionMessage(e)))"
    assert "results need the columns arm_therapies, control_arm_therapies" in in_r(code)


def test_the_package_is_the_same_bytes_twice_and_dated_as_the_release(package: bytes) -> None:
    assert r_package(choose_content()) == package
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(package))) as archive:
        members = archive.getmembers()
        assert {m.name.partition("/")[0] for m in members} == {"luminaldb"}
        assert len({m.mtime for m in members}) == 1
        pages = [m.name for m in members if m.name.startswith("luminaldb/man/")]
        columns = archive.extractfile("luminaldb/data/columns.values")
        assert columns is not None
        rows = list(csv.DictReader(io.TextIOWrapper(columns, encoding="utf-8")))
    tables = set(luminaldb.tables()["table"]) | {"trial_results", "trial_results_latest"}
    assert {Path(p).stem for p in pages} == tables | {"luminaldb-package", "network_contrasts"}
    assert {row["table"] for row in rows} == tables
    assert all(row["description"] for row in rows)
