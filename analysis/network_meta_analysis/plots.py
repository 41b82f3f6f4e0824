"""Pictures of a network: the network itself, effects against the reference, ranks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from ..optional_packages import require_package
from .study_contrasts import StudyContrasts

if TYPE_CHECKING:
    import altair as alt

_BLUE, _GREY = "#1f4e79", "#9aa5b1"
_NETWORK_SIZE, _ROW_HEIGHT, _EFFECTS_WIDTH = 420, 20, 260
_WIDEST_EDGE = 8
_LABEL_LIMIT = 320
# A ratio beyond these ends in an arrow in print, and squeezes every other interval here.
_RATIO_LIMITS = (0.05, 20.0)


def network_plot(nodes: Sequence[str], studies: Sequence[StudyContrasts]) -> alt.LayerChart:
    """Draw the nodes on a circle; an edge is as wide as the number of studies that compare its ends."""
    require_package("altair")
    import altair as alt

    counts = Counter(node for study in studies for node in set(study.nodes))
    edges = Counter(
        tuple(sorted({first_node, second_node}))
        for study in studies
        for first_node in set(study.nodes)
        for second_node in set(study.nodes)
        if first_node < second_node
    )
    positions = {
        node: (math.sin(2 * math.pi * n / len(nodes)), math.cos(2 * math.pi * n / len(nodes)))
        for n, node in enumerate(nodes)
    }
    points = pl.DataFrame(
        [{"node": node, "x": x, "y": y, "studies": counts[node]} for node, (x, y) in positions.items()]
    ).with_columns(side=pl.when(pl.col("x") < 0).then(pl.lit("left")).otherwise(pl.lit("right")))
    lines = pl.DataFrame(
        [
            {"x": positions[a][0], "y": positions[a][1], "x2": positions[b][0], "y2": positions[b][1], "studies": n,
             "between": f"{a} and {b}"}
            for (a, b), n in edges.items()
        ]
    )  # fmt: skip
    scale = alt.Scale(domain=[-1.15, 1.15])
    x, y = alt.X("x:Q", axis=None, scale=scale), alt.Y("y:Q", axis=None, scale=scale)
    layers = [
        alt.Chart(lines).mark_rule(color=_GREY).encode(
            x=x, y=y, x2="x2:Q", y2="y2:Q", strokeWidth=alt.StrokeWidth("studies:Q", legend=None,
            scale=alt.Scale(range=[1, _WIDEST_EDGE])), tooltip=["between:N", "studies:Q"]),
        alt.Chart(points).mark_circle(color=_BLUE, opacity=1).encode(
            x=x, y=y, size=alt.Size("studies:Q", legend=None, scale=alt.Scale(range=[60, 500])),
            tooltip=["node:N", "studies:Q"]),
    ]  # fmt: skip
    # Names are outside the circle.
    left, right = (alt.Chart(points.filter(pl.col("side") == side)) for side in ("left", "right"))
    layers += [
        left.mark_text(align="right", dx=-16).encode(x=x, y=y, text="node:N"),
        right.mark_text(align="left", dx=16).encode(x=x, y=y, text="node:N"),
    ]
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(width=_NETWORK_SIZE, height=_NETWORK_SIZE,
                    padding={"left": 170, "right": 170, "top": 10, "bottom": 10},
                    title=f"{len(nodes)} nodes, {len(studies)} studies")
        .resolve_scale(size="independent", strokeWidth="independent")
        .configure_view(stroke=None)
    )  # fmt: skip
    return chart


def effects_plot(rows: pl.DataFrame, *, axis: str, title: str, is_ratio: bool) -> alt.LayerChart:
    """Draw the effect of each node against the reference.

    Args:
        rows: node, estimate, ci_low, ci_high, in the order of the lines.
        axis: title of the axis.
        title: of the plot.
        is_ratio: whether effects are drawn on a logarithmic scale.
    """
    require_package("altair")
    import altair as alt

    no_difference = 1.0 if is_ratio else 0.0
    low, high = float(rows["ci_low"].to_numpy().min()), float(rows["ci_high"].to_numpy().max())
    if is_ratio:
        low, high = max(low, _RATIO_LIMITS[0]), min(high, _RATIO_LIMITS[1])
    clipped_rows = rows.with_columns(
        text=pl.format(
            "{} ({} to {})",
            *(pl.col(c).map_elements("{:.2f}".format, pl.String) for c in ("estimate", "ci_low", "ci_high")),
        ),
        low=pl.col("ci_low").clip(low, high),
        high=pl.col("ci_high").clip(low, high),
    )
    scale = alt.Scale(
        type="log" if is_ratio else "linear",
        domain=[min(low, no_difference), max(high, no_difference)],
        nice=False,
        padding=8,
    )
    base = alt.Chart(clipped_rows).encode(
        y=alt.Y(
            "node:N", sort=clipped_rows["node"].to_list(), title=None,
            axis=alt.Axis(domain=False, ticks=False, labelLimit=_LABEL_LIMIT),
        )
    )  # fmt: skip
    chart: alt.LayerChart = (
        alt.layer(
            alt.Chart(pl.DataFrame({"none": [no_difference]}))
            .mark_rule(color="#888")
            .encode(x=alt.X("none:Q", scale=scale)),
            base.mark_rule(color=_BLUE).encode(x=alt.X("low:Q", scale=scale, title=axis), x2="high:Q"),
            base.mark_point(shape="square", filled=True, color=_BLUE, size=50, opacity=1).encode(
                x=alt.X("estimate:Q", scale=scale, title=axis)
            ),
            base.mark_text(align="left", dx=8).encode(x=alt.value(_EFFECTS_WIDTH), text="text:N"),
        )
        .properties(
            width=_EFFECTS_WIDTH,
            height=_ROW_HEIGHT * clipped_rows.height,
            padding={"left": 5, "right": 130, "top": 5, "bottom": 5},
            title=alt.Title(title, anchor="start"),
        )
        .configure_view(stroke=None)
        .configure_axisX(grid=False)
    )
    return chart


def rankogram_plot(probabilities: pl.DataFrame) -> alt.Chart:
    """Draw the probability of each rank, a small chart per node."""
    require_package("altair")
    import altair as alt

    chart: alt.Chart = (
        alt.Chart(probabilities)
        .mark_bar(color=_BLUE)
        .encode(
            x=alt.X("rank:O", title="Rank", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("probability:Q", title="Probability", scale=alt.Scale(domain=[0, 1])),
            facet=alt.Facet("node:N", columns=4, title=None),
        )
        .properties(width=130, height=90)
    )
    return chart
