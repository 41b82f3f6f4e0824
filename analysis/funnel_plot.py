"""Funnel plots, which show whether the effect depends on how precise a study is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.errors import LuminaldbError

from .moderators import MIN_STUDIES_FOR_RELATION
from .names_in_words import study_names
from .optional_packages import require_package
from .sensitivity import ensure_meta_analysis

if TYPE_CHECKING:
    import altair as alt

_QUANTILE_OF_95_PERCENT = 1.959964
# Two-sided levels of p, each with its normal quantile and shade: the contours of Peters 2008.
_CONTOURS = (
    ("p > 0.1", 1.644854, "#ffffff"),
    ("p 0.05 to 0.1", 1.959964, "#dfe6ee"),
    ("p 0.01 to 0.05", 2.575829, "#c3d0de"),
)
_OUTERMOST_CONTOUR = ("p < 0.01", "#9fb3c8")
_AXIS_MARGIN = 1.05
_BAND_STEPS = 40
# Beyond every edge of a plot, on the scale of a logarithm.
_OFF_PLOT = 50.0


def funnel_plot(frame: Any, *, contours: bool = False) -> alt.LayerChart:
    """Draw a funnel plot: each study by its estimate and standard error, with the region of 95 % about the pooled.

    Args:
        frame: what `meta_analysis()` gave, or whatever it takes; of ten studies at least, because in fewer no
            asymmetry can be distinguished from chance (Cochrane Handbook 13.3.5.4).
        contours: shade where a study's own p value is below 0.1, 0.05 and 0.01, about no difference (Peters 2008,
            doi 10.1016/j.jclinepi.2007.11.010), in place of the region of 95 %.

    Returns:
        An `altair.Chart`.

    Raises:
        LuminaldbError: fewer than ten studies.
        MissingExtraError: altair isn't installed.
    """
    require_package("altair")
    import altair as alt

    pooled = ensure_meta_analysis(frame)
    if pooled.k < MIN_STUDIES_FOR_RELATION:
        raise LuminaldbError(f"a funnel plot needs {MIN_STUDIES_FOR_RELATION} studies; there are {pooled.k}")
    back_transform = math.exp if pooled.is_ratio else float
    widest = float(pooled.studies["standard_error"].to_numpy().max()) * _AXIS_MARGIN
    points = pooled.studies.select("estimate", "standard_error").with_columns(
        study=pl.Series(study_names(pooled.studies))
    )
    centre, region = pooled.log_estimate, _QUANTILE_OF_95_PERCENT * widest
    effects = (pooled.studies["log_estimate"] if pooled.is_ratio else points["estimate"]).to_numpy()
    lows, highs = (effects.min(), centre - region), (effects.max(), centre + region)
    if contours:
        half_width = max(map(abs, (*lows, *highs)))
        lows, highs = (-half_width, -half_width), (half_width, half_width)
    ends = [back_transform(min(lows)), back_transform(max(highs))]
    label = pooled.measure.replace("_", " ").capitalize()
    scale = alt.Scale(type="log" if pooled.is_ratio else "linear", nice=False, domain=ends)
    x = alt.X("estimate:Q", title=label, scale=scale)
    y = alt.Y("standard_error:Q", title="Standard error", scale=alt.Scale(domain=[widest, 0], nice=False))
    triangle = pl.DataFrame(
        [
            (back_transform(centre - region), widest, 0),
            (back_transform(centre), 0.0, 1),
            (back_transform(centre + region), widest, 2),
        ],
        schema=["estimate", "standard_error", "order"],
        orient="row",
    )
    layers: list[alt.Chart] = []
    if contours:
        shades = {name: shade for name, _, shade in _CONTOURS} | dict([_OUTERMOST_CONTOUR])
        colour = alt.Color(
            "level:N", title="p of a study", scale=alt.Scale(domain=list(shades), range=list(shades.values()))
        )
        for name, quantile in [(_OUTERMOST_CONTOUR[0], math.inf), *((n, q) for n, q, _ in reversed(_CONTOURS))]:
            band = alt.Chart(_band(quantile, widest, ends, back_transform).with_columns(level=pl.lit(name)))
            low = alt.X("low:Q", title=label, scale=scale)
            layers.append(band.mark_area(orient="horizontal").encode(y=y, x=low, x2="high:Q", color=colour))
    else:
        lines = alt.Chart(triangle).mark_line(color="#888", strokeDash=[4, 3])
        layers.append(lines.encode(x=x, y=y, order="order:O"))
    studies = alt.Chart(points).mark_point(filled=True, color="#1f4e79", size=50, opacity=1)
    layers += [
        alt.Chart(triangle.filter(pl.col("order") == 1)).mark_rule(color="#b45309").encode(x=x),
        studies.encode(x=x, y=y, tooltip=["study:N"]),
    ]
    chart: alt.LayerChart = (
        alt.layer(*layers).properties(width=380, height=260).configure_view(stroke=None).configure_axis(grid=False)
    )
    return chart


def _band(quantile: float, widest: float, ends: list[float], back_transform: Callable[[float], float]) -> pl.DataFrame:
    """Return the region about no difference where a study's p value is above a level; all of it for infinity."""
    rows = []
    # Curved on the scale of a ratio's logarithm only where it meets the edge: steps fine enough to look straight.
    for step in range(_BAND_STEPS + 1):
        error = widest * step / _BAND_STEPS
        half_width = min(quantile * error, _OFF_PLOT) if quantile < math.inf else _OFF_PLOT
        rows.append(
            {
                "standard_error": error,
                "low": max(back_transform(-half_width), ends[0]),
                "high": min(back_transform(half_width), ends[1]),
            }
        )
    return pl.DataFrame(rows)
