"""Every artifact of a release, opened by the program it is made for, equals the loaded tables."""

from __future__ import annotations

import csv
import datetime
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import networkx
import polars as pl
import pytest
from releases import built

import luminaldb
from luminaldb.loaders import installed
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.export.formats.xlsx import sheet_name
from luminaldb.publish.export.graph.mechanism_graph import MechanismGraph, mechanism_graph

pytestmark = pytest.mark.slow

TABLES = list(installed.packages_by_table())


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("release"))


def artifact(release: Path, end: str) -> Path:
    return release / f"luminaldb-{luminaldb.__version__}{end}"


def test_the_release_holds_every_artifact(release: Path) -> None:
    stem = f"luminaldb-{luminaldb.__version__}"
    ends = ("-py3-none-any.whl", ".tar.gz", "-csv.zip", "-r.zip", ".xlsx", ".sqlite", "-codebook.html", "-citations.bib",
            "-citations.ris", "-citations.csl.json", "-network.graphml", "-network.sif")  # fmt: skip
    there = {p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file()}
    wanted = {f"{stem}{end}" for end in ends} | {
        f"luminaldb_{luminaldb.__version__}.tar.gz",
        "RELEASE-NOTES.md",
        "SHA256SUMS",
        "bundle/datapackage.json",
    }
    wanted |= {
        f"{d}/{t}.{e}" for d, e in (("bundle", "csv"), ("parquet", "parquet"), ("jsonl", "jsonl")) for t in TABLES
    }
    assert wanted <= there


def test_what_export_writes_too_is_the_same_bytes(release: Path, tmp_path: Path) -> None:
    for to, name in (("xlsx", "luminaldb.xlsx"), ("sqlite", "luminaldb.sqlite")):
        file = luminaldb.export(to, tmp_path / name)
        assert file.read_bytes() == artifact(release, f".{to}").read_bytes()
    for to, place in (("parquet", "parquet"), ("jsonl", "jsonl"), ("csv", "bundle")):
        folder = luminaldb.export(to, tmp_path / to)
        for file in folder.iterdir():
            assert file.read_bytes() == (release / place / file.name).read_bytes(), file.name


READ_IN_R = """
source("load.R")
tables <- read_luminaldb()
for (name in names(tables)) {
  frame <- tables[[name]]
  kinds <- vapply(frame, function(column) class(column)[1], "")
  levels <- vapply(frame, function(column) paste(levels(column), collapse = "|"), "")
  writeLines(c(names(frame), kinds, levels), file.path("..", paste0(name, ".types")), useBytes = TRUE)
  for (column in names(frame)[kinds == "numeric"]) {
    numbers <- frame[[column]]
    frame[[column]] <- ifelse(is.na(numbers), NA, sprintf("%.17g", numbers))
  }
  write.csv(frame, file.path("..", paste0(name, ".read")), na = "", row.names = FALSE, fileEncoding = "UTF-8")
}
"""
R_CLASSES = {pl.Int64: "integer", pl.Float64: "numeric", pl.Boolean: "logical", pl.Date: "Date", pl.Enum: "factor"}


@pytest.fixture(scope="module")
def read_in_r(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("Rscript"):
        pytest.skip("needs R (Debian: r-base-core)")
    folder = tmp_path_factory.mktemp("r")
    zipfile.ZipFile(artifact(release, "-r.zip")).extractall(folder)
    inside = folder / f"luminaldb-{luminaldb.__version__}"
    (folder / "read.R").write_text(READ_IN_R)
    done = subprocess.run(
        ["Rscript", "--vanilla", "../read.R"], cwd=inside, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_r_reads_every_table_value_by_value_and_type_by_type(read_in_r: Path, table: str) -> None:
    loaded = luminaldb.load(table)
    type_lines = (read_in_r / f"{table}.types").read_text(encoding="utf-8").split("\n")[:-1]
    names, kinds, levels = (type_lines[n * loaded.width : (n + 1) * loaded.width] for n in range(3))
    assert names == loaded.columns
    assert kinds == [R_CLASSES.get(type(t), "character") for t in loaded.dtypes]
    assert levels == ["|".join(t.categories) if isinstance(t, pl.Enum) else "" for t in loaded.dtypes]
    with (read_in_r / f"{table}.read").open(encoding="utf-8", newline="") as stream:
        rows = [tuple(row) for row in csv.reader(stream)][1:]
    numeric = [t == pl.Float64 for t in loaded.dtypes]
    read = [tuple(float(c) if n and c else c for c, n in zip(row, numeric, strict=True)) for row in rows]
    assert read == [tuple(as_r(v) for v in row) for row in loaded.rows()]


def as_r(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float():
            return value
        case _:
            return str(value)


OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@pytest.fixture(scope="module")
def in_libreoffice(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[Any]]]:
    """The workbook's cells, each of the type that LibreOffice took it for."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip("needs LibreOffice (Debian: libreoffice-calc-nogui)")
    folder = tmp_path_factory.mktemp("office")
    settings = f"-env:UserInstallation={(folder / 'settings').as_uri()}"
    book = artifact(release, ".xlsx")
    subprocess.run([office, settings, "--headless", "--convert-to", "fods", "--outdir", str(folder), str(book)],
                   check=True, capture_output=True, timeout=300)  # fmt: skip
    tree = ElementTree.parse(folder / f"{book.stem}.fods")  # noqa: S314 - a file of our own
    return {str(page.get(f"{TABLE}name")): list(office_rows(page)) for page in tree.iter(f"{TABLE}table")}


def office_rows(page: ElementTree.Element) -> Iterator[list[Any]]:
    for row in page.iter(f"{TABLE}table-row"):
        cells: list[Any] = []
        for cell in row:
            cells += [office_value(cell)] * int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        yield cells


def office_value(cell: ElementTree.Element) -> Any:
    if formula := cell.get(f"{TABLE}formula"):
        # LibreOffice has no logical cells and takes Excel's TRUE for =TRUE(). Nothing else may be a formula.
        return {"of:=TRUE()": True, "of:=FALSE()": False}[formula]
    match cell.get(f"{OFFICE}value-type"):
        case None:
            return None
        case "float":
            return float(cell.get(f"{OFFICE}value", ""))
        case "date":
            return datetime.date.fromisoformat(cell.get(f"{OFFICE}date-value", ""))
        case "string":
            return "\n".join("".join(p.itertext()) for p in cell.findall(f"{TEXT}p"))
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize("table", TABLES)
def test_libreoffice_reads_the_workbook_value_by_value_and_type_by_type(
    in_libreoffice: dict[str, list[list[Any]]], table: str
) -> None:
    loaded = luminaldb.load(table)
    head, *rows = in_libreoffice[sheet_name(table)]
    assert head[: loaded.width] == loaded.columns
    plain = [[float(v) if type(v) is int else v for v in row] for row in loaded.rows()]
    read = [[*row, *([None] * loaded.width)][: loaded.width] for row in rows[: loaded.height]]
    assert read == plain
    assert [list(map(type, row)) for row in read] == [list(map(type, row)) for row in plain]


@pytest.fixture(scope="module")
def graph_of_tables() -> MechanismGraph:
    return mechanism_graph(choose_content())


def test_networkx_reads_the_graphml_as_the_tables_say(release: Path, graph_of_tables: MechanismGraph) -> None:
    graph = networkx.read_graphml(artifact(release, "-network.graphml"), force_multigraph=True)
    assert graph.is_directed()
    assert graph.graph["version"] == luminaldb.__version__
    assert graph.graph["license"] == "CC0-1.0"
    nodes = {row.pop("node_id"): filled(row) for row in graph_of_tables.nodes.iter_rows(named=True)}
    assert dict(graph.nodes(data=True)) == nodes
    read = {key: (source, target, data) for source, target, key, data in graph.edges(keys=True, data=True)}
    rows = {
        r.pop("edge_id"): (r.pop("source"), r.pop("target"), filled(r))
        for r in graph_of_tables.edges.iter_rows(named=True)
    }
    assert {k: (s, t, without(d, "id")) for k, (s, t, d) in read.items()} == rows


def filled(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if v is not None}


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k != key}


def test_each_row_of_the_four_tables_is_an_edge(graph_of_tables: MechanismGraph) -> None:
    sizes = dict(graph_of_tables.edges.group_by("table").len().iter_rows())
    tables = ("interactions", "mechanism_genes", "mechanism_evidence", "therapy_targets")
    assert sizes == {t: luminaldb.load(t).height for t in tables}
    assert graph_of_tables.edges["edge_id"].is_unique().all()
    ids = set(graph_of_tables.nodes["node_id"])
    assert {*graph_of_tables.edges["source"], *graph_of_tables.edges["target"]} <= ids
    row = luminaldb.load("interactions").row(0, named=True)
    edge = graph_of_tables.edges.filter(pl.col("edge_id") == f"interactions|{row['interaction_id']}").row(0, named=True)
    assert (edge["source"], edge["target"]) == (row["source_gene_id"], row["target_gene_id"])
    assert edge["interaction"] == row["interaction_type"]


def test_the_sif_names_every_edge_once(release: Path, graph_of_tables: MechanismGraph) -> None:
    assert graph_of_tables.nodes["label"].is_unique().all()
    ids = {label: node for node, label in graph_of_tables.nodes.select("node_id", "label").iter_rows()}
    lines = [x.split("\t") for x in artifact(release, "-network.sif").read_text(encoding="utf-8").splitlines()]
    edges = [(ids[x[0]], x[1], ids[x[2]]) for x in lines if len(x) == 3]
    assert len(edges) == len(set(edges))
    assert set(edges) == set(graph_of_tables.edges.select("source", "interaction", "target").iter_rows())
    alone = {ids[x[0]] for x in lines if len(x) == 1}
    assert alone == set(graph_of_tables.nodes["node_id"]) - {
        *graph_of_tables.edges["source"],
        *graph_of_tables.edges["target"],
    }
    assert all(len(x) in (1, 3) for x in lines)


def test_the_codebook_explains_every_column_and_its_links_hold(release: Path) -> None:
    text = artifact(release, "-codebook.html").read_text(encoding="utf-8")
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    ids = {e.get("id") for e in page.iter() if e.get("id")}
    assert ids >= set(TABLES)
    assert {e.get("href")[1:] for e in page.iter("a") if e.get("href").startswith("#")} <= ids
    shown = [" ".join(cell.itertext()).strip() for row in page.iter("tr") for cell in list(row)[:1] if cell.tag == "td"]
    assert shown == [*TABLES, *(c for t in TABLES for c in luminaldb.load(t).columns)]
    for word in (luminaldb.__version__, "CC0-1.0", "MIT", "How to cite", "Sources", "not medical advice"):
        assert word in text
    assert "<script" not in text
    assert not re.search(r'src="|url\(', text)


def test_the_notes_are_the_changelogs_section(release: Path) -> None:
    text = (release / "RELEASE-NOTES.md").read_text(encoding="utf-8")
    assert f"# luminaldb {luminaldb.__version__}" in text
    assert "### Added" in text
    assert "[Unreleased]" not in text
    assert all(re.search(rf"\b{name} \d+\.\d", text) for name in ("polars", "xlsxwriter", "setuptools", "zlib"))
    for word in (
        "CC0-1.0",
        "MIT",
        "Cite as",
        "sha256sum --check SHA256SUMS",
        f"`effects` | {luminaldb.load('effects').height:,}",
    ):
        assert word in text
