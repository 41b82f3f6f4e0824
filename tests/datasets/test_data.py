"""Policy of the data: one sentence a test, the fix in its message."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest

import luminaldb
from luminaldb.loaders import installed

TABLES = [(p, r) for p in installed.packages().values() for r in p.descriptor.resources]
IDS = [r.name for _, r in TABLES]
SEEDS = (
    ("abstract on resistance to tamoxifen and aromatase inhibitors", "alikarami"),
    ("ER signalling in HER2-positive disease", "10.1007/s10549-012-2067-8"),
    ("bidirectional crosstalk", "10.1159/000354253"),
    ("endocrine therapy after surgery", "seed-endocrine-after-surgery"),
    ("endocrine plus HER2-targeted therapy", "10.1177/17588359231220501"),
)


def test_the_installed_data_have_no_finding() -> None:
    report = luminaldb.validate()
    assert report.rows > 0
    assert not report.findings, "\n".join(map(str, report.findings[:20]))
    assert not report.notes


@pytest.mark.parametrize(("package", "resource"), TABLES, ids=IDS)
def test_a_table_is_sorted_by_its_primary_key(package: luminaldb.Package, resource: object) -> None:
    name = resource.name  # type: ignore[attr-defined]
    key = list(package.resource(name).schema.primary_key)
    frame = package.load(name).select(key)
    numeric = {c: t for c, t in frame.schema.items() if t.is_numeric()}
    text = frame.with_columns(pl.col(c).cast(pl.String) for c in key if c not in numeric)
    assert text.equals(text.sort(key)), f"sort {name}.csv by {', '.join(key)}"


@pytest.mark.parametrize(("package", "resource"), TABLES, ids=IDS)
def test_a_csv_is_written_in_the_house_form(package: luminaldb.Package, resource: object) -> None:
    raw = package.store.read(resource.path)  # type: ignore[attr-defined]
    assert b"\r" not in raw, "end lines with LF"
    assert raw.endswith(b"\n"), "end the last line"
    assert not raw.startswith(b"\xef\xbb\xbf"), "write no byte order mark"
    for row in package.text(resource.name).frame.iter_rows():  # type: ignore[attr-defined]
        for cell in row:
            assert cell == cell.strip(), f"leading or trailing blank in {cell[:80]!r}; delete it"
            assert cell.isprintable(), f"control character in {cell[:80]!r}; delete it"
            assert cell == unicodedata.normalize("NFC", cell), f"{cell[:80]!r} is not Unicode NFC; normalise it"


def test_no_text_would_run_in_a_spreadsheet() -> None:
    for package, resource in TABLES:
        for name, dtype in package.load(resource.name).schema.items():
            if dtype == pl.String:
                cells = package.load(resource.name)[name].drop_nulls()
                bad = cells.filter(cells.str.contains(r"^[=+@\t\r-]"))
                assert bad.is_empty(), f"{resource.name}.{name}: {bad[0]!r} starts like a formula; reword it"


@pytest.mark.parametrize(("what", "sign"), SEEDS, ids=[s for _, s in SEEDS])
def test_every_seed_is_cited_by_claims_with_subjects(what: str, sign: str) -> None:
    citations = luminaldb.load("citations")
    seed = citations.filter((pl.col("doi") == sign) | pl.col("citation_id").str.contains(sign, literal=True))
    assert not seed.is_empty(), f"enter the seed document ({what}) as a citation"
    claims = luminaldb.load("claims").filter(pl.col("citation_id").is_in(seed["citation_id"].implode()))
    assert claims.height >= 5, f"enter every statement of the seed document ({what}) as a claim"
    bare = claims.join(luminaldb.load("claim_subjects"), on="claim_id", how="anti")
    assert bare.is_empty(), f"say what {bare['claim_id'].to_list()[:3]} are about"


def test_the_names_that_a_seed_prints_are_kept() -> None:
    names = luminaldb.load("therapy_names")
    for printed, therapy in {
        "Reninde": "anastrozole", "Flon": "letrozole", "Fury": "letrozole", "Anoxin": "exemestane",
        "Cardinal": "toremifene", "PD0332991": "palbociclib",
    }.items():  # fmt: skip
        row = names.filter(pl.col("name") == printed)
        assert row["therapy_id"].to_list() == [therapy], f"enter {printed!r} as a name of {therapy}"


FLOORS = {
    "trials": 380, "effects": 1350, "outcomes": 2700, "adverse_events": 2000, "therapies": 125, "therapy_names": 440,
    "therapy_identifiers": 770, "approvals": 170, "regulatory_events": 25, "mechanisms": 94, "mechanism_evidence": 330,
    "interactions": 129, "claims": 520, "citations": 1300, "adverse_event_terms": 130,
}  # fmt: skip


@pytest.mark.parametrize(("table", "floor"), FLOORS.items())
def test_the_tables_hold_what_a_specialist_would_look_for(table: str, floor: int) -> None:
    assert luminaldb.load(table).height >= floor, f"{table} has lost rows; restore them from the last release"


def test_crosstalk_runs_both_ways() -> None:
    directions = set(luminaldb.load("interactions")["crosstalk"].unique())
    assert {"er_to_her2", "her2_to_er"} <= directions


def test_every_arm_gives_something() -> None:
    bare = luminaldb.load("arms").join(luminaldb.load("arm_therapies"), on="arm_id", how="anti")
    assert bare.is_empty(), f"say in arm_therapies what {bare['arm_id'].to_list()[:5]} give, observation included"


def test_results_of_a_retracted_paper_are_marked_and_left_out_of_the_view() -> None:
    citations = luminaldb.load("citations")
    retracted = citations.filter(pl.col("publication_status").cast(pl.String).str.starts_with("retracted"))
    assert "10.1200/jco.2017.74.7824" in retracted["doi"].to_list(), "ALTERNATIVE of 2018 was retracted"
    shown = luminaldb.trial_results()
    assert shown.join(retracted, on="citation_id", how="semi").is_empty()


@pytest.mark.parametrize(("table", "key"), [("effects", "effect_id"), ("outcomes", "outcome_id")])
def test_every_result_of_a_phase_3_trial_is_read_twice_and_a_fifth_of_the_others(table: str, key: str) -> None:
    phases = luminaldb.load("trials").select("trial_id", late=pl.col("phase").cast(pl.String).is_in(["3", "2/3"]))
    # What was worked out from a digitised figure has no printed number to read again.
    printed = pl.col("derived_from").is_null() if table == "outcomes" else pl.lit(value=True)
    rows = (
        luminaldb.load(table)
        .filter(printed)
        .join(phases, on="trial_id", how="left")
        .with_columns(pl.col("late").fill_null(value=False))
    )
    reads = luminaldb.load("second_reads").filter(
        pl.col("table_name") == table, pl.col("method").cast(pl.String) == "independent_read"
    )
    once = rows.join(reads, left_on=[key, "citation_id"], right_on=["row_key", "citation_id"], how="anti")
    bare = once.filter("late")[key].to_list()
    assert not bare, f"have somebody read these in the source without seeing the row, and log it: {bare[:5]}"
    others = rows.filter(~pl.col("late")).height
    assert once.height <= 0.8 * others, f"have a fifth of the {table} of other trials read a second time"
