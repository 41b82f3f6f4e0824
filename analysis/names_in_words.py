"""Names of results, studies and columns as readers of a sentence, table or plot see them, who don't know the ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

_Row = dict[str, Any]
# Tried in this order until no two studies share a name.
_DISTINGUISHING = ("population_name", "arm", "result_id")
_COLUMNS = {
    "her2_status": "HER2 status",
    "hr_status": "hormone-receptor status",
    "n_enrolled": "patients enrolled",
    "n": "patients",
}


def name_result(row: _Row, *, excluded: _Row) -> str:
    """Name a result of `trial_results()`: `Cuzick 2010 (updated)`.

    Args:
        row: the result.
        excluded: the result whose exclusion it explains; a source that both have is not named again.
    """
    source = "the same source" if row["source"] == excluded["source"] else row["source"] or "another source"
    analysis = str(row["analysis"] or "").replace("_", " ")
    return f"{source} ({analysis})" if analysis else str(source)


def study_names(studies: pl.DataFrame) -> list[str]:
    """Name each study by acronym and source; studies of one name also by population, arm or result, else by number."""
    rows = studies.to_dicts()
    names = [_name(row) or f"study {position}" for position, row in enumerate(rows, 1)]
    for column in _DISTINGUISHING:
        names = _add_to_shared(names, [row.get(column) for row in rows])
    return _add_to_shared(names, list(range(1, len(rows) + 1)))


def _name(row: _Row) -> str:
    name = row.get("acronym") or row.get("trial_id") or row.get("study") or row.get("result_id") or ""
    return f"{name} ({row['source']})" if name and row.get("source") else str(name)


def _add_to_shared(names: Sequence[str], additions: Sequence[Any]) -> list[str]:
    """Add to the names that several studies have."""
    counts = Counter(names)
    pairs = zip(names, additions, strict=True)
    return [f"{name}, {addition}" if counts[name] > 1 and addition else name for name, addition in pairs]


def column_in_words(column: str) -> str:
    """Write the name of a column in words.

    Example:
        >>> from luminaldb.analysis.names_in_words import column_in_words
        >>> column_in_words("trial_line"), column_in_words("trial_her2_status")
        ('line', 'HER2 status')
    """
    name = column.removeprefix("trial_").removeprefix("population_")
    return _COLUMNS.get(name, name.replace("_", " "))
