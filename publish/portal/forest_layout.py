"""The geometry of a forest plot: a row for each study, one diamond, an axis with the sides named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from luminaldb.analysis.confidence_intervals import interval_at_level
from luminaldb.analysis.meta_analysis_result import MetaAnalysis
from luminaldb.loaders.standard_errors import RATIOS

ROW, HEAD = 24.0, 58.0
_TICKS = (0.05, 0.1, 0.2, 0.25, 0.33, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0)
_FURTHEST_LOW, _FURTHEST_HIGH = 0.1, 10.0
_MAX_TICKS, _TICK_ROOM = 6, 26
# How many letters of a comparison fit in one line, and in each of its two smaller lines.
_MAX_LETTERS_OF_ONE_LINE, _MAX_LETTERS_OF_TWO_LINES = 58, 84


@dataclass(frozen=True, slots=True)
class Columns:
    """The positions of the columns of a plot, from its left edge."""

    width: int
    left: float
    right: float
    text: int
    trial_letters: int
    is_narrow: bool = False


WIDE = Columns(width=1000, left=560.0, right=790.0, text=810, trial_letters=26)
# For phones: without the comparisons and weights, which the table below the plot has.
NARROW = Columns(width=440, left=150.0, right=292.0, text=300, trial_letters=19, is_narrow=True)


@dataclass(frozen=True, slots=True)
class PlotLayout:
    """What the template draws."""

    columns: Columns
    height: float
    rows: Sequence[dict[str, Any]]
    ticks: Sequence[tuple[float, str]]
    null: float
    diamond: str
    prediction: tuple[float, float] | None
    bottom: float
    below: str
    above: str


def lay_out_forest_plot(
    pooled: MetaAnalysis,
    *,
    lower_is_better: bool,
    experimental_name: str,
    control_name: str = "comparator",
    columns: Columns = WIDE,
) -> PlotLayout:
    """Lay out a meta-analysis.

    Args:
        pooled: the random effects one.
        lower_is_better: whether smaller estimates favour what was tested.
        experimental_name: of what was tested.
        control_name: of the other side.
        columns: the positions of its columns.
    """
    is_ratio = str(pooled.measure) in RATIOS
    studies = pooled.studies.to_dicts()
    to_x = _scale(studies, pooled, columns, is_ratio=is_ratio)
    heaviest = max(s["weight"] for s in studies)
    rows = [_row(n, s, to_x, heaviest, columns, is_ratio=is_ratio) for n, s in enumerate(studies)]
    bottom = HEAD + ROW * len(rows)
    middle = bottom + ROW * 0.75
    points = [
        (pooled.ci_low, middle),
        (pooled.estimate, middle - 8),
        (pooled.ci_high, middle),
        (pooled.estimate, middle + 8),
    ]
    diamond = " ".join(f"{to_x(v):.1f},{y:.1f}" for v, y in points)
    prediction_limits = pooled.prediction_low, pooled.prediction_high
    prediction = (
        (to_x(prediction_limits[0]), to_x(prediction_limits[1]))
        if prediction_limits[0] is not None and prediction_limits[1] is not None
        else None
    )
    names = (experimental_name, control_name) if lower_is_better else (control_name, experimental_name)
    return PlotLayout(
        columns=columns,
        height=bottom + 112,
        rows=rows,
        ticks=_ticks(to_x, columns, is_ratio=is_ratio),
        null=to_x(1.0 if is_ratio else 0.0),
        diamond=diamond,
        prediction=prediction,
        bottom=bottom,
        below=f"Favours {names[0]}",
        above=f"Favours {names[1]}",
    )


def _numbers(study: dict[str, Any], *, is_ratio: bool) -> tuple[float, tuple[float, float]]:
    """Return a study's estimate and its 95 % limits by its standard error."""
    estimate = study["estimate"] if study["estimate"] is not None else math.exp(study["log_estimate"])
    return estimate, interval_at_level(estimate, study["standard_error"], is_ratio=is_ratio)


def _row(
    number: int, study: dict[str, Any], to_x: Any, heaviest: float, columns: Columns, *, is_ratio: bool
) -> dict[str, Any]:
    side = 3.5 + 6 * math.sqrt(study["weight"] / heaviest)
    estimate, limits = _numbers(study, is_ratio=is_ratio)
    low, high = (to_x(limit) for limit in limits)
    return {
        "y": HEAD + ROW * (number + 0.5),
        "trial": _cut(study["acronym"], columns.trial_letters),
        "comparison": _comparison(study["arm"], study["control_arm"]),
        "low": low,
        "high": high,
        "cut_low": low <= columns.left,
        "cut_high": high >= columns.right,
        "middle": to_x(estimate),
        "side": round(side, 1),
        "text": f"{estimate:.2f} ({limits[0]:.2f} to {limits[1]:.2f})",
        "weight": f"{study['weight']:.1f} %",
    }


def _comparison(arm: str, control: str) -> list[str]:
    """Write a comparison in one line, or in two smaller ones where it is long."""
    one_line = f"{arm} v {control}"
    if len(one_line) <= _MAX_LETTERS_OF_ONE_LINE:
        return [one_line]
    return [_cut(arm, _MAX_LETTERS_OF_TWO_LINES), _cut(f"v {control}", _MAX_LETTERS_OF_TWO_LINES)]


def _cut(text: str, max_letters: int) -> str:
    return text if len(text) <= max_letters else text[: max_letters - 1].rstrip() + "\u2026"


def _scale(studies: Sequence[dict[str, Any]], pooled: MetaAnalysis, columns: Columns, *, is_ratio: bool) -> Any:
    """Return the function from a value to its position; what lies far outside ends at the edge, with an arrow."""
    ends = [v for s in studies for v in _numbers(s, is_ratio=is_ratio)[1]] + [pooled.ci_low, pooled.ci_high]
    if is_ratio:
        low = math.log(max(min([*ends, 0.5]), _FURTHEST_LOW))
        high = math.log(min(max([*ends, 1.5]), _FURTHEST_HIGH))
    else:
        low, high = min([*ends, 0.0]), max([*ends, 0.0])
    span = (high - low) or 1.0

    def to_x(value: float) -> float:
        position = math.log(max(value, 1e-9)) if is_ratio else value
        share = (position - low) / span
        return round(columns.left + min(1.0, max(0.0, share)) * (columns.right - columns.left), 1)

    return to_x


def _ticks(to_x: Any, columns: Columns, *, is_ratio: bool) -> list[tuple[float, str]]:
    values: Sequence[float] = _TICKS if is_ratio else tuple(range(-100, 101, 10))
    values_in_range = [v for v in values if columns.left < to_x(v) < columns.right or (v == 1.0 and is_ratio)]
    ticks: list[tuple[float, str]] = []
    for value in sorted(values_in_range, key=lambda v: (v not in (1.0, 0.0), v not in (0.5, 2.0), v)):
        x = to_x(value)
        if len(ticks) < _MAX_TICKS and all(abs(x - other_x) > _TICK_ROOM for other_x, _ in ticks):
            ticks.append((x, f"{value:g}"))
    return sorted(ticks)
