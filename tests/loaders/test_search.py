"""Search: questions as people type them are answered in the first ten rows; names come first; no noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import luminaldb
from luminaldb.loaders.database import Database
from luminaldb.loaders.search import index_of, search_note
from luminaldb.loaders.search.text import bare_identifier, is_identifier, join_words, split_words

QUERIES = json.loads((Path(__file__).parents[1] / "data/search_queries.json").read_text(encoding="utf-8"))
TEN = 10


def answers(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    shown = f"{row['label']} {row['detail']}".casefold()
    return (row["table"] == wanted["table"] or "anywhere" in wanted) and all(
        a.casefold() in shown for a in wanted["answer"]
    )


@pytest.mark.parametrize("wanted", QUERIES, ids=[q["query"] for q in QUERIES])
def test_the_first_ten_rows_answer_what_people_type(wanted: dict[str, Any]) -> None:
    rows = luminaldb.search(wanted["query"]).head(1 if wanted.get("first") else TEN).to_dicts()
    assert any(answers(row, wanted) for row in rows), [f"{r['label']} {r['detail']}" for r in rows]


def test_words_in_any_order_find_the_same_first_row() -> None:
    first = luminaldb.search("DESTINY-Breast03 overall survival T-DXd")["row_key"][0]
    assert luminaldb.search("T-DXd overall survival DESTINY-Breast03")["row_key"][0] == first


def test_each_row_tells_the_command_that_shows_it() -> None:
    row = luminaldb.search("T-DXd vs T-DM1 overall survival").row(0, named=True)
    assert row["next_command"] == f"luminaldb show trial_results --where \"result_id = '{row['row_key']}'\""


def test_a_drug_leads_to_its_results_and_trials() -> None:
    found = luminaldb.search("ribociclib").head(60)
    assert found.row(0, named=True)["table"] == "therapies"
    assert {"effects", "trials"} <= set(found["table"])


def test_a_short_name_finds_no_longer_word_that_holds_it() -> None:
    found = luminaldb.search("HERA")
    assert found.row(0, named=True)["row_key"] == "hera"
    shown = found.select(pl.concat_str("label", "detail", "row_key", separator=" "))[:, 0].str.to_lowercase()
    assert shown.filter(~shown.str.contains(r"\bhera\b")).to_list() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("T-DM1", "T\u2011DM1"), ("T-DM1", "t\u2013dm1"), ("tumour", "TUMOR"), ("café", "CAFE"), ("anaemia", "anemia"),
     ("without chemotherapy", "no chemotherapy"), ("randomised", "randomized"), ("HER2-", "HER2-negative")],
)  # fmt: skip
def test_dashes_case_accents_and_spelling_do_not_matter(one: str, other: str) -> None:
    assert split_words(one) == split_words(other)


def test_an_identifier_means_one_thing_or_nothing() -> None:
    assert bare_identifier("PMID: 19786670") == "19786670"
    assert is_identifier("10.1200/JCO.2008.20.6847")
    assert not is_identifier("10 years")
    assert luminaldb.search("PMID 19786670").height == 1
    assert luminaldb.search("19786671").is_empty()


def test_a_word_that_no_row_has_is_named() -> None:
    assert "foobarimab" in search_note("foobarimab overall survival")
    assert not search_note("pertuzumab overall survival")


def test_all_terms_come_before_most_of_them() -> None:
    found = luminaldb.search("MONALEESA-2 overall survival").head(3)
    assert found["match"].to_list()[0] == "all"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_ranked_once(text: str) -> None:
    index = index_of(Database.installed())
    hits = index.find(text)
    assert len({h.document for h in hits}) == len(hits)
    scores = [round(h.score, 6) for h in hits]
    assert scores == sorted(scores, reverse=True)
    assert join_words(text) == join_words(text.upper().lower()) or not text.isascii()
