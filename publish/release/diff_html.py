"""A diff as one HTML file to mail."""

from __future__ import annotations

from functools import partial

import polars as pl

from luminaldb.curation.diff import Diff
from luminaldb.issues import printable

from ..html_page import render_page
from ..labels import count_in_words
from .diff_summary import KEY, cells, column_changes, counts_table, diff_heading, required_release, revisions, summary


def render(diff: Diff, limit: int) -> str:
    """Render a page: the counts, then each table that changed with its rows, field by field."""
    return render_page(
        "diff",
        title=printable(diff_heading(diff)),
        total=summary(diff),
        demand=required_release(diff),
        diff=diff,
        limit=limit,
        counts=counts_table(diff),
        key_column=KEY,
        cells=cells,
        column_lines=column_changes,
        revisions=revisions,
        first=partial(_first, limit=limit),
        count=partial(_count, limit=limit),
    )


def _first(frame: pl.DataFrame, limit: int) -> pl.DataFrame:
    return frame.head(limit) if limit else frame


def _count(total: int, limit: int) -> str:
    rows = count_in_words(total, "row")
    return f"{rows}, the first {limit:,} shown" if limit and total > limit else rows
