"""The page of the flat table of results: facets, pooling and downloads by its script; plain pages without scripts."""

from __future__ import annotations

from math import ceil
from typing import Any

from ..results_table import COLUMNS, NAME
from .evidence import Evidence
from .page_kinds import BY_TABLE, address
from .site import Site

_PER_PAGE = 100
_PRINTED = ("estimate", "ci_low", "ci_high", "ci_level")


def write_results(site: Site) -> int:
    """Write the pages and the data; give how many results there are."""
    evidence = site.evidence
    shown = [printed_row(evidence, row) for row in evidence.flat_results.values()]
    columns = [{"name": c.name, "title": c.title, "about": c.about, "kind": c.kind, "facet": c.facet} for c in COLUMNS]
    site.script(
        f"data/{NAME}.js",
        ("results",),
        {"columns": columns, "rows": [[row[c.name] for c in COLUMNS] for row in shown]},
    )
    pages = max(1, ceil(len(shown) / _PER_PAGE))
    for number in range(1, pages + 1):
        first = (number - 1) * _PER_PAGE
        site.write(
            f"browse/{NAME}{'' if number == 1 else f'-{number}'}.html",
            "results",
            "Results" + (f", page {number}" if number > 1 else ""),
            total=len(shown),
            lines=[_links(row) for row in shown[first : first + _PER_PAGE]],
            number=number,
            pages=pages,
            table=NAME,
        )
    return len(shown)


def printed_row(evidence: Evidence, row: dict[str, Any]) -> dict[str, str]:
    """Give a row as text, its estimate as the source prints it: 0.60, not 0.6."""
    text = {name: _text(value) for name, value in row.items()}
    if row["result_type"] == "effect":
        own = evidence["effects"].row(row["result_id"])
        text |= {column: own[column] for column in _PRINTED if text[column]}
    return text


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _links(row: dict[str, str]) -> dict[str, str]:
    table = "effects" if row["result_type"] == "effect" else "outcomes"
    trial = address(BY_TABLE["trials"], row["trial_id"])
    return row | {
        "place": f"{trial}#{table}.{row['result_id']}",
        "trial_place": trial,
        "source_place": address(BY_TABLE["citations"], row["citation_id"]),
    }
