"""Forest plots: each study with its interval and weight, and the pooled result as a diamond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from luminaldb.errors import MissingExtraError

from .confidence_intervals import at_level, printed_as
from .meta_analysis import MetaAnalysis, Model, meta_analysis

if TYPE_CHECKING:
    import altair as alt

_ROW = 22
# A viewer's sans-serif may be wider than the one that the plot was measured with.
_MARGIN = {"left": 60, "right": 60, "top": 5, "bottom": 5}
_Line = dict[str, Any]


def forest_plot(
    frame: Any, *, model: Model = "reml", also: Sequence[Model] = (), title: str | None = None
) -> alt.LayerChart:
    """Draw a forest plot.

    Args:
        frame: whatever `meta_analysis()` takes, or what it gave.
        model: how rows are pooled: reml, dl or fixed.
        also: further models to draw a diamond of, below the first.
        title: above the plot; the model in words where it isn't given.

    Returns:
        An `altair.Chart`; `.save("plot.svg")`, `.png` or `.html` writes it. Squares grow with the weight, the diamond
        spans the pooled interval, the thin line through it the prediction interval. An interval printed at another
        level is drawn at that of the plot, with what was printed below the title.

    Raises:
        LuminaldbError: rows that can't be pooled.
        MissingExtraError: altair isn't installed.
    """
    try:
        import altair as alt
    except ImportError:
        raise MissingExtraError("altair is not installed; run: pip install 'luminaldb[analysis]'") from None
    pooled = frame if isinstance(frame, MetaAnalysis) else meta_analysis(frame, model)
    rows = forest_rows(pooled, [meta_analysis(pooled.studies, m, ci_level=pooled.ci_level) for m in also])
    none = 1 if pooled.is_ratio else 0
    order = rows["label"].to_list()
    scale = alt.Scale(type="log" if pooled.is_ratio else "linear", domain=_domain(rows, none), nice=False, padding=8)
    label = pooled.measure.replace("_", " ").capitalize() + f" with {pooled.ci_level:g} % interval"
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=320))
    low, high = alt.X("low:Q", scale=scale, title=label), alt.X2("high:Q")
    of_kind = "datum.kind == '{}'".format
    base = alt.Chart(rows).encode(y=y)
    studies, whole = base.transform_filter(of_kind("study")), base.transform_filter(of_kind("pooled"))
    ahead = base.transform_filter(of_kind("prediction"))
    tooltip = ["label:N", "text:N", "rescaled:N", "result_id:N"]
    marks = [
        alt.Chart(pl.DataFrame({"none": [none]})).mark_rule(color="#888").encode(x=alt.X("none:Q", scale=scale)),
        studies.mark_rule(color="#1f4e79").encode(x=low, x2=high, tooltip=tooltip),
        studies.mark_point(shape="square", filled=True, color="#1f4e79", opacity=1).encode(
            x=alt.X("estimate:Q", scale=scale, title=label),
            size=alt.Size("weight:Q", legend=None, scale=alt.Scale(range=[15, 220])),
            tooltip=tooltip,
        ),
        ahead.mark_rule(color="#b45309", strokeDash=[4, 3]).encode(x=low, x2=high),
        whole.mark_rule(color="#b45309", strokeWidth=4).encode(x=low, x2=high, tooltip=tooltip),
        whole.mark_point(shape="diamond", filled=True, color="#b45309", size=240, opacity=1).encode(
            x=alt.X("estimate:Q", scale=scale), tooltip=tooltip
        ),
        base.mark_text(align="left", dx=8).encode(x=alt.value(380), text="text:N"),
    ]
    heading = title or pooled.title
    spread = f"I² {pooled.i2:.0f} %, τ² {pooled.tau2:.4f}, Q {pooled.q:.2f} (p {pooled.q_p_value:.3f}), k {pooled.k}"
    chart: alt.LayerChart = (
        alt.layer(*marks)
        .properties(
            width=380,
            height=_ROW * len(order),
            title=alt.Title(heading, subtitle=[spread, *notes_on(rows)], anchor="start"),
            padding=_MARGIN,
        )
        .configure_view(stroke=None)
        .configure_axisX(grid=False)
    )
    return chart


def _domain(rows: pl.DataFrame, none: int) -> list[float]:
    return [min(none, float(rows["low"].to_numpy().min())), max(none, float(rows["high"].to_numpy().max()))]


def forest_rows(pooled: MetaAnalysis, also: Sequence[MetaAnalysis] = ()) -> pl.DataFrame:
    """Give the lines of a forest plot: label, kind (study, pooled, prediction), estimate, low, high, weight, text.

    All intervals have the level of the pooled one. A study's that was printed at another level is worked out from its
    standard error; its text ends in an asterisk, and `rescaled` says what was printed (empty otherwise).

    Args:
        pooled: the studies and what they give together.
        also: the same studies pooled by other models, a line each.
    """
    lines: list[_Line] = []
    studies = pooled.studies.to_dicts()
    names = Counter(map(_label, studies))
    for at, row in enumerate(studies, 1):
        label = _label(row) or f"study {at}"
        if names[_label(row)] > 1 and row.get("population_name"):
            label = f"{label}, {row['population_name']}"
        numbers = (row["estimate"], *_interval(row, pooled))
        lines.append(_line(label, "study", numbers, row["weight"], row.get("result_id"), _rescaled(row, pooled)))
    for one in (pooled, *also):
        label = f"Pooled: {one.title}" if also else "Pooled"
        lines.append(_line(label, "pooled", (one.estimate, one.ci_low, one.ci_high), 100.0, None))
    if pooled.prediction_low is not None and pooled.prediction_high is not None:
        span = (pooled.estimate, pooled.prediction_low, pooled.prediction_high)
        lines.append(_line("Prediction interval", "prediction", span, None, None))
    return pl.DataFrame(lines, infer_schema_length=None)


def _label(row: dict[str, Any]) -> str:
    name = row.get("acronym") or row.get("trial_id") or row.get("result_id") or ""
    return f"{name} ({row['source']})" if name and row.get("source") else str(name)


def notes_on(rows: pl.DataFrame) -> list[str]:
    """Say, a line per study with an asterisk among the lines of a plot, at which level its interval was printed."""
    return [
        f"* {row['label']}: {row['rescaled']}" for row in rows.filter(pl.col("rescaled") != "").iter_rows(named=True)
    ]


def _interval(row: dict[str, Any], pooled: MetaAnalysis) -> tuple[float, float]:
    """Give the printed limits where they have the plot's level, and what the standard error says otherwise."""
    if _is_printed(row) and row.get("ci_level") == pooled.ci_level:
        return row["ci_low"], row["ci_high"]
    return at_level(row["estimate"], row["standard_error"], pooled.ci_level, is_ratio=pooled.is_ratio)


def _is_printed(row: dict[str, Any]) -> bool:
    return row.get("ci_low") is not None and row.get("ci_high") is not None


def _rescaled(row: dict[str, Any], pooled: MetaAnalysis) -> str:
    if not _is_printed(row) or row.get("ci_level") in (None, pooled.ci_level):
        return ""
    return printed_as(f"{row['ci_low']:.2f}", f"{row['ci_high']:.2f}", row["ci_level"], pooled.ci_level)


def _line(
    label: str, kind: str, numbers: tuple[float, float, float], weight: float | None, result: Any, rescaled: str = ""
) -> _Line:
    estimate, low, high = numbers
    share = f"  {weight:.1f} %" if weight is not None and kind == "study" else ""
    text = f"{low:.2f} to {high:.2f}" if kind == "prediction" else f"{estimate:.2f} ({low:.2f} to {high:.2f}){share}"
    text += "  *" if rescaled else ""
    return {
        "label": label, "kind": kind, "estimate": estimate, "low": low, "high": high,
        "weight": weight, "text": text, "result_id": result, "rescaled": rescaled,
    }  # fmt: skip
