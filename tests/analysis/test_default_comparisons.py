"""The setting and comparison of a question that names none: those of the trials that test the therapy."""

from __future__ import annotations

import polars as pl
import pytest

import luminaldb
from luminaldb.analysis.switch_designs import shortened_therapies

RESULTS = luminaldb.trial_results(include_superseded=True)


def test_the_default_comparison_names_the_trials_that_it_leaves_out() -> None:
    asked = {"endpoint": "pfs", "therapy_class": "her2-antibody-drug-conjugate", "setting": "metastatic"}
    usual, mixed = luminaldb.comparisons(**asked), luminaldb.comparisons(**asked, mixed="comparator")
    note = next(one for one in usual.notes if one.startswith("left out: "))
    assert note.endswith("mixed='comparator' adds them")
    added = set(mixed.included["acronym"]) - set(usual.included["acronym"])
    assert added
    assert all(acronym in note for acronym in added)


@pytest.mark.parametrize("therapy", ["pertuzumab", "trastuzumab"])
def test_a_biosimilar_trial_is_no_evidence_on_its_reference(therapy: str) -> None:
    selection = luminaldb.comparisons("pcr", therapy=therapy, results=RESULTS)
    assert set(selection.included["comparison"]) == {"add-on"}
    biosimilar = selection.included["control_arm_therapies"].str.contains(f"{therapy}-biosimilar")
    assert not biosimilar.any()
    reference = selection.excluded.filter(pl.col("reason").str.starts_with("in place of its biosimilar"))
    assert set(reference["criterion"]) == {"mixed comparator"}
    assert {"PEONY", "NeoSphere"} <= set(selection.included["acronym"]) or therapy == "trastuzumab"
    every = luminaldb.comparisons("pcr", therapy=therapy, mixed=True, results=RESULTS)
    assert "in place of its biosimilar" in set(every.included["comparison"])


@pytest.mark.parametrize(
    ("endpoint", "asked", "tested", "as_control"),
    [
        ("pfs", {"therapy_class": "chemotherapy"}, ["EORTC 75111-10114"], ["TROPiCS-02", "EVER-132-002"]),
        ("orr", {"therapy_class": "aromatase-inhibitor"}, ["TARGET", "P025"], ["Toremifene 120 mg v exemestane"]),
        ("os", {"therapy": "trastuzumab"}, ["HERA"], ["HLX02", "REFLECTIONS B327-02", "SOPHIA"]),
        ("pfs", {"therapy": "fulvestrant"}, ["FALCON"], ["SERENA-2", "VERITAC-2"]),
    ],
)
def test_the_default_is_what_trials_test_not_what_their_control_arms_have(
    endpoint: str, asked: dict[str, str], tested: list[str], as_control: list[str]
) -> None:
    """Chemotherapy is the control arm of every new drug; a review of it asks what it adds."""
    trials = [*tested, *as_control]
    selection = luminaldb.comparisons(endpoint, trials=trials, results=RESULTS, **asked)
    assert set(selection.included["acronym"]) == set(tested)
    mixed = luminaldb.comparisons(endpoint, trials=trials, results=RESULTS, mixed=True, **asked)
    assert set(mixed.included["acronym"]) == set(trials)
    turned = luminaldb.comparisons(endpoint, trials=as_control, results=RESULTS, mixed="setting", **asked)
    assert "no trial tests the therapy in this way: it is that of the control arms" in turned.notes


def test_leaving_a_therapy_out_asks_what_it_adds_and_a_named_control_asks_for_itself() -> None:
    deescalation = luminaldb.comparisons(
        "os", therapy_class="chemotherapy", trials=["JCOG9401", "TAILORx"], results=RESULTS
    )
    assert set(deescalation.included["acronym"]) == {"JCOG9401", "TAILORx"}
    named = luminaldb.comparisons("pfs", therapy="trastuzumab", control="lapatinib", results=RESULTS)
    assert "CEREBEL" in named.included["acronym"]


def test_a_switch_is_in_place_of_years_of_the_other_therapy() -> None:
    """ABCSG-8 and ARNO 95 have tamoxifen in both arms, like IES and ITA, whose rows begin at the switch."""
    selection = luminaldb.comparisons(
        "dfs", therapy_class="aromatase-inhibitor", control="tamoxifen", setting="adjuvant", results=RESULTS
    )
    assert {"ABCSG-8", "ARNO 95", "IES", "ITA"} <= set(selection.included["acronym"])
    assert set(selection.included["comparison"]) == {"in place of serm"}
    schedules = [
        ("2 years before", "5 years", True), ("2 to 3 years", "5 years", True), ("oral, daily, to year 5", "5 years", True),
        ("5 years", "5 years", False), ("", "5 years", False), ("18 months", "24 months", False), ("3 years", "", False),
    ]  # fmt: skip
    for own, control, shorter in schedules:
        assert bool(shortened_therapies({"tamoxifen": own}, {"tamoxifen": control})) == shorter, (own, control)


def test_placebo_as_the_comparator() -> None:
    selection = luminaldb.comparisons("dfs", therapy_class="aromatase-inhibitor", control="placebo", results=RESULTS)
    assert {"MA.17", "MA.17R", "NSABP B-42"} <= set(selection.included["acronym"])
    assert set(selection.included["comparison"]) == {"add-on"}
    # The reason names the arm: none that has a placebo is said to have none.
    without = selection.excluded.filter(criterion="comparator")["reason"]
    assert not without.str.contains(r"\((Placebo|Placebo after .*)\)$").any()
    # A placebo that stands for the other drug, double dummy, is no comparison with placebo.
    assert not luminaldb.comparisons("pfs", therapy="fulvestrant", control="placebo", results=RESULTS).included.height


def test_kinds_of_one_class_count_together() -> None:
    selection = luminaldb.comparisons("orr", therapy="fulvestrant", results=RESULTS)
    assert {"Trial 0020", "Trial 0021", "EFECT"} <= set(selection.included["acronym"])
    assert selection.notes[0].startswith("comparisons with the therapy in place of aromatase inhibitor, those of most")


def test_a_tie_is_named() -> None:
    rows = RESULTS.filter(pl.col("trial_id").is_in(["young-pearl", "bolero-6"]))
    selection = luminaldb.comparisons("pfs", therapy="capecitabine", results=rows)
    assert "; as many trials are with the therapy in place of endocrine therapy and" in selection.notes[0]
    rows = RESULTS.filter(pl.col("trial_id").is_in(["monarche", "monarch-3"]))
    question = {"adverse_event": "diarrhea", "grade": "3_plus", "therapy": "abemaciclib", "results": rows}
    selection = luminaldb.comparisons(**question)
    assert selection.notes[0] == "setting adjuvant; as many trials are metastatic; mixed='setting' adds metastatic"


def test_one_setting_and_one_kind_of_comparison_unless_mixed() -> None:
    one = luminaldb.comparisons(["dfs", "idfs"], therapy_class="aromatase-inhibitor")
    assert one.included["trial_setting"].n_unique() == 1
    assert one.included["comparison"].n_unique() == 1
    assert any(note.startswith("setting ") for note in one.notes)
    many = luminaldb.comparisons(["dfs", "idfs"], therapy_class="aromatase-inhibitor", mixed=True)
    assert many.included["trial_setting"].n_unique() > 1
    assert any(note.startswith("setting differs: ") for note in many.notes)
    assert many.included.height > one.included.height
    with pytest.raises(luminaldb.LuminaldbError, match="no mix 'settings'; did you mean 'setting'"):
        luminaldb.comparisons("dfs", mixed="settings")
