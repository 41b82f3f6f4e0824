"""A reader's questions, answered from the tables alone, each with its citation."""

from __future__ import annotations

import math

import polars as pl
import pytest

import luminaldb

LATEST = luminaldb.trial_results(analysis="latest")
RESULTS = luminaldb.trial_results()


def effect(result_id: str) -> tuple[float, float | None, float | None, str]:
    """Return estimate, limits and citation of an effect that the default view shows."""
    row = RESULTS.filter(pl.col("result_id") == result_id, pl.col("result_type") == "effect").row(0, named=True)
    return row["estimate"], row["ci_low"], row["ci_high"], row["citation_id"]


def outcome(result_id: str) -> tuple[float, str]:
    row = RESULTS.filter(pl.col("result_id") == result_id, pl.col("result_type") == "outcome").row(0, named=True)
    return row["estimate"], row["citation_id"]


def pooled(rows: pl.DataFrame) -> tuple[float, float, float]:
    """Pool ratios with fixed inverse-variance weights (Cochrane Handbook 10.3)."""
    weights = rows["standard_error"] ** -2
    mean = float((weights * rows["log_estimate"]).sum() / weights.sum())
    error = 1 / math.sqrt(weights.sum())
    return math.exp(mean), math.exp(mean - 1.959964 * error), math.exp(mean + 1.959964 * error)


def excludes_one(result_id: str) -> bool:
    _, low, high, _ = effect(result_id)
    assert low is not None
    assert high is not None
    return low > 1 or high < 1


def map_resistance(top: str) -> dict[str, set[str]]:
    """Map each mechanism that gives resistance to something under a class to the sources that say so."""
    evidence = luminaldb.load("mechanism_evidence").filter(
        pl.col("significance") == "resistance", pl.col("direction") == "supports"
    )
    classes = dict(luminaldb.load("therapies").select("therapy_id", "class_id").iter_rows())
    found: dict[str, set[str]] = {}
    for row in evidence.iter_rows(named=True):
        if top in luminaldb.Database.installed().class_ancestors(row["class_id"] or classes[row["therapy_id"]]):
            found.setdefault(row["mechanism_id"], set()).add(row["citation_id"])
    return found


def worst(trial: str, arm: str, term: str, grade: str = "3_plus") -> tuple[float, str]:
    rows = luminaldb.load("adverse_events").filter(
        pl.col("trial_id") == trial, pl.col("arm_id") == arm, pl.col("term") == term, pl.col("grade") == grade
    )
    return rows["percent"][0], rows["citation_id"][0]


def test_what_does_a_her2_targeted_drug_add_to_an_aromatase_inhibitor() -> None:
    rows = LATEST.filter(pl.col("result_id").is_in(["tandem-pfs-itt-primary", "egf30008-pfs-her2-positive-primary"]))
    assert set(rows["citation_id"]) == {"kaufman-2009-tandem", "johnston-2009-egf30008"}
    ratio, low, high = pooled(rows)
    assert (round(ratio, 2), round(low, 2), round(high, 2)) == (0.67, 0.54, 0.82)


@pytest.mark.parametrize(
    ("drug", "result", "ratio", "low", "high", "citation"),
    [
        ("elacestrant", "emerald-pfs-esr1m-primary", 0.55, 0.39, 0.77, "bidard-2022-emerald"),
        ("imlunestrant", "ember-3-pfs-esr1m-updated", 0.62, 0.47, 0.82, None),
        ("amcenestrant", "ameera-3-pfs-esr1m-primary", 0.9, 0.57, 1.44, None),
        ("giredestrant", "acelera-pfs-esr1m-primary", 0.6, 0.35, 1.03, None),
        ("camizestrant", "serena-2-pfs-esr1m-primary-75mg", 0.33, 0.18, 0.58, None),
        ("vepdegestrant", "veritac-2-pfs-esr1m-primary", 0.58, 0.43, 0.78, "veritac-2-2025-nejm"),
    ],
)
def test_what_do_oral_serds_do_in_esr1_mutated_disease(
    drug: str, result: str, ratio: float, low: float, high: float, citation: str | None
) -> None:
    assert effect(result)[:3] == (ratio, low, high)
    row = LATEST.filter(pl.col("result_id") == result).row(0, named=True)
    assert drug in row["arm_therapies"]
    assert citation in (None, row["citation_id"])


def test_which_mechanisms_give_resistance_to_both_kinds_of_therapy() -> None:
    endocrine, her2 = map_resistance("endocrine-therapy"), map_resistance("her2-targeted")
    assert {"cyclin-d1-amplification", "pik3ca-mutation", "her2-mutation"} <= set(endocrine) & set(her2)
    assert all(sources for sources in endocrine.values())


def test_which_therapies_hit_cdk4_and_cdk6_and_when_were_they_first_approved() -> None:
    genes = luminaldb.load("genes").filter(pl.col("symbol").is_in(["CDK4", "CDK6"]))["gene_id"].implode()
    hit = set(luminaldb.load("therapy_targets").filter(pl.col("gene_id").is_in(genes))["therapy_id"])
    assert {"palbociclib", "ribociclib", "abemaciclib", "dalpiciclib"} <= hit
    approvals = luminaldb.load("approvals").filter(pl.col("therapy_id").is_in(sorted(hit)))
    first = dict(approvals.group_by("therapy_id").agg(pl.col("approved_on").min()).iter_rows())
    assert first["palbociclib"] == "2015-02-03"
    assert first["ribociclib"] == "2017-03-13"
    assert first["abemaciclib"] == "2017-09-28"
    assert first["dalpiciclib"] == "2021-12"


def test_what_changed_between_primary_and_final_analysis_of_pertain() -> None:
    assert effect("pertain-pfs-itt-primary") == (0.65, 0.48, 0.89, "rimawi-2018-pertain")
    assert effect("pertain-pfs-itt-final") == (0.67, None, None, "arpino-2023-pertain")
    assert outcome("pertain-pertuzumab-trastuzumab-ai-pfs-itt-primary-median")[0] == 18.89
    assert outcome("pertain-pertuzumab-trastuzumab-ai-pfs-itt-final-median")[0] == 20.6


def test_has_the_seed_on_palbociclib_in_china_been_overtaken() -> None:
    claims = luminaldb.load("claims").join(luminaldb.load("claim_subjects"), on="claim_id")
    seed = claims.filter(
        pl.col("citation_id") == "seed-endocrine-after-surgery",
        pl.col("claim_type") == "availability",
        pl.col("therapy_id") == "palbociclib",
    )
    assert seed.height == 1
    china = luminaldb.load("approvals").filter(pl.col("therapy_id") == "palbociclib", pl.col("agency") == "NMPA")
    assert china["approved_on"].min() == "2018-07-31"


def test_which_seed_claims_are_disputed_by_later_ones() -> None:
    subjects = luminaldb.load("claim_subjects").filter(pl.col("stance") == "disputes")
    disputing = luminaldb.load("claims").join(subjects, on="claim_id", how="semi")
    assert not disputing.is_empty()
    assert disputing["as_of_year"].drop_nulls().max() > 2012


def test_does_ovarian_suppression_add_to_tamoxifen() -> None:
    assert effect("soft-dfs-itt-updated-12y")[:3] == (0.82, 0.69, 0.98)
    assert excludes_one("soft-dfs-itt-updated-12y")
    assert not excludes_one("soft-os-itt-updated-12y")


def test_which_first_line_cdk4_6_inhibitor_prolongs_life_after_the_menopause() -> None:
    assert not excludes_one("paloma-2-os-itt-final")
    assert excludes_one("monaleesa-2-os-itt-final")
    assert not excludes_one("monarch-3-os-itt-final")
    assert effect("monaleesa-2-os-itt-final")[:3] == (0.76, 0.63, 0.93)


def test_which_adjuvant_cdk4_6_inhibitor_works() -> None:
    works = {t: excludes_one(r) for t, r in {
        "monarche": "monarche-idfs-itt-updated-7y", "natalee": "natalee-idfs-itt-updated",
        "pallas": "pallas-idfs-itt-updated", "penelope-b": "penelope-b-idfs-itt-primary"}.items()}  # fmt: skip
    assert works == {"monarche": True, "natalee": True, "pallas": False, "penelope-b": False}


def test_does_trastuzumab_deruxtecan_beat_trastuzumab_emtansine() -> None:
    assert effect("destiny-breast03-pfs-itt-interim-bicr") == (0.28, 0.22, 0.37, "cortes-2022-destiny-breast03")
    assert effect("destiny-breast03-os-itt-updated") == (0.73, 0.56, 0.94, "cortes-2024-destiny-breast03")


def test_does_it_work_in_hr_positive_her2_low_disease() -> None:
    ratio, low, high, _ = effect("destiny-breast04-pfs-hr-positive-primary")
    assert (ratio, low, high) == (0.51, 0.4, 0.64)
    row = LATEST.filter(pl.col("result_id") == "destiny-breast04-os-hr-positive-updated").row(0, named=True)
    assert (row["population_hr_status"], row["population_her2_status"]) == ("positive", "low")


def test_is_the_retracted_alternative_result_kept_apart() -> None:
    brought_back = luminaldb.trial_results(include_superseded=True)
    retracted = brought_back.filter(pl.col("citation_id") == "johnston-2018-alternative")
    assert not retracted.is_empty()
    assert RESULTS.filter(pl.col("citation_id") == "johnston-2018-alternative").is_empty()
    assert effect("alternative-pfs-itt-updated")[0] == 0.62


def test_what_does_everolimus_add_to_exemestane() -> None:
    assert effect("bolero-2-pfs-itt-final-inv")[:3] == (0.45, 0.38, 0.54)
    assert not excludes_one("bolero-2-os-itt-final")


def test_does_alpelisib_need_the_mutation() -> None:
    assert excludes_one("solar-1-pfs-pik3cam-primary-inv")
    assert not excludes_one("solar-1-pfs-pik3cawt-primary")
    assert not excludes_one("solar-1-os-pik3cam-final")


@pytest.mark.parametrize(
    ("trial", "arm", "term", "grade", "percent", "citation"),
    [
        ("solar-1", "solar-1-alpelisib-fulvestrant", "hyperglycemia", "3_plus", 36.6, "andre-2019-solar-1"),
        ("monarche", "monarche-abemaciclib-endocrine", "diarrhea", "any", 82.2, "johnston-2020-monarche"),
        ("emerald", "emerald-elacestrant", "nausea", "any", 35.0, "bidard-2022-emerald"),
        ("bolero-2", "bolero-2-everolimus-exemestane", "mucositis oral", "3_plus", 8.0, None),
        ("monaleesa-2", "monaleesa-2-ribociclib-letrozole", "neutrophil count decreased", "3_plus", 63.8, None),
        ("big-1-98", "big-1-98-letrozole", "fracture", "any", 9.3, None),
    ],
)
def test_what_is_each_class_known_for(
    trial: str, arm: str, term: str, grade: str, percent: float, citation: str | None
) -> None:
    seen, source = worst(trial, arm, term, grade)
    assert seen == percent
    assert citation in (None, source)


def test_can_chemotherapy_be_left_out_before_surgery() -> None:
    alone, source = outcome("adapt-tp-t-dm1-pcr-breast-nodes-itt-primary-rate")
    assert alone > 2 * outcome("adapt-tp-trastuzumab-et-pcr-breast-nodes-itt-primary-rate")[0]
    assert source == "harbeck-2020-adapt-tp-lba14"
    assert outcome("tbcrc-006-lapatinib-trastuzumab-pcr-breast-er-positive-primary-rate")[0] == 21.0


def test_is_endocrine_therapy_as_good_a_partner_as_chemotherapy() -> None:
    assert effect("sysucc-002-pfs-itt-primary")[:3] == (0.88, 0.71, 1.09)
    assert outcome("sysucc-002-trastuzumab-et-pfs-itt-primary-median") == (19.2, "hua-2022-sysucc-002")


def test_what_does_palbociclib_add_to_maintenance_in_triple_positive_disease() -> None:
    assert effect("patina-pfs-itt-final") == (0.75, 0.59, 0.96, "metzger-2026-patina")


def test_who_needs_ten_years_of_tamoxifen() -> None:
    assert not excludes_one("atlas-recurrence-er-positive-primary-years-5-9")
    assert effect("atlas-recurrence-er-positive-primary-years-10-plus")[:3] == (0.75, 0.62, 0.9)


def test_is_fulvestrant_better_than_an_aromatase_inhibitor_first_line() -> None:
    assert excludes_one("falcon-pfs-itt-primary")
    assert not excludes_one("falcon-os-itt-final")
    assert effect("falcon-os-itt-final") == (0.97, 0.77, 1.21, "robertson-2025-falcon")


def test_which_levels_do_intervals_have() -> None:
    assert RESULTS.filter(pl.col("result_id") == "shorther-dfs-itt-primary")["ci_level"].to_list() == [90.0]
    assert {90.0, 95.0, 99.0} <= set(luminaldb.load("effects")["ci_level"].drop_nulls())


def test_what_do_the_anti_her2_drugs_hit() -> None:
    targets = luminaldb.load("therapy_targets").join(luminaldb.load("genes"), on="gene_id")
    hit = {
        drug: set(targets.filter(pl.col("therapy_id") == drug)["symbol"])
        for drug in ("trastuzumab", "lapatinib", "neratinib")
    }
    assert hit["trastuzumab"] == {"ERBB2"}
    assert {"EGFR", "ERBB2"} <= hit["lapatinib"]
    assert {"EGFR", "ERBB2"} <= hit["neratinib"]


def test_how_does_growth_factor_signalling_reach_the_receptor() -> None:
    symbols = dict(luminaldb.load("genes").select("gene_id", "symbol").iter_rows())
    edges = luminaldb.load("interactions").filter(
        pl.col("crosstalk") == "her2_to_er", pl.col("interaction_type") == "phosphorylates"
    )
    pairs = {(symbols[s], symbols[t]) for s, t in edges.select("source_gene_id", "target_gene_id").iter_rows()}
    assert ("MAPK1", "ESR1") in pairs
    assert ("AKT1", "ESR1") in pairs


def test_where_is_residual_disease_treated_best() -> None:
    assert effect("katherine-idfs-itt-final")[:3] == (0.54, 0.44, 0.66)
    assert excludes_one("katherine-os-itt-interim")
