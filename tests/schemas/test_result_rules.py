"""The rules on results, sources and text: each finds its spoilt cell in the installed tables, and `--fix` what it may."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from helpers import read_rows, small_package, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.curation.fixes import text_fixes as fixes
from luminaldb.loaders import installed
from luminaldb.schemas.check_frame import float_text
from luminaldb.schemas.number_hints import number_hint
from luminaldb.schemas.rules import clean_text
from luminaldb.schemas.rules.printed_numbers import contains_count, digits_for_words, numbers_in

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


def numbers(text: str) -> list[str]:
    frame = nw.from_native(pl.DataFrame({"x": [text]}), eager_only=True)
    return frame.select(numbers_in(nw.col("x")).alias("x")).to_native()["x"][0].split()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("HR 0\u00b763", "0.63"), ("HR .63;", "0.63"), ("p<.001", "0.001"), ("n = 1,024.", "1024"),
        ("0.47,0.84", "0.84"), ("12 345 v 12\u2009345", "12345"), ("83.4%", "83.4"), ("0.47\u20130.84", "0.47"),
        ("\u22120.5", "0.5"), ("HR 0.60.", "0.60"),
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_printed(text: str, number: str) -> None:
    assert number in numbers(text)


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


@pytest.mark.parametrize(
    ("printed", "cell", "right"),
    [
        ("ten of 27 patients", "10", True), ("Thirteen cases", "13", True), ("Un d\u00e9c\u00e8s", "1", True),
        ("no cases of CHF", "0", True), ("van 1.933, letrozole", "1933", True), ("n = 12.345", "12345", True),
        ("none of the tens", "10", False), ("n = 19.33", "1933", False), ("anyone", "1", False),
    ],
)  # fmt: skip
def test_a_count_in_words_or_with_a_point_between_thousands_is_found(printed: str, cell: str, right: bool) -> None:
    frame = nw.from_native(pl.DataFrame({"x": [printed], "cell": [cell]}), eager_only=True)
    held = contains_count(numbers_in(digits_for_words(nw.col("x"))), nw.col("cell"))
    assert frame.select(held.alias("x")).to_native()["x"].to_list() == [right]


@settings(deadline=None)
@given(
    whole=st.integers(0, 999),
    decimals=st.text("0123456789", min_size=1, max_size=4),
    dot=st.sampled_from(".\u00b7\u2219"),
)
def test_a_printed_number_keeps_its_zeros(whole: int, decimals: str, dot: str) -> None:
    cell = f"{whole}.{decimals}"
    assert cell in numbers(f"HR {whole}{dot}{decimals}; P")
    assert f"{cell}0" not in numbers(f"HR {whole}{dot}{decimals}; P")


FIXED: list[tuple[Callable[[str], str], str, str]] = [
    (fixes.delete_hidden_characters, "a\u200bb\u00adc\ufeffd\u2028e", "abcd e"),
    (fixes.to_single_blanks, "a\u00a0b\tc\r\nd  e ", "a b c d e"),
    (fixes.delete_hidden_characters, "a\u0001b\ufe0fc", "abc"),
    (fixes.expand_ligatures, "e\ufb03cacy", "efficacy"),
    (fixes.expand_ligatures, "\uff10.\uff16 \U0001d400", "0.6 A"),
    (fixes.fix_encoding, "L\u00c3\u00b8nning \u00e2\u20ac\u201c 5", "L\u00f8nning \u2013 5"),
    (fixes.fix_encoding, "S\u00c3O", "S\u00c3O"),
    (fixes.write_interval, "0.85-0.95 and 1.2 \u2013 3.4", "0.85 to 0.95 and 1.2 to 3.4"),
    (fixes.write_interval, "CDK4-6, 5-year, P-0.5", "CDK4-6, 5-year, P-0.5"),
    (fixes.write_p_value, "p=.67, P<0.001, P = 0.5", "P = 0.67, P < 0.001, P = 0.5"),
    (fixes.to_american_spelling, "Oestrogen, antioestrogen, tumours", "Estrogen, antiestrogen, tumors"),
    (fixes.to_plain_number, ".60", "0.60"), (fixes.to_plain_number, "+0.60", "0.60"), (fixes.to_plain_number, "00.60", "0.60"),
    (fixes.to_plain_number, "6e-1", "0.6"), (fixes.to_plain_number, "-.5", "-0.5"), (fixes.to_plain_number, "0.60", "0.60"),
    (fixes.to_plain_number, "0,60", "0,60"), (fixes.to_plain_number, "", ""), (fixes.to_plain_number, "1e99", "1" + "0" * 99),
]  # fmt: skip


@pytest.mark.parametrize(("fix", "cell", "right"), FIXED)
def test_a_cell_is_fixed_where_one_answer_is_right(fix: Callable[[str], str], cell: str, right: str) -> None:
    assert fix(cell) == right
    assert fix(right) == right


def unsound(cell: str) -> set[str]:
    """Return the rules on text that a note breaks, of those that `--fix` answers."""
    schema = installed.package_of("effects").resource("effects").schema
    frame = nw.from_native(pl.DataFrame({"note::text": [cell]}), eager_only=True)
    broken = set()
    for rule in clean_text.RULES:
        for check in rule.checks("effects", schema):
            if check.columns == ("note",) and rule.code not in ("LDB508", "LDB510"):
                right = frame.select(check.expression.alias("x")).to_native()["x"][0]
                broken |= {rule.code} if right is False else set()
    return broken


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "p=.67",
                "0.85-0.95",
                "oestrogen",
                "Tumour",
                "\u200b",
                "\u00a0",
                "  ",
                "\ufb01",
                "word",
                "\n",
                "\u2028",
                "5",
                " ",
                "P",
            ]
        )
    )
)
def test_what_the_fixes_leave_breaks_no_rule(parts: list[str]) -> None:
    schema = installed.package_of("effects").resource("effects").schema
    note = next(f for f in schema.fields if f.name == "note")
    cell = "".join(parts)
    for _ in range(2):
        for _, fix in fixes.text_fixes("effects", schema, note):
            cell = fix(cell)
    assert not unsound(cell)


def test_a_table_of_others_is_left_alone() -> None:
    schema = installed.package_of("effects").resource("effects").schema
    note = next(f for f in schema.fields if f.name == "note")
    assert not list(fixes.text_fixes("results", schema, note))


@pytest.mark.parametrize(
    ("column", "cell", "hint"),
    [
        ("p_value", "p<0.001", "Write < in p_operator and 0.001 in p_value."),
        ("p_value", "< .05", "Write < in p_operator and 0.05 in p_value."),
        ("p_value", "\u2264 0.05", "Write <= in p_operator and 0.05 in p_value."),
        ("estimate", ">60", "Write 60 alone; say in note that the source prints >."),
        ("ci_low", "0.40\u20130.90", "Split it: 0.40 into ci_low, 0.90 into ci_high."),
        ("estimate", "(0.40 to 0.90)", "Split it: 0.40 into ci_low, 0.90 into ci_high."),
        ("n", "12-15", "Write one number; 12 and 15 go into columns of their own."),
        ("estimate", "0,60", "Use a decimal point: 0.60."),
        ("estimate", "0\u00b760", "Use a decimal point: 0.60."),
        ("n", "1,024", "Write 1024, without a mark between thousands."),
        ("percent", "45 %", "Write 45, without the percent sign."),
        (
            "estimate",
            "HR 0.60 (95% CI 0.40\u20130.90)",
            "Split it: 0.60 into estimate, 0.40 into ci_low, 0.90 into ci_high.",
        ),
        ("estimate", "0.60 (.40 to .90)", "Split it: 0.60 into estimate, 0.40 into ci_low, 0.90 into ci_high."),
        ("estimate", "\u22120.60", "Write -0.60, with the hyphen as minus sign."),
        ("estimate", "HR 0.60", "Write 0.60 alone."),
        ("n", "n=103", "Write 103 alone."),
        ("estimate", "0.60*", "Write 0.60 alone."),
        ("estimate", "~0.60", "Write 0.60 alone."),
        ("estimate", "0.60 ", "Write 0.60 alone."),
        ("estimate", "O.6O", "Write 0.60: the letter O is no zero."),
        ("estimate", "\uff10.\uff16\uff10", "Write 0.60 in plain digits."),
        ("p_value", "NS", "Leave the cell empty; say in note that the source prints no value."),
        ("estimate", "0.6.0", ""),
        ("n", "many", ""),
    ],
)
def test_the_hint_about_a_number_teaches(column: str, cell: str, hint: str) -> None:
    assert number_hint(column, cell) == hint


def test_a_hint_stands_in_the_report(tmp_path: Path) -> None:
    fields = [{"name": "p_value", "type": "number"}, {"name": "x", "type": "number", "decimalChar": ","}]
    package = small_package(tmp_path, fields, 'p_value,x\np<0.001,1.5\nnone,"1,5"\n')
    assert [f.hint for f in luminaldb.validate(package).findings] == [
        "Write < in p_operator and 0.001 in p_value.",
        "Write a number with , before its decimals.",
        "Write a number with a point, no thousands separator.",
    ]


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
