"""The home page, the quality page and the licences of vendored parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from luminaldb.curation import quality
from luminaldb.curation.todo import list_tasks
from luminaldb.loaders.certainty import GRADES
from luminaldb.schemas.rules import RULES
from luminaldb.schemas.runner import check_packages

from ..labels import code_in_words, count_in_words
from .data_version import describe_data_version
from .evidence_map import SETTINGS
from .home_questions import find_home_questions
from .page_kinds import KINDS
from .release_history import list_changed_row_counts, released_versions
from .site import Site
from .todo_pages import write_todo_pages
from .vendoring import vendored_packages

_MEANINGS = (
    "the source was retracted, or its journal voiced concern",
    "read once, in somebody else's report",
    "read once in an abstract, or twice in somebody else's report; at most this if it was not peer reviewed",
    "read twice in an abstract, or once in the full text, the registry or a drug label",
    "read twice, by readers who did not know of each other's numbers, in the full text, the registry or a drug label",
)
_CLASSES_SHOWN = 11
# Classes above all others say little; those below them are shown.
_TOP_CLASS_PAGES = ("/endocrine-therapy.html", "/her2-targeted.html", "/chemotherapy.html", "/supportive.html")
_DESCRIPTIONS = {
    "therapies": "Names, targets, approvals, where each was tried",
    "therapy_classes": "Families of therapies, the trials that test them",
    "trials": "Design, arms, analyses in time, results with their intervals",
    "mechanisms": "How tumours escape, with evidence levels",
    "genes": "What targets it, what it does to others",
    "claims": "What papers and guidelines conclude, and who disputes it",
    "citations": "Every source, with all that was read in it",
}


def write_home_and_quality_pages(
    site: Site, quick: Sequence[tuple[str, str, str]], map_lines: Sequence[dict[str, Any]]
) -> None:
    """Write the pages that tell what the dataset is and how good it is.

    Args:
        site: the site.
        quick: the downloads most people want: name, address, size.
        map_lines: lines of the evidence map.
    """
    evidence = site.evidence
    issues = check_packages(dict(evidence.database.packages), warnings=True).findings
    findings = sum(issue.severity == "error" for issue in issues)
    tables = evidence.tables.values()
    tiles = [
        (k.plural.capitalize(), f"{k.folder}/index.html", len(evidence[k.table].rows), _DESCRIPTIONS[k.table])
        for k in KINDS
    ]
    tiles += [
        ("Forest plots", "forest/index.html", 0, "Trials of one question, pooled, with what was left out and why"),
        ("Evidence map", "evidence-map.html", 0, "Where there is evidence and where there is none"),
        ("Crosstalk map", "crosstalk.html", 0, "ER and HER2 signalling, what blocks it, what restores it"),
        ("Side effects", "safety/index.html", 0, "Each drug and class, trial by trial, beside the control arm"),
        ("Biomarkers", "biomarkers/index.html", 0, "ESR1, PIK3CA, BRCA, HER2-low: results, guidance, approvals"),
        ("Guidance", "guidance.html", 0, "What was recommended for whom, newest first"),
        ("Compare trials", "compare.html", 0, "Two to four side by side"),
    ]
    tiles.append(("All tables", "browse/index.html", len(tables), "Sort, filter, download what you see"))
    site.write_page(
        "index.html",
        "home",
        "Evidence on luminal breast cancer",
        rows=sum(len(t.rows) for t in tables),
        tables=len(tables),
        tiles=tiles,
        current=_version_facts(site),
        checked=_validation_facts(site, findings),
        quick=quick,
        cite=evidence.content.citation,
        questions=find_home_questions(evidence),
        settings=[code_in_words(s) for s in SETTINGS],
        picture=_picture(map_lines),
    )
    tasks = list_tasks(evidence.database, issues)
    _write_quality(site, findings, len(tasks))
    write_todo_pages(site, tasks)
    site.write_page("licences.html", "licences", "Licences of parts", parts=vendored_packages())
    site.save("robots.txt", b"User-agent: *\nAllow: /\n")


def _picture(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choose the classes with the most trials, one of each branch of the tree."""
    lines_to_draw = [line for line in lines if not line["address"].endswith(_TOP_CLASS_PAGES)]
    top = sorted(lines_to_draw, key=lambda line: -sum(c["trials"] for c in line["cells"]))[:_CLASSES_SHOWN]
    return [line for line in lines_to_draw if line in top]


def _version_facts(site: Site) -> list[tuple[str, str]]:
    evidence = site.evidence
    years = [int(r["year"]) for r in evidence["citations"].rows if r["year"]]
    cutoffs = [r["data_cutoff"] for r in evidence["effects"].rows if r["data_cutoff"]]
    return [
        ("Version", describe_data_version(evidence)),
        ("Newest source", str(max(years))),
        (
            "Sources of the last two years, of those with a year",
            f"{sum(y >= max(years) - 1 for y in years):,} of {len(years):,}",
        ),
        ("Latest data cutoff of a result", max(cutoffs, default="none printed")),
    ]


def _validation_facts(site: Site, findings: int) -> list[tuple[str, str]]:
    reads = quality.second_reads(site.evidence.database).group_by("trials").agg(pl.col("rows", "read twice").sum())
    twice = {trials: f"{read:,} of {rows:,}" for trials, rows, read in reads.iter_rows()}
    matches = quality.corrections(site.evidence.database)
    corrected, read = int(matches["corrected"].sum()), int(matches["read twice"].sum())
    return [
        ("Consistency rules, at this build", f"{len(RULES)} rules, {count_in_words(findings, 'finding', zero='no')}"),
        ("Results of phase 3 trials read a second time from the source", twice["phase 3"]),
        ("Results of other trials, likewise", twice["other"]),
        ("Corrected by the second read", f"{corrected:,} of {read:,}"),
    ]


def _write_quality(site: Site, findings: int, tasks: int) -> None:
    sections = [
        (title, frame.columns, list(frame.iter_rows()))
        for title, frame in quality.sections(site.evidence.database).items()
    ]
    site.write_page(
        "quality.html",
        "quality",
        "Quality",
        sections=sections,
        findings=count_in_words(findings, "finding", zero="no"),
        cite_address=_example_source(site),
        rules=[(r.code, r.title, r.reason) for r in RULES],
        bars=_bars(quality.source_levels(site.evidence.database)),
        sure=_certainty_counts(site),
        versions=released_versions(site),
        changes=list_changed_row_counts(site.evidence),
        tasks=tasks,
    )


def _example_source(site: Site) -> str:
    """Return the page of the source of a result that many look for."""
    question = find_home_questions(site.evidence)[0]
    return question.address


def _certainty_counts(site: Site) -> list[tuple[int, str, str, int]]:
    """Return each grade of certainty: number, name, what it means, how many results have it."""
    tally = Counter(row["certainty"].partition(":")[0] for row in site.evidence.flat_results.values())
    return [(n, name, _MEANINGS[n], tally[name]) for n, name in reversed(list(enumerate(GRADES)))]


def _bars(levels: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the shares of source levels as stacked bars, 0 to 100 along the view box."""
    names = levels.columns[2:]
    bars = []
    for row in levels.iter_rows(named=True):
        start, parts = 0.0, []
        for name in names:
            share = float(str(row[name]).rstrip(" %").replace("-", "0") or 0)
            parts.append({"name": name, "start": round(start, 1), "width": share})
            start += share
        bars.append({"table": code_in_words(row["table"]), "rows": row["rows"], "parts": parts})
    return bars
