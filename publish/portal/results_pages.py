"""The page of the flat table of results: facets, pooling and downloads by its script; plain pages without scripts."""

from __future__ import annotations

from collections import defaultdict
from math import ceil
from typing import Any

import polars as pl

from luminaldb.analysis.question import ASSESSORS
from luminaldb.loaders.database import Database
from luminaldb.loaders.latest_results import estimand_key, latest_results
from luminaldb.loaders.views import CONTROL_CLASS, RETRACTED, trial_results

from ..results_table import RESULTS_COLUMNS, RESULTS_TABLE
from .evidence import Evidence
from .packed_columns import pack_rows
from .page_kinds import KIND_BY_TABLE, anchor_from_key, page_address, trial_rows_address
from .site import Site

_PER_PAGE = 50
_PRINTED = ("estimate", "ci_low", "ci_high", "ci_level")


def write_results_pages(site: Site) -> int:
    """Write the pages and the data; give how many results there are."""
    evidence = site.evidence
    rows = [printed_row(evidence, row) for row in evidence.flat_results.values()]
    columns = [
        {"name": c.name, "title": c.title, "about": c.about, "kind": c.kind, "facet": c.facet} for c in RESULTS_COLUMNS
    ]
    site.write_script(
        f"data/{RESULTS_TABLE}.js",
        ("results",),
        {
            "columns": columns,
            "packed": pack_rows([[row[c.name] for c in RESULTS_COLUMNS] for row in rows], len(RESULTS_COLUMNS)),
            "pooled_instead": pooled_instead(evidence.database),
            "replaced": replaced_drugs(evidence),
        },
    )
    pages = max(1, ceil(len(rows) / _PER_PAGE))
    for number in range(1, pages + 1):
        first = (number - 1) * _PER_PAGE
        site.write_page(
            f"browse/{RESULTS_TABLE}{'' if number == 1 else f'-{number}'}.html",
            "results",
            "Results" + (f", page {number}" if number > 1 else ""),
            total=len(rows),
            lines=[_links(evidence, row) for row in rows[first : first + _PER_PAGE]],
            number=number,
            pages=pages,
            table=RESULTS_TABLE,
        )
    return len(rows)


def replaced_drugs(evidence: Evidence) -> dict[str, str]:
    """Name, by effect, the drugs that only the control arm has: what was tested was given in their place.

    Effects whose arms differ only in what was added have no entry.
    """
    arms = evidence.therapies_of_arms
    therapy_rows = {r["therapy_id"]: r for r in evidence["therapies"].rows}
    replaced: dict[str, str] = {}
    for row in evidence["effects"].rows:
        experimental_therapies = arms.get(row["experimental_arm_id"], ())
        control_only = [
            t
            for t in arms.get(row["control_arm_id"], ())
            if t not in experimental_therapies and therapy_rows[t]["class_id"] != CONTROL_CLASS
        ]
        if control_only:
            replaced[row["effect_id"]] = ", ".join(therapy_rows[t]["name"] for t in control_only)
    return replaced


def pooled_instead(database: Database) -> dict[str, str]:
    """Map each latest effect to the one that `comparisons()` pools in its place.

    That is another where an independent review assessed the same, or where the latest has no interval.
    """
    effects = trial_results(path=database).filter(
        pl.col("result_type") == "effect", ~pl.col("publication_status").is_in(RETRACTED)
    )
    preferred = _by_estimand(
        latest_results(effects.filter(pl.col("standard_error").is_not_null()), assessors=ASSESSORS)
    )
    latest = _by_estimand(latest_results(effects))
    return {
        results[0]: preferred[estimand][0]
        for estimand, results in latest.items()
        if len(results) == 1 and len(preferred.get(estimand, ())) == 1 and preferred[estimand] != results
    }


def _by_estimand(results: pl.DataFrame) -> dict[tuple[Any, ...], list[str]]:
    ids_by_estimand: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for row in results.iter_rows(named=True):
        ids_by_estimand[estimand_key(row)].append(row["result_id"])
    return ids_by_estimand


def printed_row(evidence: Evidence, row: dict[str, Any]) -> dict[str, str]:
    """Return a row as text, its estimate as the source prints it: 0.60, not 0.6."""
    text = {name: _text(value) for name, value in row.items()}
    if row["result_type"] == "effect":
        printed = evidence["effects"].row(row["result_id"])
        text |= {column: printed[column] for column in _PRINTED if text[column]}
    return text


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _links(evidence: Evidence, row: dict[str, str]) -> dict[str, str]:
    table = "effects" if row["result_type"] == "effect" else "outcomes"
    return row | {
        "address": f"{trial_rows_address(evidence, table, row['trial_id'])}#{anchor_from_key(table, row['result_id'])}",
        "trial_address": page_address(KIND_BY_TABLE["trials"], row["trial_id"]),
        "source_address": page_address(KIND_BY_TABLE["citations"], row["citation_id"]),
    }
