"""Which result is the latest, for the key endpoints of some 70 trials: read trial by trial, each with its source."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import luminaldb

EXPECTED = pl.read_csv(Path(__file__).parent.parent / "data/expected_latest.csv", infer_schema=False)


def test_the_latest_result_is_the_one_that_a_reader_found() -> None:
    assert EXPECTED["trial_id"].n_unique() >= 60
    effects = luminaldb.load("effects", as_printed=True)
    expected = EXPECTED.join(effects.select("effect_id", pl.col("measure").cast(pl.String)), on="effect_id", how="left")
    gone = expected.filter(pl.col("measure").is_null())["effect_id"].to_list()
    assert not gone, f"{gone}: no such effect; name the row that took its place in tests/data/expected_latest.csv"
    latest = luminaldb.trial_results(analysis="latest", as_printed=True).filter(result_type="effect")
    question = ["trial_id", "population_id", "experimental_arm_id", "control_arm_id", "endpoint_id", "measure"]
    found = latest.select(
        *question[:2],
        pl.col("arm_id").alias(question[2]),
        *question[3:],
        "result_id",
        pl.col("estimate").alias("found"),
    )
    compared = expected.join(found, on=question, how="left")
    wrong = compared.filter((pl.col("result_id") != pl.col("effect_id")).fill_null(value=True))
    assert wrong.is_empty(), wrong.select("effect_id", "why", "result_id").to_dicts()
    differ = compared.filter(pl.col("estimate") != pl.col("found"))
    assert differ.is_empty(), differ.select("effect_id", "estimate", "found").to_dicts()


def test_what_has_only_parts_of_follow_up_is_never_taken_for_the_whole() -> None:
    latest = luminaldb.trial_results(analysis="latest").filter(result_type="effect")
    overview = latest.filter(population_id="ebctcg-tamoxifen-2011-er-positive", endpoint_id="recurrence")
    assert overview.height > 1
    assert overview["period"].is_not_null().all()
