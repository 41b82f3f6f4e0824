"""Names of studies, as tables and plots show them: no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

_Row = dict[str, Any]
# Tried in this order until no two studies share a name.
_DISTINGUISHING = ("population_name", "arm", "result_id")


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
