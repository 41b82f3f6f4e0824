"""A set of packages: installed, in a folder, as a release held it; its frames are read once."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import polars as pl
import pytest
from helpers import set_cell

import luminaldb
from luminaldb import Database
from luminaldb.loaders.datapackage.package import Package


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables whose files are read, one entry per reading."""
    seen: list[str] = []
    real = Package.text

    def text(self: Package, table: str) -> object:
        seen.append(table)
        return real(self, table)

    monkeypatch.setattr(Package, "text", text)
    return seen


def test_each_file_is_read_once(datasets: Path, reads: list[str]) -> None:
    database = Database.open(datasets)
    for _ in range(3):
        database.frame("effects")
        database.text("arms")
    assert sorted(reads) == ["arms", "effects"]


def test_a_forest_plot_reads_each_file_once(reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Database("the installed tables", Database.installed().packages)
    monkeypatch.setattr(Database, "installed", lambda: fresh)
    luminaldb.forest_plot(luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor"))
    assert sorted(reads) == sorted(set(reads))


def test_a_caller_cannot_change_the_cache() -> None:
    frame = luminaldb.load("endpoints")
    frame[0, "name"] = "changed"
    frame.drop_in_place("definition")
    again = luminaldb.load("endpoints")
    assert again["name"][0] != "changed"
    assert "definition" in again.columns


def test_a_folder_or_zip_in_place_of_the_installed_tables(datasets: Path, tmp_path: Path) -> None:
    assert luminaldb.trial_results(path=datasets).equals(luminaldb.trial_results())
    set_cell(datasets / "vocabularies/endpoints.csv", 0, "name", "another name")
    assert luminaldb.load("endpoints", path=datasets)["name"][0] == "another name"
    assert luminaldb.load("endpoints")["name"][0] != "another name"
    zipped = shutil.make_archive(str(tmp_path / "vocabularies"), "zip", datasets / "vocabularies")
    assert luminaldb.load("endpoints", path=zipped)["name"][0] == "another name"
    assert luminaldb.describe("endpoints", path=zipped).equals(luminaldb.describe("endpoints"))
    assert set(luminaldb.tables(path=datasets)["table"]) == set(luminaldb.tables()["table"])


def test_last_years_analysis_on_last_years_tables(archive: Path) -> None:
    with pytest.warns(UserWarning, match=r"^1\.0\.0 has no .*; they are empty here$"):
        old = luminaldb.trial_results(version="1.0.0")
    assert old.columns == luminaldb.trial_results().columns
    assert old["period"].null_count() == old.height
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", version="1.0.0")
    assert selection.included.height > 5
    assert not luminaldb.search("fulvestrant", version="1.0.0").is_empty()
    assert not luminaldb.evidence_for("Faslodex", version="1.0.0").is_empty()
    with pytest.raises(luminaldb.UnknownTableError, match=r"^1\.0\.0 has no table 'regulatory_events'; it came later"):
        luminaldb.load("regulatory_events", version="1.0.0")
    with pytest.raises(luminaldb.LuminaldbError, match="a version or a path, not both"):
        luminaldb.load("effects", version="1.0.0", path=".")


@pytest.mark.parametrize("version", ["0.1.0", "1.0.0", "2.0.0", "2.1.0"])
def test_every_release_is_searched(archive: Path, version: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = luminaldb.search("T-DM1", version=version)
    assert {"therapies", "effects", "adverse_events"} <= set(found["table"])
    assert found["next_command"].str.ends_with(f" --data-version {version}").all()


def test_the_command_of_a_search_reads_the_same_tables(datasets: Path) -> None:
    found = luminaldb.search("T-DM1", path=datasets)
    assert found["next_command"].str.ends_with(f" --in {datasets}").all()


def test_numbers_as_the_file_prints_them() -> None:
    printed = luminaldb.load("effects", as_printed=True).filter(effect_id="tandem-pfs-itt-primary")
    assert printed.select("estimate", "ci_low", "p_value").row(0) == ("0.63", "0.47", "0.0016")
    results = luminaldb.trial_results(as_printed=True)
    assert results.filter(result_id="tandem-pfs-itt-primary")["ci_high"].item() == "0.84"
    zeros = results.filter(pl.col("estimate").str.ends_with("0") & pl.col("estimate").str.contains("[.]"))
    assert not zeros.is_empty()
    assert results.select(pl.col("estimate").cast(pl.Float64)).equals(luminaldb.trial_results().select("estimate"))


def test_pandas_keeps_the_types() -> None:
    pd = pytest.importorskip("pandas")
    frame = luminaldb.load("effects", to="pandas")
    assert frame["n_control"].dtype == pd.Int64Dtype()
    assert frame["is_primary_endpoint"].dtype == pd.BooleanDtype()
    assert frame["randomised"].dtype == pd.BooleanDtype()
    assert not frame["measure"].cat.ordered
    polars = luminaldb.load("effects")
    for name in frame.columns:
        assert frame[name].isna().sum() == polars[name].null_count()
    results = luminaldb.trial_results(to="pandas")
    assert results["events"].dtype == pd.Int64Dtype()


def test_what_if_a_file_were_another(datasets: Path) -> None:
    database = Database.open(datasets)
    data = database.file_bytes("endpoints").replace(b"progression-free", b"PROGRESSION-FREE")
    changed = database.with_files({"endpoints": data})
    assert "PROGRESSION-FREE" in "".join(changed.text("endpoints")["name"])
    assert "PROGRESSION-FREE" not in "".join(database.text("endpoints")["name"])


def test_the_old_names_warn_and_work() -> None:
    with pytest.warns(DeprecationWarning, match="comparisons"):
        selection = luminaldb.question("pfs", therapy_class="cdk4-6-inhibitor")
    with pytest.warns(DeprecationWarning, match="included"):
        assert selection.rows.equals(selection.included)
    with pytest.warns(DeprecationWarning, match="excluded"):
        assert selection.left_out.columns == ["result_id", "acronym", "source", "reason"]
    with pytest.warns(DeprecationWarning, match="forest_plot"):
        luminaldb.forest(selection)
    with pytest.warns(DeprecationWarning, match="crosstalk_graph"):
        luminaldb.network()
    assert luminaldb.pool is luminaldb.meta_analysis


def test_results_print_as_a_summary_and_show_in_a_notebook() -> None:
    selection = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor")
    pooled = luminaldb.meta_analysis(selection)
    assert f"{selection.included.height} included, {selection.excluded.height} excluded" in str(selection)
    text = repr(pooled)
    for part in (f"k = {pooled.k}", "tau²", "I²", f"Q({pooled.k - 1})", "interval", "prediction interval"):
        assert part in text
    for shown in (selection, pooled):
        assert "<table" in shown._repr_html_()


def test_names_of_3_2_still_work_with_a_warning() -> None:
    database = Database.installed()
    with pytest.warns(DeprecationWarning, match="file_bytes"):
        assert database.raw("endpoints") == database.file_bytes("endpoints")
    with pytest.warns(DeprecationWarning, match="packages_by_table"):
        assert database.owners["endpoints"] is database.package_of("endpoints")
