"""The rules on results, sources and text: each finds its spoilt cell in the installed tables, and `--fix` what it may."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from helpers import read_rows, small_package, write_rows

import luminaldb
from luminaldb.curation.fixes import text_fixes as fixes
from luminaldb.loaders import installed
from luminaldb.schemas.check_frame import float_text

Row = dict[str, str]
# Rule, table, column on which it is found, what the row must have (None: filled), the cells to write.
SPOILT: list[tuple[str, str, str, dict[str, str | None], dict[str, str]]] = [
    ("LDB113", "trials/effects", "n_control", {"effect_id": "tandem-pfs-itt-primary"}, {"n_control": "99999"}),
    ("LDB114", "trials/outcomes", "estimate", {"measure": "median_months", "estimate": None}, {"estimate": "1200"}),
    (
        "LDB115", "trials/effects", "p_value",
        {"effect_id": "tandem-pfs-itt-primary"}, {"p_value": "0.7", "p_operator": "=", "p_sides": ""},
    ),
    ("LDB116", "trials/effects", "data_cutoff", {"data_cutoff": None}, {"data_cutoff": "2201-02-01"}),
    ("LDB116", "therapies/approvals", "approved_on", {}, {"approved_on": "2201"}),
    ("LDB116", "trials/trials", "start_year", {"start_year": None}, {"start_year": "2090"}),
    ("LDB116", "claims/claims", "as_of_year", {"as_of_year": None}, {"as_of_year": "2090"}),
    ("LDB121", "therapies/approvals", "approved_on", {}, {"approved_on": "2019-02-30"}),
    ("LDB121", "therapies/approvals", "approved_on", {}, {"approved_on": "2023-02-29"}),
    ("LDB122", "trials/effects", "data_cutoff", {"data_cutoff": None}, {"data_cutoff": "1961-01-01"}),
    ("LDB122", "trials/effects", "median_follow_up_months", {"data_cutoff": None}, {"median_follow_up_months": "590"}),
    ("LDB122", "trials/outcomes", "at_months", {"trial_id": "monaleesa-2", "measure": "percent_at"}, {"at_months": "350"}),
    ("LDB122", "trials/trials", "start_year", {"start_year": None}, {"start_year": "2026"}),
    ("LDB113", "trials/effects", "n_experimental", {"effect_id": "abcsg-12-os-itt-final-zol"}, {"n_experimental": "99999"}),
    (
        "LDB113", "trials/effects", "events_control",
        {"effect_id": "abcsg-12-dfs-itt-final-zol"}, {"events_control": "5000"},
    ),
    ("LDB113", "trials/adverse_events", "n", {"n": None, "events": None}, {"n": "99999"}),
    ("LDB105", "trials/adverse_events", "n", {"n": None, "events": None}, {"n": "99999"}),
    (
        "LDB117", "trials/effects", "significance", {"p_value": None, "significance": ""},
        {"significance": "met", "significance_boundary": "0.0001", "p_operator": "=", "p_value": "0.04", "p_sides": "2"},
    ),
    (
        "LDB117", "trials/effects", "significance", {"p_value": None, "significance": ""},
        {"significance": "not_met", "significance_boundary": "0.05", "p_operator": "<", "p_value": "0.001", "p_sides": "2"},
    ),
    (
        "LDB208", "trials/effects", "margin", {"hypothesis": "", "significance": ""},
        {"hypothesis": "non_inferiority", "margin": "", "significance": "met"},
    ),
    ("LDB206", "citations/citations", "year", {"citation_type": "article", "year": None}, {"year": ""}),
    (
        "LDB207", "citations/citations", "publisher", {"citation_type": "web_page", "publisher": None}, {"publisher": ""},
    ),
    (
        "LDB406", "citations/citations", "doi", {"doi": None, "url": ""},
        {"doi": "", "url": "https://doi.org/10.1200/jco.2008.20.6847"},
    ),
    ("LDB407", "citations/citations", "pmid", {"pmid": None, "pmcid": None}, {"pmid": ""}),
    (
        "LDB408", "citations/citations", "url", {"url": None, "pmid": None},
        {"url": "https://www-nejm-org.ezproxy.example.edu/doi/1"},
    ),
    ("LDB409", "citations/citations", "issue", {"issue": None}, {"issue": "5-Jun"}),
    ("LDB409", "citations/citations", "issue", {"issue": None}, {"issue": "2024-06-05"}),
    ("LDB409", "citations/citations", "pages", {"pages": None}, {"pages": "6/5/2024"}),
    ("LDB410", "citations/citations", "year", {"citation_id": "kaufman-2009-tandem"}, {"year": "2019"}),
    (
        "LDB123", "trials/outcomes", "estimate",
        {"outcome_id": "ace-placebo-exemestane-pfs-itt-primary-median"}, {"estimate": "300"},
    ),
    (
        "LDB123", "trials/effects", "events_control",
        {"effect_id": "destiny-breast02-pfs-itt-primary"}, {"events_control": "0"},
    ),
    (
        "LDB124", "trials/effects", "estimate",
        {"effect_id": "cleopatra-os-itt-final"}, {"estimate": "0.62", "ci_low": "0.51", "ci_high": "0.75"},
    ),
    (
        "LDB125", "trials/adverse_events", "percent",
        {"adverse_event_id": "acelera-giredestrant-any-adverse-event-3-plus"}, {"percent": "100"},
    ),
    (
        "LDB126", "trials/outcomes", "estimate",
        {"outcome_id": "ameera-5-letrozole-palbociclib-orr-itt-interim-rate"}, {"estimate": "99"},
    ),
    (
        "LDB127", "trials/outcomes", "estimate",
        {"outcome_id": "bolero-2-placebo-exemestane-os-itt-digitised-at-36m"}, {"estimate": "99.9"},
    ),
    (
        "LDB128", "trials/outcomes", "estimate",
        {"outcome_id": "elaine-2-lasofoxifene-abemaciclib-pfs-itt-final-at-12m"}, {"estimate": "3"},
    ),
    ("LDB129", "claims/claims", "statement", {}, {"statement": "A gain (hazard ratio 0.36, 95% CI 0.47 to 0.84)."}),
    (
        "LDB406", "citations/citations", "doi", {"doi": "", "url": None},
        {"url": "https://publisher.example/doi/full/10.1200/jco.1"},
    ),
    ("LDB411", "trials/effects", "endpoint_id", {"effect_id": "cleopatra-os-itt-updated"}, {"endpoint_id": "pfs"}),
    (
        "LDB411", "trials/effects", "population_id",
        {"effect_id": "paloma-3-os-itt-final"}, {"population_id": "paloma-3-et-sensitive"},
    ),
    ("LDB411", "trials/outcomes", "at_months", {"measure": "percent_at", "at_months": "60"}, {"at_months": "5"}),
    (
        "LDB411", "trials/outcomes", "arm_id",
        {"arm_id": "tandem-anastrozole"}, {"arm_id": "tandem-trastuzumab-anastrozole"},
    ),
    ("LDB411", "trials/adverse_events", "grade", {"grade": "3_plus", "trial_id": "olympia"}, {"grade": "any"}),
    ("LDB411", "therapies/approvals", "approved_on", {"approved_on": "2017-09-28"}, {"approved_on": "2007-09-28"}),
    (
        "LDB411", "mechanisms/interactions", "source_gene_id",
        {"interaction_id": "akt1-inhibits-erbb3"}, {"source_gene_id": "hgnc:3431"},
    ),
    ("LDB412", "citations/citations", "url", {"doi": None, "url": ""}, {"url": "https://doi.org/10.1200/jco.1999.1"}),
    ("LDB412", "citations/citations", "url", {"pmid": None, "url": ""}, {"url": "https://pubmed.ncbi.nlm.nih.gov/1999999/"}),
    (
        "LDB412", "curation/printed_numbers", "url",
        {"citation_id": "gnant-2011-abcsg12"}, {"url": "https://doi.org/10.1200%2fjco.1999.1"},
    ),
    ("LDB413", "citations/citations", "pmid", {"pmid": None, "year": "2015"}, {"pmid": "41240001"}),
    ("LDB413", "trials/trials", "registry_id", {"start_year": "2015"}, {"registry_id": "NCT07320001"}),
    (
        "LDB620", "claims/claims", "statement",
        {"claim_id": "b31-pam50-not-predictive"}, {"statement": "Benefit in HER2-enriched tumors (hazard ratio 0.74)."},
    ),
    ("LDB622", "trials/effects", "endpoint_id", {"effect_id": "capitello-291-os-itt-interim"}, {"endpoint_id": "pfs"}),
    ("LDB622", "trials/effects", "measure", {"effect_id": "cleopatra-pfs-itt-updated"}, {"measure": "odds_ratio"}),
    ("LDB622", "trials/effects", "ci_level", {"effect_id": "cleopatra-pfs-itt-primary"}, {"ci_level": "90"}),
    (
        "LDB623", "trials/effects", "experimental_arm_id", {"effect_id": "aphinity-idfs-itt-updated-8y"},
        {"experimental_arm_id": "aphinity-placebo", "control_arm_id": "aphinity-pertuzumab", "note": ""},
    ),
    ("LDB505", "citations/citations", "title", {"citation_type": "article"}, {"title": "Zero\u200bwidth"}),
    ("LDB506", "claims/claims", "statement", {}, {"statement": "Two  blanks."}),
    ("LDB507", "claims/claims", "statement", {}, {"statement": "L\u00c3\u00b8nning saw it."}),
    ("LDB505", "claims/claims", "statement", {}, {"statement": "A selector\ufe0f nobody sees."}),
    ("LDB507", "claims/claims", "statement", {}, {"statement": "The f\uff55ll width."}),
    ("LDB507", "claims/claims", "statement", {}, {"statement": "A Cyrillic l\u0435tter."}),
    ("LDB507", "claims/claims", "statement", {}, {"statement": "A sign\ue000 of one font."}),
    ("LDB508", "trials/effects", "locator", {}, {"locator": "x"}),
    ("LDB508", "trials/effects", "locator", {}, {"locator": "see paper"}),
    ("LDB508", "trials/effects", "note", {}, {"note": "See #REF!"}),
    ("LDB508", "trials/effects", "note", {}, {"note": "N/A"}),
    ("LDB509", "trials/effects", "estimate", {"estimate": None}, {"estimate": "+0.60"}),
    ("LDB509", "trials/effects", "estimate", {"estimate": None}, {"estimate": "6e-1"}),
    ("LDB510", "trials/effects", "note", {}, {"note": "word " * 40 + "end"}),
    ("LDB511", "trials/effects", "note", {}, {"note": "Interval 0.85\u20130.95."}),
    ("LDB511", "trials/effects", "note", {}, {"note": "No difference, p=0.67."}),
    ("LDB512", "trials/effects", "note", {}, {"note": "Tumours with oestrogen receptors."}),
    ("LDB613", "curation/second_reads", "citation_id", {}, {"citation_id": "slamon-2001-h0648g"}),
    ("LDB614", "curation/second_reads", "fields_corrected", {}, {"result": "corrected", "fields_corrected": ""}),
    ("LDB614", "curation/second_reads", "fields_added", {}, {"result": "incomplete", "fields_added": ""}),
    ("LDB611", "curation/second_reads", "fields_added", {}, {"result": "incomplete", "fields_added": "limits"}),
    ("LDB621", "trials/adverse_events", "term", {"term_id": None}, {"term": "runs"}),
    ("LDB621", "trials/adverse_events", "term_printed", {"term_id": None, "term": "diarrhea"}, {"term_printed": "diarrhea"}),
]  # fmt: skip


def spoil(datasets: Path) -> list[tuple[str, str, int, str]]:
    """Write every wrong cell into a row of its own; give rule, table, line and column of what should be found."""
    tables: dict[str, list[list[str]]] = {}
    used: set[tuple[str, int]] = set()
    expected = []
    for rule, table, column, wanted, cells in SPOILT:
        rows = tables.setdefault(table, read_rows(datasets / f"{table}.csv"))
        head = rows[0]
        for number, row in enumerate(rows[1:], start=1):
            own = dict(zip(head, row, strict=True))
            if (table, number) not in used and all(own[c] if w is None else own[c] == w for c, w in wanted.items()):
                break
        else:
            raise LookupError(f"{table} has no row with {wanted}")
        if "effect_id" not in wanted:
            used.add((table, number))
        for name, cell in cells.items():
            row[head.index(name)] = cell
        expected.append((rule, table.partition("/")[2], number + 1, column))
    for table, rows in tables.items():
        write_rows(datasets / f"{table}.csv", rows)
    return expected


@pytest.fixture(scope="module")
def spoilt(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[set[tuple[str, str, int, str]], set[tuple[str, str, int, str]]]:
    copy = tmp_path_factory.mktemp("spoilt") / "datasets"
    shutil.copytree(installed.datasets_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    expected = spoil(copy)
    found = luminaldb.validate(copy, warnings=True).findings
    return set(expected), {(f.code, f.table, f.line, f.column) for f in found}


def test_each_spoilt_cell_is_found_by_its_rule(
    spoilt: tuple[set[tuple[str, str, int, str]], set[tuple[str, str, int, str]]],
) -> None:
    expected, found = spoilt
    assert not expected - found


def test_a_number_that_was_not_copied_is_found(datasets: Path) -> None:
    file = datasets / "curation/printed_numbers.csv"
    head, *rows = read_rows(file)
    source = next(
        r for r in luminaldb.load("effects").iter_rows(named=True) if r["effect_id"] == "tandem-pfs-itt-primary"
    )
    rows = [r for r in rows if r[1] != source["effect_id"]]
    entry = ["effects", source["effect_id"], source["citation_id"], "HR 0.36; 95% CI 0\u00b747-.84", "", "2026-11-29"]
    write_rows(file, [head, *sorted([*rows, entry], key=lambda r: r[:3])])
    found = luminaldb.validate(datasets, warnings=True).findings
    columns = {f.column for f in found if (f.code, f.row_key) == ("LDB612", source["effect_id"])}
    assert "estimate" in columns
    assert not columns & {"ci_low", "ci_high"}


@pytest.mark.parametrize(
    ("table", "column"),
    [("effects", "effect_id"), ("outcomes", "outcome_id"), ("adverse_events", "adverse_event_id")],
)
def test_a_row_copied_under_a_new_id_is_found(datasets: Path, table: str, column: str) -> None:
    file = datasets / f"trials/{table}.csv"
    head, *rows = read_rows(file)
    term = head.index("term_id") if "term_id" in head else 0
    row = next(r for r in rows if r[term])
    write_rows(file, [head, *sorted([*rows, [f"{row[0]}-copy", *row[1:]]], key=lambda r: r[0])])
    found = {f.row_key for f in luminaldb.validate(datasets).findings if (f.code, f.column) == ("LDB303", column)}
    assert found == {row[0], f"{row[0]}-copy"}


def test_a_trial_without_its_control_arm_is_found(datasets: Path) -> None:
    file = datasets / "trials/arms.csv"
    head, *rows = read_rows(file)
    for row in rows:
        if row[head.index("trial_id")] == "tandem":
            row[head.index("role")] = "experimental"
    write_rows(file, [head, *rows])
    assert ("LDB617", "tandem") in {(f.code, f.row_key) for f in luminaldb.validate(datasets).findings}


def test_results_marked_primary_without_the_trial_s_endpoint_are_found(datasets: Path) -> None:
    file = datasets / "trials/trials.csv"
    head, *rows = read_rows(file)
    for row in rows:
        if row[0] == "tandem":
            row[head.index("primary_endpoint_id")] = "os"
    write_rows(file, [head, *rows])
    found = luminaldb.validate(datasets).findings
    assert ("LDB616", "tandem-pfs-itt-primary") in {(f.code, f.row_key) for f in found}


def test_a_phase_3_result_that_nobody_read_twice_is_found(datasets: Path) -> None:
    file = datasets / "curation/second_reads.csv"
    head, *rows = read_rows(file)
    write_rows(file, [head, *(r for r in rows if r[1] != "tandem-pfs-itt-primary")])
    found = {(f.code, f.row_key) for f in luminaldb.validate(datasets, warnings=True).findings}
    assert ("LDB615", "tandem-pfs-itt-primary") in found


@pytest.mark.parametrize("level", ["80", "90"])
def test_another_level_of_an_interval_is_found_by_its_events(datasets: Path, level: str) -> None:
    file = datasets / "trials/effects.csv"
    head, *rows = read_rows(file)
    at = head.index
    needed = ("ci_low", "events_experimental", "events_control")
    row = next(
        r
        for r in rows
        if r[at("ci_level")] == "95" and r[at("measure")] == "hazard_ratio" and all(r[at(c)] for c in needed)
    )
    row[at("ci_level")] = level
    write_rows(file, [head, *rows])
    found = {(f.code, f.row_key) for f in luminaldb.validate(datasets, warnings=True).findings}
    assert ("LDB108", row[0]) in found


def test_a_table_of_others_is_left_alone() -> None:
    schema = installed.package_of("effects").resource("effects").schema
    note = next(f for f in schema.fields if f.name == "note")
    assert not list(fixes.text_fixes("results", schema, note))


def test_a_merge_conflict_is_named_once(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
    text = "a,b\n" + "<<<<<<< HEAD\nx,1\n=======\nx,2\n>>>>>>> other\n" * 3
    (found,) = luminaldb.validate(small_package(tmp_path / "p", fields, text)).findings
    assert (found.code, found.line) == ("LDB039", 2)
    mark = small_package(tmp_path / "q", fields[:1], "a\n<<<<<<< HEAD\nx\n")
    assert luminaldb.validate(mark).ok


def test_a_small_number_of_a_data_frame_has_no_exponent() -> None:
    frame = pl.DataFrame({"p": [2e-6, 0.5, 2.0, None, float("nan"), -3.29e-6]})
    written = frame.select(float_text(pl.col("p")).alias("p"))["p"].to_list()
    assert written == ["0.000002", "0.5", "2", None, "NaN", "-0.00000329"]
