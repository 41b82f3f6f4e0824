"""Name a result in a sentence: by its source and analysis, since an id says nothing to a reader."""

from __future__ import annotations

from typing import Any

_Row = dict[str, Any]


def name_result(row: _Row, *, beside: _Row) -> str:
    """Name a result of `trial_results()`: `Cuzick 2010 (updated)`.

    Args:
        row: the result.
        beside: the one whose exclusion it explains; a source that both have is not named again.
    """
    source = "the same source" if row["source"] == beside["source"] else row["source"] or "another source"
    analysis = str(row["analysis"] or "").replace("_", " ")
    return f"{source} ({analysis})" if analysis else str(source)
