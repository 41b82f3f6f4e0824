"""Name a result in a sentence: by its source and analysis, since readers don't know the ids."""

from __future__ import annotations

from typing import Any

_Row = dict[str, Any]


def name_result(row: _Row, *, excluded: _Row) -> str:
    """Name a result of `trial_results()`: `Cuzick 2010 (updated)`.

    Args:
        row: the result.
        excluded: the result whose exclusion it explains; a source that both have is not named again.
    """
    source = "the same source" if row["source"] == excluded["source"] else row["source"] or "another source"
    analysis = str(row["analysis"] or "").replace("_", " ")
    return f"{source} ({analysis})" if analysis else str(source)
