"""Guidance as a timeline per situation: what guidelines and agencies recommended, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from ..labels import code_in_words
from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, page_address
from .site import Site

_KINDS = ("recommendation", "standard_of_care")
_LINES = {
    "first": "first line of metastatic disease",
    "first_or_second": "first or second line",
    "second_plus": "second and later lines",
    "any": "any line",
    "na": "early disease, testing and supportive care",
    "": "line not stated",
}
_CONTEXTS = (
    "er_positive_her2_positive", "er_positive_her2_negative", "her2_positive", "er_positive", "er_positive_her2_low",
    "her2_negative", "er_negative_her2_positive", "triple_negative", "breast_cancer",
)  # fmt: skip


def write_guidance_page(site: Site) -> None:
    """Write the page."""
    situations = group_guidance(site.evidence)
    total = sum(len(s["claims"]) for s in situations)
    site.write_page(
        "guidance.html", "guidance", "Guidance", situations=situations, total=total, lines=list(_LINES.values()),
        overview=_overview(situations),
    )  # fmt: skip


def _overview(situations: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any] | None]]]:
    """Set the situations out by disease and line; None where there is no guidance."""
    contexts = dict.fromkeys(s["context"] for s in situations)
    by_context_and_line = {(s["context"], s["line"]): s for s in situations}
    return [(context, [by_context_and_line.get((context, line)) for line in _LINES.values()]) for context in contexts]


def group_guidance(evidence: Evidence) -> list[dict[str, Any]]:
    """Return each situation with its guidance, newest first."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in evidence["claims"].rows:
        if row["issuing_body"] or row["claim_type"] in _KINDS:
            groups[row["disease_context"], row["line"]].append(row)
    order = sorted(groups, key=lambda g: (_context_rank(g[0]), list(_LINES).index(g[1]) if g[1] in _LINES else 9))
    return [
        {
            "id": f"{context}-{line or 'none'}".replace("_", "-"),
            "context": code_in_words(context),
            "line": _LINES.get(line, line),
            "claims": sorted((_claim(evidence, r) for r in groups[context, line]), key=_newest),
        }
        for context, line in order
    ]


def _context_rank(context: str) -> int:
    return _CONTEXTS.index(context) if context in _CONTEXTS else len(_CONTEXTS)


def _newest(claim: dict[str, str]) -> tuple[int, str]:
    return (-int(claim["year"]) if claim["year"].isdigit() else 0, claim["address"])


def _claim(evidence: Evidence, row: Row) -> dict[str, str]:
    return {
        "year": row["as_of_year"] or evidence["citations"].row(row["citation_id"])["year"] or "year not known",
        "body": row["issuing_body"] or "no body named",
        "topic": row["guideline_topic"],
        "statement": row["statement"],
        "address": page_address(KIND_BY_TABLE["claims"], row["claim_id"]),
        "certainty": code_in_words(row["certainty"]),
        "source": evidence.source_names[row["citation_id"]],
        "source_address": page_address(KIND_BY_TABLE["citations"], row["citation_id"]),
        "level": code_in_words(row["source_level"]),
    }
