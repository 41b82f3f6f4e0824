"""Funnel plots: does the effect depend on how precise a study is."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError, MissingExtraError

from .meta_analysis import MetaAnalysis

FEWEST = 10
_SIDES = 1.959964


def funnel(pooled: MetaAnalysis) -> Any:
    """Draw a funnel plot: each study by its estimate and standard error, within the region of 95 % about the pooled.

    Args:
        pooled: what `meta_analysis()` gave, of ten studies at least: in fewer no asymmetry can be told from chance
            (Cochrane Handbook 13.3.5.4).

    Returns:
        An `altair.Chart`.

    Raises:
        LuminaldbError: fewer than ten studies.
        MissingExtraError: altair isn't installed.
    """
    if pooled.k < FEWEST:
        raise LuminaldbError(f"a funnel plot needs {FEWEST} studies; there are {pooled.k}")
    try:
        import altair as alt
    except ImportError:
        raise MissingExtraError("altair is not installed; run: pip install 'luminaldb[analysis]'") from None
    back = math.exp if pooled.is_ratio else float
    widest = float(pooled.studies["standard_error"].to_numpy().max()) * 1.05
    reach = _SIDES * widest
    region = pl.DataFrame(
        [(back(pooled.log_estimate - reach), widest, 0), (pooled.estimate, 0.0, 1),
         (back(pooled.log_estimate + reach), widest, 2)],
        schema=["estimate", "standard_error", "order"], orient="row",
    )  # fmt: skip
    names = [n for n in ("acronym", "source", "result_id") if n in pooled.studies.columns]
    label = pooled.measure.replace("_", " ").capitalize()
    x = alt.X("estimate:Q", title=label, scale=alt.Scale(type="log" if pooled.is_ratio else "linear", nice=False))
    y = alt.Y("standard_error:Q", title="Standard error", scale=alt.Scale(domain=[widest, 0], nice=False))
    lines = alt.Chart(region).mark_line(color="#888", strokeDash=[4, 3]).encode(x=x, y=y, order="order:O")
    middle = alt.Chart(region.filter(order=1)).mark_rule(color="#b45309").encode(x=x)
    points = (
        alt.Chart(pooled.studies.select("estimate", "standard_error", *names))
        .mark_point(filled=True, color="#1f4e79", size=50, opacity=1)
        .encode(x=x, y=y, tooltip=names)
    )
    return (
        alt.layer(lines, middle, points)
        .properties(width=380, height=260)
        .configure_view(stroke=None)
        .configure_axis(grid=False)
    )
