"""Retired ids: rules that keep them retired, and readers that follow them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import read_rows, write_rows

import luminaldb

HEAD = ["table_name", "old_id", "successor_id", "retired_in", "reason"]


def retire(datasets: Path, *rows: list[str]) -> None:
    write_rows(datasets / "curation/retired_ids.csv", [HEAD, *rows])


def test_a_retired_id_that_lives_again_is_found(datasets: Path) -> None:
    retire(datasets, ["effects", "tandem-pfs-itt-primary", "", "1.0.0", "Named twice."])
    found = [(f.code, f.row_key) for f in luminaldb.validate(datasets).findings]
    assert found == [("LDB608", "effects|tandem-pfs-itt-primary")]


def test_a_retired_composite_key_that_lives_again_is_found(datasets: Path) -> None:
    arm, therapy = read_rows(datasets / "trials/arm_therapies.csv")[1][:2]
    retire(datasets, ["arm_therapies", f"{arm}|{therapy}", "", "1.0.0", "Not given."])
    assert [f.code for f in luminaldb.validate(datasets).findings] == ["LDB608"]


def test_a_successor_that_does_not_exist_is_found(datasets: Path) -> None:
    retire(
        datasets,
        ["effects", "old-one", "tandem-pfs-itt-primary", "1.0.0", "Renamed."],
        ["effects", "old-two", "no-such-effect", "1.0.0", "Renamed."],
        ["effects", "old-zero", "", "1.0.0", "Entered twice."],
    )
    found = [(f.code, f.row_key) for f in luminaldb.validate(datasets).findings]
    assert found == [("LDB609", "effects|old-two")]


def test_a_table_that_was_not_given_is_not_checked(datasets: Path) -> None:
    retire(datasets, ["effects", "tandem-pfs-itt-primary", "no-such-effect", "1.0.0", "Renamed."])
    assert luminaldb.validate(datasets / "curation").findings == []


@pytest.fixture
def some_retired(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rows = {
        "table_name": ["therapies", "therapies", "therapies", "trials"],
        "old_id": ["ici-182780", "faslodex-im", "gone", "egf100151-old"],
        "successor_id": ["faslodex-im", "fulvestrant", None, "tandem"],
    }
    pairs = {(t, old): new for t, old, new in zip(*rows.values(), strict=True)}
    monkeypatch.setattr(luminaldb.Database.installed(), "retired_ids", pairs)
    yield


@pytest.mark.usefixtures("some_retired")
def test_a_reader_is_led_to_the_successor_with_a_warning() -> None:
    with pytest.warns(luminaldb.RetiredIdWarning, match="ici-182780 was retired; fulvestrant took its place"):
        assert luminaldb.current_id("therapies", "ici-182780") == "fulvestrant"
    with pytest.warns(luminaldb.RetiredIdWarning):
        assert luminaldb.evidence_for("faslodex-im").equals(luminaldb.evidence_for("fulvestrant"))
    assert luminaldb.current_id("therapies", "fulvestrant") == "fulvestrant"
    with pytest.raises(luminaldb.LuminaldbError, match="nothing took its place"):
        luminaldb.current_id("therapies", "gone")
    with pytest.raises(
        luminaldb.LuminaldbError, match="no row of therapies called 'fulvestrent'; did you mean 'fulvest"
    ):
        luminaldb.current_id("therapies", "fulvestrent")
    with pytest.raises(luminaldb.UnknownTableError, match="did you mean 'therapies'"):
        luminaldb.current_id("therapie", "fulvestrant")
    arm, therapy = luminaldb.load("arm_therapies").row(0)[:2]
    assert luminaldb.current_id("arm_therapies", f"{arm}|{therapy}") == f"{arm}|{therapy}"
    first = luminaldb.search("egf100151-old").row(0, named=True)
    assert (first["table"], first["row_key"], first["field"]) == ("trials", "tandem", "retired_id")
