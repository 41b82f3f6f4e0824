"""Forest plots: each study with its interval and weight, and the pooled result as a diamond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from luminaldb.errors import LuminaldbError

from .forest_drawing import ONE_COLUMN, TWO_COLUMNS, Drawing, axis_title
from .forest_rows import forest_rows, printed_level_notes
from .meta_analysis import meta_analysis
from .meta_analysis_result import RANDOM_EFFECTS_MODELS, MetaAnalysis, Model, format_p
from .optional_packages import require_package
from .plot_file import Plot
from .selection import Selection
from .subgroups import subgroup_analysis


def forest_plot(
    frame: Any,
    *,
    model: Model = "reml",
    also: Sequence[Model] = (),
    subgroups: str | None = None,
    favours: tuple[str, str] | None = None,
    width: int = TWO_COLUMNS,
    title: str | None = None,
) -> Plot:
    """Draw a forest plot.

    Args:
        frame: whatever `meta_analysis()` takes, or what it gave.
        model: how rows are pooled: reml, dl or fixed.
        also: further models to draw a diamond of, below the first.
        subgroups: a column; each of its values has a heading, its studies and a diamond of its own.
        favours: names of the experimental and of the control therapy, for "favours …" below the axis.
        width: of the whole picture in pixels, 96 to an inch: 642 for a page (170 mm), 321 for a column (85 mm), which
            leaves out events and weights.
        title: above the plot; the question of a selection where it isn't given, else the model.

    Returns:
        A `Plot`; `.save("plot.svg")`, `.pdf`, `.png` or `.html` writes it, and `.chart` is the Altair chart. Squares
        grow with the weight, the diamond spans the pooled interval, the dashed line the prediction interval. An
        interval that leaves the plot ends in an arrow. An interval printed at another level is drawn at that of the
        plot, with what was printed below the title.

    Raises:
        LuminaldbError: rows that can't be pooled, no such column, or a width below 321.
        MissingExtraError: altair isn't installed.

    Example:
        >>> import luminaldb
        >>> selection = luminaldb.comparisons("pfs", therapy_class="oral-serd", population="esr1m")
        >>> luminaldb.forest_plot(selection).save("forest.svg")  # doctest: +SKIP
    """
    if width < ONE_COLUMN:
        raise LuminaldbError(f"width={width} is too narrow for a plot; a journal's column is {ONE_COLUMN}")
    require_package("altair")
    pooled = frame if isinstance(frame, MetaAnalysis) else meta_analysis(frame, model)
    subgroup_result = subgroup_analysis(pooled, subgroups) if subgroups is not None else None
    other_results = [meta_analysis(pooled.studies.drop("weight"), m, ci_level=pooled.ci_level) for m in also]
    rows = forest_rows(pooled, other_results, subgroup_result)
    question = frame.question.title if isinstance(frame, Selection) and frame.question is not None else ""
    heading = title or question or pooled.question or pooled.title
    tau2_text = f", τ² {pooled.tau2:.4f}" if pooled.model in RANDOM_EFFECTS_MODELS else ""
    heterogeneity = f"I² {pooled.i2:.0f} %{tau2_text}, Q {pooled.q:.2f} ({format_p(pooled.q_p_value)}), k {pooled.k}"
    notes = [
        f"{pooled.title}; {heterogeneity}" if heading != pooled.title else heterogeneity,
        *printed_level_notes(rows),
    ]
    if subgroup_result is not None:
        q_between = f"Q({subgroup_result.q_df}) = {subgroup_result.q_between:.2f}"
        notes.append(f"Test between subgroups: {q_between}, {format_p(subgroup_result.p_value)}")
    drawing = Drawing(pooled, rows, width, favours)
    if drawing.has_events:
        notes.append("by arm: patients with an event / patients")
    chart = drawing.chart(heading, notes)
    table = rows.select("label", "events", "control_events", "interval", pl.col("weight").round(1))
    return Plot(chart, heading, table.rename({"label": "study", "interval": axis_title(pooled)}))
