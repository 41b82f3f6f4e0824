"""Which rules run on whose tables: a stranger's column isn't what its name may mean elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from helpers import small_package

import luminaldb

NAMES = ("doi", "pmid", "nct_id", "events", "n", "percent", "estimate", "ci_low", "ci_high", "issn", "cas", "symbol")
ROWS = "doi,pmid,nct_id,events,n,percent,estimate,ci_low,ci_high,issn,cas,symbol\nx,y,z,9,1,500,1,5,2,0,1,2\n"


def stranger(folder: Path, **package: Any) -> Path:
    fields = [
        {"name": n, "type": "number" if n in ROWS.split("\n", 1)[0] and n in _NUMBERS else "string"} for n in NAMES
    ]
    place = small_package(folder, fields, ROWS)
    file = place / "datapackage.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **package}))
    return place


_NUMBERS = ("events", "n", "percent", "estimate", "ci_low", "ci_high")


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_stranger_s_columns_are_checked_by_the_standards_alone(tmp_path: Path, engine: str) -> None:
    assert luminaldb.validate(stranger(tmp_path / "p"), engine=engine, warnings=True).findings == []


def test_rules_on_trial_evidence_can_be_chosen_or_declared(tmp_path: Path) -> None:
    chosen = luminaldb.validate(stranger(tmp_path / "p"), rules="trial-evidence")
    assert {"LDB101", "LDB103", "LDB401"} <= {f.code for f in chosen.findings}
    declared = stranger(tmp_path / "q", **{"x-rules": ["trial-evidence"]})
    assert luminaldb.validate(declared).findings == [
        f.at(file=f.file.replace("/p/", "/q/"), package=f.package) for f in chosen.findings
    ]
    assert luminaldb.validate(declared, rules="standard").findings == []


def test_the_installed_tables_have_the_rules_on_trial_evidence() -> None:
    frame = luminaldb.load("effects").head(50).with_columns(ci_low=pl.lit(99.0))
    assert "LDB101" in {f.code for f in luminaldb.validate(frame, table="effects").findings}


def test_a_stranger_s_table_of_waivers_waives_nothing(tmp_path: Path) -> None:
    fields = [{"name": n, "type": "string"} for n in ("rule_code", "table_name", "row_key")]
    place = small_package(tmp_path / "p", fields, "rule_code,table_name,row_key\nLDB101,effects,x\n", name="waivers")
    assert luminaldb.validate(place).findings == []


def test_a_rule_set_that_is_not_there() -> None:
    with pytest.raises(luminaldb.LuminaldbError, match="no rule set 'trials'; choose from standard"):
        luminaldb.validate(rules="trials")
