"""What the lines of a summary card share: the order of endpoints, whom a result is about, its date and source."""

from __future__ import annotations

from typing import Any

from .evidence import Evidence, Row
from .page_kinds import KIND_BY_TABLE, page_address
from .summary_parts import Grade, Link

# The analysis sets that are all patients of a trial, best first.
MAIN_ANALYSIS_SETS = ("itt", "evaluable", "per_protocol")
# After the primary endpoint: survival, then its surrogates, then response.
_ENDPOINT_RANKS = {
    "os": 1, "idfs": 2, "dfs": 2, "pfs": 2, "pcr": 2, "efs": 3, "ddfs": 3, "drfs": 3, "orr": 3, "cbr": 4, "dor": 5,
}  # fmt: skip
_LAST_RANK = 6
MAX_ENDPOINTS_PER_TRIAL = 2


def rank_endpoint(endpoint_id: str, *, is_primary: bool) -> int:
    """Return the rank of an endpoint on a card, 0 for the primary one."""
    return 0 if is_primary else _ENDPOINT_RANKS.get(endpoint_id, _LAST_RANK)


def rank_analysis_set(evidence: Evidence, row: Row) -> int:
    """Return the position of a row's analysis set among the main ones; any other comes after them."""
    analysis_set = evidence.analysis_set(row)
    return MAIN_ANALYSIS_SETS.index(analysis_set) if analysis_set in MAIN_ANALYSIS_SETS else len(MAIN_ANALYSIS_SETS)


def link_patients(evidence: Evidence, row: Row, flat: dict[str, Any], *, named: bool) -> Link:
    """Name the patients of a result: the trial on pages of several trials, and a population that isn't all of it.

    Args:
        evidence: the tables.
        row: of effects or outcomes.
        flat: its row of the flat table of results.
        named: whether to name the trial.
    """
    population = flat["population"] or ""
    population_text = "" if population.lower().startswith(("all ", "intention")) else population
    names = [name for name in (flat["trial"] if named else "", population_text) if name]
    return Link(", ".join(names) or population, page_address(KIND_BY_TABLE["trials"], row["trial_id"]) if named else "")


def link_source(evidence: Evidence, citation_id: str) -> Link:
    """Name a source by its first author and year."""
    return Link(evidence.source_names[citation_id], page_address(KIND_BY_TABLE["citations"], citation_id))


def describe_date(evidence: Evidence, row: Row) -> str:
    """Return a result's data cutoff, else the year of its source."""
    if row["data_cutoff"]:
        return f"data of {row['data_cutoff']}"
    return evidence["citations"].row(row["citation_id"])["year"] or "year not known"


def grade_certainty(evidence: Evidence, table: str, row: Row) -> Grade:
    """Grade how sure the numbers of a row are."""
    certainty = evidence.certainty_of(table, row)
    return Grade(certainty.grade, certainty.name, ", ".join(certainty.reasons))
