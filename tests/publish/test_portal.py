"""The portal as files: what a build writes, whole or not at all, and what is in it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import html.parser
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polars as pl
import pytest

import luminaldb
from luminaldb.errors import LuminaldbError
from luminaldb.loaders.releases import index
from luminaldb.publish.export.content import choose_content
from luminaldb.publish.labels import code_in_words
from luminaldb.publish.portal import forest_plots, release_history, vendoring
from luminaldb.publish.portal.build import build
from luminaldb.publish.portal.evidence import Evidence
from luminaldb.publish.portal.forest_plots import questions
from luminaldb.publish.portal.output_folder import replace_portal
from luminaldb.publish.portal.page_kinds import KIND_BY_TABLE, KINDS, page_address, row_address

pytestmark = pytest.mark.slow


@pytest.fixture
def site(portal: Path) -> Path:
    return portal


@pytest.fixture
def few_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the first five questions only: the plots take most of a build."""
    monkeypatch.setattr(forest_plots, "questions", lambda *asked: list(questions(*asked))[:5])


class Reader(html.parser.HTMLParser):
    """Collects what a page refers to, its ids and its inline code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.is_external: list[dict[str, str | None]] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        if tag == "style" or (tag == "script" and "src" not in values):
            self.inline.append(tag)
        self.inline += [n for n in values if n == "style" or n.startswith("on")]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"] or ""
        for name in ("href", "src", "srcset", "action"):
            if values.get(name):
                place = values[name] or ""
                if urlsplit(place).scheme:
                    assert tag == "a", f"<{tag}> loads from elsewhere: {place}"
                    self.is_external.append(values)
                else:
                    self.refers.append(place)


def pages(site: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(site.rglob("*.html")):
        yield file.relative_to(site).as_posix(), file.read_text(encoding="utf-8")


def test_each_thing_has_a_page_at_the_address_of_its_id(site: Path) -> None:
    evidence = Evidence(choose_content())
    for kind in KINDS:
        for key in luminaldb.load(kind.table)[kind.key]:
            assert (site / page_address(kind, key)).is_file(), f"{kind.name} {key} has no page"
        places = {page_address(kind, row[kind.key]).casefold() for row in evidence[kind.table].rows}
        assert len(places) == len(evidence[kind.table].rows), f"two {kind.plural} share an address"


def test_every_link_inside_leads_somewhere_and_no_page_loads_from_elsewhere(site: Path) -> None:
    read = {place: Reader(text) for place, text in pages(site)}
    ids = {place: set(reader.ids) for place, reader in read.items()}
    for place, reader in read.items():
        for refers in reader.refers:
            parts = urlsplit(refers)
            target = (site / place).parent.joinpath(unquote(parts.path)).resolve() if parts.path else site / place
            assert target.is_file(), f"{place} refers to {refers}, which isn't there"
            name = target.relative_to(site.resolve() if parts.path else site).as_posix()
            if parts.fragment and name in ids and "=" not in parts.fragment:
                assert unquote(parts.fragment) in ids[name], f"{place}: {refers} names no row there"


def test_each_page_has_the_policy_no_inline_code_unique_ids_and_the_disclaimer(site: Path) -> None:
    for place, text in pages(site):
        reader = Reader(text)
        assert "script-src 'self'" in reader.policy, place
        assert "unsafe" not in reader.policy
        assert not reader.inline, f"{place} holds {reader.inline[:3]}: the policy forbids it"
        assert len(reader.ids) == len(set(reader.ids)), f"{place} uses an id twice"
        assert "research dataset, not medical advice" in text
        assert all("noreferrer" in (link.get("rel") or "") for link in reader.is_external), place


def test_every_fact_shown_links_its_source_with_the_place_in_it(site: Path) -> None:
    row = luminaldb.load("effects").filter(effect_id="pertain-pfs-itt-primary").row(0, named=True)
    page = (site / "trials/pertain.html").read_text(encoding="utf-8")
    line = next(x for x in page.split("<tr ") if x.startswith('id="effects.pertain-pfs-itt-primary"'))
    assert f'href="../citations/{row["citation_id"]}.html"' in line
    assert row["locator"] in line
    assert f"HR {row['estimate']} (95% CI {row['ci_low']} to {row['ci_high']})" in line
    assert "<svg" in line


def test_standing_of_a_source_is_stated_where_its_facts_are(site: Path) -> None:
    page = (site / "trials/alternative.html").read_text(encoding="utf-8")
    line = next(x for x in page.split("<tr ") if 'href="../citations/johnston-2018-alternative.html"' in x)
    assert "retracted" in line
    own = (site / "citations/johnston-2018-alternative.html").read_text(encoding="utf-8")
    assert "was retracted" in own
    assert "johnston-2021-alternative" in own


def test_a_trial_without_results_says_so_with_its_record(site: Path) -> None:
    reported = {t for table in ("effects", "outcomes") for t in luminaldb.load(table)["trial_id"]}
    for row in luminaldb.load("trials").iter_rows(named=True):
        page = (site / page_address(KIND_BY_TABLE["trials"], row["trial_id"])).read_text(encoding="utf-8")
        assert ("No result entered yet." in page) == (row["trial_id"] not in reported), row["trial_id"]
        if row["trial_id"] not in reported and str(row["registry_id"]).startswith("NCT"):
            assert f"https://clinicaltrials.gov/study/{row['registry_id']}" in page.split("<dl")[0]


def test_without_javascript_every_row_of_every_table_is_there(site: Path) -> None:
    for table, rows in luminaldb.tables().select("table", "rows").iter_rows():
        files = [site / f"browse/{table}.html", *sorted((site / "browse").glob(f"{table}-[0-9]*.html"))]
        shown = sum(f.read_text(encoding="utf-8").split("<tbody>")[1].count("<tr>") for f in files)
        assert shown == rows, f"{table} has {rows} rows, its plain pages {shown}"


def test_the_downloads_are_the_exports_and_their_hashes_hold(site: Path) -> None:
    page = (site / "downloads.html").read_text(encoding="utf-8")
    shown = re.findall(r'<a href="(downloads/[^"]+)" download>[^<]*</a></th>.*?<code>([0-9a-f]{64})</code>', page)
    assert len(shown) >= 7 + 2 * luminaldb.tables().height
    for place, digest in shown:
        assert hashlib.sha256((site / place).read_bytes()).hexdigest() == digest, place
    assert (site / "downloads/csv/effects.csv").read_bytes() == choose_content(["effects"]).tables[0].raw


def test_the_first_page_is_light(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    files = [site / "index.html", *(site / r for r in Reader(page).refers if r.startswith("assets/"))]
    assert sum(len(gzip.compress(f.read_bytes())) for f in set(files)) < 150_000


def test_no_page_is_heavy(site: Path) -> None:
    heavy = {p.relative_to(site).as_posix(): p.stat().st_size for p in site.rglob("*.html")}
    assert not {name: size for name, size in heavy.items() if size > 150_000}, "split the page, or list fewer rows"


def test_a_trial_or_drug_with_results_opens_with_them(site: Path) -> None:
    """Also where nobody looked at all patients, as in SOLAR-1, or where there is one arm, as in METALLICA."""
    for place, words_of_card in {
        "trials/solar-1.html": ("PIK3CA-mutated cohort", "overall survival", "objective response rate"),
        "therapies/alpelisib.html": ("SOLAR-1", "progression-free survival"),
        "trials/metallica.html": ("progression-free survival", "months"),
    }.items():
        text = (site / place).read_text(encoding="utf-8")
        headlines = text.partition('<ul class="headlines">')[2].partition("</ul>\n")[0]
        assert all(word in headlines for word in words_of_card), place


def test_rows_of_a_trial_with_many_are_where_links_to_them_lead(site: Path) -> None:
    evidence = Evidence(choose_content())
    assert evidence.separate_pages
    for trial, tables in evidence.separate_pages.items():
        for table in tables:
            rows = evidence[table].where("trial_id", trial)
            place, _, _ = row_address(evidence, table, rows[0]).partition("#")
            ids = Reader((site / place).read_text(encoding="utf-8")).ids
            assert {row_address(evidence, table, row).partition("#")[2] for row in rows} <= set(ids)
            main = (site / page_address(KIND_BY_TABLE["trials"], trial)).read_text(encoding="utf-8")
            assert f'href="../{place}" data-rows="{table}"' in main


def test_every_task_is_in_the_file_and_the_first_on_a_page_of_their_kind(site: Path) -> None:
    lines = list(csv.DictReader((site / "downloads/todo.csv").read_text(encoding="utf-8-sig").splitlines()))
    page = (site / "todo.html").read_text(encoding="utf-8")
    assert f"{len(lines):,}" in page
    for kind in {line["Kind"] for line in lines}:
        own = (site / f"todo/{kind.replace(' ', '-')}.html").read_text(encoding="utf-8")
        first = next(line for line in lines if line["Kind"] == kind)
        assert first["Message"].removeprefix("'") in html.unescape(own)


def test_nobody_is_asked_for_the_approval_of_any_drug_of_a_class(site: Path) -> None:
    lines = csv.DictReader((site / "downloads/todo.csv").read_text(encoding="utf-8-sig").splitlines())
    assert not [line for line in lines if line["Table"] == "approvals" and line["Row"].endswith("-any")]


def test_vendored_files_are_those_of_their_versions() -> None:
    for part in vendoring.vendored_packages():
        assert set(part.hashes) == set(part.files)
        for name, digest in part.hashes.items():
            found = vendoring.digest(vendoring.FOLDER / name)
            assert found == digest, f"{name} was changed; run python -m luminaldb.publish.portal.vendoring"
        assert part.licence in part.licence_text or "Permission is hereby granted" in part.licence_text
    known = {name for part in vendoring.vendored_packages() for name in part.files} | {"vendor.json"}
    assert {p.name for p in vendoring.FOLDER.iterdir()} == known


def test_a_second_build_is_the_same_bytes_and_leaves_nothing_of_an_old_portal(
    site: Path, tmp_path: Path, few_plots: None
) -> None:
    again = tmp_path / "again"
    with replace_portal(again, force=False) as old:
        (old / "stale.html").write_text("stale", encoding="utf-8")
    build(again, force=True, processes=1)
    assert not (again / "stale.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["again"]
    first, second = (
        {p.relative_to(f).as_posix(): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (site, again)
    )
    differing = {name for name in second if first[name] != second[name]}
    # Fewer forest plots: those pages and the manifest.
    assert differing == {"forest/index.html", "data/forest.js", "portal.txt"}
    assert all("forest" in name for name in first.keys() - second.keys())


def test_only_a_portal_is_replaced(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(LuminaldbError, match="no portal"):
        build(other, force=True)
    assert (other / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["other"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_plots: None) -> None:
    def broken(*_: object) -> None:
        raise LuminaldbError("broken")

    # The assets, the downloads and the pages of drugs and trials are written by then.
    monkeypatch.setattr("luminaldb.publish.portal.build.write_biomarker_pages", broken)
    with pytest.raises(LuminaldbError, match="broken"):
        build(tmp_path / "site", processes=1)
    assert list(tmp_path.iterdir()) == []


def test_what_the_command_tells_is_so_and_it_overwrites_nothing(
    site: Path, run_process: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    output = json.loads((site.parent / "portal.json").read_text(encoding="utf-8"))
    files = [p for p in site.rglob("*") if p.is_file()]
    assert (output["files"], output["bytes"]) == (len(files), sum(p.stat().st_size for p in files))
    again = run_process("portal", "build", "--out", site)
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert again.stderr.count("\n") == 1
    nothing = run_process("serve", tmp_path, "--no-browser")
    assert nothing.returncode == 1
    assert "no portal" in nothing.stderr
    assert run_process("portal").returncode == 2


def test_forest_plots_hold_the_pooled_numbers(site: Path) -> None:
    rows = luminaldb.comparisons("pfs", therapy_class="cdk4-6-inhibitor", setting="metastatic", add_on=True).included
    name = "cdk4-6-inhibitor--pfs--hazard-ratio--itt--metastatic--latest--add-on"
    page = (site / f"forest/{name}.html").read_text(encoding="utf-8")
    for model in ("fixed", "dl", "reml"):
        pooled = luminaldb.meta_analysis(rows, model)
        line = next(x for x in page.split("<tr>") if f'<th scope="row">{pooled.title}</th>' in x)
        assert f">{pooled.estimate:.2f}</td>" in line
        assert f">{pooled.ci_low:.2f} to {pooled.ci_high:.2f}</td>" in line
        assert f"{pooled.tau2:.4f}" in line
    for trial in rows["acronym"]:
        assert f">{html.escape(trial)}</a></th>" in page
    (plot,) = re.findall(r'<img src="../(forest/plots/[^"]+)"', page)
    drawn = (site / plot).read_text(encoding="utf-8")
    for word in ("<svg", "PALOMA-2", "Does adding a CDK4/6 inhibitor change", "Favours CDK4/6 inhibitor", "Weight"):
        assert word in drawn
    assert "<script" not in drawn
    assert drawn.count("<polygon") == 1
    table = (site / plot.replace(".svg", ".csv")).read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == rows.height + 1


def test_what_cannot_be_pooled_says_why(site: Path) -> None:
    texts = [t for p, t in pages(site) if p.startswith("forest/") and "Not poolable" in t]
    assert texts
    for text in texts:
        assert "Left out, and why" in text
    retracted = [t for p, t in pages(site) if p.startswith("forest/") and "retracted" in t]
    assert any("ALTERNATIVE" in t for t in retracted)


def test_the_evidence_map_counts_patients_of_trials(site: Path) -> None:
    page = (site / "evidence-map.html").read_text(encoding="utf-8")
    line = next(x for x in page.split("<tr>") if ">CDK4/6 inhibitor</a>" in x)
    adjuvant = line.split("<td ")[3]
    drugs = luminaldb.load("therapies").filter(pl.col("class_id") == "cdk4-6-inhibitor")["therapy_id"].to_list()
    arms = (
        luminaldb.load("arm_therapies")
        .filter(pl.col("therapy_id").is_in(drugs))
        .join(luminaldb.load("arms"), on="arm_id")
    )
    trials = luminaldb.load("trials").filter(
        pl.col("trial_id").is_in(arms["trial_id"].to_list()), pl.col("setting").cast(pl.String) == "adjuvant"
    )
    tried = luminaldb.load("effects").join(trials, on="trial_id", how="semi")["trial_id"].unique()
    assert {"monarche", "natalee", "pallas", "penelope-b"} <= set(tried)
    counted = trials.filter(pl.col("trial_id").is_in(tried.to_list()))
    assert f"{counted.height} trials, {counted['n_enrolled'].sum():,} patients" in adjuvant
    assert "no difference shown: 2 trials" in adjuvant


def test_the_crosstalk_map_blocks_what_the_targets_of_a_therapy_send(site: Path) -> None:
    text = (site / "data/crosstalk.js").read_text(encoding="utf-8")
    data = json.loads(text.split("window.luminaldb.crosstalk = ", 1)[1].rstrip().rstrip(";"))
    interactions = luminaldb.load("interactions")
    assert {e["id"] for e in data["edges"]} == set(interactions["interaction_id"])
    her2 = luminaldb.load("genes").filter(symbol="ERBB2")["gene_id"][0]
    blocked = set(interactions.filter(source_gene_id=her2)["interaction_id"])
    assert set(data["therapies"]["trastuzumab"]["blocks"]) == blocked
    assert data["therapies"]["trastuzumab"]["restores"]
    assert "goserelin" not in data["therapies"]


def test_a_retired_id_leads_on_to_its_successor(portal: Path) -> None:
    retired = luminaldb.load("retired_ids").filter(luminaldb.load("retired_ids")["table_name"] == "citations")
    assert retired.height
    for old, successor in retired.select("old_id", "successor_id").iter_rows():
        page = (portal / "citations" / f"{old}.html").read_text(encoding="utf-8")
        assert "is retired" in page
        assert f"citations/{successor}.html" in page


def test_the_versions_are_those_of_the_archive_and_these_tables(site: Path) -> None:
    known = index.known_releases()
    for place in ("downloads.html", "quality.html"):
        page = (site / place).read_text(encoding="utf-8")
        for release in known.values():
            assert f'<th scope="row">{release.version}</th><td data-label="Date">{release.date}</td>' in page
            assert release.zip_file.sha256 in page
    evidence = Evidence(choose_content())
    rows = sum(len(t.rows) for t in evidence.tables.values())
    page = (site / "downloads.html").read_text(encoding="utf-8")
    assert f"{rows:,} rows" in page
    assert ("not released yet" in page) == (release_history.find_matching_release(evidence) is None)


def test_words_are_those_of_text() -> None:
    assert code_in_words("er_positive_her2_positive") == "ER-positive, HER2-positive"
    assert code_in_words("her2_positive") == "HER2-positive"
    assert code_in_words("extended_adjuvant") == "extended adjuvant"
